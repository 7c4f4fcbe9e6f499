"""The HTTP server of the demonstration city."""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from demo import api, bikes, files, graph, pages, systems
from demo.city import City, DataError, load

SYNTAXES = {
    "ttl": ("turtle", "text/turtle; charset=utf-8"),
    "rdf": ("xml", "application/rdf+xml; charset=utf-8"),
    "jsonld": ("json-ld", "application/ld+json; charset=utf-8"),
}
"""Ending of the catalogue's address -> (name in rdflib, media type)."""
SYSTEMS_CHANGED = date.fromisoformat(systems.MODIFIED)
_HOST = re.compile(r"[A-Za-z0-9.\-\[\]:]{1,255}")
_HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Answer:
    """What goes back to the caller."""

    body: bytes
    content_type: str
    modified: date | None = None
    status: int = HTTPStatus.OK


class Server(ThreadingHTTPServer):
    """Serves one city; answers that do not change are kept."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], city: City):
        """Bind to an address; port 0 takes a free one."""
        super().__init__(address, Handler)
        self.city = city
        self.page = lru_cache(maxsize=64)(self._page)

    def _page(self, system: str, ending: str, number: int, base: str) -> Answer | None:
        found = graph.catalogue(self.city, system, base, number, ending)
        if found is None:
            return None
        name, content_type = SYNTAXES[ending]
        newest = max(item.modified for item in self.city.of(system))
        return Answer(graph.to_bytes(found, name), content_type, newest)


class Handler(BaseHTTPRequestHandler):
    """GET and HEAD; every answer says that it is made up."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "KranjDemo"
    timeout = 30

    def do_GET(self) -> None:  # noqa: N802 the name that http.server calls
        """Answer with the body."""
        self._serve()

    def do_HEAD(self) -> None:  # noqa: N802 the name that http.server calls
        """Answer without the body."""
        self._serve()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 the name that http.server uses
        """One short line for each request, without colours."""
        sys.stderr.write(f"{self.address_string()} {format % args}\n")

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        answer = self._find(parts.path, parse_qs(parts.query))
        if answer is None:
            answer = Answer(b"Ni najdeno / Not found\n", "text/plain; charset=utf-8", status=HTTPStatus.NOT_FOUND)
        tag = f'"{hashlib.sha256(answer.body).hexdigest()[:32]}"'
        same = answer.status == HTTPStatus.OK and self._has(tag, answer.modified)
        self.send_response(HTTPStatus.NOT_MODIFIED if same else answer.status)
        self.send_header("X-Demonstration-Data", "yes")
        self.send_header("Vary", "Accept, Host")
        if answer.status == HTTPStatus.OK:
            self.send_header("ETag", tag)
            self.send_header("Cache-Control", "no-cache")
            if answer.modified:
                self.send_header("Last-Modified", format_datetime(_midnight(answer.modified), usegmt=True))
        if not same:
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command == "GET" and not same:
            self.wfile.write(answer.body)

    def _has(self, tag: str, modified: date | None) -> bool:
        """Whether the caller holds this answer already (RFC 9110: a tag goes before a date)."""
        known = self.headers.get("If-None-Match")
        if known is not None:
            return known.strip() == "*" or tag in [item.strip().removeprefix("W/") for item in known.split(",")]
        since = self.headers.get("If-Modified-Since")
        if since is None or modified is None:
            return False
        try:
            moment = parsedate_to_datetime(since)
        except ValueError:
            return False
        return moment.tzinfo is not None and _midnight(modified) <= moment

    def _base(self) -> str:
        host = self.headers.get("Host", "")
        if not _HOST.fullmatch(host):
            address, port = self.server.server_address[:2]
            host = f"{address!s}:{port}"
        return f"http://{host}"

    def _find(self, path: str, query: dict[str, list[str]]) -> Answer | None:
        if path == "/":
            return Answer(pages.index(self.server.city), _HTML)
        if path == "/health":
            return Answer(b'{"status": "ok"}\n', "application/json")
        system, _, rest = path.lstrip("/").partition("/")
        if system == "gbfs":
            return self._bikes(rest)
        if system in graph.TITLES:
            return self._described(system, rest, query)
        found = systems.answer(self.server.city, path.lstrip("/"), query, self._base())
        return Answer(*found, SYSTEMS_CHANGED) if found else None

    def _described(self, system: str, rest: str, query: dict[str, list[str]]) -> Answer | None:
        """Below a catalogue: its pages, the landing pages and the files of its records."""
        name, _, ending = rest.partition(".")
        if name == "catalog":
            return self._catalogue(system, ending, query)
        kind, _, name = rest.partition("/")
        if kind == "zbirka":
            item = self.server.city.find(system, name)
            return Answer(pages.landing(item), _HTML, item.modified) if item and item.public else None
        if kind == "api":
            return self._interface(system, name, query)
        return self._file(system, name) if kind == "datoteke" else None

    def _interface(self, system: str, path: str, query: dict[str, list[str]]) -> Answer | None:
        name, _, rest = path.partition("/")
        item = self.server.city.find(system, name)
        if item is None or not item["hvd"] or rest not in ("", "openapi.json"):
            return None
        if rest:
            return Answer(api.openapi(item, f"{self._base()}/{system}/api/{name}"), "application/json", item.modified)
        body, status = api.query(self.server.city, item, {key: value[0] for key, value in query.items()})
        return Answer(body, "application/json", item.modified, status)

    def _catalogue(self, system: str, ending: str, query: dict[str, list[str]]) -> Answer | None:
        number = query.get("page", ["1"])[0]
        if not ending:
            accept = self.headers.get("Accept", "")
            ending = next((key for key, (_, kind) in SYNTAXES.items() if kind.split(";")[0] in accept), "ttl")
        if ending not in SYNTAXES or not re.fullmatch(r"[0-9]{1,4}", number):
            return None
        return self.server.page(system, ending, int(number), self._base())

    def _file(self, system: str, name: str) -> Answer | None:
        item = self.server.city.find(system, name.rpartition("-")[0])
        code = {file: code for code, file in item.files}.get(name) if item else None
        if item is None or code is None:
            return None
        content_type, write = files.WRITERS[code]
        return Answer(write(self.server.city, item), content_type, item.modified)

    def _bikes(self, rest: str) -> Answer | None:
        found = re.fullmatch(rf"{bikes.SYSTEM}/(3\.0/)?([a-z_]+)\.json", rest)
        if not found:
            return None
        data = bikes.feed(self.server.city, "3.0" if found[1] else "2.3", found[2], self._base())
        return None if data is None else Answer(json.dumps(data, ensure_ascii=False).encode(), "application/json")


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def main(arguments: list[str] | None = None) -> int:
    """Serve until stopped. Exit status 1: the data are wrong or the port is taken."""
    parser = argparse.ArgumentParser(description="Demonstration city: stand-ins of Kranj's systems.")
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument("--host", default="127.0.0.1")
    options = parser.parse_args(arguments)
    try:
        server = Server((options.host, options.port), load())
    except (DataError, OSError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    print(f"demo: http://{options.host}:{server.server_address[1]}/", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        return 0
    finally:
        server.server_close()
    return 0
