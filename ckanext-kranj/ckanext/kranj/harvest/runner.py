"""One run of one source, from the lock to the account."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import sqlalchemy as sa

from ckan import model

from ckanext.kranj import config
from ckanext.kranj.harvest import jobs, sources
from ckanext.kranj.harvest.sink import CkanSink, PreviewSink

from harvesters import Context, Report, Session, run
from harvesters.errors import clean

PREVIEWED = 20
"""Records that a preview reads."""


def harvest(
    spec: sources.Spec, job_id: str | None = None, progress: Callable[[Report], None] = lambda _: None
) -> Report:
    """Harvest a source and keep the account.

    Args:
        spec: the source.
        job_id: the job that waits for this run; without it one is made.
        progress: called after each batch.

    Raises:
        AlreadyRunning: somebody else harvests this source.
    """
    with jobs.locked(spec.id, spec.slug):
        job = jobs.begin(spec.id, job_id)
        try:
            sink = CkanSink(spec.id, spec.slug, job)
            with Session(allowed_hosts=spec.allowed_hosts) as session:
                report = run(
                    spec.connector,
                    Context(spec.slug, session),
                    sink,
                    spec.defaults,
                    reachable=config.reachable_hosts(),
                    progress=progress,
                )
        except BaseException as error:
            _broke(job, spec, error)
            raise
        jobs.end(job, report)
        return report


def _broke(job: str, spec: sources.Spec, error: BaseException) -> None:
    """The catalogue itself failed: leave the account, if the database still takes it."""
    report = Report(spec.slug, reason=clean(f"{type(error).__name__}: {error}"), reason_code="catalogue-fault")
    with suppress(sa.exc.SQLAlchemyError):
        model.Session.rollback()
        jobs.end(job, report)


def preview(spec: sources.Spec, limit: int = PREVIEWED) -> Report:
    """Read the first records and say what a run would do with them; nothing is written."""
    with Session(allowed_hosts=spec.allowed_hosts) as session:
        return run(
            spec.connector,
            Context(spec.slug, session),
            PreviewSink(spec.id, spec.slug),
            spec.defaults,
            limit=limit,
            reachable=config.reachable_hosts(),
        )
