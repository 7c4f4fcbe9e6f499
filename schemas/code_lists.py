"""New versions of a code list: read, compared with the one in force, put into force.

A list is a JSON file as those under ``schemas/vocabularies``. Codes that leave a list name their successor in ``remap``
(``{"old code": "new code"}``); ``version`` and ``valid_from`` say since when the list holds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from schemas.fields import Field, dataset_fields, internal_fields, resource_fields
from schemas.kinds import is_iri, parse_date
from schemas.vocabulary import vocabularies, vocabulary

_NAME = re.compile(r"[a-z][a-z_]*")


class NotAListError(ValueError):
    """A file is no code list; the text says why."""


@dataclass(frozen=True)
class Difference:
    """What a new version of a list changes."""

    name: str
    added: list[str] = field(default_factory=list)
    removed: dict[str, str | None] = field(default_factory=dict)
    """Code that leaves -> its successor, or None when nobody named one."""
    relabelled: list[str] = field(default_factory=list)


def read_list(path: Path) -> dict[str, Any]:
    """Read a list.

    Raises:
        NotAListError: with the reason.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise NotAListError(f"{path}: {error}") from error
    fault = next(_faults(data), None)
    if fault:
        raise NotAListError(f"{path}: {fault}")
    return dict(data)


def _faults(data: Any) -> Iterator[str]:
    if not isinstance(data, dict) or not isinstance(data.get("codes"), list) or not data["codes"]:
        yield "the file must hold an object with a list 'codes'"
        return
    if not isinstance(data.get("name"), str) or not _NAME.fullmatch(data["name"]):
        yield "'name' must be the name of a list, in small letters"
        return
    yield from (f"'{key}' is missing" for key in ("scheme", "source", "date") if not isinstance(data.get(key), str))
    title = data.get("title")
    if not isinstance(title, dict) or not title.get("sl") or not title.get("en"):
        yield "'title' must have sl and en"
    for key in ("date", "valid_from"):
        if key in data and not parse_date(str(data[key])):
            yield f"'{key}' is not a date"
    yield from _entry_faults(data["codes"])
    codes = {entry.get("code") for entry in data["codes"] if isinstance(entry, dict)}
    remap = data.get("remap", {})
    if not isinstance(remap, dict) or any(new not in codes for new in remap.values()):
        yield "'remap' must lead from old codes to codes of the list"


def _entry_faults(entries: list[Any]) -> Iterator[str]:
    codes: set[str] = set()
    for number, entry in enumerate(entries, 1):
        told = [entry.get(key) for key in ("code", "uri", "sl", "en")] if isinstance(entry, dict) else [None]
        if not all(isinstance(text, str) and text for text in told):
            yield f"entry {number} needs code, uri, sl and en"
            return
        if entry["code"] in codes:
            yield f"the code '{entry['code']}' is there twice"
        if not is_iri(entry["uri"]):
            yield f"entry {number}: '{entry['uri']}' is not an address"
        codes.add(entry["code"])


def difference(new: Mapping[str, Any]) -> Difference:
    """Compare a list with the one in force; a list of a new name is all new."""
    codes = {entry["code"]: entry for entry in new["codes"]}
    if new["name"] not in vocabularies():
        return Difference(new["name"], added=list(codes))
    old = vocabulary(new["name"])
    remap = new.get("remap", {})
    labels = {code: (entry["sl"], entry["en"]) for code, entry in codes.items()}
    return Difference(
        new["name"],
        [code for code in codes if code not in old],
        {code: remap.get(code) for code in old.codes if code not in codes},
        [code for code in codes if code in old and labels[code] != (old.label(code, "sl"), old.label(code, "en"))],
    )


@dataclass(frozen=True)
class Used:
    """Where a code stands in a description: path as in a Problem, list, code."""

    path: str
    vocabulary: str
    code: str


def used(description: Mapping[str, Any]) -> Iterator[Used]:
    """Every code of a description, with ``resources`` and ``internal`` where it has them."""
    yield from _of(description, dataset_fields(), "")
    for index, resource in enumerate(description.get("resources") or ()):
        yield from _of(resource, resource_fields(), f"resources[{index}].")
    yield from _of(description.get("internal") or {}, internal_fields(), "internal.")


def _of(values: Mapping[str, Any], fields: tuple[Field, ...], prefix: str) -> Iterator[Used]:
    for item in fields:
        value = values.get(item.name)
        path = prefix + item.name
        if not value:
            continue
        if item.subfields:
            rows = [value] if isinstance(value, dict) else value
            for index, row in enumerate(rows):
                yield from _of(row, item.subfields, f"{path}." if isinstance(value, dict) else f"{path}[{index}].")
        elif item.kind in ("choice", "choices"):
            for code in value if isinstance(value, list) else [value]:
                yield Used(path, item.options["vocabulary"], code)


def remapped(description: Mapping[str, Any], name: str, remap: Mapping[str, str]) -> dict[str, Any]:
    """A copy in which the codes of one list are replaced by their successors; doubles fall together."""
    copy: dict[str, Any] = json.loads(json.dumps(dict(description)))
    _replace(copy, dataset_fields(), name, remap)
    for resource in copy.get("resources") or ():
        _replace(resource, resource_fields(), name, remap)
    if copy.get("internal"):
        _replace(copy["internal"], internal_fields(), name, remap)
    return copy


def _replace(values: dict[str, Any], fields: tuple[Field, ...], name: str, remap: Mapping[str, str]) -> None:
    for item in fields:
        value = values.get(item.name)
        if not value:
            continue
        if item.subfields:
            for row in [value] if isinstance(value, dict) else value:
                _replace(row, item.subfields, name, remap)
        elif item.options.get("vocabulary") == name and item.kind == "choice":
            values[item.name] = remap.get(value, value)
        elif item.options.get("vocabulary") == name and item.kind == "choices":
            values[item.name] = list(dict.fromkeys(remap.get(code, code) for code in value))
