"""Statistical tables in PxWeb: the API 1 (folders and tables) and 2, one dataset for each table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, cast

from harvesters.connector import Connector, Context, Reading, Settings
from harvesters.connectors.support.description import Description
from harvesters.connectors.support.documents import objects, read_object, with_query
from harvesters.connectors.support.tables import Column, say_columns
from harvesters.errors import EndlessPaging, SourceUnavailable, Unreadable

_DEEPEST = 8


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
        listed = {} if settings.tables else dict(self._listed(ctx, root, 0))
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

    def _listed(self, ctx: Context, url: str, depth: int) -> Iterator[tuple[str, tuple[str, str]]]:
        """(identifier, (address, day of change)): version 1 has folders, version 2 one list."""
        found = ctx.json(url)
        if isinstance(found, dict) and isinstance(found.get("tables"), list):
            for item in objects(found["tables"]):
                yield str(item.get("id")), (f"{url}/{item.get('id')}/metadata", str(item.get("updated") or ""))
            return
        if not isinstance(found, list) or any(item.get("type") not in {"l", "t", "h"} for item in objects(found)):
            raise Unreadable(url, "PxWeb", "neither a list of folders and tables nor tables")
        if depth > _DEEPEST:
            raise EndlessPaging(url, "folders without end")
        for item in objects(found):
            name = str(item.get("id") or "")
            if item["type"] == "l" and name:
                yield from self._listed(ctx, f"{url}/{name}", depth + 1)
            elif item["type"] == "t" and name:
                yield name, (f"{url}/{name}", str(item.get("updated") or ""))

    def _table(self, ctx: Context, guid: str, url: str, updated: str) -> Reading:
        found = read_object(ctx, url, "PxWeb", "variables", "dimension")
        made = Description(ctx, guid, self.settings.default_language)
        made.text("title_translated", found.get("title") or found.get("label"))
        made.say(dataset_kind="kazalnik", access_method="api")
        made.day("modified", updated or found.get("updated"))
        variables = list(_variables(found))
        times = [
            value
            for code, _, values in variables
            if code.casefold() in {"tid", "time", "leto", "obdobje"}
            for value in values
        ]
        made.period(*([times[0], times[-1]] if times else ["", ""]))
        made.resource("px", {"sl": "Tabela (PxWeb)", "en": "Table (PxWeb)"}, with_query(url), "JSON")
        say_columns(made, [Column(text or code, "", "") for code, text, _ in variables])
        return made.reading()


def _variables(found: Mapping[str, Any]) -> Iterator[tuple[str, str, list[str]]]:
    """(code, text, values) of the variables of a table in either version."""
    for item in objects(found.get("variables")):
        yield str(item.get("code")), str(item.get("text") or ""), [str(value) for value in item.get("values") or ()]
    dimensions = found.get("dimension") if isinstance(found.get("dimension"), dict) else {}
    for code, item in (dimensions or {}).items():
        index = ((item or {}).get("category") or {}).get("index") or {}
        yield str(code), str((item or {}).get("label") or ""), [str(value) for value in index]
