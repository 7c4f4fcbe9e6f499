"""Answers of the feed over HTTP: the same for everybody, conditional, compressed, and a 503 rather than a short 200."""

from __future__ import annotations

import gzip
import hashlib
import logging
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from flask import Response, request
from werkzeug.wrappers import Request

from .state import FeedNotReadyError, PageNotFoundError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from werkzeug.datastructures import Headers

log = logging.getLogger(__name__)

RETRY_AFTER = 60
LEVEL = 3
"""Of gzip. Packing is the largest part of a page built from rows: this level takes half the time of the usual 6, for a
fifth more bytes (measured on recorded catalogues)."""


class FeedResponse(Response):
    """An answer that is the same for everybody: what CKAN adds for the sake of a session is taken off again.

    Session interfaces add their headers after every hook of the application; this is the last place before the wire.
    """

    def get_wsgi_headers(self, environ: WSGIEnvironment) -> Headers:
        """The headers as they go out, without cookies and without ``Vary: Cookie``."""
        headers = super().get_wsgi_headers(environ)
        headers.remove("Set-Cookie")
        varies = [one for one in self.vary if one.lower() != "cookie"]
        if varies:
            headers["Vary"] = ", ".join(varies)
        else:
            headers.remove("Vary")
        return headers


@dataclass
class Document:
    """Something to answer: its validators, and its bytes when they turn out to be needed."""

    content_type: str
    etag: str
    """Digest of everything the bytes depend on; known before they are."""
    modified: datetime | None
    """When anything in the feed last changed, when that tells this state from others; else None."""
    packed: Callable[[], bytes]
    """The bytes in gzip."""
    lengths: Callable[[], tuple[int, int]] | None = None
    """Lengths plain and packed, where they are known without the bytes."""
    served: str = ""
    """Which path served it (header ``X-Feed``), for operators and measurements."""


def digest(*parts: object) -> str:
    """A validator of everything given."""
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:32]


def pack(body: bytes) -> bytes:
    """The bytes in gzip, the same for the same input."""
    return gzip.compress(body, compresslevel=LEVEL, mtime=0)


def answer(work: Callable[[], Response]) -> Response:
    """Whatever goes wrong becomes a sentence with a status: 404, or 503, never a 500 and never a shorter 200 (R15)."""
    try:
        return work()
    except PageNotFoundError:
        return problem(404, "Te strani ni: katalog se konča prej. / No such page: the catalogue ends before it.")
    except FeedNotReadyError as reason:
        return _later(str(reason))
    except Exception:
        log.exception("the feed cannot be read")
        return _later("Katalog trenutno ni berljiv. / The catalogue cannot be read at the moment.")


def deliver(document: Document, asked: Request = request) -> Response:
    """The answer to a request: 304, headers only, or the bytes in the coding that the client takes.

    Args:
        document: what is asked for.
        asked: the request; the current one of Flask where no other is given.
    """
    compressed = asked.accept_encodings["gzip"] > 0
    response = FeedResponse(content_type=document.content_type)
    # exactly the type, without charset: older piveau compares the whole string
    response.set_etag(f"{document.etag}-gzip" if compressed else document.etag)
    response.vary.add("Accept-Encoding")
    if document.modified:
        response.last_modified = document.modified
    response.make_conditional(asked)
    if response.status_code == 304:
        return response
    if compressed:
        response.headers["Content-Encoding"] = "gzip"
    if asked.method == "HEAD" and document.lengths:
        response.content_length = document.lengths()[compressed]
        return response
    body = document.packed()
    response.set_data(body if compressed else gzip.decompress(body))
    if document.served:
        response.headers["X-Feed"] = document.served
    return response


def stream(
    content_type: str, etag: str, modified: datetime | None, chunks: Callable[[], Iterable[bytes]], *, file: str
) -> Response:
    """A document too large to hold: sent as it is read, packed on the way.

    Args:
        content_type: of the plain document.
        etag: digest of everything it depends on.
        modified: as in ``Document``.
        chunks: starts reading; closed when the client is gone.
        file: name under which it is saved when it is a gzip file (``.gz``); empty for a coding on the wire.
    """
    compressed = bool(file) or request.accept_encodings["gzip"] > 0
    response = FeedResponse(content_type="application/gzip" if file else content_type)
    response.set_etag(f"{etag}-gzip" if compressed else etag)
    response.vary.add("Accept-Encoding")
    if modified:
        response.last_modified = modified
    if file:
        response.headers["Content-Disposition"] = f'attachment; filename="{file}"'
    elif compressed:
        response.headers["Content-Encoding"] = "gzip"
    response.make_conditional(request)
    response.headers.remove("Content-Length")  # of the empty body that it has so far
    if response.status_code != 304 and request.method != "HEAD":
        body = chunks()
        response.response = _packed(body) if compressed else body
    return response


def problem(status: int, message: str) -> Response:
    """One sentence in Slovene and English."""
    return FeedResponse(message + "\n", status=status, content_type="text/plain; charset=utf-8")


def _later(message: str) -> Response:
    response = problem(503, message)
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def _packed(chunks: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    try:
        for chunk in chunks:
            packed = packer.compress(chunk)
            if packed:
                yield packed
        yield packer.flush()
    finally:
        close = getattr(chunks, "close", None)
        if close:
            close()
