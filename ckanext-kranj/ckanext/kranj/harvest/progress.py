"""How far a run is: counts, rate, time left; from the rows that the run writes after each batch."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ckan import model

from ckanext.harvest.model import HarvestJob, HarvestSource
from ckanext.kranj.harvest import config, jobs, memory
from ckanext.kranj.harvest.model import HarvestRun, HarvestState


def of_source(source_id: str, now: datetime | None = None) -> dict[str, Any]:
    """What a source is doing now.

    Args:
        source_id: the source.
        now: the present time.

    Returns:
        ``{"phase": idle | waiting | running | stopping, "job", "started", "heartbeat", "counts", "read", "expected",
        "rate": records a second, "seconds", "left": seconds (or None), "next_run", "paused_at", "paused_by",
        "quiet_hours", "portal_quiet_hours", "frequency"}``.
    """
    moment = now or datetime.now(tz=UTC)
    source, held = HarvestSource.get(source_id), model.Session.get(HarvestState, source_id)
    job = _open_job(source_id)
    run = model.Session.get(HarvestRun, job.id) if job is not None else None
    found: dict[str, Any] = {
        "phase": _phase(source_id, job, run),
        "job": job.id if job is not None else None,
        "frequency": source.frequency if source else "MANUAL",
        "next_run": _stamp(source.next_run.replace(tzinfo=UTC)) if source and source.next_run else None,
        "paused_at": _stamp(held.paused_at) if held else None,
        "paused_by": held.paused_by if held else None,
        "quiet_hours": held.quiet_hours if held else "",
        "portal_quiet_hours": config.quiet_hours(),
        "counts": {},
        "read": 0,
        "expected": (held.seen if held else None) or memory.count_of(source_id) or None,
        "rate": 0.0,
        "seconds": 0,
        "left": None,
        "started": None,
        "heartbeat": None,
    }
    return found | _pace(run, found["expected"], moment) if run is not None else found


def _open_job(source_id: str) -> Any:
    """The job that waits or runs; one that was stopped counts until its run has ended."""
    job = HarvestJob.filter(source_id=source_id).order_by(HarvestJob.created.desc()).first()
    if job is None or job.status in {"New", "Running"}:
        return job
    run = model.Session.get(HarvestRun, job.id)
    return job if run is not None and run.finished is None else None


def _phase(source_id: str, job: Any, run: Any) -> str:
    if job is None:
        return "idle"
    if run is None:
        return "waiting"
    if job.status not in {"New", "Running"}:
        return "stopping" if jobs.is_locked(source_id) else "idle"
    return "running"


def _pace(run: Any, expected: int | None, now: datetime) -> dict[str, Any]:
    read, seconds = int((run.counts or {}).get("read", 0)), max((now - run.started).total_seconds(), 0.0)
    rate = read / seconds if seconds else 0.0
    left = (expected - read) / rate if rate and expected and expected > read else None
    return {
        "started": _stamp(run.started),
        "heartbeat": _stamp(run.heartbeat),
        "counts": dict(run.counts or {}),
        "read": read,
        "rate": round(rate, 2),
        "seconds": round(seconds),
        "left": round(left) if left is not None else None,
    }


def _stamp(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
