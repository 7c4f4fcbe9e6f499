"""The data dictionary: what is wrong with the columns of a resource, and how they stand in a CSV file."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from schemas.fields import column_fields
from schemas.kinds import is_empty
from schemas.problem import Problem
from schemas.validation import shape_problems

MOST_COLUMNS = 2000


def validate_columns(columns: Any, terms: Collection[str] = ()) -> list[Problem]:
    """All problems of a data dictionary, with paths like ``columns[2].type``.

    Args:
        columns: a list of objects with the names of column.yaml.
        terms: the terms of the glossary.
    """
    if not isinstance(columns, list):
        return [Problem.of("columns", "shape", expected="list", got=type(columns).__name__)]
    if len(columns) > MOST_COLUMNS:
        return [Problem.of("columns", "too-many", limit=MOST_COLUMNS, length=len(columns))]
    found: list[Problem] = []
    for index, column in enumerate(columns):
        path = f"columns[{index}]"
        if not isinstance(column, Mapping):
            found.append(Problem.of(path, "shape", expected="object", got=type(column).__name__))
            continue
        found += [
            Problem(f"{path}.{item.path}", item.code, item.severity, item.params)
            for item in shape_problems(column, "column")
        ]
        if is_empty(column.get("name")):
            found.append(Problem.of(f"{path}.name", "missing"))
        term = column.get("term")
        if isinstance(term, str) and term and term not in terms:
            found.append(Problem.of(f"{path}.term", "unknown-term", term=term[:80]))
    names = [
        column["name"] for column in columns if isinstance(column, Mapping) and isinstance(column.get("name"), str)
    ]
    found += [
        Problem.of("columns", "duplicate-column", name=name[:200])
        for name, count in Counter(names).items()
        if count > 1
    ]
    return found


def to_csv(columns: Iterable[Mapping[str, Any]]) -> str:
    """The dictionary as a CSV file, one row a column."""
    out = io.StringIO()
    writer = csv.DictWriter(out, [field.name for field in column_fields()], extrasaction="ignore", restval="")
    writer.writeheader()
    writer.writerows({key: _harmless(value) for key, value in column.items()} for column in columns)
    return out.getvalue()


_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
"""How a text begins that a spreadsheet would run, or that already carries the sign against it."""


def _harmless(value: Any) -> Any:
    """A text that a spreadsheet would run as a formula gets an apostrophe (risk R33)."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _as_it_was(text: str) -> str:
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text


def from_csv(text: str) -> list[dict[str, str]]:
    """The dictionary that a CSV file holds; columns of the file that the standard does not know stay, to be refused."""
    first = text.splitlines()[0] if text.strip() else ""
    reader = csv.DictReader(io.StringIO(text), delimiter=max(";,\t", key=first.count))
    rows = []
    for line in reader:
        row = {
            str(key).strip(): _as_it_was(value.strip())
            for key, value in line.items()
            if isinstance(value, str) and value.strip()
        }
        if row:
            rows.append(row)
    return rows
