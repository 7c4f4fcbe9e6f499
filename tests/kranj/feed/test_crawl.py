"""Ten crawls, page by page, while others edit, add, delete and change levels all the time."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from rdflib import DCAT, RDF, Graph, Namespace

import ckan.plugins.toolkit as tk

pytestmark = pytest.mark.long

HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
DATASETS = 60
CRAWLS = 10
PER_SECOND = 5
PLANNED = 6
"""Per second: what a pause of the machine takes is not made up for."""
HANDS = 6
AT_MOST = 300
"""Seconds that the crawls may take together; a page takes a third of a second on a busy machine."""
FOREVER = float("inf")


@dataclass
class Span:
    """When a dataset was public. Each end is a pair: before the save began, after it was committed."""

    since: tuple[float, float]
    until: tuple[float, float] = (FOREVER, FOREVER)


class Actor:
    """A process that calls actions; one process cannot save five times a second on a busy machine."""

    def __init__(self) -> None:
        command = [sys.executable, str(Path(__file__).with_name("actor.py")), tk.config["__file__"]]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    def __call__(self, name: str, **data: Any) -> None:
        self.process.stdin.write(json.dumps([name, data]) + "\n")
        self.process.stdin.flush()
        said = self.hear()
        if said:
            raise RuntimeError(said)

    def hear(self) -> str:
        return json.loads(self.process.stdout.readline())

    def stop(self) -> None:
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()


class Editor:
    """Changes the catalogue more than five times a second, with several hands, and remembers when what was public."""

    def __init__(self, pattern: dict[str, Any], made: list[dict[str, Any]]) -> None:
        self.pattern = pattern
        self.random = random.Random(1)  # noqa: S311 - the same changes in every run, as far as the hands are in step
        self.stopped = threading.Event()
        self.lock = threading.Lock()
        self.count = self.planned = 0
        self.kinds: Counter[str] = Counter()
        self.failures: list[Exception] = []
        self.public = {one["id"]: [Span((0.0, 0.0))] for one in made}
        self.busy: set[str] = set()
        self.actors = [Actor() for _ in range(HANDS)]
        assert [actor.hear() for actor in self.actors] == ["ready"] * HANDS
        self.hands = [threading.Thread(target=self.run, args=(actor,), daemon=True) for actor in self.actors]

    def start(self) -> None:
        self.began = time.monotonic()
        for hand in self.hands:
            hand.start()

    def stop(self) -> None:
        self.stopped.set()
        for hand in self.hands:
            hand.join()
        for actor in self.actors:
            actor.stop()

    def run(self, actor: Actor) -> None:
        """One hand: takes the next moment of the plan, waits for it, changes something."""
        while not self.stopped.is_set():
            with self.lock:
                # nothing is made up for: a pause of the machine would be followed by a burst
                self.planned = max(self.planned + 1, int((time.monotonic() - self.began) * PLANNED))
                moment = self.began + self.planned / PLANNED
            if self.stopped.wait(max(0.0, moment - time.monotonic())):
                return
            try:
                self.change(actor)
            except Exception as error:  # noqa: BLE001
                self.failures.append(error)

    def change(self, actor: Actor) -> None:
        with self.lock:
            kind, one, act, data = self.plan()
            self.busy.add(one)
        try:
            actor(act, **data)
        finally:
            with self.lock:
                now, last = time.monotonic(), self.public[one][-1]
                if kind in ("add", "show"):
                    last.since = (last.since[0], now)
                elif kind in ("delete", "hide"):
                    last.until = (last.until[0], now)
                self.busy.discard(one)
                self.count += 1
                self.kinds[kind] += 1

    def plan(self) -> tuple[str, str, str, dict[str, Any]]:
        """What to do next: the kind of change, the dataset, the action and its data."""
        free = sorted(set(self.public) - self.busy)
        shown = [key for key in free if self.public[key][-1].until[0] == FOREVER]
        hidden = [key for key in free if key not in shown]
        kind, now = self.random.choice(("edit", "edit", "add", "delete", "hide", "show")), time.monotonic()
        if kind == "show" and hidden:
            one = self.random.choice(hidden)
            self.public[one].append(Span((now, FOREVER)))
            return kind, one, "package_patch", {"id": one, "visibility": "public", "state": "active"}
        if kind == "add":
            one = str(uuid.uuid4())
            self.public[one] = [Span((now, FOREVER))]
            titles = {"sl": f"Nova zbirka {self.count}", "en": f"New {self.count}"}
            return kind, one, "package_create", {**self.pattern, "id": one, "title_translated": titles}
        one = self.random.choice(shown)
        if kind in ("delete", "hide") and len(shown) > DATASETS // 2:
            self.public[one][-1].until = (now, FOREVER)
            if kind == "delete":
                return kind, one, "package_delete", {"id": one}
            return kind, one, "package_patch", {"id": one, "visibility": "internal"}
        return "edit", one, "package_patch", {"id": one, "version": str(self.count)}

    def throughout(self, since: float, until: float) -> set[str]:
        """Public from the first moment to the last, for sure."""
        return {
            key
            for key, spans in self.public.items()
            if any(one.since[1] <= since and until <= one.until[0] for one in spans)
        }

    def ever(self, since: float, until: float) -> set[str]:
        """Possibly public at some moment between."""
        return {
            key
            for key, spans in self.public.items()
            if any(one.since[0] <= until and since <= one.until[1] for one in spans)
        }


def test_ten_crawls(portal: Any, create: Any, complete_dataset: dict[str, Any], page_size: Any) -> None:
    page_size(4)
    made = [create(f"Zbirka {number}") for number in range(DATASETS)]
    editor = Editor(complete_dataset, made)
    missed, doubled, forbidden, pages = 0, 0, 0, 0
    rates: list[float] = []
    editor.start()
    try:
        for _ in range(CRAWLS):
            seen: list[tuple[str, float, float]] = []
            began, before = time.monotonic(), editor.count
            address = "/catalog.nt"
            while address:
                asked = time.monotonic()
                response = portal.app.flask_app.test_client().get(address.replace(tk.config["ckan.site_url"], ""))
                assert response.status_code == 200, response.data
                page = Graph().parse(data=response.data, format="nt")
                answered = time.monotonic()
                seen += [
                    (str(one).rsplit("/", 1)[-1], asked, answered) for one in page.subjects(RDF.type, DCAT.Dataset)
                ]
                node = next(page.subjects(RDF.type, HYDRA.PartialCollectionView))
                address = str(page.value(node, HYDRA.next) or "")
                pages += 1
                time.sleep(0.05)
            ended = time.monotonic()
            rates.append((editor.count - before) / (ended - began))
            found = {one for one, _, _ in seen}
            missed += len(editor.throughout(began, ended) - found)
            doubled += len(seen) - len(found)
            forbidden += sum(one not in editor.ever(asked, answered) for one, asked, answered in seen)
        count, seconds = editor.count, time.monotonic() - editor.began
    finally:
        editor.stop()
    said = (
        f"{CRAWLS} crawls, {pages} pages, {count} changes in {seconds:.0f} s: {count / seconds:.1f}/s, in single crawls"
        f" {min(rates):.1f} to {max(rates):.1f}/s ({dict(editor.kinds)}), load {os.getloadavg()[0]:.1f};"
        f" {missed} missed, {doubled} double, {forbidden} forbidden"
    )
    print(said)  # noqa: T201
    assert editor.failures == []
    assert (missed, doubled, forbidden) == (0, 0, 0), said
    assert count >= PER_SECOND * seconds, (
        f"nothing was read wrongly, but fewer than {PER_SECOND} changes a second: {said}"
    )
    assert seconds < AT_MOST, said
