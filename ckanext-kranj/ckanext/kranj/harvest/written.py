"""What a batch leaves in kranj_harvest_record, in the running transaction: one statement for all that were stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from ckan import model

from ckanext.kranj.catalogue.internal import InternalBlock
from ckanext.kranj.harvest.model import HarvestRecord

from harvesters import Change
from harvesters.likeness import likeness, title_key
from schemas import Problem

_TABLE = HarvestRecord.__table__
_KEY = ("source_id", "guid")
_FIRST = (*_KEY, "first_seen")
"""Said when a record is first seen, and never again."""


def good(source_id: str, changes: Sequence[Change], now: datetime) -> None:
    """Remember records that were stored; each identifier at most once."""
    if not changes:
        return
    blocks = _blocks([change.package_id for change in changes])
    rows = [_row(change, blocks.get(change.package_id)) for change in changes]
    rows = [{**row, "source_id": source_id, "changed_at": now, "first_seen": now.date()} for row in rows]
    statement = insert(_TABLE)
    again = {name: statement.excluded[name] for name in rows[0] if name not in _FIRST}
    model.Session.execute(statement.on_conflict_do_update(index_elements=_KEY, set_=again), rows)


def refused(source_id: str, outcomes: Sequence[tuple[Change, Problem]], now: datetime) -> None:
    """Remember records that were not stored; what was stored of them before stays."""
    for change, refusal in outcomes:
        new = () if refusal in change.problems else (refusal,)
        row: dict[str, Any] = {
            "problems": [problem.as_dict() for problem in (*change.problems, *new)],
            "changed_at": now,
            "fingerprint": change.fingerprint,
        }
        # The same content failing again counts up; another content starts anew.
        same = _TABLE.c.fingerprint == change.fingerprint
        again = {**row, "failures": sa.case((same, _TABLE.c.failures + 1), else_=1)}
        first = {"source_id": source_id, "guid": change.guid, "first_seen": now.date(), "failures": 1}
        statement = insert(_TABLE).values(first | row)
        model.Session.execute(statement.on_conflict_do_update(index_elements=_KEY, set_=again))


def _row(change: Change, block: Mapping[str, Any] | None) -> dict[str, Any]:
    source = change.source or change.record
    dataset = source.dataset if source else {}
    return {
        "guid": change.guid,
        "problems": [problem.as_dict() for problem in change.problems],
        "fingerprint": change.fingerprint,
        "package_id": change.package_id,
        "hash": change.hash,
        "draft": change.draft,
        "indexed": False,
        "missing_since": None,
        "missing_runs": 0,
        "archived_at": None,
        "failures": 0,
        "likeness": likeness(dataset),
        "title_key": title_key(dataset),
        "written": dataset,
        "written_internal": _internal_as_stored(change, block),
        "kept": dict(change.kept),
        "proposals": list(change.proposals),
    }


def _internal_as_stored(change: Change, block: Mapping[str, Any] | None) -> dict[str, Any]:
    """The source's internal block, and beside it what the catalogue derived when it stored it."""
    sent, source = (change.record or change.source), (change.source or change.record)
    if sent is None or source is None or block is None:
        return {}
    derived = {name: value for name, value in block.items() if value != sent.internal.get(name)}
    return {**source.internal, **derived}


def _blocks(package_ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Internal blocks of these datasets as they stand now, in one question."""
    asked = model.Session.query(InternalBlock.package_id, InternalBlock.data)
    return dict(asked.filter(InternalBlock.package_id.in_(list(package_ids))).all())
