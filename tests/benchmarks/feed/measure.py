"""The feed beside the stock endpoint of ckanext-dcat: same database, same server, same run, real sockets.

    eval "$(./deployment/test env --name bench)"
    .venv/bin/python tests/benchmarks/feed/measure.py --datasets 10000

Prints a line per figure and the promises it breaks; exit status 1 when there are any. What is measured how is in
README.md beside this file.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
INI = HERE / "bench.ini"
PORT = 5099
STOCK_PAGE = 100
SAVES = 40


class Client:
    """One connection, kept open, as a harvester would keep it."""

    def __init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=600)

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes, float]:
        """Status, headers, body and the seconds until the first byte."""
        answer, started = self._ask("GET", path, None, {"Accept-Encoding": "gzip", **headers})
        first = time.perf_counter() - started
        return answer.status, dict(answer.getheaders()), answer.read(), first

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> tuple[Any, float]:
        """The answer and when it was asked for; once more where the server had closed the idle connection."""
        while True:
            started = time.perf_counter()
            try:
                self.connection.request(method, path, body, headers)
                return self.connection.getresponse(), started
            except (http.client.RemoteDisconnected, ConnectionError):
                if self.connection.sock is None and time.perf_counter() - started > 1:
                    raise
                self.connection.close()

    def call(self, action: str, token: str, **data: Any) -> dict[str, Any]:
        """An action of the API."""
        headers = {"Authorization": token, "Content-Type": "application/json"}
        answer, _ = self._ask("POST", f"/api/3/action/{action}", json.dumps(data), headers)
        found = json.loads(answer.read())
        assert found["success"], found
        return found["result"]


@contextmanager
def served() -> Iterator[int]:
    """The portal under gunicorn, one worker, so that its memory can be told.

    Yields:
        The process id of the worker.
    """
    command = [
        sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{PORT}", "--workers", "1", "--worker-class", "gthread",
        "--threads", "4", "--timeout", "900", "--pythonpath", str(ROOT / "deployment"), "wsgi:application",
    ]  # fmt: skip
    with open(os.devnull, "wb") as nowhere:
        process = subprocess.Popen(command, env={**os.environ, "CKAN_INI": str(INI)}, stderr=nowhere, stdout=nowhere)
    try:
        for _ in range(600):
            try:
                Client().get("/api/3/action/status_show")
                break
            except OSError:
                time.sleep(0.1)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii").split()
        yield int(children[0])
    finally:
        process.terminate()
        process.wait()


def memory(pid: int) -> float:
    """Megabytes that a process holds now, and at most until now."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return max(int(line.split()[1]) / 1024 for line in lines if line.startswith(("VmRSS", "VmHWM")))


def processor(pid: int) -> float:
    """Seconds of processor time a process has used: the figure that a busy machine does not distort."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def crawl(
    client: Client, pages: int, known: dict[int, str] | None = None
) -> tuple[float, float, dict[int, str], set[str]]:
    """Read every page once; with ``known`` only ask whether it changed.

    Returns:
        Seconds in all, the longest wait for a first byte, the validators, and which paths served.
    """
    tags, paths, slowest = {}, set(), 0.0
    started = time.perf_counter()
    for number in range(1, pages + 1):
        asked = {"If-None-Match": known[number]} if known else {}
        status, headers, _, first = client.get(f"/catalog.ttl?page={number}", **asked)
        assert status == (304 if known else 200), status
        tags[number] = headers["ETag"]
        paths.add(headers.get("X-Feed", "304"))
        slowest = max(slowest, first)
    return time.perf_counter() - started, slowest, tags, paths


def seed(number: int, indexed: int) -> dict[str, str]:
    """Fill the database."""
    command = [sys.executable, str(HERE / "seed.py"), str(INI), str(number), str(indexed)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])


def sql(*statements: str) -> None:
    """Run statements on the database of the run."""
    import sqlalchemy as sa

    with sa.create_engine(os.environ["CKAN_SQLALCHEMY_URL"]).begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))


def saves(client: Client, made: dict[str, str]) -> tuple[float, float]:
    """Median milliseconds of a save with and without the triggers of the feed, in turn."""
    times: dict[str, list[float]] = {"ENABLE": [], "DISABLE": []}
    for number in range(SAVES):
        for mode, taken in list(times.items())[:: 1 if number % 2 else -1]:
            sql(*(f"ALTER TABLE {table} {mode} TRIGGER kranj_feed_mark" for table in ("package", "resource")))
            started = time.perf_counter()
            client.call("package_patch", made["token"], id=made["id"], version=f"{mode} {number}")
            taken.append((time.perf_counter() - started) * 1000)
            time.sleep(0.6)  # the renderer of the server has its turn outside the measured time, as between two saves
    sql(*(f"ALTER TABLE {table} ENABLE TRIGGER kranj_feed_mark" for table in ("package", "resource")))
    return statistics.median(times["ENABLE"]), statistics.median(times["DISABLE"])


def visible(client: Client, made: dict[str, str]) -> float:
    """The longest of ten times from the end of a save to the end of an answer that shows it."""
    import gzip

    longest = 0.0
    for number in range(10):
        words = f"vidno {number}"
        client.call("package_patch", made["token"], id=made["id"], version=words)
        started = time.perf_counter()
        while words.encode() not in gzip.decompress(client.get("/catalog.ttl?page=1")[2]):
            assert time.perf_counter() - started < 10
        longest = max(longest, time.perf_counter() - started)
    return longest


class Figures(dict[str, Any]):
    """Figures by name, told as soon as they are known."""

    def __setitem__(self, name: str, value: Any) -> None:
        print(f"{name:36} {value:,.3f}" if isinstance(value, float) else f"{name:36} {value}", flush=True)
        super().__setitem__(name, value)

    def __ior__(self, more: dict[str, Any]) -> Figures:  # type: ignore[override,misc]
        for name, value in more.items():
            self[name] = value
        return self


def run(number: int, stock_pages: int) -> tuple[dict[str, Any], list[str]]:
    """Measure; returns the figures and the promises broken."""
    made = seed(number, stock_pages * STOCK_PAGE + 1)
    figures = Figures(datasets=number)
    with served() as pid:
        client = Client()
        started = time.perf_counter()
        status = 503
        while status == 503:  # a reader spends 20 seconds at most; the background goes on
            status = client.get("/catalog.ttl?page=1")[0]
        figures["rendered, ms per dataset"] = (time.perf_counter() - started) * 1000 / number
        page_size = 250
        pages = -(-number // page_size)
        sql("DELETE FROM kranj_feed_page")
        used = [processor(pid)]
        rows, first_rows, tags, by_rows = crawl(client, pages)
        used.append(processor(pid))
        ready, first_ready, _, by_ready = crawl(client, pages)
        used.append(processor(pid))
        same, first_same, _, _ = crawl(client, pages, tags)
        used.append(processor(pid))
        figures |= {
            f"{name}, worker's processor s": after - before
            for name, before, after in zip(("rows", "ready", "unchanged"), used, used[1:], strict=False)
        }
        figures |= {
            f"crawl from {'+'.join(by_rows)}, s": rows,
            f"crawl from {'+'.join(by_ready)}, s": ready,
            "unchanged crawl, s": same,
            "first byte at most, ms": max(first_ready, first_same) * 1000,
            "first byte from rows, ms": first_rows * 1000,
            "memory of the worker, MB": memory(pid),
        }
        figures["edit visible after, s"] = visible(client, made)
        with_feed, without = saves(client, made)
        figures |= {
            "save with feed, ms": with_feed,
            "save without, ms": without,
            "price of a save": with_feed / without,
        }
        if stock_pages:
            client.get("/stock.ttl?page=1")
            before = processor(pid)
            started = time.perf_counter()
            for page in range(1, stock_pages + 1):
                status, _, body, _ = client.get(f"/stock.ttl?page={page}")
                assert (status, body.count(b" a dcat:Dataset ")) == (200, STOCK_PAGE), (status, body[:300])
            per_page = (time.perf_counter() - started) / stock_pages
            stock = per_page * number / STOCK_PAGE
            figures["stock crawl, worker's processor s"] = (processor(pid) - before) / stock_pages * number / STOCK_PAGE
            figures |= {"stock, s per page of 100": per_page, "stock crawl (extrapolated), s": stock}
            figures |= {
                "from rows, times": stock / rows,
                "ready, times": stock / ready,
                "unchanged, times": stock / same,
            }
    promises = (
        ("from rows, times", 60, False), ("ready, times", 500, False), ("unchanged, times", 700, False),
        ("first byte at most, ms", 100, True), ("memory of the worker, MB", 250, True),
        ("edit visible after, s", 1, True), ("price of a save", 1.05, True),
    )  # fmt: skip
    broken = [
        f"{name}: {figures[name]:.2f}, promised {'at most' if most else 'at least'} {limit}"
        for name, limit, most in promises
        if name in figures and (figures[name] > limit if most else figures[name] < limit)
    ]
    return figures, broken


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--datasets", type=int, default=10_000)
    parser.add_argument("--stock-pages", type=int, default=3)
    given = parser.parse_args()
    commands = str(Path(sys.executable).with_name("ckan"))
    for command in (["db", "init"], ["db", "upgrade"]):
        subprocess.run([commands, "-c", str(INI), *command], check=True, capture_output=True)
    _, broken = run(given.datasets, given.stock_pages)
    for one in broken:
        print(f"BROKEN  {one}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
