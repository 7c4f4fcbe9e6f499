"""Propose a data dictionary from a file: names and types of its columns, never a value of it.

CSV, XLSX, GeoJSON and Parquet; the values that are looked at to tell a type are forgotten at once.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

LOOKED_AT = 200
"""Rows that tell the type of a column."""
LARGEST = 20_000_000
"""Bytes of a file that is looked at."""
UNPACKED = 200_000_000
"""Bytes that a workbook may unpack to."""
MOST = 2000
_PERSONAL = re.compile(
    r"\b(ime|priimek|emso|davcna|rojst\w*|spol|telefon|gsm|eposta|email|e mail|naslov prebiv\w*|oseba)\b"
)
_FOLD = str.maketrans("čšžćđČŠŽĆĐ", "cszcdCSZCD")


def propose(name: str, content: bytes) -> list[dict[str, str]]:
    """The columns of a file, as the data dictionary describes them.

    Args:
        name: of the file; its extension tells what it is.
        content: its bytes.

    Raises:
        ValueError: the file is none of these kinds, too large or broken.
    """
    if len(content) > LARGEST:
        raise ValueError("too large")
    extension = name.lower().rpartition(".")[2]
    if extension == "parquet":
        from schemas.parquet import columns_of

        return [
            _told(name, kind, nullable="da" if may_lack else "ne")
            for name, kind, may_lack in columns_of(content)[:MOST]
        ]
    readers = {
        "csv": _csv,
        "txt": _csv,
        "tsv": _csv,
        "xlsx": _xlsx,
        "xlsm": _xlsx,
        "geojson": _geojson,
        "json": _geojson,
    }
    if extension not in readers:
        raise ValueError("unknown kind of file")
    names, rows = readers[extension](content)
    return [_column(head, [row[index] for row in rows if index < len(row)]) for index, head in enumerate(names[:MOST])]


def _column(name: str, values: Sequence[Any]) -> dict[str, str]:
    given = [value for value in values if value not in (None, "")]
    nullable = ("da" if len(given) < len(values) else "ne") if values else ""
    return _told(name, _type(given), nullable=nullable)


def _told(name: str, kind: str, *, nullable: str) -> dict[str, str]:
    found = {"name": name[:200], "type": kind}
    if nullable:
        found["nullable"] = nullable
    words = re.sub(r"[\W_]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.translate(_FOLD))).lower()
    if _PERSONAL.search(words):
        found["personal"] = "osebni"
    return found


def _type(values: Sequence[Any]) -> str:
    if not values:
        return "besedilo"
    kinds = {_kind(value) for value in values}
    if kinds == {"celo-stevilo", "stevilo"}:
        return "stevilo"
    return kinds.pop() if len(kinds) == 1 else "besedilo"


_KINDS = (
    ("da-ne", re.compile(r"true|false|da|ne", re.I)),
    ("celo-stevilo", re.compile(r"[+-]?(0|[1-9]\d{0,17})")),
    ("stevilo", re.compile(r"[+-]?\d+[.,]\d+([eE][+-]?\d+)?")),
    ("datum", re.compile(r"\d{4}-\d\d-\d\d( 00:00:00)?|\d{1,2}\. ?\d{1,2}\. ?\d{4}")),
    ("datum-cas", re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?")),
    ("geometrija", re.compile(r"(MULTI)?(POINT|LINESTRING|POLYGON) ?\(.*", re.I | re.S)),
)
"""Types by how a value is written, tried in order."""


def _kind(value: Any) -> str:
    if isinstance(value, dict | list):
        return "geometrija" if isinstance(value, dict) and "coordinates" in value else "drugo"
    text = str(value).strip()
    return next((kind for kind, pattern in _KINDS if pattern.fullmatch(text)), "besedilo")


def _csv(content: bytes) -> tuple[list[str], list[list[Any]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "cp1250", "replace")
    first = text.splitlines()[0] if text.strip() else ""
    lines = csv.reader(io.StringIO(text), delimiter=max(";,\t|", key=first.count))
    try:
        return _table(lines)
    except csv.Error as error:
        raise ValueError(str(error)) from error


def _table(lines: Iterable[Sequence[Any]]) -> tuple[list[str], list[list[Any]]]:
    names: list[str] = []
    rows: list[list[Any]] = []
    for line in lines:
        if not names:
            names = [str(cell).strip() for cell in line] if any(cell not in (None, "") for cell in line) else []
        else:
            rows.append(list(line))
            if len(rows) == LOOKED_AT:
                break
    if not names:
        raise ValueError("no header")
    return [head if head and head != "None" else f"stolpec{number}" for number, head in enumerate(names, 1)], rows


def _xlsx(content: bytes) -> tuple[list[str], list[list[Any]]]:
    import openpyxl

    try:
        unpacked = sum(entry.file_size for entry in zipfile.ZipFile(io.BytesIO(content)).infolist())
        book = (
            openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            if unpacked <= UNPACKED
            else None
        )
        lines = list(islice(book[book.sheetnames[0]].iter_rows(values_only=True), LOOKED_AT + 20)) if book else []
    except Exception as error:  # noqa: BLE001 openpyxl raises whatever a broken file makes it trip over
        raise ValueError(type(error).__name__) from error
    return _table(lines)


def _geojson(content: bytes) -> tuple[list[str], list[list[Any]]]:
    try:
        data = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ValueError("not JSON") from error
    items = data.get("features") if isinstance(data, dict) else data
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items[:LOOKED_AT]) or not items:
        raise ValueError("no features")
    flat = [
        {**(item.get("properties") or {}), "geometry": item.get("geometry")} if item.get("type") == "Feature" else item
        for item in items[:LOOKED_AT]
    ]
    names = list(dict.fromkeys(str(key) for item in flat for key in item))
    return names, [[item.get(name) for name in names] for item in flat]
