"""The feed beside the stock endpoint of ckanext-dcat: same database, same server, same run, real sockets.

    eval "$(./deployment/test env --name bench)"
    .venv/bin/python tests/benchmarks/feed/measure.py

Prints a line per figure as it becomes known, then one table that holds them against the promises; exit status 1 when
one is broken. ``--small`` goes the whole way in a few minutes with figures that mean little. What is measured how is
in README.md beside this file.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sizes
from portal import HERE, INI, Client, Database, memory, processor, served
from report import WAYS, rows, table

STOCK_PAGE = 100
SMALL = {"datasets": 600, "rounds": 2, "saves": 20, "sizes": [200, 1_000]}
FULL = {"datasets": 10_000, "rounds": 5, "saves": 1_000, "sizes": [1_000, 10_000, 100_000]}


@dataclass
class Crawl:
    """One way through all pages."""

    wall: float
    used: float
    """Processor time of the worker and of PostgreSQL."""
    first: list[float] = field(default_factory=list)
    """The waits for a first byte."""
    served: set[str] = field(default_factory=set)
    tags: dict[int, str] = field(default_factory=dict)


class Bench:
    """The served portal and what is known of it."""

    def __init__(self, pid: int, database: Database, datasets: int) -> None:
        self.pid, self.database, self.client = pid, database, Client()
        self.pages = range(1, -(-datasets // 250) + 1)
        self.scale = datasets / STOCK_PAGE

    def used(self) -> float:
        """Processor time until now."""
        return processor(self.pid) + self.database.processor()

    def crawl(self, way: str, known: dict[int, str]) -> Crawl:
        """Read every page once.

        Args:
            way: ``rows`` forgets the ready pages first; ``unchanged`` only asks whether a page changed.
            known: validators of the pages.
        """
        if way == "rows":
            self.database.run("DELETE FROM kranj_feed_page")
        done = Crawl(0.0, self.used())
        started = time.perf_counter()
        for number in self.pages:
            asked = {"If-None-Match": known[number]} if way == "unchanged" else {}
            status, headers, _, first = self.client.get(f"/catalog.ttl?page={number}", **asked)
            assert status == (304 if asked else 200), status
            done.tags[number] = headers["ETag"]
            done.served.add(headers.get("X-Feed", "unchanged"))
            done.first.append(first)
        done.wall, done.used = time.perf_counter() - started, self.used() - done.used
        assert done.served == {way}, (way, done.served)
        return done

    def stock(self, page: int) -> tuple[float, float]:
        """Seconds and processor seconds of one page of the stock endpoint."""
        used, started = self.used(), time.perf_counter()
        status, _, body, _ = self.client.get(f"/stock.ttl?page={page}")
        wall = time.perf_counter() - started
        assert (status, body.count(b" a dcat:Dataset ")) == (200, STOCK_PAGE), (status, body[:300])
        return wall, self.used() - used

    def rounds(self, count: int) -> tuple[dict[str, list[Crawl]], list[tuple[float, float]], list[float]]:
        """Crawls of every way and a page of the stock endpoint in turn, so that all meet the same load."""
        crawls: dict[str, list[Crawl]] = {way: [] for way in WAYS}
        pages, load = [], []
        tags = self.crawl("rows", {}).tags
        self.stock(1)
        for number in range(1, count + 1):
            for way in WAYS:
                crawls[way].append(self.crawl(way, tags))
            pages.append(self.stock(number))
            load.append(os.getloadavg()[0])
        return crawls, pages, load

    def visible(self, made: dict[str, str]) -> float:
        """The longest of ten times from the end of a save to the end of an answer that shows it."""
        ordinal = self.database.ask("SELECT ordinal FROM kranj_feed_record WHERE package_id = :id", id=made["id"])
        address, longest = f"/catalog.ttl?page={-(-ordinal // 250)}", 0.0
        for number in range(10):
            words = f"vidno {number}"
            self.client.call("package_patch", made["token"], id=made["id"], version=words)
            started = time.perf_counter()
            while words.encode() not in gzip.decompress(self.client.get(address)[2]):
                assert time.perf_counter() - started < 10
            longest = max(longest, time.perf_counter() - started)
        return longest


class Figures(dict[str, Any]):
    """Figures by name, told as soon as they are known."""

    def __setitem__(self, name: str, value: Any) -> None:
        print(f"  {name:44} {value:,.3f}" if isinstance(value, float) else f"  {name:44} {value}", flush=True)
        super().__setitem__(name, value)


_BEGAN = time.monotonic()


def stage(words: str) -> None:
    """Tell what is done now."""
    print(f"[{time.monotonic() - _BEGAN:5.0f} s] {words}", flush=True)


def helper(script: str, *arguments: object, given: str = "") -> dict[str, Any]:
    """Run a script beside this file in a process of its own; what its last line says."""
    command = [sys.executable, str(HERE / script), str(INI), *map(str, arguments)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, input=given)
    return json.loads(done.stdout.splitlines()[-1])


def beside_stock(bench: Bench, figures: Figures, rounds: int) -> None:
    """The crawls and the stock endpoint, in pairs."""
    stage(f"{rounds} rounds of crawls beside a page of the stock endpoint")
    crawls, pages, load = bench.rounds(rounds)
    figures["load average, from to"] = f"{min(load):.1f} {max(load):.1f}"
    figures["stock crawl (extrapolated), s"] = statistics.median(wall for wall, _ in pages) * bench.scale
    figures["stock crawl, processor s"] = statistics.median(used for _, used in pages) * bench.scale
    for way, done in crawls.items():
        figures[f"served, {way}"] = ", ".join(sorted(set().union(*(one.served for one in done))))
        figures[f"crawl {way}, s"] = statistics.median(one.wall for one in done)
        figures[f"crawl {way}, processor s"] = statistics.median(one.used for one in done)
        waits = sorted(wait for one in done for wait in one.first)
        figures[f"first byte {way}, median, ms"] = statistics.median(waits) * 1000
        figures[f"first byte {way}, 19 of 20, ms"] = waits[int(len(waits) * 0.95) - 1] * 1000
        paired = [(page[0] * bench.scale / one.wall, page[1] * bench.scale / one.used) for one, page in zip(done, pages, strict=True)]  # fmt: skip
        figures[f"{way}, times"] = statistics.median(wall for wall, _ in paired)
        figures[f"{way}, times in processor time"] = statistics.median(used for _, used in paired)


def first_rendering(bench: Bench, figures: Figures, datasets: int) -> None:
    """Everything from the log of changes, by the first reader and the background."""
    stage(f"rendering {datasets:,} datasets")
    started, told = time.perf_counter(), time.monotonic()
    left = "SELECT count(*) FROM kranj_feed_dirty"
    status = 503
    while status == 503:  # a reader spends 20 seconds at most; the background goes on
        status = bench.client.get("/catalog.ttl?page=1")[0]
        if time.monotonic() - told > 30:
            told = time.monotonic()
            stage(f"  {bench.database.ask(left):,} entries of the log are left")
    while bench.database.ask(left):  # what only a new mapping made stale
        time.sleep(0.5)
    figures["rendered, ms per dataset"] = (time.perf_counter() - started) * 1000 / datasets
    bench.database.run("ANALYZE")  # what autovacuum does a little later


def of_size(database: Database, figures: Figures, number: int) -> None:
    """The cost per dataset of a catalogue of this size."""
    stage(f"a catalogue of {number:,}")
    sizes.fill(database, number)
    figures[f"{number}: 200 records appear, ms to find whom it concerns"] = sizes.concerned(database, number)
    with served() as pid:
        bench = Bench(pid, database, number)
        bench.client.get("/catalog.ttl?page=1")
        tags: dict[int, str] = {}
        for way in WAYS:
            done = [bench.crawl(way, tags) for _ in range(3 if number < 50_000 else 1)]
            tags = done[-1].tags
            each = statistics.median(one.used for one in done) * 1e6 / number
            wall = statistics.median(one.wall for one in done) * 1e6 / number
            figures[f"{number}: {way}, µs per dataset, processor"] = each
            figures[f"{number}: {way}, µs per dataset"] = wall
        figures[f"{number}: memory of the worker, MB"] = memory(pid)


def run(given: argparse.Namespace) -> Figures:
    """Measure."""
    database, figures = Database(), Figures(datasets=given.datasets)
    stage(f"filling the database with {given.datasets:,} datasets")
    made = helper("seed.py", given.datasets, given.rounds * STOCK_PAGE + 1)
    # the process that seeded rendered what it had time for
    database.run("DELETE FROM kranj_feed_record", "INSERT INTO kranj_feed_dirty (package_id) SELECT id FROM package")
    with served() as pid:
        bench = Bench(pid, database, given.datasets)
        first_rendering(bench, figures, given.datasets)
        if given.rounds:
            beside_stock(bench, figures, given.rounds)
        figures["memory of the worker, MB"] = memory(pid)
        stage("ten edits")
        figures["edit visible after, s"] = bench.visible(made)
    if given.saves:
        stage(f"{given.saves:,} pairs of saves with and without the feed")
        for name, value in helper("prices.py", given.saves, given=json.dumps(made)).items():
            figures[f"save: {name}"] = value
    for number in given.sizes:
        of_size(database, figures, number)
    return figures


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", action="store_true", help="try the way: other defaults for what follows")
    parser.add_argument("--datasets", type=int)
    parser.add_argument("--rounds", type=int, help="crawls of each way, and pages of the stock endpoint")
    parser.add_argument("--saves", type=int, help="pairs of saves with and without the feed")
    parser.add_argument("--sizes", type=int, nargs="*", help="for the cost per dataset")
    given = parser.parse_args()
    for name, value in (SMALL if given.small else FULL).items():
        if getattr(given, name) is None:
            setattr(given, name, value)
    stage("tables")
    commands = str(Path(sys.executable).with_name("ckan"))
    for command in (["db", "init"], ["db", "upgrade"]):
        subprocess.run([commands, "-c", str(INI), *command], check=True, capture_output=True)
    told = rows(run(given), given.sizes)
    stage("done")
    print(f"\n{table(told)}")
    return 1 if any(kept is False for *_, kept in told) else 0


if __name__ == "__main__":
    sys.exit(main())
