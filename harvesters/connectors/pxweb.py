"""Statistical tables in PxWeb: the API 1 (folders and tables) and 2, one dataset for each table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar, cast

from harvesters.connector import Connector, Context, Reading, Settings
from harvesters.connectors.support.description import Description
from harvesters.connectors.support.documents import read_object, with_query
from harvesters.connectors.support.statistics import period, tables_below, variables
from harvesters.connectors.support.tables import Column, say_columns
from harvesters.errors import EndlessPaging, SourceUnavailable


@dataclass(frozen=True)
class PxWebSettings(Settings):
    """What the pxweb connector can be told."""

    tables: list[str] = field(default_factory=list)
    """Identifiers of tables (``05C4002S.px``); none: all below the address."""
    max_tables: int = 500
    """More than so many tables are not read."""


class PxWeb(Connector):
    """Reads the list of tables and the variables of each, not their numbers."""

    name = "pxweb"
    title: ClassVar[dict[str, str]] = {"sl": "Statistične tabele (PxWeb)", "en": "Statistical tables (PxWeb)"}
    settings_class = PxWebSettings

    def records(self, ctx: Context) -> Iterator[Reading]:
        """Read the tables in the order of their identifiers; one that fails does not stop the others."""
        settings = cast("PxWebSettings", self.settings)
        root = settings.url.rstrip("/")
        listed = {} if settings.tables else dict(tables_below(ctx, root))
        addresses = {item: (f"{root}/{item}", "") for item in settings.tables} or listed
        failed = 0
        for number, (guid, (url, updated)) in enumerate(sorted(addresses.items())):
            if number >= settings.max_tables:
                raise EndlessPaging(root, f"more than {settings.max_tables} tables")
            try:
                yield self._table(ctx, guid, url, updated)
            except SourceUnavailable as error:
                failed += 1
                if failed == len(addresses):
                    raise
                yield ctx.rejected(guid, "unreadable-record", reason=str(error))
        if failed:
            ctx.incomplete(f"{failed} of {len(addresses)} tables could not be read")
        else:
            ctx.complete()

    def _table(self, ctx: Context, guid: str, url: str, updated: str) -> Reading:
        found = read_object(ctx, url, "PxWeb", "variables", "dimension")
        made = Description(ctx, guid, self.settings.default_language)
        made.text("title_translated", found.get("title") or found.get("label"))
        made.say(dataset_kind="kazalnik", access_method="api")
        made.day("modified", updated or found.get("updated"))
        there = variables(found)
        made.period(*period(next((item.values for item in there if item.time), ())))
        made.resource("px", {"sl": "Tabela (PxWeb)", "en": "Table (PxWeb)"}, with_query(url), "JSON")
        say_columns(made, [Column(item.text or item.code) for item in there])
        return made.reading()
