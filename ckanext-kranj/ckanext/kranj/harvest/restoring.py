"""A steward brings back what a source no longer has: by his word it stays until he lets it go."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from ckan import model

from ckanext.kranj.harvest import decisions, events
from ckanext.kranj.harvest.model import HarvestRecord

RESTORE, LET_GO = "restore", "let-go"


def restore(source_id: str, guids: Collection[str], user: str) -> int:
    """Bring archived records and those in their grace back, also into the search; no run withdraws them again.

    Since when the source has them no longer stays known: readers of a dataset are told so.

    Returns:
        How many were withdrawn.
    """
    row = HarvestRecord
    names = _which(source_id, guids, sa.or_(row.archived_at.isnot(None), row.missing_since.isnot(None)))
    names = [guid for guid, held in names if not held]
    values = {
        "missing_since": sa.func.coalesce(row.missing_since, row.archived_at),
        "missing_runs": 0,
        "archived_at": None,
        "held_by": user,
        "held_at": datetime.now(tz=UTC),
        "indexed": False,
    }
    _set(source_id, names, values)
    run = decisions.waiting(source_id)
    asked = [guid for guid in (run.plan.get("missing", []) if run is not None else ()) if guid in names]
    if run is not None and asked:
        decisions.answered(run, asked, {}, user, accept=False)
    _note(source_id, user, "restored", len(names))
    decisions.to_index(source_id, names, user)
    return len(names)


def let_go(source_id: str, guids: Collection[str], user: str) -> int:
    """Let the source decide again about records that a steward kept: the grace of what is missing begins anew.

    Returns:
        How many were kept.
    """
    names = [guid for guid, held in _which(source_id, guids, HarvestRecord.held_at.isnot(None)) if held]
    _set(source_id, names, {"held_by": None, "held_at": None, "missing_since": None, "missing_runs": 0})
    _note(source_id, user, LET_GO, len(names))
    decisions.read_everything(source_id)
    return len(names)


def _which(source_id: str, guids: Collection[str], condition: Any) -> list[tuple[str, bool]]:
    """Records that meet a condition, and whether each is kept by a steward."""
    asked = model.Session.query(HarvestRecord.guid, HarvestRecord.held_at.isnot(None))
    return sorted(
        (guid, held)
        for guid, held in asked.filter(
            HarvestRecord.source_id == source_id, HarvestRecord.guid.in_(list(guids)), condition
        )
    )


def _set(source_id: str, guids: Collection[str], values: dict[str, Any]) -> None:
    model.Session.execute(
        sa.update(HarvestRecord)
        .where(HarvestRecord.source_id == source_id, HarvestRecord.guid.in_(list(guids)))
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def _note(source_id: str, user: str, what: str, records: int) -> None:
    if records:
        events.note(source_id, user, what, records=records)
    model.Session.commit()
