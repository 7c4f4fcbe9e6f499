"""The feed beside the stock endpoint of ckanext-dcat: same database, same server, same run, real sockets.

    eval "$(./deployment/test env --name bench)"
    .venv/bin/python tests/benchmarks/feed/measure.py

Prints a line per figure and the promises it breaks; exit status 1 when there are any. What is measured how is in
README.md beside this file.
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
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sizes
from portal import HERE, INI, Client, Database, memory, processor, served
from prices import price_of_a_save

STOCK_PAGE = 100
WAYS = ("rows", "ready", "unchanged")


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
        print(f"{name:44} {value:,.3f}" if isinstance(value, float) else f"{name:44} {value}", flush=True)
        super().__setitem__(name, value)


def seed(number: int, indexed: int) -> dict[str, str]:
    """Fill the database."""
    command = [sys.executable, str(HERE / "seed.py"), str(INI), str(number), str(indexed)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])


def beside_stock(bench: Bench, figures: Figures, rounds: int) -> None:
    """The crawls and the stock endpoint, in pairs."""
    crawls, pages, load = bench.rounds(rounds)
    figures["load average, from to"] = f"{min(load):.1f} {max(load):.1f}"
    figures["stock crawl (extrapolated), s"] = statistics.median(wall for wall, _ in pages) * bench.scale
    figures["stock crawl, processor s"] = statistics.median(used for _, used in pages) * bench.scale
    for way, done in crawls.items():
        figures[f"crawl {way}, s"] = statistics.median(one.wall for one in done)
        figures[f"crawl {way}, processor s"] = statistics.median(one.used for one in done)
        waits = sorted(wait for one in done for wait in one.first)
        figures[f"first byte {way}, median, ms"] = statistics.median(waits) * 1000
        figures[f"first byte {way}, 19 of 20, ms"] = waits[int(len(waits) * 0.95) - 1] * 1000
        paired = [(page[0] * bench.scale / one.wall, page[1] * bench.scale / one.used) for one, page in zip(done, pages, strict=True)]  # fmt: skip
        figures[f"{way}, times"] = statistics.median(wall for wall, _ in paired)
        figures[f"{way}, times in processor time"] = statistics.median(used for _, used in paired)


def run(given: argparse.Namespace) -> Figures:
    """Measure."""
    database, figures = Database(), Figures(datasets=given.datasets)
    made = seed(given.datasets, given.rounds * STOCK_PAGE + 1)
    # the process that seeded rendered what it had time for
    database.run("DELETE FROM kranj_feed_record", "INSERT INTO kranj_feed_dirty (package_id) SELECT id FROM package")
    with served() as pid:
        bench = Bench(pid, database, given.datasets)
        started = time.perf_counter()
        status = 503
        while status == 503:  # a reader spends 20 seconds at most; the background goes on
            status = bench.client.get("/catalog.ttl?page=1")[0]
        while database.ask(
            "SELECT count(*) FROM kranj_feed_dirty"
        ):  # what only a new version of the mapping made stale
            time.sleep(0.5)
        figures["rendered, ms per dataset"] = (time.perf_counter() - started) * 1000 / given.datasets
        database.run("ANALYZE")  # what autovacuum does a little later
        if given.rounds:
            beside_stock(bench, figures, given.rounds)
        figures["memory of the worker, MB"] = memory(pid)
        figures["edit visible after, s"] = bench.visible(made)
        if given.saves:
            price, doubt, plain = price_of_a_save(bench.client, database, made, given.saves)
            figures["save without the feed, ms"] = plain
            figures["price of a save"] = price
            figures["price of a save, standard error"] = doubt
    for number in given.sizes:
        sizes.fill(database, number)
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
    return figures


def broken(figures: Figures, counted: Iterable[int]) -> list[str]:
    """The promises that the figures do not keep."""
    promises = [
        ("rows, times", 60, False), ("ready, times", 500, False), ("unchanged, times", 700, False),
        *((f"first byte {way}, 19 of 20, ms", 100, True) for way in WAYS),
        ("memory of the worker, MB", 250, True), ("edit visible after, s", 1, True), ("price of a save", 1.05, True),
        *((f"{number}: memory of the worker, MB", 250, True) for number in counted),
    ]  # fmt: skip
    found = [
        f"{name}: {figures[name]:.2f}, promised {'at most' if most else 'at least'} {limit}"
        for name, limit, most in promises
        if name in figures and (figures[name] > limit if most else figures[name] < limit)
    ]
    for way in WAYS:
        costs = [figures[f"{number}: {way}, µs per dataset, processor"] for number in counted]
        if costs and max(costs[1:], default=0) > 1.5 * costs[0]:
            found.append(f"{way}: the cost per dataset grows with the catalogue, {costs}")
    return found


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--datasets", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5, help="crawls of each way, and pages of the stock endpoint")
    parser.add_argument("--saves", type=int, default=150, help="pairs of saves with and without the feed")
    parser.add_argument(
        "--sizes", type=int, nargs="*", default=[1_000, 10_000, 100_000], help="for the cost per dataset"
    )
    given = parser.parse_args()
    commands = str(Path(sys.executable).with_name("ckan"))
    for command in (["db", "init"], ["db", "upgrade"]):
        subprocess.run([commands, "-c", str(INI), *command], check=True, capture_output=True)
    promises = broken(run(given), given.sizes)
    for one in promises:
        print(f"BROKEN  {one}")
    return 1 if promises else 0


if __name__ == "__main__":
    sys.exit(main())
