"""Runs as ckanext-harvest shows them: its jobs, objects and errors, beside our own row of the run.

Objects are written only for records that changed or failed. They are never ``current`` (ckanext-harvest would write
the source into the public record, traps A6) and hold no content (stock shows it to anybody, verdict 7).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from ckan import model

from ckanext.harvest.model import HarvestGatherError, HarvestJob, HarvestObject, HarvestObjectError, HarvestSource
from ckanext.kranj.harvest.model import HarvestRun, HarvestState

from harvesters import Change, Report
from harvesters.errors import HarvestError
from schemas import Problem

_STATUS = {"create": "added", "update": "updated", "restore": "updated", "error": "errored"}
_MOST_ERRORS = 20


class AlreadyRunning(HarvestError):  # noqa: N818 as the other names of that tree
    """Somebody else harvests this source now."""

    code = "already-running"

    def __init__(self, slug: str):
        """Build the sentence."""
        super().__init__(f"{slug}: this source is being harvested already")


class Cancelled(HarvestError):  # noqa: N818 as the other names of that tree
    """Somebody stopped the run that is going on."""

    code = "cancelled"

    def __init__(self, report: Report):
        """Build the sentence; ``report`` is what was done until then."""
        super().__init__(f"{report.source}: stopped by a person")
        self.report = report


def utcnow() -> datetime:
    """The present time as ckanext-harvest stores it: UTC without a zone."""
    return datetime.now(tz=UTC).replace(tzinfo=None)


def lock_key(source_id: str) -> int:
    """The number of a source's advisory lock."""
    return int.from_bytes(hashlib.sha256(f"kranj-harvest:{source_id}".encode()).digest()[:8], "big", signed=True)


class SourceLock:
    """The advisory lock of a source, on a connection of its own; the server frees it when the process dies."""

    def __init__(self, source_id: str, slug: str):
        """Take the lock.

        Raises:
            AlreadyRunning: somebody holds it.
        """
        self._key, self._slug = {"key": lock_key(source_id)}, slug
        self._connection = self._taken()

    def _taken(self) -> sa.Connection:
        connection = model.meta.engine.connect()
        if not connection.execute(sa.text("SELECT pg_try_advisory_lock(:key)"), self._key).scalar():
            connection.close()
            raise AlreadyRunning(self._slug)
        connection.commit()
        return connection

    def again(self) -> None:
        """After the database was away: the server has forgotten the lock, so take it once more.

        Raises:
            AlreadyRunning: somebody else was quicker; this run must end.
        """
        with suppress(sa.exc.SQLAlchemyError):
            self._connection.invalidate()
            self._connection.close()
        self._connection = self._taken()

    def release(self) -> None:
        """Give the lock back."""
        with suppress(sa.exc.SQLAlchemyError):
            self._connection.execute(sa.text("SELECT pg_advisory_unlock(:key)"), self._key)
            self._connection.commit()
        self._connection.close()


@contextmanager
def locked(source_id: str, slug: str) -> Iterator[SourceLock]:
    """Hold the lock of a source.

    Raises:
        AlreadyRunning: somebody holds it.
    """
    lock = SourceLock(source_id, slug)
    try:
        yield lock
    finally:
        lock.release()


def is_locked(source_id: str) -> bool:
    """Whether somebody harvests the source now."""
    with model.meta.engine.connect() as connection:
        key = {"key": lock_key(source_id)}
        free = connection.execute(sa.text("SELECT pg_try_advisory_lock(:key)"), key).scalar()
        if free:
            connection.execute(sa.text("SELECT pg_advisory_unlock(:key)"), key)
        connection.commit()
    return not free


def begin(source_id: str, job_id: str | None) -> str:
    """Start a run: take the job that waits, or make one; end the runs that died.

    Call it with the lock of the source held: what else says it is running, is not.

    Returns:
        The id of the job.
    """
    now = datetime.now(tz=UTC)
    job = HarvestJob.get(job_id) if job_id else None
    for other in HarvestJob.filter(source_id=source_id, status="Running"):
        if job is not None and other.id == job.id:
            continue
        if other.gather_started is None and job is None:
            job = other  # asked for on the page, not started yet
        elif other.gather_started is not None:
            end_dead(other)
    if job is None:
        job = HarvestJob(source_id=source_id)
        job.add()
    job.status, job.gather_started = "Running", utcnow()
    model.Session.flush()
    model.Session.merge(HarvestRun(id=job.id, source_id=source_id, started=now, heartbeat=now))
    model.Session.commit()
    return job.id


def end_dead(job: Any) -> None:
    """Close the job of a process that died."""
    job.status, job.finished, job.gather_finished = "Finished", utcnow(), job.gather_finished or utcnow()
    model.Session.add(
        HarvestGatherError(harvest_job_id=job.id, message="The run was interrupted; the next one continues it.")
    )
    run = model.Session.get(HarvestRun, job.id)
    if run is not None and run.finished is None:
        run.finished, run.complete = datetime.now(tz=UTC), False
        run.reason = run.reason_code = "interrupted"


def beat(job_id: str) -> None:
    """Say in the running transaction that the run is alive."""
    model.Session.execute(sa.update(HarvestRun).where(HarvestRun.id == job_id).values(heartbeat=datetime.now(tz=UTC)))


def tell(job_id: str, report: Report) -> bool:
    """Say how far a run is, in a transaction of its own; a database that is away is not told.

    Returns:
        Whether the run may go on: False when somebody stopped it.
    """
    values = {"counts": dict(report.counts), "codes": report.codes(), "heartbeat": datetime.now(tz=UTC)}
    with suppress(sa.exc.DBAPIError), model.meta.engine.begin() as connection:
        connection.execute(sa.text("SET LOCAL lock_timeout = '2s'"))  # an account is no reason to wait
        connection.execute(sa.update(HarvestRun.__table__).where(HarvestRun.__table__.c.id == job_id).values(**values))
    return not is_cancelled(job_id)


def is_cancelled(job_id: str) -> bool:
    """Whether somebody stopped the job while it runs; ckanext-harvest then calls it finished."""
    with suppress(sa.exc.DBAPIError), model.meta.engine.connect() as connection:
        status = connection.execute(sa.text("SELECT status FROM harvest_job WHERE id = :id"), {"id": job_id}).scalar()
        return status not in {None, "Running", "New"}
    return False


def close_cancelled(job_id: str) -> None:
    """Close the run of a job that was stopped before it could close itself."""
    job, run = HarvestJob.get(job_id), model.Session.get(HarvestRun, job_id)
    if job is None or job.status in {"Running", "New"}:
        return
    job.finished = job.finished or utcnow()
    if run is not None and run.finished is None:
        run.finished, run.complete = datetime.now(tz=UTC), False
        run.reason = run.reason_code = Cancelled.code
    model.Session.commit()


def note_objects(source_id: str, job_id: str, outcomes: Sequence[tuple[Change, Problem | None]]) -> None:
    """Write the objects of records that changed or failed, with the errors that people should mend."""
    now = utcnow()
    objects, errors = [], []
    for change, refusal in outcomes:
        identifier = str(uuid4())
        objects.append({
            "id": identifier,
            "guid": change.guid,
            "current": False,
            "content": None,
            "state": "ERROR" if refusal else "COMPLETE",
            "report_status": "errored" if refusal else _STATUS[change.action],
            "gathered": now,
            "import_started": now,
            "import_finished": now,
            "harvest_job_id": job_id,
            "harvest_source_id": source_id,
            "package_id": None if refusal else change.package_id,
        })  # fmt: skip
        errors += [
            {"harvest_object_id": identifier, "message": message, "stage": "Import", "created": now}
            for message in _messages(change, refusal)
        ]
    if objects:
        model.Session.execute(sa.insert(HarvestObject.__table__), objects)
    if errors:
        model.Session.execute(sa.insert(HarvestObjectError.__table__), errors)


def _messages(change: Change, refusal: Problem | None) -> list[str]:
    errors = [problem for problem in change.problems if problem.severity == "error"]
    if refusal is not None and refusal not in errors:
        errors.append(refusal)
    return [
        f"[{problem.code}] {f'{problem.path}: ' if problem.path else ''}{problem.text('sl')}"
        for problem in errors[:_MOST_ERRORS]
    ]


def end(job_id: str, report: Report) -> None:
    """Close a run with its account."""
    now = utcnow()
    job = HarvestJob.get(job_id)
    job.gather_finished = job.finished = now
    job.status = "Finished"
    if not report.complete:
        model.Session.add(HarvestGatherError(harvest_job_id=job_id, message=f"[{report.reason_code}] {report.reason}"))
    run = model.Session.get(HarvestRun, job_id)
    run.finished = run.heartbeat = datetime.now(tz=UTC)
    run.complete, run.reason, run.reason_code = report.complete, report.reason, report.reason_code
    run.counts, run.codes = dict(report.counts), report.codes()
    run.problems = [problem.as_dict() for problem in report.problems]
    run.seen = report.counts["read"]
    run.halted = report.halted or ("likely-renamed" if report.renames else "")
    run.plan = {
        **({"missing": report.missing} if report.halted else {}),
        **({"renames": report.renames} if report.renames else {}),
    }
    model.Session.commit()


def due() -> list[Any]:
    """The sources of our types whose time has come."""
    return (
        model.Session.query(HarvestSource)
        .filter(
            HarvestSource.active.is_(True),
            HarvestSource.type.like("kranj-%"),
            HarvestSource.frequency != "MANUAL",
            ~sa.exists().where(HarvestState.source_id == HarvestSource.id, HarvestState.paused_at.isnot(None)),
            sa.or_(HarvestSource.next_run.is_(None), HarvestSource.next_run <= utcnow()),
        )
        .order_by(HarvestSource.id)
        .all()
    )
