"""One run of one source, from the lock to the account."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial

import sqlalchemy as sa

from ckan import model

from ckanext.kranj import config as portal
from ckanext.kranj.harvest import config, findings, jobs, memory, pace, state
from ckanext.kranj.harvest.preview import PreviewSink
from ckanext.kranj.harvest.sink import CkanSink
from ckanext.kranj.harvest.spec import Spec

from harvesters import Circumstances, Context, Limits, Report, Session, SourceUnavailable, run
from harvesters.errors import clean
from harvesters.http import origin_of
from harvesters.redact import Redacting
from harvesters.vault import Vault

log = logging.getLogger(__name__)

PREVIEWED = 20
"""Records that a preview reads."""


def harvest(spec: Spec, job_id: str | None = None, progress: Callable[[Report], None] = lambda _: None) -> Report:
    """Harvest a source and keep the account.

    Args:
        spec: the source.
        job_id: the job that waits for this run; without it one is made.
        progress: called after each batch.

    Raises:
        AlreadyRunning: somebody else harvests this source.
    """
    redact_logs()
    with jobs.locked(spec.id, spec.slug) as lock:
        job = jobs.begin(spec.id, job_id)
        sink = CkanSink(spec.id, spec.slug, memory.aliases(spec.id), lock, job_id=job)
        try:
            report = _run(spec, sink, partial(_told, job, progress))
        except jobs.Cancelled as stopped:
            sink.finish()
            report = stopped.report
            report.reason, report.reason_code = str(stopped), stopped.code
        except BaseException as error:
            _broke(job, spec, error)
            raise
        jobs.end(job, report)
        return report


def _told(job: str, progress: Callable[[Report], None], report: Report) -> None:
    """After each batch: say how far the run is, and end it when somebody stopped it."""
    progress(report)
    over = report.complete or report.reason_code
    if not jobs.tell(job, report) and not over:
        raise jobs.Cancelled(report)


def _run(spec: Spec, sink: CkanSink, progress: Callable[[Report], None]) -> Report:
    vault = Vault(config.raw_folder(), config.raw_days()) if config.raw_days() else None
    held = state.of(spec.id)
    around = Circumstances(
        datetime.now(tz=UTC), last=held.seen, moved=state.moved(held, spec), reachable=portal.reachable_hosts()
    )
    marks = state.may_ask(held, spec)
    model.Session.commit()
    with session_of(spec, vault) as session:
        in_force = memory.settled(spec.id, spec.slug) if marks else None
        started = time.monotonic()
        if in_force is not None and _unchanged(session, marks):
            return _nothing_new(spec, in_force, time.monotonic() - started)
        context = Context(spec.slug, session, aliases=sink.aliases)
        report = run(spec.connector, context, sink, spec.defaults, circumstances=around, progress=progress)
        report.problems += sink.open_problems()
        if report.complete:
            findings.look(spec.id)
            clear = not (report.halted or report.renames or report.counts["error"] or report.codes())
            kept = session.marks if clear else []
            state.remember(spec.id, spec, kept, report.counts["read"])
    if vault is not None:
        vault.expire()
    return report


def session_of(spec: Spec, vault: Vault | None = None, limits: Limits | None = None) -> Session:
    """The way to the network that a source has.

    Args:
        spec: the source.
        vault: keeps what the source answers.
        limits: tighter bounds than those of a run.

    Raises:
        MissingSecret: its credentials are not on this machine.
    """
    secrets = {origin_of(spec.url): spec.credentials.proof()} if spec.credentials else {}
    return Session(
        allowed_hosts=spec.allowed_hosts,
        secrets=secrets,
        ca_bundle=spec.ca_bundle,
        limits=limits or Limits(run=max(config.timeout() - 60, 30)),
        reserve=pace.reserve,
        **({"keep": vault.keep} if vault else {}),
    )


def _unchanged(session: Session, marks: list[state.Mark]) -> bool:
    """Whether the source says that nothing changed; one that does not answer is asked again by the run itself."""
    try:
        return session.unchanged(marks)
    except SourceUnavailable as error:
        log.info("harvest: the source could not say whether it changed: %s", error)
        session.marks.clear()
        return False


def _nothing_new(spec: Spec, count: int, seconds: float) -> Report:
    report = Report(spec.slug, complete=True, unchanged_source=True, seconds=seconds)
    report.counts["read"] = report.counts["unchanged"] = count
    return report


def redact_logs() -> None:
    """Put the redactor before every handler: what a library logs passes it too."""
    for handler in logging.getLogger().handlers:
        if not any(isinstance(item, Redacting) for item in handler.filters):
            handler.addFilter(Redacting())


def _broke(job: str, spec: Spec, error: BaseException) -> None:
    """The catalogue itself failed: leave the account, if the database still takes it."""
    report = Report(spec.slug, reason=clean(f"{type(error).__name__}: {error}"), reason_code="catalogue-fault")
    with suppress(sa.exc.SQLAlchemyError):
        model.Session.rollback()
        jobs.end(job, report)


def preview(spec: Spec, limit: int = PREVIEWED) -> Report:
    """Read the first records and say what a run would do with them; nothing is written."""
    redact_logs()
    renamed = memory.aliases(spec.id)
    with session_of(spec) as session:
        return run(
            spec.connector,
            Context(spec.slug, session, aliases=renamed),
            PreviewSink(spec.id, spec.slug, renamed),
            spec.defaults,
            limit=limit,
            reachable=portal.reachable_hosts(),
        )
