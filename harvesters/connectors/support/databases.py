"""Databases of the city, opened to be looked at only: the edge of the connector ``sql``.

An administrator names them on the machine (``KRANJ_SECRET_<NAME>`` holds the whole SQLAlchemy address, user and
password included); a source says ``sql://<name>``. So nobody who edits a source can point it at another host or read
a password.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.engine.reflection import ObjectKind
from sqlalchemy.pool import NullPool

from harvesters.connectors.support.tables import Column, reflected
from harvesters.credentials import secret_named
from harvesters.errors import ConnectionFailed, WrongSetting

CONNECT = 5
"""Seconds to connect."""
STATEMENT = 20
"""Seconds a look at the catalogue may take; locks are waited for two (risk R30)."""

OpenDatabase = Callable[[str], sa.Engine]

_ARGUMENTS: dict[str, dict[str, Any]] = {
    "postgresql": {
        "connect_timeout": CONNECT,
        "options": f"-c default_transaction_read_only=on -c statement_timeout={STATEMENT}s -c lock_timeout=2s",
        "application_name": "kranj-catalogue",
    },
    "mysql": {
        "connect_timeout": CONNECT,
        "read_timeout": STATEMENT,
        "init_command": "SET SESSION TRANSACTION READ ONLY",
    },
    "sqlite": {"timeout": 2, "uri": True},
    "oracle": {"tcp_connect_timeout": CONNECT},
    "mssql": {"timeout": CONNECT},
}
"""What each kind of database is told, so that looking never hurts it."""
DRIVERS = {
    "mysql": ("pymysql", "it comes with the catalogue: install its requirements again"),
    "oracle": ("oracledb", "pip install oracledb"),
    "mssql": ("pyodbc", "pip install pyodbc, and Microsoft's ODBC driver for SQL Server (msodbcsql18)"),
}
"""Kind of database -> the driver that reads it, and how it gets onto the machine; the address need not name it."""
SYSTEM = {
    "information_schema", "pg_catalog", "pg_toast", "mysql", "performance_schema", "sys", "system", "xdb", "mdsys",
}  # fmt: skip
"""Schemas that are never read, even when somebody lists them."""


class Geometry(sa.types.UserDefinedType[Any]):
    """A type that SQLAlchemy does not know and cities are full of; only its name matters here."""

    cache_ok = True

    def __init__(self, *_given: Any, **_more: Any):
        """Take whatever the database says of it."""


SHAPES = (
    "geometry", "geography", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon",
    "geometrycollection", "geomcollection", "sdo_geometry",
)  # fmt: skip


def knowing_shapes(engine: sa.Engine) -> sa.Engine:
    """The engine, with the types of spatial databases known to it by name."""
    dialect: Any = engine.dialect
    dialect.ischema_names = {**dict.fromkeys(SHAPES, Geometry), **dialect.ischema_names}
    return engine


def name_of(url: str) -> str:
    """The name in ``sql://name``.

    Raises:
        WrongSetting: the address is of another form.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"sql", "folder"} or not parts.hostname or parts.path not in {"", "/"} or parts.query:
        raise WrongSetting("source", "url", "is sql:// or folder:// and the name that the administrator gave")
    return parts.hostname


def open_database(name: str) -> sa.Engine:
    """A database by its name on this machine, for reading its catalogue only.

    Raises:
        MissingSecret: this machine does not hold its address.
        WrongSetting: the address is of a kind that is not read.
        ConnectionFailed: the optional driver of this kind is not installed.
    """
    kind = ""
    try:
        address = sa.make_url(secret_named(name))
        kind = "mysql" if address.get_backend_name() == "mariadb" else address.get_backend_name()
        if kind not in _ARGUMENTS:
            raise WrongSetting("sql", "url", f"databases of the kind {kind} are not read")
        if kind in DRIVERS and "+" not in address.drivername:
            address = address.set(drivername=f"{address.get_backend_name()}+{DRIVERS[kind][0]}")
        if kind == "sqlite":
            address = address.set(database=f"file:{address.database}?mode=ro")
            address = address.update_query_dict({"uri": "true"})
        return knowing_shapes(sa.create_engine(address, poolclass=NullPool, connect_args=_ARGUMENTS[kind]))
    except sa.exc.ArgumentError as error:
        raise WrongSetting("sql", "url", "the machine holds no SQLAlchemy address under this name") from error
    except ImportError as error:
        driver, how = DRIVERS.get(kind, (kind, "install it"))
        reason = f"the driver of this kind of database ({driver}) is not installed on this machine: {how}"
        raise ConnectionFailed(f"sql://{name}", reason) from error


def tables_of(
    engine: sa.Engine, schemas: Sequence[str], patterns: Sequence[str]
) -> tuple[dict[str, tuple[str, list[Column]]], list[str]]:
    """What a database says of its tables and views, each schema in a handful of questions.

    Args:
        engine: of the database.
        schemas: that may be read.
        patterns: of the names of tables that may be read.

    Returns:
        ``{schema.table: (comment, columns)}``, and the schemas that are not there or never read.
    """
    found: dict[str, tuple[str, list[Column]]] = {}
    missing = []
    # A type that is not known is a column without a type, and nothing to warn of.
    with engine.connect() as connection, warnings.catch_warnings(category=sa.exc.SAWarning, action="ignore"):
        inspector = sa.inspect(connection)
        there = set(inspector.get_schema_names())
        for schema in schemas:
            if schema.casefold() in SYSTEM or schema not in there:
                missing.append(schema)
                continue
            columns = inspector.get_multi_columns(schema=schema, kind=ObjectKind.ANY)
            remarks: Any = {}
            if engine.dialect.supports_comments:
                remarks = inspector.get_multi_table_comment(schema=schema, kind=ObjectKind.ANY)
            for key, items in columns.items():
                if any(fnmatchcase(key[1], pattern) for pattern in patterns):
                    comment = (remarks.get(key) or {}).get("text") or ""
                    found[f"{schema}.{key[1]}"] = (str(comment), [reflected(item) for item in items])
    return found, missing
