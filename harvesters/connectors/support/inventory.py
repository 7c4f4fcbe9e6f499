"""Inventories in Excel and ``meta`` files beside the data: descriptions that people wrote outside the catalogue."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any

from openpyxl import load_workbook

from harvesters.archive import archive_of
from harvesters.connectors.support.description import Description
from harvesters.connectors.support.folders import Folder
from harvesters.errors import Unreadable
from harvesters.http import Fetched
from harvesters.parse import json_of, yaml_of
from schemas import dataset_fields, vocabulary

GUIDS = ("oznaka", "guid", "id", "identifier")
_SPLIT = ";"
META = (".meta.yaml", ".meta.yml", ".meta.json")
"""Endings of the files beside a data file that describe it."""


@lru_cache(maxsize=1)
def _headings() -> dict[str, Any]:
    """What a column may be called -> the field: its name, its Slovene or its English label."""
    found = {}
    for item in dataset_fields():
        for name in (item.label.get("en", ""), item.label.get("sl", ""), item.name):
            found[name.strip().casefold()] = item
    return found


def rows(answer: Fetched) -> Iterator[tuple[str, dict[str, Any]]]:
    """(identifier, {heading: value}) of the rows of the first sheet that has a column for the identifier.

    Raises:
        Unreadable: there is no such sheet.
    """
    archive_of(answer)
    try:
        book = load_workbook(io.BytesIO(answer.content), read_only=True, data_only=True, keep_links=False)
        sheets = [list(sheet.iter_rows(max_row=10_000, max_col=200, values_only=True)) for sheet in book.worksheets]
        book.close()
    except Exception as error:
        raise Unreadable(answer.url, "Excel", f"{type(error).__name__}: {error}") from error
    for sheet in sheets:
        header = [str(cell or "").strip().casefold() for cell in (sheet[0] if sheet else ())]
        key = next((header.index(name) for name in GUIDS if name in header), None)
        if key is not None:
            for row in sheet[1:]:
                if any(cell not in (None, "") for cell in row):
                    yield str(row[key] or "").strip(), dict(zip(header, row, strict=False))
            return
    raise Unreadable(answer.url, "inventory", f"no sheet has a column {', '.join(GUIDS)}")


def say(made: Description, values: dict[str, Any]) -> None:
    """Put values under headings into a description; a heading that is no field is reported."""
    known = _headings()
    for heading, value in values.items():
        name = heading.strip().casefold()
        base, _, language = name.rpartition(" ")
        item = known.get(name) or (known.get(base) if language in {"sl", "en"} else None)
        if name in GUIDS or value in (None, ""):
            continue
        if item is None:
            made.report("", "unknown-key", key=heading)
        else:
            _one(made, item, value, language if base and known.get(base) is item else "")


def beside(opened: Folder, name: str) -> dict[str, Any]:
    """What a ``meta`` file beside a data file says of it.

    Raises:
        Unreadable: the file is there and is no mapping.
    """
    for ending in META:
        path = str(PurePosixPath(name).with_suffix("")) + ending
        if (opened.root / path).is_file():
            answer = opened.read(path)
            given = json_of(answer) if ending.endswith("json") else yaml_of(answer)
            if not isinstance(given, dict):
                raise Unreadable(answer.url, "meta", "not a mapping")
            return given
    return {}


def _one(made: Description, item: Any, value: Any, language: str) -> None:
    text = value.date().isoformat() if hasattr(value, "date") else str(value).strip()
    words = [word.strip() for word in text.split(_SPLIT) if word.strip()]
    if isinstance(value, list | dict) or item.kind in {"objects", "object"}:
        made.say(**{item.name: value if isinstance(value, list | dict) else [{"name": text}]})
    elif item.kind == "translated":
        made.dataset.setdefault(item.name, {})[language or "sl"] = text
    elif item.kind == "translated_list":
        made.dataset.setdefault(item.name, {})[language or "sl"] = [
            word.strip() for word in text.split(_SPLIT) if word.strip()
        ]
    elif "vocabulary" in item.options:
        _codes(made, item, text)
    elif item.kind == "date":
        made.day(item.name, text)
    elif item.kind in {"texts", "uris"}:
        made.say(**{item.name: words})
    else:
        made.say(**{item.name: text})


def _codes(made: Description, item: Any, text: str) -> None:
    """Codes by code, alias, Slovene or English label."""
    known = vocabulary(item.options["vocabulary"])
    by_label = {known.label(code, lang).casefold(): code for lang in ("en", "sl") for code in known.codes}
    codes = []
    for word in (part.strip() for part in text.split(_SPLIT)):
        code = known.code_of(word) or by_label.get(word.casefold())
        if code:
            codes.append(code)
        elif word:
            made.report(item.name, "unknown-code", value=word, vocabulary=known.name)
    if codes:
        made.say(**{item.name: codes if item.kind == "choices" else codes[0]})
