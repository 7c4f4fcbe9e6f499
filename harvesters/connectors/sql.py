"""Databases: tables and the meaning of their columns, by reflection; never a row, a default or the text of a view."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, cast

import sqlalchemy as sa

from harvesters.connector import Connector, Context, Reading, Settings
from harvesters.connectors.support.databases import OpenDatabase, name_of, open_database, tables_of
from harvesters.connectors.support.description import Description
from harvesters.connectors.support.tables import PERSONAL, say_columns, screened
from harvesters.errors import ConnectionFailed, MissingSetting


@dataclass(frozen=True)
class SqlSettings(Settings):
    """What the sql connector can be told; the address is ``sql://<name of the database on this machine>``."""

    schemas: list[str] = field(default_factory=list)
    """Schemas that may be read; no other ever is. SQLite has one: ``main``."""
    tables: list[str] = field(default_factory=lambda: ["*"])
    """Patterns of tables that may be read."""
    datasets: dict[str, list[str]] = field(default_factory=dict)
    """Dataset -> its tables (``schema.table``). When given, a table that no dataset claims is a finding."""


class Sql(Connector):
    """Reads the catalogue of one database."""

    name = "sql"
    title: ClassVar[dict[str, str]] = {"sl": "Podatkovna baza (SQL)", "en": "Database (SQL)"}
    settings_class = SqlSettings

    def __init__(self, settings: Settings, opener: OpenDatabase = open_database):
        """Make a connector; ``opener`` is the edge to databases."""
        super().__init__(settings)
        self._open = opener

    def records(self, ctx: Context) -> Iterator[Reading]:
        """Read schema by schema, each in a handful of questions however many tables it has."""
        settings = cast("SqlSettings", self.settings)
        if not settings.schemas:
            raise MissingSetting(self.name, "schemas")
        engine = self._open(name_of(settings.url))
        try:
            found, missing = tables_of(engine, settings.schemas, settings.tables)
        except sa.exc.SQLAlchemyError as error:
            raise ConnectionFailed(settings.url, f"{type(error).__name__}: {getattr(error, 'orig', error)}") from error
        finally:
            engine.dispose()
        for schema in missing:
            ctx.incomplete(f"there is no schema {schema} that may be read")
        claimed = {table for tables in settings.datasets.values() for table in tables}
        groups = settings.datasets or {name: [name] for name in found}
        for guid, names in sorted(groups.items()):
            yield self._dataset(ctx, engine, guid, {name: found[name] for name in names if name in found})
        for name in sorted(set(found) - claimed) if settings.datasets else ():
            ctx.note("", "unclaimed-table", table=name)
        if not ctx.reason:
            ctx.complete()

    def _dataset(self, ctx: Context, engine: sa.Engine, guid: str, tables: Mapping[str, Any]) -> Reading:
        if not tables:
            return ctx.rejected(guid, "unreadable-record", reason="none of its tables is there")
        made = Description(ctx, guid, self.settings.default_language)
        made.text("title_translated", screened(made, "title_translated", guid))
        made.text("notes_translated", " ".join(screened(made, "notes_translated", text) for text, _ in tables.values()))
        made.say(dataset_kind="evidenca")
        personal: list[str] = []
        for name, (_comment, columns) in sorted(tables.items()):
            shown = screened(made, "resources", name) or f"tabela {len(made.dataset['resources']) + 1}"
            made.resource(name, {"sl": shown, "en": shown}, "", "SQL")
            say_columns(made, columns)
            personal += [f"{name}.{column.name}" for column in columns if PERSONAL.search(column.name)]
        if personal:
            # The most restrictive reading wins, whatever a preset says.
            made.say(secrecy="osebni-podatki")
            made.report("secrecy", "personal-columns", columns=", ".join(personal[:10]))
        first = next(iter(sorted(tables)))
        made.internal["location"] = {
            key: value
            for key, value in {
                "kind": "database", "server": engine.url.host, "schema": first.partition(".")[0],
                "database": "" if engine.dialect.name == "sqlite" else engine.url.database,
                "table": ", ".join(sorted(name.partition(".")[2] for name in tables))[:200],
            }.items() if value
        }  # fmt: skip
        return made.reading()
