"""What a source answered last: whether it changed since, how many records it had, and whether somebody paused it."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa

from ckan import model

from ckanext.kranj.harvest.model import HarvestState
from ckanext.kranj.harvest.spec import Spec

from harvesters import Mark
from harvesters.plan import MAPPING_VERSION, standard
from harvesters.redact import looks_secret

MOST_MARKS = 2000
FULL_PASS = timedelta(days=7)
"""At least so often everything is read, whatever the source says about changes (risk R20)."""


def of(source_id: str) -> HarvestState:
    """The state of a source; a new one when there is none."""
    found = model.Session.get(HarvestState, source_id)
    if found is None:
        found = HarvestState(source_id=source_id, fingerprint="", marks=[], failures=0)
        model.Session.add(found)
        model.Session.flush()
    return found


def basis(spec: Spec) -> str:
    """A hash of everything besides the source's answers that a run rests on."""
    organizations = model.Session.execute(
        sa.text("SELECT md5(coalesce(string_agg(extras::text, '' ORDER BY id), '')) FROM \"group\"")
    ).scalar()
    said = [
        spec.connector.name,
        spec.connector.version,
        MAPPING_VERSION,
        standard(),
        repr(spec.connector.settings),
        dict(spec.defaults.dataset),
        dict(spec.defaults.internal),
        dict(spec.defaults.facts),
        organizations,
    ]
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


def may_ask(state: HarvestState, spec: Spec) -> list[Mark]:
    """The marks by which the source may be asked whether anything changed; none when everything must be read."""
    if not state.marks or state.full_at is None or datetime.now(tz=UTC) - state.full_at > FULL_PASS:
        return []
    return [_mark(item) for item in state.marks] if state.fingerprint == basis(spec) else []


def moved(state: HarvestState, spec: Spec) -> bool:
    """Whether the source is at another host than when it was last read to its end."""
    return bool(state.marks) and urlsplit(state.marks[0]["url"]).hostname != urlsplit(spec.url).hostname


def remember(source_id: str, spec: Spec, marks: list[Mark], seen: int) -> None:
    """After a complete run that left nothing open."""
    state = of(source_id)
    kept = len(marks) <= MOST_MARKS and not any(looks_secret(mark.url) for mark in marks)
    state.marks = [_row(mark) for mark in marks] if kept else []
    state.fingerprint, state.seen = basis(spec), seen
    state.full_at = datetime.now(tz=UTC)
    model.Session.commit()


def _row(mark: Mark) -> dict[str, Any]:
    body = base64.b64encode(mark.body).decode("ascii") if mark.body is not None else None
    return {**{name: getattr(mark, name) for name in mark.__dataclass_fields__}, "body": body}


def _mark(row: dict[str, Any]) -> Mark:
    body = base64.b64decode(row["body"]) if row["body"] is not None else None
    return Mark(**{**row, "body": body})
