"""Ten crawls, page by page, while others edit, add, delete and change levels all the time."""

from __future__ import annotations

import random
import threading
import time
import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from rdflib import DCAT, RDF, Graph, Namespace

import ckan.plugins.toolkit as tk
from ckan import model

pytestmark = pytest.mark.long

HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
DATASETS = 60
CRAWLS = 10
PER_SECOND = 5
FOREVER = float("inf")


@dataclass
class Span:
    """When a dataset was public. Each end is a pair: before the save began, after it was committed."""

    since: tuple[float, float]
    until: tuple[float, float] = (FOREVER, FOREVER)


class Editor(threading.Thread):
    """Changes the catalogue five times a second and remembers when what was public."""

    def __init__(self, portal: Any, create: Any, act: Any, made: list[dict[str, Any]]) -> None:
        super().__init__(daemon=True)
        self.app, self.create, self.act = portal.app.flask_app, create, act
        self.random = random.Random(1)  # noqa: S311 - the same changes in every run
        self.stop = threading.Event()
        self.count = 0
        self.failures: list[Exception] = []
        self.public = {one["id"]: [Span((0.0, 0.0))] for one in made}

    def run(self) -> None:
        with self.app.app_context():
            while not self.stop.is_set():
                started = time.monotonic()
                try:
                    self.change()
                    self.count += 1
                except Exception as error:  # noqa: BLE001
                    self.failures.append(error)
                model.Session.remove()
                self.stop.wait(max(0.0, 1 / PER_SECOND - (time.monotonic() - started)))

    def change(self) -> None:
        shown = sorted(key for key, spans in self.public.items() if spans[-1].until[0] == FOREVER)
        hidden = sorted(set(self.public) - set(shown))
        kind = self.random.choice(("edit", "edit", "add", "delete", "hide", "show"))
        one, now = self.random.choice(shown), time.monotonic()
        if kind == "edit":
            self.act("package_patch", id=one, version=str(self.count))
        elif kind == "add":
            identifier = str(uuid.uuid4())
            self.public[identifier] = [Span((now, FOREVER))]
            self.create(f"Nova zbirka {self.count}", id=identifier)
            self.public[identifier][-1].since = (now, time.monotonic())
        elif kind == "show" and hidden:
            again = self.random.choice(hidden)
            self.public[again].append(Span((now, FOREVER)))
            self.act("package_patch", id=again, visibility="public", state="active")
            self.public[again][-1].since = (now, time.monotonic())
        elif len(shown) > DATASETS // 2:
            self.public[one][-1].until = (now, FOREVER)
            if kind == "delete":
                self.act("package_delete", id=one)
            else:
                self.act("package_patch", id=one, visibility="internal")
            self.public[one][-1].until = (now, time.monotonic())

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


def test_ten_crawls(portal: Any, create: Any, act: Any, page_size: Any) -> None:
    page_size(4)
    made = [create(f"Zbirka {number}") for number in range(DATASETS)]
    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]

    def change(name: str, **data: Any) -> Any:
        return tk.get_action(name)({"ignore_auth": True, "user": user}, data)

    editor = Editor(portal, create, change, made)
    missed, doubled, forbidden, pages, seconds = 0, 0, 0, 0, 0.0
    editor.start()
    try:
        for _ in range(CRAWLS):
            seen: list[tuple[str, float, float]] = []
            began = time.monotonic()
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
            seconds += ended - began
            found = {one for one, _, _ in seen}
            missed += len(editor.throughout(began, ended) - found)
            doubled += len(seen) - len(found)
            forbidden += sum(one not in editor.ever(asked, answered) for one, asked, answered in seen)
    finally:
        editor.stop.set()
        editor.join()
    print(  # noqa: T201
        f"{CRAWLS} crawls, {pages} pages, {editor.count} changes in {seconds:.0f} s ({editor.count / seconds:.1f}/s):"
        f" {missed} missed, {doubled} double, {forbidden} forbidden"
    )
    assert editor.failures == []
    assert editor.count > 2 * CRAWLS
    assert (missed, doubled, forbidden) == (0, 0, 0)
