"""A harvest source as a run needs it: what ckanext-harvest holds of it, turned into a connector and its defaults."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from ckanext.kranj.catalogue import organizations
from ckanext.kranj.harvest import config as options

from harvesters import (
    Connector,
    Credentials,
    Defaults,
    Preset,
    connector_named,
    installed_connectors,
    preset_named,
)
from harvesters.credentials import refuse_literals
from harvesters.errors import WrongSetting

PREFIX = "kranj-"
"""Of the types of sources that are ours: ``kranj-<connector>``."""
KEYS = ("preset", "settings", "facts", "defaults", "internal", "allowed_hosts", "auth", "ca_bundle")
"""What the configuration of a source may hold; the preset comes first, the others speak over it."""


@dataclass(frozen=True)
class Spec:
    """A source, ready to run."""

    id: str
    slug: str
    url: str
    connector: Connector
    defaults: Defaults
    allowed_hosts: tuple[str, ...] = field(default=())
    credentials: Credentials | None = None
    ca_bundle: str | None = None
    """File of certificate authorities, for a source whose own authority signs."""


def connector_of(source_type: str) -> str | None:
    """The connector of a source type; None when the type is not ours."""
    name = source_type.removeprefix(PREFIX)
    return name if source_type.startswith(PREFIX) and name in installed_connectors() else None


def spec_of(slug: str, source_type: str, url: str, config: str, *, identifier: str = "", owner: str = "") -> Spec:  # noqa: PLR0913 the columns of a source
    """Turn what ckanext-harvest holds of a source into a connector and its defaults.

    Args:
        slug: name of the source.
        source_type: ``kranj-dcat`` and so on.
        url: where the source is.
        config: its configuration, JSON.
        identifier: id of the source.
        owner: organisation of the source: owner of records that name none.

    Raises:
        ConfigurationError: the type is not ours, or a setting is unknown or wrong.
    """
    name = connector_of(source_type)
    if name is None:
        raise WrongSetting(slug, "source_type", f"{source_type!r} is not a type of ours")
    try:
        given = json.loads(config or "{}")
    except ValueError as error:
        raise WrongSetting(slug, "config", f"not JSON: {error}") from error
    if not isinstance(given, dict) or not set(given) <= set(KEYS):
        raise WrongSetting(slug, "config", f"an object with {', '.join(KEYS)} is expected")
    refuse_literals(slug, {"url": url, **given})
    kinds = {"settings": dict, "facts": dict, "defaults": dict, "internal": dict, "allowed_hosts": list, "auth": dict}
    for key, kind in kinds.items():
        if not isinstance(given.get(key, kind()), kind):
            raise WrongSetting(slug, key, f"must be a JSON {'list' if kind is list else 'object'}")
    base = preset_named(given["preset"]) if given.get("preset") else Preset(slug, slug, name, url, owner)
    settings = {**base.settings, **given.get("settings", {})}
    defaults = {"owner_org": base.owner_org or owner, **base.defaults, **given.get("defaults", {})}
    internal = {**base.internal, **given.get("internal", {})}
    hosts = (*base.allowed_hosts, *given.get("allowed_hosts", ()), *_demonstration(base, url, given))
    return Spec(
        identifier,
        slug,
        url,
        connector_named(name).of({**settings, "url": url}),
        Defaults(defaults, internal, of_organization(), {**base.facts, **given.get("facts", {})}),
        tuple(str(host) for host in hosts),
        _credentials(slug, url, given.get("auth"), hosts),
        str(given["ca_bundle"]) if given.get("ca_bundle") else None,
    )


def _demonstration(base: Preset, url: str, given: Mapping[str, Any]) -> list[str]:
    """The host of the demonstration city, for a source that is one of its systems as the preset describes it.

    Settings of one's own could lead elsewhere on that host, so they need an approval as everywhere.
    """
    known, here = urlsplit(options.demo_url()), urlsplit(url)
    mine = base.demo and bool(known.hostname) and known[:2] == here[:2] and not given.get("settings")
    return [known.hostname] if mine and known.hostname else []


def _credentials(slug: str, url: str, given: Any, hosts: Iterable[Any]) -> Credentials | None:
    if not given:
        return None
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in set(hosts):
        raise WrongSetting(slug, "auth", "a secret is sent over https only, or to an approved internal host")
    return Credentials.of(slug, given)


def of_organization() -> Callable[[str], Mapping[str, Any]]:
    """What datasets of an organisation inherit, asked of the database once per organisation."""
    known: dict[str, Mapping[str, Any]] = {}

    def defaults(owner: str) -> Mapping[str, Any]:
        if owner not in known:
            group = organizations.find(owner)
            known[owner] = organizations.defaults_of(group) if group else {}
        return known[owner]

    return defaults
