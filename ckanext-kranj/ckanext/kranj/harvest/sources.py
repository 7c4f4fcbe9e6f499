"""Harvest sources: packages of type ``harvest`` with our settings in their configuration, made from presets."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.harvest.model import HarvestSource
from ckanext.kranj.catalogue import organizations
from ckanext.kranj.harvest import config as options
from ckanext.kranj.harvest.kinds import PREFIX, connector_of

from harvesters import (
    ConfigurationError,
    Connector,
    Credentials,
    Defaults,
    Preset,
    connector_named,
    preset_named,
    presets,
)
from harvesters.credentials import refuse_literals
from harvesters.errors import WrongSetting

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


class UnknownSource(ConfigurationError):  # noqa: N818 as the other names of that tree
    """There is no harvest source of that name."""

    code = "unknown-source"

    def __init__(self, name: str):
        """Build the sentence."""
        super().__init__(f"there is no harvest source {name!r}")


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


def find(name_or_id: str) -> Spec:
    """The source of that name or id.

    Raises:
        ConfigurationError: there is none, it is switched off, or its configuration is wrong.
    """
    package = model.Package.get(name_or_id)
    source = HarvestSource.get(package.id) if package is not None and package.type == "harvest" else None
    if source is None or package.state != "active":
        raise UnknownSource(name_or_id)
    group = model.Group.get(package.owner_org) if package.owner_org else None
    owner = group.name if group else ""
    return spec_of(package.name, source.type, source.url, source.config, identifier=source.id, owner=owner)


def all_ours() -> list[tuple[HarvestSource, str]]:
    """The active sources of our types, with their names, by name."""
    rows = (
        model.Session.query(HarvestSource, model.Package.name)
        .join(model.Package, model.Package.id == HarvestSource.id)
        .filter(HarvestSource.active.is_(True), model.Package.state == "active", HarvestSource.type.like(f"{PREFIX}%"))
        .order_by(model.Package.name)
    )
    return [(source, name) for source, name in rows]


def context() -> dict[str, Any]:
    """A context of the site user, for one action call."""
    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    return {"user": user, "ignore_auth": True}


def add(slug: str, kind: str, url: str, owner: str, *, title: str, frequency: str, config: str) -> str:  # noqa: PLR0913
    """Create a source.

    Returns:
        Its id.

    Raises:
        ConfigurationError: the connector, a setting or the configuration is wrong.
        tk.ValidationError: ckanext-harvest refuses it (an address that another source has, an unknown organisation).
    """
    spec_of(slug, PREFIX + kind, url, config, owner=owner)
    made = tk.get_action("harvest_source_create")(
        context(),
        {
            "name": slug,
            "title": title,
            "url": url,
            "source_type": PREFIX + kind,
            "owner_org": owner,
            "frequency": frequency,
            "config": config,
            "private": True,
        },
    )
    return str(made["id"])


def add_presets(demo_url: str | None, only: tuple[str, ...] = ()) -> dict[str, str]:
    """Create the sources of the enabled presets, and bring those that exist up to date.

    Args:
        demo_url: address of the demonstration server; without it demonstration presets are left out.
        only: slugs; these are created whether enabled or not.

    Returns:
        ``{slug: "created" | "updated" | "unchanged"}``.

    Raises:
        ConfigurationError: a preset does not exist or is wrong.
    """
    chosen = [preset_named(slug) for slug in only] or [item for item in presets().values() if item.enabled]
    done = {}
    for item in chosen:
        if item.demo and not demo_url:
            continue
        url = urljoin(demo_url or "", item.url) if item.demo else item.url
        config: dict[str, Any] = {"preset": item.slug}
        if item.demo:
            config["allowed_hosts"] = [urlsplit(url).hostname]
        done[item.slug] = _ensure(item, url, json.dumps(config))
    return done


def _ensure(item: Preset, url: str, config: str) -> str:
    source = {
        "name": item.slug,
        "title": item.title,
        "notes": item.notes,
        "url": url,
        "source_type": PREFIX + item.connector,
        "owner_org": item.owner_org,
        "frequency": item.frequency,
        "config": config,
        "private": True,
    }
    package = model.Package.get(item.slug)
    if package is None:
        tk.get_action("harvest_source_create")(context(), source)
        return "created"
    held = HarvestSource.get(package.id)
    if (
        held
        and held.url == url
        and held.type == source["source_type"]
        and json.loads(held.config or "{}") == json.loads(config)
    ):
        return "unchanged"
    tk.get_action("harvest_source_update")(context(), {**source, "id": package.id})
    return "updated"
