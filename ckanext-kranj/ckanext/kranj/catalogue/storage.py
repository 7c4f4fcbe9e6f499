"""Between the JSON form of a description and the texts that CKAN keeps: one rule, by the kind of the field."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from schemas import Field, dataset_fields, resource_fields, series_fields, system_fields
from schemas.kinds import TEXT_KINDS

_UNHOLDABLE = re.compile("[\x00\ud800-\udfff]")

LEVELS: dict[str, Callable[[], tuple[Field, ...]]] = {
    "dataset": dataset_fields,
    "resource": resource_fields,
    "system": system_fields,
    "dataset_series": series_fields,
}
"""Fields by what is described; systems and series are stored as datasets are."""


def can_hold(text: str) -> bool:
    """Whether PostgreSQL can hold a text, or be asked for it: no NUL, no half of a surrogate pair."""
    return not _UNHOLDABLE.search(text)


@lru_cache(maxsize=len(LEVELS))
def names(level: str) -> tuple[str, ...]:
    """Names of the fields of a dataset, resource or system."""
    return tuple(field.name for field in LEVELS[level]())


def dataset_names() -> tuple[str, ...]:
    """Names of the dataset fields."""
    return names("dataset")


def resource_names() -> tuple[str, ...]:
    """Names of the resource fields."""
    return names("resource")


@lru_cache(maxsize=len(LEVELS))
def _json_names(level: str) -> frozenset[str]:
    return frozenset(field.name for field in LEVELS[level]() if field.kind not in TEXT_KINDS)


def encoded(data: dict[str, Any], level: str = "dataset") -> dict[str, Any]:
    """A copy in which every structured value is JSON text, so that navl and JSONB extras take it as it is."""
    copy = _encode(data, level)
    if "resources" in copy:
        copy["resources"] = [_encode(resource, "resource") for resource in copy["resources"] or ()]
    return copy


def decoded(data: dict[str, Any], level: str = "dataset") -> dict[str, Any]:
    """A copy in which every structured value is itself again, and fields without a value are left out."""
    copy = _decode(data, level)
    if "resources" in copy:
        copy["resources"] = [_decode(resource, "resource") for resource in copy["resources"]]
    return copy


def out_of_extras(data: dict[str, Any], level: str = "dataset") -> dict[str, Any]:
    """A copy in which our fields stand at the top instead of under ``extras``; other extras stay where they are."""
    copy, ours = dict(data), set(names(level))
    kept = []
    for extra in copy.get("extras") or ():
        if extra["key"] in ours:
            copy[extra["key"]] = extra["value"]
        else:
            kept.append(extra)
    copy["extras"] = kept
    return copy


def taken(data: dict[str, Any], wanted: Iterable[str]) -> dict[str, Any]:
    """Take the values of those names out of ``data``; the ones that hold something."""
    return {name: value for name in wanted if name in data and (value := data.pop(name)) is not None and value != ""}


def _encode(data: dict[str, Any], level: str) -> dict[str, Any]:
    structured = _json_names(level)
    return {
        key: json.dumps(value, ensure_ascii=False) if key in structured and not isinstance(value, str) else value
        for key, value in data.items()
    }


def _decode(data: dict[str, Any], level: str) -> dict[str, Any]:
    structured = _json_names(level)
    ours = names(level)
    copy = {}
    for key, value in data.items():
        if key in ours and value in (None, ""):
            continue
        copy[key] = json.loads(value) if key in structured and isinstance(value, str) else value
    return copy
