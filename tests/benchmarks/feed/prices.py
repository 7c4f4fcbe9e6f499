"""What the feed costs a save: the same save with and without the feed in turn, in one process on one database.

Run as ``prices.py INI PAIRS`` (``measure.py`` does, with what ``seed.py`` made on standard input); the last line it
prints is JSON. Each save is a whole request to the Action API, called in this process past no socket, so that its
processor time can be told: of the thread that answers (``thread_time``) and of the PostgreSQL backends of this
process (the kernel's nanoseconds in ``/proc/PID/schedstat``). Rendering is not part of a save; it is done between the
saves and its cost is told apart.

Without the feed means: triggers, index and statistics off the tables (what ``ckan kranj feed detach`` does), its hooks
around a save not called, nobody told of a commit. Each switch is followed by a save that is not counted, because every
backend has to plan anew after it. What lies in wait for garbage collection is collected before each counted save, and
nobody waits for Solr to commit: that is half of the time on the wall and the same on both sides.
"""

from __future__ import annotations

import gc
import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from portal import processor
from werkzeug.test import Client

from ckan.cli.cli import CtxObject

DRAWINGS = 2_000
WARM = 5
"""Pairs that are not counted."""
PARTS = ("processor", "web", "database", "wall")


@dataclass
class Cost:
    """Milliseconds."""

    web: float
    database: float
    wall: float

    @property
    def processor(self) -> float:
        """Of the thread that answers and of PostgreSQL."""
        return self.web + self.database


class Watch:
    """Tells what something costs this thread and the backends of this process."""

    def __init__(self, engine: sa.Engine) -> None:
        self.backends: set[int] = set()
        sa.event.listen(engine, "checkout", self._seen)

    def _seen(self, connection: Any, *_: object) -> None:
        self.backends.add(connection.info.backend_pid)

    def _used(self) -> float:
        time.sleep(0.001)  # the backend is still tidying up when its answer has arrived
        return sum(processor(pid) for pid in self.backends)

    def cost(self, work: Callable[[], Any]) -> Cost:
        """Do it and tell."""
        gc.collect()
        database, web, wall = self._used(), time.thread_time(), time.perf_counter()
        work()
        web, wall = time.thread_time() - web, time.perf_counter() - wall
        return Cost(web * 1000, (self._used() - database) * 1000, wall * 1000)


class Switch:
    """The feed of this process, on or off."""

    def __init__(self) -> None:
        import ckan.plugins as p

        from ckanext.kranj.feed.background import background

        self.plugin, self.nudge, self.on = p.get_plugin("kranj_feed"), background.nudge, True
        # its thread is woken by every save as ever, and finds nothing: it would render in the middle of the next save
        background._pending = lambda: False

    def turn(self, on: bool) -> None:
        """Put everything that the feed hangs on a save there, or take it away."""
        from ckan import model

        from ckanext.kranj.feed import triggers

        if on == self.on:
            return
        with model.meta.engine.begin() as connection:
            (triggers.attach if on else triggers.detach)(connection)
        for name in ("after_dataset_update", "after_dataset_delete"):
            if on:
                delattr(self.plugin, name)
            else:
                setattr(self.plugin, name, lambda *_: None)
        (sa.event.listen if on else sa.event.remove)(model.Session, "after_commit", self.nudge)
        self.on = on


def interval(taken: list[float]) -> tuple[float, float, float]:
    """The median, and the ends of what 95 of 100 drawings from the same figures have as theirs."""
    drawn = random.Random(1)  # noqa: S311 - the same interval from the same figures
    medians = sorted(statistics.median(drawn.choices(taken, k=len(taken))) for _ in range(DRAWINGS))
    return statistics.median(taken), medians[int(DRAWINGS * 0.025)], medians[int(DRAWINGS * 0.975)]


def summary(pairs: list[tuple[Cost, Cost]], rendered: list[Cost]) -> dict[str, Any]:
    """Figures by name from pairs of a save with and the same save without the feed."""
    told: dict[str, Any] = {"pairs": len(pairs)}
    for part in PARTS:
        ratios = [getattr(on, part) / getattr(off, part) for on, off in pairs]
        told[f"{part}, times"], told[f"{part}, from"], told[f"{part}, to"] = interval(ratios)
        told[f"{part} without, ms"] = statistics.median(getattr(off, part) for _, off in pairs)
        told[f"{part} more, ms"] = statistics.median(getattr(on, part) - getattr(off, part) for on, off in pairs)
    told["rendering, processor ms"] = statistics.median(one.processor for one in rendered)
    return told


def main(ini: str, pairs: int) -> None:
    """Save in turn."""
    made = json.load(sys.stdin)
    app = CtxObject(ini).app
    from ckan import model
    from ckan.plugins import toolkit as tk

    from ckanext.kranj.feed.config import feed_config
    from ckanext.kranj.feed.render import BATCH, render

    tk.config["ckan.search.solr_commit"] = False
    client, settings = Client(app), feed_config()
    watch, switch = Watch(model.meta.engine), Switch()
    chance = random.Random(1)  # noqa: S311 - the same order in every run
    numbers = iter(range(sys.maxsize))

    def save() -> None:
        answer = client.post(
            "/api/3/action/package_patch",
            json={"id": made["id"], "version": f"{next(numbers)}"},
            headers={"Authorization": made["token"]},
        )
        assert answer.status_code == 200, answer.text

    taken, rendered = [], []
    while render(settings, everything=True) == BATCH:
        pass  # what is left over from before
    try:
        for number in range(-WARM, pairs):
            if number == 0:
                gc.freeze()  # or collecting walks over all of CKAN each time
            found = {}
            for on in chance.sample((True, False), 2):
                switch.turn(on)
                save()
                found[on] = watch.cost(save)
                if on:
                    rendered.append(watch.cost(lambda: render(settings)))
            if number >= 0:
                taken.append((found[True], found[False]))
            if number % 100 == 99 and number > 0:
                print(f"  {number + 1} of {pairs} pairs", file=sys.stderr, flush=True)  # noqa: T201
    finally:
        switch.turn(on=True)
    print(json.dumps(summary(taken, rendered)))  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
