"""What the measurements need: the served portal, a client that keeps its connection, processor time, SQL."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
INI = HERE / "bench.ini"
PORT = 5099


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
        "--threads", "4", "--timeout", "900", "--keep-alive", "65", "--pythonpath", str(ROOT / "deployment"),
        "wsgi:application",
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
    """Seconds of processor time of a process: in nanoseconds where the kernel tells them, for a crawl takes few ticks."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text(encoding="ascii").split()[0]) for task in tasks) / 1e9


class Database:
    """The database of the run."""

    def __init__(self) -> None:
        self.engine = sa.create_engine(os.environ["CKAN_SQLALCHEMY_URL"])

    def run(self, *statements: str, **values: Any) -> None:
        """Run statements, in one transaction."""
        with self.engine.begin() as connection:
            for statement in statements:
                connection.execute(sa.text(statement), values)

    def ask(self, statement: str, **values: Any) -> Any:
        """One value."""
        with self.engine.connect() as connection:
            return connection.execute(sa.text(statement), values).scalar()

    def processor(self) -> float:
        """Seconds of processor time of the server processes of this database."""
        backends = (
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'"
        )
        with self.engine.connect() as connection:
            found = connection.execute(sa.text(backends)).scalars().all()
        return sum(processor(pid) for pid in found)
