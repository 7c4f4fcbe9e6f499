"""Folders where people put files: tables with their columns, ``meta`` files beside them, inventories in Excel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import ClassVar, cast

from harvesters.connector import Connector, Context, Reading, Settings
from harvesters.connectors.support import inventory
from harvesters.connectors.support.databases import name_of
from harvesters.connectors.support.description import Description
from harvesters.connectors.support.folders import Folder as Opened
from harvesters.connectors.support.folders import OpenFolder, open_folder
from harvesters.connectors.support.tables import csv_sheet, geojson_columns, say_columns, xlsx_sheets
from harvesters.errors import SourceUnavailable, Unreadable
from schemas import vocabulary


@dataclass(frozen=True)
class FolderSettings(Settings):
    """What the folder connector can be told; the address is ``folder://<name of the folder on this machine>``."""

    files: list[str] = field(default_factory=lambda: ["**/*.csv", "**/*.xlsx", "**/*.json", "**/*.geojson"])
    """Patterns of the data files."""
    inventory: str = ""
    """An Excel file whose rows are descriptions; it is read instead of the data files."""


class Folder(Connector):
    """Reads one folder and those below it."""

    name = "folder"
    title: ClassVar[dict[str, str]] = {"sl": "Mapa s datotekami", "en": "Folder of files"}
    settings_class = FolderSettings

    def __init__(self, settings: Settings, opener: OpenFolder = open_folder):
        """Make a connector; ``opener`` is the edge to folders."""
        super().__init__(settings)
        self._open = opener

    def records(self, ctx: Context) -> Iterator[Reading]:
        """Read file by file; one that cannot be read costs itself only."""
        settings = cast("FolderSettings", self.settings)
        opened = self._open(name_of(settings.url))
        failed, seen = 0, []
        for reading in self._inventory(ctx, opened) if settings.inventory else self._files(ctx, opened):
            failed += reading.record is None
            seen.append(reading.guid)
            yield reading
        # An inventory need not speak of places; one that does is asked about the others.
        placed = not settings.inventory or any((opened.root / name).exists() for name in seen if name)
        for name in opened.unclaimed([*seen, settings.inventory]) if placed else ():
            ctx.note("", "unclaimed-share", share=f"{opened.name}/{name}")
        if opened.young:
            ctx.incomplete(f"{len(opened.young)} files may still be written: {', '.join(opened.young[:5])}")
        if failed:
            ctx.incomplete(f"{failed} files or rows could not be read")
        if not ctx.reason:
            ctx.complete()

    def _inventory(self, ctx: Context, opened: Opened) -> Iterator[Reading]:
        settings = cast("FolderSettings", self.settings)
        if settings.inventory not in list(opened.files(settings.inventory)):
            raise Unreadable(settings.url, "inventory", f"there is no file {settings.inventory}")
        for guid, values in inventory.rows(opened.read(settings.inventory)):
            if not guid:
                yield ctx.rejected("", "no-identifier", value=str(next(iter(values.values()), "")))
                continue
            made = Description(ctx, guid, settings.default_language)
            inventory.say(made, values)
            yield made.reading()

    def _files(self, ctx: Context, opened: Opened) -> Iterator[Reading]:
        settings = cast("FolderSettings", self.settings)
        named = {name for pattern in settings.files for name in opened.files(pattern)}
        for name in sorted(name for name in named if not name.endswith(inventory.META)):
            try:
                yield self._file(ctx, opened, name)
            except SourceUnavailable as error:
                yield ctx.rejected(name, "unreadable-record", reason=str(error))

    def _file(self, ctx: Context, opened: Opened, name: str) -> Reading:
        path = PurePosixPath(name)
        made = Description(ctx, name, self.settings.default_language)
        made.text("title_translated", path.stem.replace("_", " ").replace("-", " "))
        inventory.say(made, inventory.beside(opened, name))
        made.internal["location"] = {"kind": "file-share", "share": opened.name, "path": name}
        ending = path.suffix.lstrip(".").casefold()
        code = vocabulary("file_type").code_of(ending) or ""
        made.resource(name, {"sl": path.name, "en": path.name}, "", code)
        if ending == "csv":
            say_columns(made, csv_sheet(opened.read(name)).columns)
        elif ending == "xlsx":
            say_columns(made, [column for sheet in xlsx_sheets(opened.read(name)) for column in sheet.columns])
        elif code == "GEOJSON":
            say_columns(made, geojson_columns(opened.read(name)))
        return made.reading()
