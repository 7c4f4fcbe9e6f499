"""A fast lane to the database: one statement, one round trip, committed by itself.

CKAN's session asks four times for one answer (is the connection alive, begin, the question, roll back). For a check of
rows that are committed, and for an entry that stands alone, the question is enough.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from ckan import model

UNDEFINED = "26000"
"""SQLSTATE of a prepared statement that the server does not know (``invalid_sql_statement_name``)."""


class Prepared(NamedTuple):
    """A question of one value that the server plans once per connection: planning costs more than finding the rows."""

    name: str
    of: str
    """Type of the value, as PostgreSQL calls it."""
    text: str
    """With ``$1`` for the value."""


def ask(statement: sa.TextClause | Prepared, values: Mapping[str, Any]) -> Sequence[Any]:
    """Run one statement by itself and give its rows as tuples, if it has any.

    It sees what is committed, and waits for no disk: a crash of the database server may lose the last half second.

    Args:
        statement: what to run.
        values: by name, one of them for a prepared question.
    """
    try:
        return _once(statement, values)
    except _GoneError:
        return _once(statement, values)  # the server was restarted meanwhile; the connection is a new one now


class _GoneError(Exception):
    """The connection was none any more, or had forgotten what was prepared, as behind a pool of connections."""


def _once(statement: sa.TextClause | Prepared, values: Mapping[str, Any]) -> Sequence[Any]:
    """Past SQLAlchemy's own statements and rows, which cost as much again as the question."""
    engine = _engine(model.meta.engine, os.getpid())
    connection = engine.raw_connection()
    try:
        with connection.cursor() as cursor:
            if isinstance(statement, Prepared):
                cursor.execute(_executed(statement, connection.info, cursor), tuple(values.values()))
            else:
                cursor.execute(_text(statement), values)
            return cursor.fetchall() if cursor.description else ()
    except engine.dialect.loaded_dbapi.Error as error:
        forgotten = getattr(error, "pgcode", None) == UNDEFINED
        if not forgotten and not engine.dialect.is_disconnect(error, connection, None):
            raise
        connection.invalidate(error)
        raise _GoneError from error
    finally:
        connection.close()


def _executed(question: Prepared, known: dict[Any, Any], cursor: Any) -> str:
    """How to run it on this connection, which is told of it the first time."""
    if question.name not in known:
        cursor.execute(f"PREPARE {question.name} ({question.of}) AS {question.text}")
        known[question.name] = True
    return f"EXECUTE {question.name} (%s)"


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
        connect_args={"options": "-c synchronous_commit=off -c plan_cache_mode=force_generic_plan"},
    )
