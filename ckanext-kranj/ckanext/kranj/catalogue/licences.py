"""The EU licence codes as CKAN's list of licences."""

from __future__ import annotations

from collections.abc import MutableMapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from schemas import vocabulary
from schemas.rules import OPEN_LICENCES


def as_ckan_list() -> list[dict[str, Any]]:
    """The licences in the form that ``licenses_group_url`` expects; ``licences.json`` holds exactly this (tested)."""
    licences = vocabulary("licence")
    return [
        {
            "id": code,
            "title": licences.label(code, "sl"),
            "url": next(iter(licences.extra(code).get("aliases", ())), licences.uri(code)),
            "status": "active",
            "od_conformance": "approved" if code in OPEN_LICENCES else "not reviewed",
            "osd_conformance": "not reviewed",
            "family": "",
            "maintainer": "",
            "domain_content": True,
            "domain_data": True,
            "domain_software": False,
            "is_generic": False,
        }
        for code in licences.codes
    ]


def use_eu_licences(config: MutableMapping[str, Any]) -> None:
    """Point CKAN at the list, unless the operator named one of his own."""
    if not config.get("licenses_group_url"):
        config["licenses_group_url"] = Path(str(files(__package__) / "licences.json")).as_uri()
