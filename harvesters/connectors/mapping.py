"""Whatever has no standard: files of JSON or CSV, described by a mapping in the source's settings instead of code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, cast
from urllib.parse import urljoin

from harvesters.connector import Connector, Context, Reading, Settings
from harvesters.connectors.support.description import Description
from harvesters.connectors.support.documents import objects
from harvesters.connectors.support.tables import Sheet, csv_sheet, keys_of, say_columns
from harvesters.errors import MissingSetting, SourceUnavailable, Unreadable
from harvesters.http import Fetched
from harvesters.parse import json_of

LANGUAGES = ("sl", "en")


@dataclass(frozen=True)
class File:
    """A file that is one dataset."""

    guid: str
    path: str = ""
    """Below the address of the source; empty: the address itself."""
    format: str = "JSON"
    """A code of the list of file types: JSON, GEOJSON or CSV."""
    rows: str = ""
    """JSON: where the rows are (``data.items``); empty: the document is the list."""
    expects: list[str] = field(default_factory=list)
    """Columns without which the file is not the one that was described."""
    says: dict[str, Any] = field(default_factory=dict)
    """Fields of the description that the file itself does not say."""
    reads: dict[str, str] = field(default_factory=dict)
    """Field -> where the document says it (``meta.updated``)."""


@dataclass(frozen=True)
class MappingSettings(Settings):
    """What the mapping connector can be told."""

    files: list[File] = field(default_factory=list)


class Mapped(Connector):
    """Reads the head of each file and checks that it still is what the mapping says."""

    name = "mapping"
    title: ClassVar[dict[str, str]] = {
        "sl": "Datoteke po preslikavi (JSON, CSV)",
        "en": "Files by a mapping (JSON, CSV)",
    }
    settings_class = MappingSettings
    trial: ClassVar[dict[str, Any]] = {"files": [{"guid": "poskus"}, {"guid": "tabela", "path": "b", "format": "CSV"}]}

    def records(self, ctx: Context) -> Iterator[Reading]:
        """Read file by file; one that fails does not stop the others."""
        settings = cast("MappingSettings", self.settings)
        if not settings.files:
            raise MissingSetting(self.name, "files")
        failed = 0
        for item in settings.files:
            try:
                yield self._file(ctx, item)
            except SourceUnavailable as error:
                failed += 1
                if failed == len(settings.files):
                    raise
                yield ctx.rejected(item.guid, "unreadable-record", reason=str(error))
        if failed:
            ctx.incomplete(f"{failed} of {len(settings.files)} files could not be read")
        else:
            ctx.complete()

    def _file(self, ctx: Context, item: File) -> Reading:
        url = urljoin(f"{self.settings.url.rstrip('/')}/", item.path) if item.path else self.settings.url
        answer = ctx.session.get(url)
        whole, sheet = (None, csv_sheet(answer)) if item.format == "CSV" else _json(answer, item)
        missing = [name for name in item.expects if name not in {column.name for column in sheet.columns}]
        if missing:
            raise Unreadable(url, item.format, f"no column {', '.join(missing)}")
        made = Description(ctx, item.guid, self.settings.default_language)
        made.say(access_method="download", dataset_kind="tabela")
        made.say(**item.says)
        for name, path in item.reads.items():
            value = _at(whole, path)
            if name in {"modified", "issued"}:
                made.day(name, value)
            elif name.endswith("_translated"):
                made.text(name, value)
            else:
                made.say(**{name: value})
        title = made.dataset.get("title_translated", {})
        names = {tag: f"{title[tag]} ({item.format})" for tag in LANGUAGES if tag in title} or {"sl": item.guid}
        made.resource(item.guid, names, url, item.format, delimiter=sheet.delimiter, encoding=sheet.encoding)
        say_columns(made, sheet.columns)
        return made.reading()


def _json(answer: Fetched, item: File) -> tuple[Any, Sheet]:
    whole = json_of(answer)
    rows = objects(_at(whole, item.rows))
    if item.format == "GEOJSON":
        rows = [row["properties"] for row in rows if isinstance(row.get("properties"), dict)]
    if not rows:
        raise Unreadable(answer.url, item.format, f"no objects under '{item.rows or 'the top'}'")
    return whole, Sheet(keys_of(rows))


def _at(value: Any, path: str) -> Any:
    for step in path.split(".") if path else ():
        value = value.get(step) if isinstance(value, Mapping) else None
    return value
