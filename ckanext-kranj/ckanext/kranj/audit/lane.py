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
    """Run one statement by itself and give its rows, if it has any.

    It sees what is committed, and waits for no disk: a crash of the database server may lose the last half second.
    """
    try:
        return _once(statement, values)
    except sa.exc.DBAPIError as error:
        if not error.connection_invalidated:
            raise
    return _once(statement, values)  # the server was restarted meanwhile; the connection is a new one now


def _once(statement: sa.TextClause, values: Mapping[str, Any]) -> Sequence[Any]:
    with _engine(str(model.meta.engine.url.render_as_string(hide_password=False)), os.getpid()).connect() as connection:
        result = connection.execute(statement, values)
        return result.all() if result.returns_rows else ()


@lru_cache(maxsize=2)
def _engine(url: str, _process: int) -> sa.Engine:
    return sa.create_engine(
        url,
        isolation_level="AUTOCOMMIT",
        pool_reset_on_return=None,
        hide_parameters=True,
        connect_args={"options": "-c synchronous_commit=off"},
    )
