"""Renders a moment after a commit, in a thread of each process that saves, so that readers find the work done.

Readers never depend on it: what is left when they come, they render themselves.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

import sqlalchemy as sa

from ckan import model

from .config import feed_config
from .render import BATCH, render

log = logging.getLogger(__name__)

PAUSE = 0.4
"""Seconds between a commit and its rendering: several saves in a row are rendered once."""
_WORK = sa.text("SELECT EXISTS (SELECT 1 FROM kranj_feed_dirty)")


class Background:
    """A thread that sleeps until somebody commits.

    Args:
        sleep: how to pause.
    """

    def __init__(self, sleep: Callable[[float], None] = time.sleep) -> None:
        self._wake = threading.Event()
        self._sleep = sleep
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def nudge(self, *_: object) -> None:
        """Something may have changed. Cheap: called after every commit of the process."""
        self._wake.set()
        thread = self._thread
        if thread is None or not thread.is_alive():  # also after a fork: threads are not inherited
            with self._lock:
                if self._thread is None or not self._thread.is_alive():
                    self._thread = threading.Thread(target=self._run, name="kranj-feed", daemon=True)
                    self._thread.start()

    def _run(self) -> None:
        while True:
            self._wake.wait()
            self._sleep(PAUSE)
            self._wake.clear()
            try:
                while self._pending() and render(feed_config(), everything=True) == BATCH:
                    self._sleep(PAUSE / 10)  # let requests have their turn
            except Exception:
                log.exception("the feed could not be rendered; the next reader tries again")

    @staticmethod
    def _pending() -> bool:
        with model.meta.engine.connect() as connection:
            return bool(connection.execute(_WORK).scalar_one())


background = Background()
