"""Tables of sources: the names of their columns and how the file is written; never a value of a cell."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from openpyxl import load_workbook

from harvesters.archive import archive_of
from harvesters.connectors.support.description import Description
from harvesters.connectors.support.screening import found_in
from harvesters.errors import Unreadable
from harvesters.http import Fetched
from harvesters.parse import json_of
from schemas.dictionary import MOST_COLUMNS as MOST_DESCRIBED

MOST_COLUMNS = 300
"""Columns that the text of a resource lists; the data dictionary takes them all."""
LONGEST = 2000
LOOKED_AT = 200
"""Features whose names of properties are gathered."""
_NAME = re.compile(r"^[\w(][^\x00-\x1f<>{}\[\]\\\ufffd]*$")
_VALUE = re.compile(r"^[\d.,:/ +-]+$")


PERSONAL = re.compile(
    r"(^|_)(emso|davcna(_st\w*)?|priimek|rojstn\w*|datum_rojstva|naslov_bivanja|trr|iban|surname|birth\w*)($|_)",
    re.IGNORECASE,
)
"""Names of columns that only tables about people have."""


_TYPES = (
    ("geometrija", re.compile(r"geom|geograph|point|polygon|line", re.IGNORECASE)),
    ("da-ne", re.compile(r"bool|^bit$", re.IGNORECASE)),
    ("datum-cas", re.compile(r"timestamp|datetime|esriFieldTypeDate$", re.IGNORECASE)),
    ("datum", re.compile(r"^date", re.IGNORECASE)),
    ("celo-stevilo", re.compile(r"int|oid$|serial", re.IGNORECASE)),
    ("stevilo", re.compile(r"numeric|decimal|float|double|real|number|single|money", re.IGNORECASE)),
    ("besedilo", re.compile(r"char|text|string|clob|uuid|guid", re.IGNORECASE)),
)
"""Codes of the list ``column_type`` by what sources call their types, tried in order; an unknown one is not said."""


@dataclass(frozen=True)
class Column:
    """A column as the source calls it."""

    name: str
    type: str = ""
    meaning: str = ""
    nullable: bool | None = None

    def described(self, name: str, meaning: str) -> dict[str, Any]:
        """The column as the data dictionary holds it, in words that may go on."""
        found: dict[str, Any] = {"name": name}
        if code := next((code for code, pattern in _TYPES if pattern.search(self.type)), ""):
            found["type"] = code
        if meaning and meaning != name:
            found["meaning_sl"] = meaning[:LONGEST]
        if self.nullable is not None:
            found["nullable"] = "da" if self.nullable else "ne"
        if PERSONAL.search(name):
            found["personal"] = "osebni"
        return found


@dataclass(frozen=True)
class Sheet:
    """A table and how it is written."""

    columns: tuple[Column, ...]
    delimiter: str = ""
    encoding: str = ""
    name: str = ""


def say_columns(made: Description, columns: Iterable[Column], position: int = -1) -> None:
    """List the columns with a resource, in its text and for the data dictionary.

    A name or meaning that holds personal data or a secret is blanked; a column without a name is left out.
    """
    words = []
    described: dict[str, dict[str, Any]] = {}
    for number, column in enumerate(columns):
        name, meaning = (screened(made, f"columns[{number}]", text) for text in (column.name, column.meaning))
        if name:
            described.setdefault(name[:200], column.described(name[:200], meaning))
        if number < MOST_COLUMNS and name:
            kind = f" ({column.type})" if column.type else ""
            words.append(f"{name}{kind}: {meaning}" if meaning and meaning != name else f"{name}{kind}")
    if words:
        resource = made.dataset["resources"][position]
        made.columns[resource["id"]] = list(described.values())[:MOST_DESCRIBED]
        listed = "; ".join(words)
        resource["description_translated"] = {"sl": f"Stolpci: {listed}.", "en": f"Columns: {listed}."}


def screened(made: Description, path: str, text: str) -> str:
    """A text, or nothing (and a problem) when it holds what must not go on."""
    found = found_in(text)
    if found:
        made.report(path, "personal-data-removed", what=", ".join(found))
        return ""
    return " ".join(text.split())


def csv_sheet(answer: Fetched) -> Sheet:
    """The header of a CSV file.

    Raises:
        Unreadable: the first line does not name columns.
    """
    text, guessed = answer.text()
    first = text.lstrip("\ufeff").partition("\n")[0].rstrip("\r")
    delimiter = max(";,\t|", key=first.count)
    try:
        header = next(csv.reader(io.StringIO(first), delimiter=delimiter), [])
    except csv.Error as error:
        raise Unreadable(answer.url, "CSV", str(error)) from error
    return Sheet(_columns(answer.url, header), delimiter, guessed or "UTF-8")


def _columns(url: str, header: Iterable[Any]) -> tuple[Column, ...]:
    names = [str(item).strip() for item in header if item not in (None, "") and str(item).strip()]
    wrong = [name for name in names if len(name) > 200 or not _NAME.match(name) or _VALUE.match(name)]
    if len(names) < 2 or wrong:
        raise Unreadable(url, "table", "the first line does not name at least two columns")
    return tuple(Column(name) for name in names)


def xlsx_sheets(answer: Fetched) -> list[Sheet]:
    """The tables of an Excel workbook; sheets without a line of names (notes, titles) are passed over.

    Raises:
        Unreadable: it is no workbook.
    """
    archive_of(answer)
    try:
        book = load_workbook(io.BytesIO(answer.content), read_only=True, data_only=True, keep_links=False)
        rows = {sheet.title: next(sheet.iter_rows(max_row=1, values_only=True), ()) for sheet in book.worksheets}
        book.close()
    except Exception as error:
        raise Unreadable(answer.url, "Excel", f"{type(error).__name__}: {error}") from error
    found = []
    for name, header in rows.items():
        try:
            found.append(Sheet(_columns(answer.url, header), name=name))
        except Unreadable:
            continue
    return found


def geojson_columns(answer: Fetched) -> tuple[Column, ...]:
    """The names of the properties of the first features of a GeoJSON file; none when it is another kind of JSON."""
    found = json_of(answer)
    features = found.get("features") if isinstance(found, dict) else None
    rows = [item.get("properties") for item in features[:LOOKED_AT] if isinstance(item, dict)] if features else []
    return keys_of(row for row in rows if isinstance(row, dict))


def keys_of(rows: Iterable[Mapping[str, Any]]) -> tuple[Column, ...]:
    """The keys of objects as columns, in the order they appear."""
    names: dict[str, None] = {}
    for row in rows:
        names.update(dict.fromkeys(str(key) for key in row))
    return tuple(Column(name) for name in names)


def reflected(item: Mapping[str, Any]) -> Column:
    """Name, kind of type and comment; an enumeration's values and a default stay where they are (risk R29)."""
    nullable = item.get("nullable")
    return Column(
        str(item["name"]),
        type(item["type"]).__name__.lower(),
        str(item.get("comment") or ""),
        nullable if isinstance(nullable, bool) else None,
    )
