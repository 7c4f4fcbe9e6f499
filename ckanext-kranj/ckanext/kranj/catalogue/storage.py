"""Between the JSON form of a description and the texts that CKAN keeps: one rule, by the kind of the field."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from schemas import Field, dataset_fields, resource_fields
from schemas.kinds import TEXT_KINDS


@lru_cache(maxsize=1)
def dataset_names() -> tuple[str, ...]:
    """Names of the dataset fields."""
    return tuple(field.name for field in dataset_fields())


@lru_cache(maxsize=1)
def resource_names() -> tuple[str, ...]:
    """Names of the resource fields."""
    return tuple(field.name for field in resource_fields())


@lru_cache(maxsize=2)
def _json_names(level: str) -> frozenset[str]:
    fields: Iterable[Field] = dataset_fields() if level == "dataset" else resource_fields()
    return frozenset(field.name for field in fields if field.kind not in TEXT_KINDS)


def encoded(data: dict[str, Any]) -> dict[str, Any]:
    """A copy in which every structured value is JSON text, so that navl and JSONB extras take it as it is."""
    copy = _encode(data, "dataset")
    if "resources" in copy:
        copy["resources"] = [_encode(resource, "resource") for resource in copy["resources"] or ()]
    return copy


def decoded(data: dict[str, Any]) -> dict[str, Any]:
    """A copy in which every structured value is itself again, and fields without a value are left out."""
    copy = _decode(data, "dataset")
    if "resources" in copy:
        copy["resources"] = [_decode(resource, "resource") for resource in copy["resources"]]
    return copy


def out_of_extras(data: dict[str, Any]) -> dict[str, Any]:
    """A copy in which our fields stand at the top instead of under ``extras``; other extras stay where they are."""
    copy, names = dict(data), set(dataset_names())
    kept = []
    for extra in copy.get("extras") or ():
        if extra["key"] in names:
            copy[extra["key"]] = extra["value"]
        else:
            kept.append(extra)
    copy["extras"] = kept
    return copy


def _encode(data: dict[str, Any], level: str) -> dict[str, Any]:
    structured = _json_names(level)
    return {
        key: json.dumps(value, ensure_ascii=False) if key in structured and not isinstance(value, str) else value
        for key, value in data.items()
    }


def _decode(data: dict[str, Any], level: str) -> dict[str, Any]:
    structured = _json_names(level)
    names = dataset_names() if level == "dataset" else resource_names()
    copy = {}
    for key, value in data.items():
        if key in names and value in (None, ""):
            continue
        copy[key] = json.loads(value) if key in structured and isinstance(value, str) else value
    return copy
