"""Harvest sources: packages of type ``harvest`` with our settings in their configuration, made from presets."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urljoin, urlsplit

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.harvest.model import HarvestSource
from ckanext.kranj.harvest.spec import PREFIX, Spec, spec_of

from harvesters import (
    ConfigurationError,
    Preset,
    preset_named,
    presets,
)


class UnknownSource(ConfigurationError):  # noqa: N818 as the other names of that tree
    """There is no harvest source of that name."""

    code = "unknown-source"

    def __init__(self, name: str):
        """Build the sentence."""
        super().__init__(f"there is no harvest source {name!r}")


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
