"""A fast lane to the database: one statement, one round trip, committed by itself.

CKAN's session asks four times for one answer (is the connection alive, begin, the question, roll back). For a check of
rows that are committed, and for an entry that stands alone, the question is enough.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from ckan import model


def ask(statement: sa.TextClause, values: Mapping[str, Any]) -> Sequence[Any]:
    """Run one statement by itself and give its rows as tuples, if it has any.

    It sees what is committed, and waits for no disk: a crash of the database server may lose the last half second.
    """
    try:
        return _once(statement, values)
    except _GoneError:
        return _once(statement, values)  # the server was restarted meanwhile; the connection is a new one now


class _GoneError(Exception):
    """The connection was none any more."""


def _once(statement: sa.TextClause, values: Mapping[str, Any]) -> Sequence[Any]:
    """Past SQLAlchemy's own statements and rows, which cost as much again as the question."""
    engine = _engine(model.meta.engine, os.getpid())
    connection = engine.raw_connection()
    try:
        with connection.cursor() as cursor:
            cursor.execute(_text(statement), values)
            return cursor.fetchall() if cursor.description else ()
    except engine.dialect.loaded_dbapi.Error as error:
        if not engine.dialect.is_disconnect(error, connection, None):
            raise
        connection.invalidate(error)
        raise _GoneError from error
    finally:
        connection.close()


@lru_cache(maxsize=64)
def _text(statement: sa.TextClause) -> str:
    return str(statement.compile(dialect=model.meta.engine.dialect))


@lru_cache(maxsize=2)
def _engine(ckans: sa.Engine, _process: int) -> sa.Engine:
    return sa.create_engine(
        ckans.url,
        isolation_level="AUTOCOMMIT",
        pool_reset_on_return=None,
        hide_parameters=True,
        connect_args={"options": "-c synchronous_commit=off"},
    )
