"""How sources are doing: silent ones are noticed, not only failing ones (risk R36). A constant number of questions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import sqlalchemy as sa

from ckan import model

from ckanext.kranj.harvest import jobs, words
from ckanext.kranj.harvest.model import HarvestRun
from ckanext.kranj.harvest.spec import PREFIX

PERIODS = {
    "ALWAYS": timedelta(hours=1),
    "DAILY": timedelta(days=1),
    "WEEKLY": timedelta(days=7),
    "BIWEEKLY": timedelta(days=14),
    "MONTHLY": timedelta(days=31),
}
BAD = frozenset({"failing", "stale", "halted"})
STATES = ("failing", "stale", "halted", "late", "shrinking", "slow", "running", "paused", "new", "good")
"""The worst first."""
RUNS = 20
"""Runs that a line in small shows."""
LATE = timedelta(hours=1)
"""A source that was due so long ago and was not begun is late: nobody works."""
SHRUNK, FEW = 0.8, 5
SLOWER, BRIEF = 3, 30
"""Times the usual duration; runs shorter than so many seconds are never slow."""

_SOURCES = sa.text(
    "SELECT source.id, package.name, package.title, package.owner_org, source.type, source.frequency, source.next_run,"
    " coalesce(owner.title, '') AS owner, held.paused_at, held.paused_by, held.quiet_hours,"
    " EXISTS (SELECT 1 FROM harvest_job job WHERE job.source_id = source.id AND job.status IN ('New', 'Running'))"
    " AS open"
    " FROM harvest_source source JOIN package ON package.id = source.id"
    ' LEFT JOIN "group" owner ON owner.id = package.owner_org'
    " LEFT JOIN kranj_harvest_source held ON held.source_id = source.id"
    " WHERE source.active AND package.state = 'active' AND source.type LIKE :ours"
    " AND (:every OR source.id = ANY(:ids)) ORDER BY package.name"
)
_RUNS = sa.text(
    "SELECT run.source_id, run.id, run.started, run.finished, run.heartbeat, run.complete, run.counts, run.seen,"
    " run.reason, run.reason_code FROM unnest(CAST(:ids AS text[])) wanted (id)"
    " JOIN LATERAL (SELECT * FROM kranj_harvest_run found WHERE found.source_id = wanted.id"
    "  ORDER BY found.started DESC LIMIT :most) run ON true"
)
_GOOD = sa.text(
    "SELECT run.source_id, run.started, run.halted, run.plan, run.decided_at"
    " FROM unnest(CAST(:ids AS text[])) wanted (id)"
    " JOIN LATERAL (SELECT * FROM kranj_harvest_run found WHERE found.source_id = wanted.id AND found.complete"
    "  AND found.finished IS NOT NULL ORDER BY found.started DESC LIMIT 1) run ON true"
)
_LOCKS = sa.text(
    "SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks"
    " WHERE locktype = 'advisory' AND granted AND objsubid = 1"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


@dataclass
class Seen:
    """What is known of one source."""

    source: Any
    runs: list[Any] = field(default_factory=list)
    """The last ones, the newest first."""
    good: Any = None
    """The last complete one."""
    running: bool = False

    @property
    def complete(self) -> list[Any]:
        """Of the last runs those that were read to the end, the newest first."""
        return [run for run in self.runs if run.complete and run.finished]


def rows(ids: Collection[str] | None = None, now: datetime | None = None, lang: str = "") -> list[dict[str, Any]]:
    """One row per source, by name: its state in a word and in a sentence, and its last runs in small.

    Args:
        ids: sources; None means all.
        now: the present time.
        lang: of the sentences; without it that of the page.

    Returns:
        ``[{"id", "name", "title", "owner", "type", "frequency", "state", "sentence", "last_run", "last_success",
        "heartbeat", "next_run", "quiet_hours", "counts", "line": [{"started", "records", "seconds", "complete"}]}]``,
        ``line`` from the oldest to the newest run.
    """
    moment = now or datetime.now(tz=UTC)
    return [_row(item, moment, lang) for item in _look(ids)]


def _look(ids: Collection[str] | None) -> list[Seen]:
    asked = {"every": ids is None, "ids": list(ids or ()), "ours": f"{PREFIX}%"}
    found = {row.id: Seen(row) for row in model.Session.execute(_SOURCES, asked)}
    keys = {"ids": list(found)}
    for run in model.Session.execute(_RUNS, {**keys, "most": RUNS}):
        found[run.source_id].runs.append(run)
    for run in model.Session.execute(_GOOD, keys):
        found[run.source_id].good = run
    locks = {key for (key,) in model.Session.execute(_LOCKS)}
    for identifier, seen in found.items():
        seen.runs.sort(key=lambda run: run.started, reverse=True)
        seen.running = jobs.lock_key(identifier) in locks
    return list(found.values())


def _row(seen: Seen, now: datetime, lang: str) -> dict[str, Any]:
    source, last = seen.source, seen.runs[0] if seen.runs else None
    state, said = _state(seen, last, now)
    return {
        "id": source.id,
        "name": source.name,
        "title": source.title,
        "owner": source.owner,
        "type": source.type,
        "frequency": source.frequency,
        "state": state,
        "sentence": words.sentence(state, lang, **said),
        "last_run": last.started.isoformat() if last else None,
        "last_success": seen.good.started.isoformat() if seen.good else None,
        "heartbeat": last.heartbeat.isoformat() if last else None,
        "next_run": source.next_run.replace(tzinfo=UTC).isoformat() if source.next_run else None,
        "quiet_hours": source.quiet_hours or "",
        "counts": last.counts if last else {},
        "line": [_point(run) for run in reversed(seen.runs)],
    }


def _point(run: Any) -> dict[str, Any]:
    seconds = (run.finished - run.started).total_seconds() if run.finished else None
    records = int((run.counts or {}).get("read", 0))
    started = run.started.isoformat(timespec="seconds")
    return {"started": started, "records": records, "seconds": seconds, "complete": run.complete}


def _state(seen: Seen, last: Any, now: datetime) -> tuple[str, dict[str, Any]]:
    source = seen.source
    if source.paused_at is not None:
        return "paused", {"at": source.paused_at, "who": source.paused_by}
    if seen.running and last is not None:
        return "running", {"at": last.started, "heartbeat": last.heartbeat}
    if last is None:
        return ("late", {"at": _due(source)}) if _is_late(source, now) else ("new", {})
    plan = seen.good.plan if seen.good is not None and seen.good.decided_at is None else {}
    missing, renamed = len(plan.get("missing", ())), len(plan.get("renames", {}))
    if missing or renamed:
        return "halted", {"reason": seen.good.halted, "missing": missing, "renamed": renamed}
    return _judged(seen, last, now)


def _judged(seen: Seen, last: Any, now: datetime) -> tuple[str, dict[str, Any]]:
    period = PERIODS.get(seen.source.frequency)
    newest = seen.good.started if seen.good else last.started
    if period and now - newest > 2 * period:
        return "stale", {"at": newest, "reason": last.reason_code, "detail": last.reason}
    if not last.complete:
        return "failing", {"reason": last.reason_code or "interrupted", "detail": last.reason}
    if _is_late(seen.source, now):
        return "late", {"at": _due(seen.source)}
    records = [int((run.counts or {}).get("read", 0)) for run in seen.complete]
    if shrinks(records):
        return "shrinking", {"records": records[0], "most": max(records)}
    seconds = [(run.finished - run.started).total_seconds() for run in seen.complete]
    if slows(seconds):
        return "slow", {"seconds": seconds[0], "usual": median(seconds[1:])}
    return "good", {"at": last.started, "counts": last.counts or {}}


def shrinks(records: Sequence[int]) -> bool:
    """Whether a source has far fewer records than it had; the newest number comes first."""
    return len(records) > 1 and records[0] < SHRUNK * max(records) and max(records) - records[0] > FEW


def slows(seconds: Sequence[float]) -> bool:
    """Whether the last run took much longer than runs of this source usually do; the newest comes first."""
    return len(seconds) > 3 and seconds[0] > BRIEF and seconds[0] > SLOWER * median(seconds[1:])


def _due(source: Any) -> datetime | None:
    return source.next_run.replace(tzinfo=UTC) if source.next_run else None


def _is_late(source: Any, now: datetime) -> bool:
    due = _due(source)
    return source.frequency in PERIODS and not source.quiet_hours and due is not None and now - due > LATE


def of_source(source_id: str) -> dict[str, Any]:
    """How one source is doing; as a row of ``rows``.

    Raises:
        KeyError: it is no active source of ours.
    """
    found = rows([source_id])
    if not found:
        raise KeyError(source_id)
    return found[0]


def history(source_id: str, limit: int) -> list[dict[str, Any]]:
    """The last runs of a source, the newest first."""
    runs = (
        model.Session.query(HarvestRun).filter_by(source_id=source_id).order_by(HarvestRun.started.desc()).limit(limit)
    )
    return [
        {
            "id": run.id,
            "started": run.started.isoformat(timespec="seconds"),
            "finished": run.finished.isoformat(timespec="seconds") if run.finished else None,
            "complete": run.complete,
            "reason": run.reason,
            "reason_code": run.reason_code,
            "halted": run.halted,
            "decided_by": run.decided_by,
            "counts": run.counts,
            "codes": run.codes,
        }
        for run in runs
    ]
