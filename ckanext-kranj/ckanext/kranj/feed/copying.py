"""Rows with large bytes, read by PostgreSQL's COPY in its binary format.

Over the ordinary protocol psycopg2 gets bytes as hexadecimal text, twice as long, and decodes it: on a page of the feed
that cost more than everything else together. COPY sends them as they are.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa

_SIGNATURE = b"PGCOPY\n\xff\r\n\0"
_HEAD = len(_SIGNATURE) + 8  # and two numbers: flags, length of an extension; both are zero
_END = -1


def copied(connection: sa.Connection, query: str, values: Mapping[str, Any]) -> Iterator[list[bytes | None]]:
    """The rows of a query, in the snapshot of the connection.

    Args:
        connection: of SQLAlchemy.
        query: SQL, a constant of ours, with ``%(name)s`` for values.
        values: what stands for the names.

    Yields:
        The columns of a row as PostgreSQL sends them: text in UTF-8, bytes as they are, numbers big-endian.
    """
    target = io.BytesIO()
    with connection.connection.cursor() as cursor:
        statement = cursor.mogrify(f"COPY ({query}) TO STDOUT (FORMAT binary)", values)
        cursor.copy_expert(statement, target)
    view = target.getbuffer()
    if bytes(view[: len(_SIGNATURE)]) != _SIGNATURE:
        raise ValueError("PostgreSQL did not answer COPY in its binary format")
    at = _HEAD
    while True:
        (columns,) = struct.unpack_from("!h", view, at)
        at += 2
        if columns == _END:
            return
        row: list[bytes | None] = []
        for _ in range(columns):
            (length,) = struct.unpack_from("!i", view, at)
            at += 4
            row.append(None if length < 0 else bytes(view[at : at + length]))
            at += max(length, 0)
        yield row
