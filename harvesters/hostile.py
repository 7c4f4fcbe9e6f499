"""A source that does everything wrong on purpose, played against every installed connector.

``python -m harvesters.hostile`` prints what became of each attack; the test suite runs the same. A new connector is
attacked without being named here.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import MISSING, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harvesters.attacks import ATTACKS, CANARY, SECRET, Attack, Request
from harvesters.connector import Connector, Context, installed_connectors
from harvesters.engine import Circumstances, run
from harvesters.errors import ConfigurationError
from harvesters.http import Limits, Session
from harvesters.plan import Defaults
from harvesters.sink import Change, MemorySink
from schemas import Record, Source

QUICK = Limits(
    connect=1, read=0.4, total=0.8, size=4_000_000, attempts=1, volume=12_000_000, run=2.5, redirects=3, pause_inside=0
)
AT_ONCE = 8
"""Connectors that are attacked at the same time; most attacks are waiting."""
KNOWN = 8
"""Records that are in the catalogue before the attack; all must be there after it."""


@dataclass
class Hostile:
    """The server: every connection is answered by the attack of the moment."""

    attack: Attack | None = None
    requests: int = 0
    canaries: int = 0
    _door: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0), backlog=64))

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._door.getsockname()[1])

    def __enter__(self) -> Hostile:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._door.close()

    def _serve(self) -> None:
        while True:
            try:
                wire, _ = self._door.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(wire,), daemon=True).start()

    def _answer(self, wire: socket.socket) -> None:
        with wire, suppress(OSError):
            wire.settimeout(5)
            head = wire.recv(65_536).decode("latin-1")
            path = head.partition(" ")[2].partition(" ")[0]
            accept = next((line[7:].strip() for line in head.splitlines() if line.casefold().startswith("accept:")), "")
            self.requests += 1
            self.canaries += path.startswith(CANARY)
            if self.attack:
                self.attack(Request(wire, path, accept, self.port, self.requests))


@dataclass(frozen=True)
class Verdict:
    """What became of one attack on one connector."""

    connector: str
    attack: str
    code: str
    sentence: str
    faults: tuple[str, ...]
    """What should not have happened; empty when all is well."""
    seconds: float
    requests: int = 0
    """How often the server was asked; a connector that never asks it was not attacked."""


def connector_for(kind: type[Connector], url: str) -> Connector:
    """A connector at that address; what it needs besides is made up.

    Raises:
        ConfigurationError: it does not read addresses of that kind, and says so.
    """
    made_up: dict[str, Any] = {**kind.trial, "url": url}
    for item in fields(kind.settings_class):
        if item.default is MISSING and item.default_factory is MISSING and item.name not in made_up:
            made_up[item.name] = {"dict": {"x": "x"}, "list": ["x"], "int": 1}.get(
                str(item.type).partition("[")[0], "x"
            )
    return kind.of(made_up)


def _known() -> MemorySink:
    sink = MemorySink()
    for number in range(KNOWN):
        guid = f"znan-{number}"
        record = Record(Source("vir", guid), {"title_translated": {"sl": f"Znana zbirka {number}"}, "resources": []})
        sink.apply([Change("create", guid, guid, record)])
    return sink


def play(server: Hostile, kind: type[Connector], name: str) -> Verdict:
    """One attack on one connector that has records in the catalogue."""
    server.attack, before, asked = ATTACKS[name], server.canaries, server.requests
    sink, faults = _known(), []
    started = time.monotonic()
    url = f"http://127.0.0.1:{server.port}/vir"
    try:
        connector = connector_for(kind, url)
    except ConfigurationError as error:
        return Verdict(kind.name, name, error.code, str(error), (), time.monotonic() - started)
    with Session(allowed_hosts=["127.0.0.1"], limits=QUICK) as session:
        report = run(
            connector,
            Context("vir", session),
            sink,
            Defaults(),
            circumstances=Circumstances(datetime.now(tz=UTC), last=KNOWN),
        )
    seconds = time.monotonic() - started
    if report.reason_code == "connector-fault":
        faults.append("the connector broke")
    if not report.complete and not report.reason:
        faults.append("no reason given")
    if any(not char.isprintable() for char in report.reason) or len(report.reason) > 600:
        faults.append("not one clear sentence")
    if SECRET in json.dumps(report.as_dict(), ensure_ascii=False):
        faults.append("a secret was repeated")
    if sink.archived or len(sink.records) < KNOWN:
        faults.append("a record was removed")
    if report.complete and report.counts["create"] == 0 and report.missing and not report.halted:
        faults.append("absence was believed")
    if server.canaries != before:
        faults.append("an address in the data was followed")
    if seconds > QUICK.run + 3:
        faults.append(f"took {seconds:.1f} s")
    return Verdict(kind.name, name, report.reason_code, report.reason, tuple(faults), seconds, server.requests - asked)


def verdicts(connectors: list[str] | None = None) -> Iterator[Verdict]:
    """Every attack on every installed connector, or on those named; several connectors at once."""
    chosen = [kind for name, kind in installed_connectors().items() if connectors is None or name in connectors]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for found in pool.map(_all_attacks, chosen):
            yield from found


def _all_attacks(kind: type[Connector]) -> list[Verdict]:
    with Hostile() as server:
        return [play(server, kind, attack) for attack in ATTACKS]


def _peak() -> int:
    """The largest memory of this process, in MB; not from getrusage, which a large parent's peak is counted in."""
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    found = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(found.split()[1]) // 1024


def main(arguments: list[str]) -> int:
    """Print one line for each fault and the sum of all; exit status 1 when there is a fault."""
    found = list(verdicts(arguments or None))
    bad = [item for item in found if item.faults]
    for item in bad:
        sys.stdout.write(f"{item.connector} × {item.attack}: {'; '.join(item.faults)} [{item.code}] {item.sentence}\n")
    summary = {
        "connectors": len({item.connector for item in found}),
        "attacks": len(ATTACKS),
        "runs": len(found),
        "faults": len(bad),
        "not_reached": sorted({i.connector for i in found} - {i.connector for i in found if i.requests}),
        "codes": {code or "complete": sum(item.code == code for item in found) for code in {i.code for i in found}},
        "peak_mb": _peak(),
        "seconds": round(sum(item.seconds for item in found), 1),
    }
    sys.stdout.write(json.dumps(summary) + "\n")
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
