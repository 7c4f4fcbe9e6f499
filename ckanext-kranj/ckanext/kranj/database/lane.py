"""A fast lane to the database: one statement, one round trip, committed by itself.

CKAN's session asks four times for one answer (is the connection alive, begin, the question, roll back). For a check of
rows that are committed, for an entry that stands alone and for a page that lies ready, the question is enough.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from ckan import model

UNDEFINED = "26000"
"""SQLSTATE of a prepared statement that the server does not know (``invalid_sql_statement_name``)."""

Rows = Sequence[tuple[Any, ...]]
Run = Callable[[Any, dict[Any, Any]], None]
"""Runs something on a cursor, given what is remembered of its connection."""


class Prepared(NamedTuple):
    """A question that the server plans once per connection: planning costs more than finding a few rows."""

    name: str
    types: tuple[str, ...]
    """Types of its values, as PostgreSQL calls them."""
    text: str
    """With ``$1``, ``$2`` … for the values."""

    def on(self, known: dict[Any, Any], cursor: Any) -> str:
        """How to run it on this connection, which is told of it the first time."""
        if self.name not in known:
            cursor.execute(f"PREPARE {self.name} ({', '.join(self.types)}) AS {self.text}")
            known[self.name] = True
        return f"EXECUTE {self.name} ({', '.join(['%s'] * len(self.types))})"


def ask(statement: sa.TextClause, values: Mapping[str, Any]) -> Rows:
    """Run one statement by itself and give its rows, if it has any.

    It sees what is committed, and waits for no disk: a crash of the database server may lose the last half second.

    Args:
        statement: what to run.
        values: by name.
    """
    return _run(lambda cursor, _known: cursor.execute(_text(statement), values))[1]


def ask_prepared(question: Prepared, *values: Any) -> Rows:
    """The same for a prepared question and its values in their order."""
    return _run(lambda cursor, known: cursor.execute(question.on(known, cursor), values))[1]


def ask_named(question: Prepared, *values: Any) -> list[dict[str, Any]]:
    """The same, the rows by the names of their columns."""
    columns, rows = _run(lambda cursor, known: cursor.execute(question.on(known, cursor), values))
    return [dict(zip(columns, row, strict=True)) for row in rows]


class _GoneError(Exception):
    """The connection was none any more, or had forgotten what was prepared, as behind a pool of connections."""


def _run(run: Run) -> tuple[list[str], Rows]:
    try:
        return _once(run)
    except _GoneError:
        return _once(run)  # the server was restarted meanwhile; the connection is a new one now


def _once(run: Run) -> tuple[list[str], Rows]:
    """Past SQLAlchemy's own statements and rows, which cost as much again as the question."""
    engine = _engine(model.meta.engine, os.getpid())
    connection = engine.raw_connection()
    try:
        with connection.cursor() as cursor:
            run(cursor, connection.info)
            return ([one.name for one in cursor.description], cursor.fetchall()) if cursor.description else ([], ())
    except engine.dialect.loaded_dbapi.Error as error:
        forgotten = getattr(error, "pgcode", None) == UNDEFINED
        if not forgotten and not engine.dialect.is_disconnect(error, connection, None):
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
    """An engine of our own beside CKAN's.

    Its prepared questions have one plan: of a large table PostgreSQL guesses that a page is half a per cent of it,
    finds the plan for that dear and would plan every page anew.
    """
    return sa.create_engine(
        ckans.url,
        isolation_level="AUTOCOMMIT",
        pool_reset_on_return=None,
        hide_parameters=True,
        connect_args={"options": "-c synchronous_commit=off -c plan_cache_mode=force_generic_plan"},
    )
