"""Seals in the background of a web process, about a second after the last entry it knows of."""

from __future__ import annotations

import logging
import threading
import time

import sqlalchemy as sa

from ckanext.kranj import config
from ckanext.kranj.audit import chain

log = logging.getLogger(__name__)

DELAY = 0.5
_wanted = threading.Event()
_started = threading.Lock()


def poke() -> None:
    """There may be something to seal. The thread starts here, in the process that serves, never in its parent."""
    if not config.audit_sealer():
        return
    _wanted.set()
    if _started.acquire(blocking=False):
        threading.Thread(target=_run, name="kranj-audit-sealer", daemon=True).start()


def _run() -> None:
    while True:
        _wanted.wait()
        _wanted.clear()
        time.sleep(DELAY)
        try:
            chain.seal()
        except sa.exc.SQLAlchemyError:
            log.exception("the audit could not be sealed; it will be with the next change")
