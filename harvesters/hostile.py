"""A source that does everything wrong on purpose, played against every installed connector.

``python -m harvesters.hostile`` prints what became of each attack; the test suite runs the same. A new connector is
attacked without being named here.
"""

from __future__ import annotations

import gzip
import io
import json
import resource
import socket
import struct
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import MISSING, dataclass, field, fields
from datetime import UTC, datetime
from typing import Any

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
SECRET = "Skrivnost-Vira-1"  # noqa: S105 it is looked for in messages
"""Stands in some answers; no message may repeat it."""
CANARY = "/canary"
"""An address that only a reader who follows what the data refer to would ask."""
AT_ONCE = 8
"""Connectors that are attacked at the same time; most attacks are waiting."""
KNOWN = 8
"""Records that are in the catalogue before the attack; all must be there after it."""


@dataclass
class Request:
    """What a connector asked, and the wire to answer on."""

    wire: socket.socket
    path: str
    accept: str
    port: int
    number: int

    def send(self, *parts: bytes, pause: float = 0.0) -> None:
        """Write to the wire."""
        for part in parts:
            self.wire.sendall(part)
            if pause:
                time.sleep(pause)

    def answer(self, body: bytes | str, kind: str = "", status: str = "200 OK", **headers: str) -> None:
        """A correct HTTP answer."""
        data = body.encode() if isinstance(body, str) else body
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(data)}", "Connection: close"]
        lines += [f"Content-Type: {kind or self.kind}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.send("\r\n".join([*lines, "", ""]).encode(), data)

    @property
    def kind(self) -> str:
        """The first Content-Type that the connector hopes for."""
        first = self.accept.partition(",")[0].partition(";")[0].strip()
        return first if first and "*" not in first else "application/json"


Attack = Callable[[Request], None]
ATTACKS: dict[str, Attack] = {}


def _attack(name: str) -> Callable[[Attack], Attack]:
    def keep(function: Attack) -> Attack:
        ATTACKS[name] = function
        return function

    return keep


def _says(name: str, body: bytes | str, kind: str = "", status: str = "200 OK", **headers: str) -> None:
    ATTACKS[name] = lambda request: request.answer(body, kind, status, **headers)


def _bomb() -> bytes:
    return gzip.compress(b"0" * 100_000_000, 9)


def _zip(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


_LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
_ALIASES = "openapi: 3.0.0\na0: &a0 [x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)
)

# What a server may say instead of data.
_says("nothing", b"")
_says("a web page", "<!DOCTYPE html><html><body>Vzdrževanje</body></html>", "text/html")
_says("a web page that says it is data", "<html><body>Prijava</body></html>")
_says("an error with a secret", f"token={SECRET}", status=f"500 password={SECRET}")
_says("forbidden", "", status="403 Forbidden")
_says("not found", "", status="404 Not Found")
_says("too many requests", "", status="429 Too Many", Retry_After="999999")
_says("unavailable", "", status="503 Unavailable", Retry_After="never")
_says("not modified", "", status="304 Not Modified")
_says("a status nobody knows", "{}", status="299 Whatever")
_says("null", "null")
_says("a number", "42")
_says("a list of nonsense", '[1, null, "x", {}, [], {"id": 5}, {"id": ""}]')
_says("an object of nonsense", json.dumps({key: [1, None, {"name": 5, "url": 7, "id": []}] for key in (
    "data", "results", "result", "features", "items", "value", "layers", "folders", "services", "dataset", "garages",
    "lots", "variables", "collections", "links", "paths", "feeds", "id", "title", "@graph",
)}))  # fmt: skip
_says("objects where texts belong", json.dumps({"data": {"feeds": {"sl": {}}}, "value": [{"name": {"a": 1}}]}))
_says("deep nesting", "[" * 50_000)
_says("deep nesting that ends", '{"a":' * 5_000 + "1" + "}" * 5_000)
_says("half a document", '{"data": {"feeds": [{"name": "x", "url": ')
_says("half XML", "<?xml version='1.0'?><a><b>", "application/xml")
_says("half Turtle", "@prefix dcat: <http://www.w3.org/ns/dcat#> . <a> a dcat:Dataset ; ", "text/turtle")
_says("bytes", bytes(range(256)) * 40)
_says("bytes that say they are text", b"\xff\xfe\x00\xd8" * 200, "text/csv")
_says("control characters", '{"error": "\x1b[2J\x00\r\nSet-Cookie: x"}')
_says("another format than announced", '{"a": 1}', "application/rdf+xml")
_says("a charset that does not exist", "{}", "application/json; charset=klingonski")
_says("an ArcGIS error", json.dumps({"error": {"code": 498, "message": f"token={SECRET}"}}))
_says("a CKAN error", json.dumps({"success": False, "error": {"message": "x"}}))
_says("an OWS exception", "<ows:ExceptionReport xmlns:ows='http://www.opengis.net/ows/1.1'/>", "application/xml")
_says(
    "a billion laughs", f"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY l0 'x'>{_LAUGHS}]><a>&l9;</a>", "application/xml"
)
_says("a file of ours", "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>", "application/xml")
_says("aliases without end", _ALIASES, "application/yaml")
_says("types of a language", "!!python/object/apply:os.system ['true']", "application/yaml")
_says("a zip that leads out", _zip("../../etc/cron.d/x", b"x"), "application/zip")
_says("a zip bomb", _zip("stops.txt", b"0" * 30_000_000), "application/zip")
_says("compression that is none", "{}", Content_Encoding="gzip")
_says("an unknown compression", "{}", Content_Encoding="enigma")
_says("a calendar of nonsense", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:x\r\n", "text/calendar")
_says("a redirect to nowhere", "", status="302 Found")
_says("a redirect to a file", "", status="302 Found", Location="file:///etc/passwd")
_says("a redirect to the cloud", "", status="302 Found", Location="http://169.254.169.254/latest/meta-data/")
_says("a redirect to a host inside", "", status="302 Found", Location="http://10.0.0.1/")
_says("a redirect in disguise", "", status="302 Found", Location="http://[::ffff:127.0.0.1]/")
_says("a redirect to a stranger", "", status="302 Found", Location="http://vir.invalid/")


@_attack("a redirect without end")
def _loop(request: Request) -> None:
    request.answer("", status="302 Found", Location=f"/{request.number}")


@_attack("contexts, references and entities elsewhere")
def _elsewhere(request: Request) -> None:
    there = f"http://127.0.0.1:{request.port}{CANARY}"
    if "xml" in request.accept and "json" not in request.accept:
        request.answer(f"<!DOCTYPE a SYSTEM '{there}'><a/>", "application/xml")
    elif "turtle" in request.accept:
        request.answer(json.dumps({"@context": there, "@type": "dcat:Dataset"}), "application/ld+json")
    else:
        document = {"openapi": "3.0.0", "info": {"$ref": there}, "paths": {"$ref": there}, "@context": there}
        request.answer(json.dumps({**document, "$schema": there, "servers": [{"$ref": there}]}), "application/json")


@_attack("pages without end")
def _pages(request: Request) -> None:
    following = f"http://127.0.0.1:{request.port}/page/{request.number}"
    if "turtle" in request.accept or "rdf" in request.accept:
        hydra = "http://www.w3.org/ns/hydra/core#"
        body = f"<{request.path}> a <{hydra}PartialCollectionView> ; <{hydra}next> <{following}> ."
        request.answer(body, "text/turtle")
    elif "xml" in request.accept and "json" not in request.accept:
        csw = "http://www.opengis.net/cat/csw/2.0.2"
        found = f"numberOfRecordsMatched='9999999' numberOfRecordsReturned='1' nextRecord='{request.number + 2}'"
        request.answer(f"<r xmlns='{csw}'><SearchResults {found}/></r>", "application/xml")
    else:
        page = {
            "next": following,
            "@iot.nextLink": following,
            "links": [{"rel": "next", "href": following}],
            "value": [{"@iot.id": request.number, "name": f"x{request.number}"}],
            "result": {"count": 9_999_999, "results": [{"id": f"x{request.number}"}]},
            "success": True,
            "exceededTransferLimit": True,
        }
        request.answer(json.dumps(page))


@_attack("a gzip bomb")
def _gzip_bomb(request: Request) -> None:
    request.answer(_BOMB, Content_Encoding="gzip")


@_attack("a bomb in a bomb")
def _double(request: Request) -> None:
    request.answer(gzip.compress(_BOMB), Content_Encoding="gzip, gzip")


@_attack("a body without end")
def _endless(request: Request) -> None:
    request.send(f"HTTP/1.1 200 OK\r\nContent-Type: {request.kind}\r\n\r\n".encode(), b"[")
    for _ in range(2_000):
        request.send(b'"' + b"x" * 8_000 + b'",')


@_attack("a body that is cut off")
def _cut(request: Request) -> None:
    request.send(f"HTTP/1.1 200 OK\r\nContent-Type: {request.kind}\r\nContent-Length: 9999\r\n\r\n{{".encode())


@_attack("chunks that are cut off")
def _chunks(request: Request) -> None:
    request.send(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"a":\r\nff\r\n1')


@_attack("chunks that lie")
def _lying(request: Request) -> None:
    request.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n{}\r\nzz\r\n")


@_attack("a trickle")
def _trickle(request: Request) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {request.kind}\r\nContent-Length: 100\r\n\r\n".encode()
    request.send(head, *([b"{"] * 30), pause=0.1)


@_attack("a trickle of headers")
def _headers(request: Request) -> None:
    request.send(b"HTTP/1.1 200 OK\r\n", *(f"X-{n}: y\r\n".encode() for n in range(30)), pause=0.1)


@_attack("silence")
def _silence(request: Request) -> None:
    time.sleep(1.2)


@_attack("a slammed door")
def _reset(request: Request) -> None:
    request.wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@_attack("no HTTP at all")
def _rubbish(request: Request) -> None:
    request.send(b"SSH-2.0-OpenSSH\r\n\x00\x01\x02\r\n\r\n")


@_attack("a header without end")
def _long_header(request: Request) -> None:
    request.send(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000 + b"\r\n\r\n{}")


@_attack("headers without end")
def _many_headers(request: Request) -> None:
    request.send(b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(1_000)) + b"\r\n{}")


@_attack("a length that is no number")
def _length(request: Request) -> None:
    request.send(b"HTTP/1.1 200 OK\r\nContent-Length: veliko\r\nConnection: close\r\n\r\n{}")


_BOMB = _bomb()


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


def main(arguments: list[str]) -> int:
    """Print one line for each fault and the sum of all; exit status 1 when there is a fault."""
    found = list(verdicts(arguments or None))
    bad = [item for item in found if item.faults]
    for item in bad:
        sys.stdout.write(f"{item.connector} × {item.attack}: {'; '.join(item.faults)} [{item.code}] {item.sentence}\n")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    summary = {
        "connectors": len({item.connector for item in found}),
        "attacks": len(ATTACKS),
        "runs": len(found),
        "faults": len(bad),
        "not_reached": sorted({i.connector for i in found} - {i.connector for i in found if i.requests}),
        "codes": {code or "complete": sum(item.code == code for item in found) for code in {i.code for i in found}},
        "peak_mb": peak,
        "seconds": round(sum(item.seconds for item in found), 1),
    }
    sys.stdout.write(json.dumps(summary) + "\n")
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
