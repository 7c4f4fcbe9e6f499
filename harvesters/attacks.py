"""What a hostile source answers: each attack by its name."""

from __future__ import annotations

import gzip
import io
import json
import socket
import struct
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

SECRET = "Skrivnost-Vira-1"  # noqa: S105 it is looked for in messages
"""Stands in some answers; no message may repeat it."""
CANARY = "/canary"
"""An address that only a reader who follows what the data refer to would ask."""


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
