"""A database that goes away in the middle of a run, and comes back (risk R25)."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

import sqlalchemy as sa

from ckan import model

from ckanext.kranj.harvest import jobs, memory

from harvesters import Held, Known

log = logging.getLogger(__name__)

_PATIENCE = (1, 2, 4, 8, 15, 30)
"""Seconds between attempts to reach a database that went away in the middle of a run."""

T = TypeVar("T")


def is_away(error: sa.exc.DBAPIError) -> bool:
    """Whether the server is gone or starting, rather than refusing what it was asked."""
    if error.connection_invalidated:
        return True
    code = getattr(error.orig, "pgcode", None)
    return isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError) and code in {
        None, "57P01", "57P02", "57P03"
    }  # fmt: skip


@dataclass
class PatientSink(memory.Remembering):
    """The part of a sink that does each step until the database has taken it."""

    lock: jobs.SourceLock | None = None
    sleep: Callable[[float], None] = time.sleep
    unsettled: list[str] = field(default_factory=list)
    """Datasets that were sent to the index and not committed there."""

    def known(self, guids: Collection[str]) -> dict[str, Known]:
        """What is remembered of these records."""
        return self.patiently(lambda: super(PatientSink, self).known(guids))

    def held(self, guids: Collection[str]) -> dict[str, Held]:
        """These datasets as they stand."""
        return self.patiently(lambda: super(PatientSink, self).held(guids))

    def alike(self, keys: Collection[str]) -> dict[str, str]:
        """Records in force by likeness."""
        return self.patiently(lambda: super(PatientSink, self).alike(keys))

    def patiently(self, work: Callable[[], T]) -> T:
        """Do something with the database, and again when it went away meanwhile.

        A server that restarted has forgotten whatever was not committed, so a step is done again as a whole; it has
        also forgotten our lock, so nothing goes on before that is taken anew.
        """
        broken = False
        for pause in (*_PATIENCE, None):
            try:
                if broken:
                    self._reconnect()
                return work()
            except sa.exc.DBAPIError as error:
                if not is_away(error) or pause is None:
                    raise
                log.warning("harvest %s: the database is away, trying again in %s s", self.slug, pause)
                broken = True
            self.sleep(pause)
        raise AssertionError("not reached")

    def _reconnect(self) -> None:
        with suppress(sa.exc.SQLAlchemyError):
            model.Session.rollback()
        model.Session.remove()
        model.meta.engine.dispose()
        self.unsettled = []  # their rows say that they wait for the index
        if self.lock is not None:
            self.lock.again()
