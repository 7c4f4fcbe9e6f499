"""Ready pages: what was built once is kept packed, and answered without touching a dataset until it changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from ckan import model

from .answers import Document, digest, pack
from .catalogue import Paging
from .config import FeedConfig
from .fragments import version
from .state import State
from .store import Reader

_FIND = (
    "SELECT length, octet_length(packed) AS packed_length, {0} AS packed FROM kranj_feed_page"
    " WHERE number = :number AND format = :format AND etag = :etag"
)
_KEEP = sa.text(
    "INSERT INTO kranj_feed_page (number, format, etag, length, packed)"
    " VALUES (:number, :format, :etag, :length, :packed) ON CONFLICT (number, format) DO UPDATE"
    " SET etag = excluded.etag, length = excluded.length, packed = excluded.packed"
)
_LATER = sa.text("SET LOCAL synchronous_commit = off")
"""A page lost with the power is built again: no reader waits for the disk."""


def page_etag(name: str, settings: FeedConfig, paging: Paging, members: str, state: State) -> str:
    """The validator of a page of the catalogue: a digest of everything its bytes depend on."""
    first = state.modified if paging.number == 1 else ""
    return digest(version(), name, settings, paging, members, state.organizations, first)


@dataclass(frozen=True)
class Blob:
    """A ready page: its length, and its bytes in gzip."""

    length: int
    packed_length: int
    packed: bytes


@dataclass
class Ready:
    """One document that may be ready.

    Args:
        reader: the snapshot.
        number: of the page.
        kind: of the document; with the number it names the place where it is kept.
        etag: digest of everything it depends on.
        build: makes its bytes.
    """

    reader: Reader
    number: int
    kind: str
    etag: str
    build: Callable[[], bytes]

    def document(self, content_type: str) -> Document:
        """The document, read only as far as the request needs."""
        state = self.reader.state
        found = Document(content_type, self.etag, state.modified if state.settled else None, lambda: b"", self._lengths)

        def packed() -> bytes:
            blob = self._find(body=True)
            found.served = "ready" if blob else "rows"
            return (blob or self._make()).packed

        found.packed = packed
        return found

    def _lengths(self) -> tuple[int, int]:
        blob = self._find(body=False) or self._make()
        return blob.length, blob.packed_length

    def _find(self, *, body: bool) -> Blob | None:
        statement = sa.text(_FIND.format("packed" if body else "NULL::bytea"))
        values = {"number": self.number, "format": self.kind, "etag": self.etag}
        row = self.reader.connection.execute(statement, values).one_or_none()
        return Blob(row.length, row.packed_length, bytes(row.packed or b"")) if row else None

    def _make(self) -> Blob:
        body = self.build()
        blob = Blob(len(body), 0, pack(body))
        with model.meta.engine.begin() as connection:  # the snapshot is read-only
            connection.execute(_LATER)
            values = {"number": self.number, "format": self.kind, "etag": self.etag}
            connection.execute(_KEEP, {**values, "length": blob.length, "packed": blob.packed})
        return Blob(blob.length, len(blob.packed), blob.packed)
