"""The real server with two workers: same state, same bytes, whichever worker answers and however often it starts."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj.feed.serialise import FORMATS

DEPLOYMENT = Path(__file__).parents[3] / "deployment"
WORKERS = 2
PATIENCE = 90
APPLICATION = '''
import os
from wsgi import application as portal

def application(environ, start_response):
    """The portal as it is deployed; says which worker answered."""
    def start(status, headers, *more):
        return start_response(status, [*headers, ("X-Worker", str(os.getpid()))], *more)
    return portal(environ, start)
'''

Answers = dict[tuple[str, str], set[tuple[str, bytes]]]


@contextmanager
def served(folder: Path) -> Iterator[int]:
    """The portal under gunicorn as ``./deployment/run`` starts it, on a free port."""
    (folder / "told.py").write_text(APPLICATION, encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", str(WORKERS),
        "--worker-class", "gthread", "--threads", "4", "--pythonpath", f"{DEPLOYMENT},{folder}", "told:application",
    ]  # fmt: skip
    small = folder / "small.ini"
    small.write_text(f"[app:main]\nuse = config:{tk.config['__file__']}\nkranj.feed.page_size = 1\n", encoding="utf-8")
    environment = {**os.environ, "CKAN_INI": str(small)}
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                ask(port, "/catalog.nt")
                break
            except OSError:
                time.sleep(0.2)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def ask(port: int, address: str, coding: str = "identity") -> tuple[str, str, bytes]:
    """Which worker answered, the validator and the bytes; every question on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", address, headers={"Accept-Encoding": coding, "Connection": "close"})
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 200, body
        return answer.headers["X-Worker"], answer.headers["ETag"], body
    finally:
        connection.close()


def collect(port: int, addresses: list[str], answers: Answers, *, ready: bool) -> set[str]:
    """Ask for every document until each worker has given it; returns the workers."""
    workers: set[str] = set()
    for address in addresses:
        for coding in ("identity", "gzip"):
            gave: set[str] = set()
            until = time.monotonic() + PATIENCE
            while len(gave) < WORKERS:
                assert time.monotonic() < until, f"only {len(gave)} worker answered {address}"
                if not ready:
                    with model.meta.engine.begin() as connection:
                        connection.execute(sa.text("DELETE FROM kranj_feed_page"))
                worker, etag, body = ask(port, address, coding)
                gave.add(worker)
                answers.setdefault((address, coding), set()).add((etag, body))
            workers |= gave
    return workers


def test_same_state_same_bytes(portal: Any, create: Any, act: Any, tmp_path: Path, page_size: Any) -> None:
    page_size(1)
    made = [create(f"Zbirka {number}") for number in range(3)]
    portal.read("/catalog.nt")
    act("package_delete", id=made[1]["id"])  # a page that is empty now
    portal.read("/catalog.nt")
    owner = "/organization/mestna-obcina-kranj/catalog"
    addresses = [f"{start}.{name}" for name in FORMATS for start in ("/catalog-full", owner)]
    addresses += [f"/catalog.{name}?page={number}" for name in FORMATS for number in (1, 2, 3)]
    addresses += [f"/dataset/{made[0]['id']}.ttl", "/catalog-changes.trig", "/catalog-changes.jsonld"]
    answers: Answers = {}
    workers: set[str] = set()
    for _ in range(2):
        with served(tmp_path) as port:
            workers |= collect(port, addresses, answers, ready=False)
            workers |= collect(port, addresses, answers, ready=True)
    assert len(workers) == 2 * WORKERS
    different = sorted(key for key, found in answers.items() if len(found) > 1)
    assert different == []
    # and what this process says is the same
    for address in addresses:
        response = portal.read(address)
        assert (response.headers["ETag"], response.data) in answers[address, "identity"]
