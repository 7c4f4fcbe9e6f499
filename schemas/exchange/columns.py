"""The columns of a table and how a value becomes a cell and a value again, by the kind of the field.

A list stands in one cell, one entry a line; a list of objects is JSON. Column names are paths: ``title_translated.sl``,
``internal.location.system``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from schemas.fields import Field, dataset_fields, internal_fields, resource_fields
from schemas.kinds import is_empty
from schemas.vocabulary import vocabulary

LANGUAGES = ("sl", "en")
EMPTY = "-"
"""A cell that says: take the value away. An empty cell leaves it as it is, so nothing is reset by omission."""
TOO_LONG = "#predolgo"
"""Stands for a value that no cell can hold; it leaves the value as it is."""
LONGEST = 32_000
"""Characters of one cell; Excel takes 32,767."""
_LISTS = frozenset({"texts", "uris", "choices", "translated_list"})
_JSON = frozenset({"objects", "json_object", "origins"})


@dataclass(frozen=True)
class Column:
    """One column: its name, the field it belongs to, and the path of its value."""

    name: str
    field: Field
    path: tuple[str, ...]

    @property
    def label(self) -> str:
        """What people read above it."""
        tail = f" ({self.path[-1]})" if self.path[-1] in LANGUAGES else ""
        return f"{self.field.label['sl']}{tail}"


def _of(field: Field, path: tuple[str, ...]) -> Iterator[Column]:
    if field.kind in {"translated", "translated_list"}:
        for lang in LANGUAGES:
            yield Column(".".join((*path, lang)), field, (*path, lang))
    elif field.kind == "object":
        for sub in field.subfields:
            yield from _of(sub, (*path, sub.name))
    else:
        yield Column(".".join(path), field, path)


@lru_cache(maxsize=2)
def columns(sheet: str = "dataset") -> tuple[Column, ...]:
    """The columns of the sheet of datasets (with the internal block) or of resources."""
    if sheet == "resource":
        return tuple(column for field in resource_fields() for column in _of(field, (field.name,)))
    public = (column for field in dataset_fields() for column in _of(field, (field.name,)))
    internal = (
        column
        for field in internal_fields()
        if field.kind != "origins"
        for column in _of(field, ("internal", field.name))
    )
    return (*public, *internal)


def _at(values: Mapping[str, Any], path: Iterable[str]) -> Any:
    found: Any = values
    for step in path:
        if not isinstance(found, Mapping):
            return None
        found = found.get(step)
    return found


def row_of(values: Mapping[str, Any], sheet: str = "dataset") -> dict[str, str]:
    """A description (or resource) as cells by column name; what is empty is left out."""
    row = {}
    for column in columns(sheet):
        value = _at(values, column.path)
        if not is_empty(value):
            text = _cell(column, value)
            row[column.name] = text if len(text) <= LONGEST else TOO_LONG
    return row


def _cell(column: Column, value: Any) -> str:
    if column.field.kind in _LISTS and isinstance(value, list):
        return "\n".join(str(item) for item in value)
    if isinstance(value, str):
        return f"{EMPTY}{value}" if value and not value.strip(EMPTY) else value
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def values_of(cells: Mapping[str, str], stored: Mapping[str, Any], sheet: str = "dataset") -> dict[str, Any]:
    """The stored values with those that the cells change.

    Args:
        cells: text by column name; unknown names and empty cells are passed over, ``-`` empties.
        stored: the description (or resource) as it is; empty for a new one. It is not changed.
        sheet: ``dataset`` or ``resource``.
    """
    changed = json.loads(json.dumps(dict(stored)))
    before = row_of(stored, sheet)
    for column in columns(sheet):
        text = cells.get(column.name, "")
        if not text or text in (TOO_LONG, before.get(column.name)):
            continue
        _put(changed, column.path, None if text == EMPTY else _value(column, text))
    return dict(changed)


def _put(values: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for step in path[:-1]:
        inner = values.get(step)
        if not isinstance(inner, dict):
            inner = values[step] = {}
        values = inner
    if value is None:
        values.pop(path[-1], None)
    else:
        values[path[-1]] = value


def _value(column: Column, text: str) -> Any:
    """The value that a cell means; what cannot be read stays text and is refused by the standard, by name."""
    kind = column.field.kind
    if len(text) > 1 and not text.strip(EMPTY):
        text = text[1:]
    if kind in _LISTS:
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return [_code(column.field, line) for line in lines] if kind == "choices" else lines
    if kind in _JSON:
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
    if kind == "number":
        return number_of(text)
    return _code(column.field, text) if kind == "choice" else text


def number_of(text: str) -> Any:
    """A number as people write it, with a decimal comma too; what is none stays text and is refused by name."""
    plain = text.strip().replace(",", ".")
    for kind in (int, float):  # whole numbers first: a float forgets the last digits of a long one
        try:
            number = kind(plain)
        except (ValueError, OverflowError):
            continue
        return int(number) if number == number // 1 else number
    return text


def _code(field: Field, text: str) -> str:
    """The code of a cell that holds a code, ``code – label`` from a drop-down, or a label."""
    known = vocabulary(field.options["vocabulary"])
    head = text.split(" – ", maxsplit=1)[0].strip()
    if head in known:
        return head
    by_label = {known.label(code, lang).casefold(): code for code in known.codes for lang in LANGUAGES}
    return by_label.get(text.strip().casefold(), text)
