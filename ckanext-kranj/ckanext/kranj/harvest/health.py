"""How sources are doing: silent ones are noticed, not only failing ones (risk R36)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ckan import model

from ckanext.kranj.harvest import decisions, jobs, sources
from ckanext.kranj.harvest.model import HarvestRun, HarvestState

PERIODS = {
    "ALWAYS": timedelta(hours=1),
    "DAILY": timedelta(days=1),
    "WEEKLY": timedelta(days=7),
    "BIWEEKLY": timedelta(days=14),
    "MONTHLY": timedelta(days=31),
}
BAD = frozenset({"failing", "stale", "halted"})


def rows() -> list[dict[str, Any]]:
    """One row per source: its state in a word and in a sentence."""
    return [_row(source, name) for source, name in sources.all_ours()]


def _row(source: Any, name: str) -> dict[str, Any]:
    last = _last(source.id)
    good = _last(source.id, complete=True)
    held = model.Session.get(HarvestState, source.id)
    state, sentence = _state(source, last, good, held)
    return {
        "name": name,
        "type": source.type,
        "frequency": source.frequency,
        "state": state,
        "sentence": sentence,
        "last_run": last.started.isoformat() if last else None,
        "last_success": good.started.isoformat() if good else None,
        "heartbeat": last.heartbeat.isoformat() if last else None,
        "counts": last.counts if last else {},
    }


def _last(source_id: str, *, complete: bool | None = None) -> HarvestRun | None:
    asked = model.Session.query(HarvestRun).filter_by(source_id=source_id)
    if complete is not None:
        asked = asked.filter_by(complete=complete)
    return asked.order_by(HarvestRun.started.desc()).first()


def _state(source: Any, last: HarvestRun | None, good: HarvestRun | None, held: HarvestState | None) -> tuple[str, str]:
    if held is not None and held.paused_at is not None:
        return "paused", f"since {held.paused_at:%Y-%m-%d %H:%M} by {held.paused_by}"
    if last is None:
        return "new", "not run yet"
    if jobs.is_locked(source.id):
        return "running", f"since {last.started:%Y-%m-%d %H:%M}, last sign of life {last.heartbeat:%H:%M:%S}"
    if waiting := decisions.waiting(source.id):
        missing, renamed = len(waiting.plan.get("missing", ())), len(waiting.plan.get("renames", {}))
        return "halted", f"{waiting.halted}: {missing} missing, {renamed} renamed wait for a decision (harvest approve)"
    return _judged(source, last, good)


def _judged(source: Any, last: HarvestRun, good: HarvestRun | None) -> tuple[str, str]:
    period = PERIODS.get(source.frequency)
    newest = good.started if good else last.started
    if period and datetime.now(tz=UTC) - newest > 2 * period:
        return "stale", f"no complete run since {newest:%Y-%m-%d %H:%M}; last: {last.reason or 'none'}"
    if not last.complete:
        return "failing", last.reason or "the last run did not end"
    counts = ", ".join(f"{count} {name}" for name, count in last.counts.items() if count)
    return "good", f"{last.started:%Y-%m-%d %H:%M}: {counts or 'no records'}"


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
            "halted": run.halted,
            "decided_by": run.decided_by,
            "counts": run.counts,
            "codes": run.codes,
        }
        for run in runs
    ]
