"""Read a table that somebody sends: XLSX or CSV, from strangers too, so nothing in it is trusted."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from schemas.exchange.columns import columns
from schemas.problem import Problem

LARGEST = 50_000_000
"""Bytes of a file that is read at all."""
_UNPACKED = 400_000_000
_RATIO = 200
MOST_ROWS = 20_000
KEYS = frozenset({"id", "name", "#"})
"""Columns that say which dataset a row is about."""
DATASETS, RESOURCES = "Zbirke", "Viri"


@dataclass(frozen=True)
class Row:
    """A row of the table: its number as Excel counts, its cells by column name, what is wrong with them."""

    number: int
    cells: dict[str, str]
    problems: tuple[Problem, ...] = ()


@dataclass
class Table:
    """What a file holds: rows of datasets, rows of resources (``dataset`` says of which), problems of the whole."""

    rows: list[Row] = field(default_factory=list)
    resources: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_table(name: str, content: bytes) -> Table:
    """Read a file; whatever it holds, the answer is a table and never an exception.

    Args:
        name: of the file; ``.xlsx`` is a workbook, everything else is taken for CSV.
        content: its bytes.
    """
    if len(content) > LARGEST:
        return Table(problems=[Problem.of("", "file-too-large", limit=LARGEST)])
    return _workbook(content) if name.lower().endswith((".xlsx", ".xlsm")) else _csv(content)


LEGACY = "cp1250"
"""The Central European code page, which older programs here write without saying so."""


def decoded(content: bytes) -> str:
    """Text of a file from here: UTF-8 with or without mark, UTF-16, else the Central European code page."""
    return _decoded(content)[0]


def _decoded(content: bytes) -> tuple[str, str]:
    """The text, and the encoding when it had to be guessed."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace"), ""
    for order, zeros in (("utf-16-le", content[1:64:2]), ("utf-16-be", content[0:64:2])):
        if len(zeros) > 8 and zeros.count(0) > len(zeros) * 0.8:  # Latin letters in two bytes, without a mark
            return content.decode(order, errors="replace"), order.upper()
    try:
        return content.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        return content.decode(LEGACY, errors="replace"), LEGACY


def _csv(content: bytes) -> Table:
    text, guessed = _decoded(content)
    first = text.splitlines()[0] if text.strip() else ""
    delimiter = max(";,\t", key=first.count)
    csv.field_size_limit(LARGEST)  # a cell that is too long is a problem of its field, not of the file
    try:
        lines = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error as error:
        return Table(problems=[Problem.of("", "unreadable-file", reason=str(error))])
    table = _table([[(cell, "") for cell in line] for line in lines], "dataset")
    if guessed:
        table.problems.insert(0, Problem.of("", "source-charset", charset=guessed))
    return table


def _bomb(content: bytes) -> Problem | None:
    """A small archive that unpacks to a flood."""
    try:
        entries = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return Problem.of("", "unreadable-file", reason="XLSX")
    unpacked = sum(entry.file_size for entry in entries)
    flood = any(entry.file_size > max(10**6, _RATIO * entry.compress_size) for entry in entries)
    if flood or unpacked > _UNPACKED:
        return Problem.of("", "zip-bomb")
    return None


def _workbook(content: bytes) -> Table:
    import openpyxl

    bomb = _bomb(content)
    if bomb:
        return Table(problems=[bomb])
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), data_only=False)
        names = book.sheetnames
        main = book[DATASETS] if DATASETS in names else book[names[0]]
        table = _table(list(_cells(main)), "dataset")
        if RESOURCES in names:
            others = _table(list(_cells(book[RESOURCES])), "resource")
            table.resources = others.rows
            table.problems += others.problems
    except Exception as error:  # noqa: BLE001 openpyxl raises whatever a broken file makes it trip over
        return Table(problems=[Problem.of("", "unreadable-file", reason=type(error).__name__)])
    return table


def _cells(sheet: Any) -> Iterator[list[tuple[str, str]]]:
    """Rows of (text, code of what is wrong)."""
    merged = {cell for area in sheet.merged_cells.ranges for row in area.rows for cell in row}
    for number, line in enumerate(sheet.iter_rows(), 1):
        if number > MOST_ROWS + 2:
            yield [("", "too-many-rows")]
            return
        yield [(_text(cell.value), _fault(cell, merged)) for cell in line]


def _fault(cell: Any, merged: set[tuple[int, int]]) -> str:
    if cell.data_type == "f":
        return "formula"
    if cell.data_type == "e":
        return "cell-error"
    return "merged-cells" if (cell.row, cell.column) in merged else ""


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "da" if value else "ne"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).replace("\r\n", "\n").strip()


def _table(lines: Sequence[Sequence[tuple[str, str]]], sheet: str) -> Table:
    """Find the names of the columns (the first row) and read the rows below; a row of labels is passed over."""
    table = Table()
    if not lines or not any(text.strip() for text, _ in lines[0]):
        table.problems.append(Problem.of("", "unreadable-file", reason="prazna preglednica"))
        return table
    names = [text.strip() for text, _ in lines[0]]
    known = {column.name for column in columns(sheet)} | KEYS | {"dataset", "resources"}
    table.problems += [Problem.of(name, "unknown-key", key=name[:100]) for name in names if name and name not in known]
    for name in {name for name in names if name and names.count(name) > 1}:
        table.problems.append(Problem.of(name, "duplicate-table-column", key=name[:100]))
    seen: dict[str, int] = {}
    for number, line in enumerate(lines[1:], 2):
        cells, problems = {}, []
        if len(line) > len(names) and any(text.strip() for text, _ in line[len(names) :]):
            problems.append(Problem.of("", "row-too-long", row=number))
        for name, (text, fault) in zip(names, line, strict=False):
            if fault == "too-many-rows":
                table.problems.append(Problem.of("", "too-many", limit=MOST_ROWS, length=f"> {MOST_ROWS}"))
            elif fault and (text or fault == "merged-cells"):
                problems.append(Problem.of(name, fault))
            if name and text:
                cells[name] = text
        if cells.get("#") == "oznake" or not cells:
            continue
        problems += _twice(cells.get("id", ""), number, seen)
        table.rows.append(Row(number, cells, tuple(problems)))
    return table


def _twice(identifier: str, number: int, seen: dict[str, int]) -> Iterator[Problem]:
    """Two rows about one dataset or resource: nobody could tell which one holds."""
    if identifier and seen.setdefault(identifier, number) != number:
        yield Problem.of("id", "duplicate-row", id=identifier[:100], first=seen[identifier])
