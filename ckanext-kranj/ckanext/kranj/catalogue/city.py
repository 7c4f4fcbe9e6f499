"""The city as it is when the catalogue starts: organisations and content areas, from city.yaml."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import yaml

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj import config

from schemas import vocabulary


def set_up() -> dict[str, int]:
    """Create what is missing, as the site user; never change what is there.

    Returns:
        ``{"created": n, "existing": n}``.
    """
    loaded = yaml.safe_load((files(__package__) / "city.yaml").read_text(encoding="utf-8"))
    counts = {"created": 0, "existing": 0}
    for organization in loaded["organizations"]:
        _ensure("organization", organization, counts)
    areas = vocabulary("content_area")
    for code in areas.codes:
        titles = {lang: areas.label(code, lang) for lang in ("sl", "en")}
        _ensure("group", {"name": code, "title_translated": titles}, counts)
    return counts


def _ensure(kind: str, data: dict[str, Any], counts: dict[str, int]) -> None:
    if model.Group.get(data["name"]) is not None:
        counts["existing"] += 1
        return
    site_user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    tk.get_action(f"{kind}_create")({"ignore_auth": True, "user": site_user}, dict(data))
    counts["created"] += 1


def judged(dataset: dict[str, Any]) -> dict[str, Any]:
    """A stored dataset in the form in which it is judged: the owner by name."""
    return {**dataset, "owner_org": (dataset.get("organization") or {}).get("name")}


def reachable() -> frozenset[str]:
    """Hosts that public addresses may name although they look internal."""
    return config.reachable_hosts()
