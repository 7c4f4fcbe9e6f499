"""Archived datasets: their source has them no longer. They stay under their address and leave the ordinary search."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

import ckan.plugins as p
from ckan import model

from ckanext.kranj.harvest.model import HarvestRecord

FLAG = "kranj_archived"
"""Key of the index; naming it in a filter lets archived ones be found."""


class ArchivedOutOfSearch(p.IPackageController):
    """IPackageController of the plugin ``kranj_harvest``."""

    def before_dataset_index(self, pkg_dict: dict[str, Any]) -> dict[str, Any]:
        """Mark an archived dataset."""
        if pkg_dict.get("dataset_type") == "dataset" and is_archived(pkg_dict["id"]):
            pkg_dict[FLAG] = "true"
        return pkg_dict

    def before_dataset_search(self, search_params: dict[str, Any]) -> dict[str, Any]:
        """Leave archived datasets out unless they are asked for."""
        asked = (search_params.get(key) or "" for key in ("fq", "fq_list", "q"))
        if any(FLAG in str(item) for item in asked):
            return search_params
        return {**search_params, "fq": f"{search_params.get('fq') or ''} -{FLAG}:true"}


def is_archived(package_id: str) -> bool:
    """Whether the source of a dataset has it no longer and its grace is over."""
    asked = model.Session.query(HarvestRecord.guid).filter(
        HarvestRecord.package_id == package_id, HarvestRecord.archived_at.isnot(None)
    )
    return asked.first() is not None


def withdrawn(package_id: str) -> dict[str, Any] | None:
    """What readers of a dataset should know of its source: since when it has it no longer.

    A record that only a run missed which nobody believed (a halted one) is not withdrawn.

    Returns:
        ``{"archived": whether its grace is over, "held": whether a steward keeps it, "since": ISO date, "source",
        "guid"}``, or None.
    """
    row = HarvestRecord
    asked = model.Session.query(row).filter(
        row.package_id == package_id,
        sa.or_(row.archived_at.isnot(None), row.missing_runs > 0, row.held_at.isnot(None)),
    )
    found = asked.first()
    since = (found.missing_since or found.archived_at) if found is not None else None
    if found is None or since is None:
        return None
    return {
        "archived": found.archived_at is not None,
        "held": found.held_at is not None,
        "since": since.date().isoformat(),
        "source": found.source_id,
        "guid": found.guid,
    }
