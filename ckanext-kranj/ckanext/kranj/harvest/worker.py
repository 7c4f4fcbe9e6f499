"""The worker: looks for jobs in the database and runs each in a process of its own.

Several workers, on several hosts, may run: jobs are claimed with ``FOR UPDATE SKIP LOCKED``, and the advisory lock of a
source lets one run at a time. There is no queue outside the database, so nothing can be in a queue twice.
"""

from __future__ import annotations

import logging
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from ckan import model
from ckan.common import config as ckan_config

from ckanext.harvest.model import HarvestGatherError, HarvestJob, HarvestSource
from ckanext.kranj.harvest import config, daily, jobs, schedule
from ckanext.kranj.harvest.model import HarvestState

log = logging.getLogger(__name__)

GRACE = timedelta(seconds=60)
"""A job that was claimed this long ago and holds no lock has died."""

LOOK = 2.0
"""Seconds between two looks at whether somebody stopped the job."""
PATIENCE = 20.0
"""Seconds that a stopped job has to end by itself."""

_CLAIM = sa.text(
    "UPDATE harvest_job SET status = 'Running', gather_started = :now WHERE id = ("
    " SELECT job.id FROM harvest_job job JOIN harvest_source source ON source.id = job.source_id"
    " WHERE job.status IN ('New', 'Running') AND job.gather_started IS NULL AND source.active"
    " AND source.type LIKE 'kranj-%' ORDER BY job.created, job.id FOR UPDATE OF job SKIP LOCKED LIMIT 1)"
    " RETURNING id, source_id"
)

Start = Callable[[str, str], int]


def command(job_id: str, source_id: str) -> list[str]:
    """The command line of the process that runs a job."""
    start = "from ckan.cli.cli import ckan; ckan(prog_name='ckan')"
    given = ["-c", ckan_config["__file__"], "kranj", "harvest", "run", source_id, "--job", job_id]
    return [sys.executable, "-c", start, *given]


def in_process(job_id: str, source_id: str) -> int:
    """Run a job in a child process until it ends, its time is over, or somebody stopped it.

    Returns:
        Its exit status; -1 when it was ended.
    """
    over, stopped = time.monotonic() + config.timeout(), 0.0
    with subprocess.Popen(command(job_id, source_id)) as child:  # noqa: S603 our own command, two ids
        try:
            while time.monotonic() < over:
                with suppress(subprocess.TimeoutExpired):
                    return child.wait(timeout=min(LOOK, max(over - time.monotonic(), 0.01)))
                # A run ends itself after the batch that it is at; one that hangs in its source is ended here.
                stopped = stopped or (time.monotonic() if jobs.is_cancelled(job_id) else 0.0)
                if stopped and time.monotonic() - stopped > PATIENCE:
                    return -1
            return -1
        finally:
            # Also when the worker itself is told to stop: a job must not outlive who watches it.
            if child.poll() is None:
                child.kill()
                child.wait()


def limit_memory() -> None:
    """Let this process take no more memory than a job may, so that a bad source cannot take the machine with it."""
    wanted = config.memory() * 1024 * 1024
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


@dataclass
class Worker:
    """Claims and runs jobs, one at a time."""

    start: Start = in_process
    sleep: Callable[[float], None] = time.sleep

    def forever(self) -> None:
        """Work until the process is told to stop; a database that is away is waited for."""
        while True:
            try:
                busy = self.once()
            except sa.exc.DBAPIError as error:
                # A restarted server breaks every open connection: throw them away and come back.
                log.warning("harvest worker: the database is away: %s", error.orig)
                self._start_over()
                busy = False
            if not busy:
                self.sleep(config.poll())

    @staticmethod
    def _start_over() -> None:
        try:
            model.Session.remove()
        finally:
            model.meta.engine.dispose()

    def once(self) -> int:
        """Run everything that is due.

        Returns:
            How many jobs were run.
        """
        self.end_dead_jobs()
        self.schedule()
        daily.send_when_due()
        count = 0
        while (job := self.claim()) is not None:
            # The connection is given back before the child works: it may be gone when the child is done.
            model.Session.remove()
            log.info("harvest worker: job %s of source %s ends with %s", *job, self.start(*job))
            jobs.close_cancelled(job[0])
            count += 1
        return count

    @staticmethod
    def schedule() -> None:
        """Make jobs for the sources whose time has come."""
        if schedule.is_quiet():
            return
        for source in jobs.due():
            held = model.Session.get(HarvestState, source.id)
            if held is not None and schedule.is_quiet(given=held.quiet_hours):
                continue
            waiting = HarvestJob.filter(source_id=source.id).filter(HarvestJob.status.in_(["New", "Running"])).count()
            if not waiting:
                HarvestJob(source_id=source.id).add()
            source.next_run = schedule.next_run(source.frequency, jobs.utcnow())
        model.Session.commit()

    @staticmethod
    def claim() -> tuple[str, str] | None:
        """Take the oldest job that waits.

        Returns:
            Its id and the id of its source; None when nothing waits.
        """
        row = model.Session.execute(_CLAIM, {"now": jobs.utcnow()}).first()
        model.Session.commit()
        return (row.id, row.source_id) if row else None

    @staticmethod
    def end_dead_jobs() -> None:
        """Close jobs whose process died, and give each of their sources a new one at once."""
        dead: list[Any] = (
            HarvestJob.filter(status="Running")
            .join(HarvestSource)
            .filter(HarvestSource.type.like("kranj-%"), HarvestJob.gather_started < jobs.utcnow() - GRACE)
            .all()
        )
        for job in dead:
            if not jobs.is_locked(job.source_id):
                jobs.end_dead(job)
                previous = (
                    model.Session.query(HarvestGatherError)
                    .join(HarvestJob)
                    .filter(
                        HarvestJob.source_id == job.source_id, HarvestJob.created > job.created - timedelta(hours=1)
                    )
                    .filter(HarvestGatherError.message.like("The run was interrupted%"))
                    .count()
                )
                # Once or twice may be a restarted machine; a source that kills its run again and again waits its turn.
                if previous <= 2:
                    HarvestJob(source_id=job.source_id).add()
        model.Session.commit()
