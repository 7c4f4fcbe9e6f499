"""The fields of the standard as objects, read from dataset.yaml and internal.yaml (the one list, the one truth)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

import yaml

Rule = Literal["M", "P", "D", ""]
"""M: mandatory on every active record; P: mandatory once the description is public; D: derived, never typed."""


@dataclass(frozen=True)
class Field:
    """One field of the standard.

    ``kind`` names its checker in ``schemas.kinds``; ``options`` are the bounds that the checker reads
    (``max_length``, ``vocabulary``, …); ``subfields`` are set for a list of objects.
    """

    name: str
    kind: str
    rule: Rule
    inherit: bool
    label: dict[str, str]
    help_text: dict[str, str]
    default: Any
    options: dict[str, Any]
    subfields: tuple[Field, ...] = ()


_NOT_OPTIONS = {
    "field_name", "preset", "kind", "rule", "inherit", "label", "help_text", "default",
    "repeating_subfields", "validators", "output_validators", "form_snippet", "display_snippet", "choices_helper",
}  # fmt: skip


def _read(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((files("schemas") / name).read_text(encoding="utf-8"))
    return loaded


@lru_cache(maxsize=1)
def _presets() -> dict[str, dict[str, Any]]:
    return {preset["preset_name"]: preset["values"] for preset in _read("presets.yaml")["presets"]}


def field_of(definition: dict[str, Any]) -> Field:
    """A field as written in a YAML file, with its preset merged in."""
    merged = {**_presets().get(definition.get("preset", ""), {}), **definition}
    return Field(
        name=merged["field_name"],
        kind=merged["kind"],
        rule=merged.get("rule", ""),
        inherit=merged.get("inherit", False),
        label=merged["label"],
        help_text=merged.get("help_text", {}),
        default=merged.get("default"),
        options={key: value for key, value in merged.items() if key not in _NOT_OPTIONS},
        subfields=tuple(field_of(sub) for sub in merged.get("repeating_subfields", ())),
    )


@lru_cache(maxsize=1)
def dataset_fields() -> tuple[Field, ...]:
    """The fields of a dataset, in the order of the form."""
    return tuple(field_of(item) for item in _read("dataset.yaml")["dataset_fields"])


@lru_cache(maxsize=1)
def resource_fields() -> tuple[Field, ...]:
    """The fields of a resource, in the order of the form."""
    return tuple(field_of(item) for item in _read("dataset.yaml")["resource_fields"])


@lru_cache(maxsize=1)
def internal_fields() -> tuple[Field, ...]:
    """The fields of the internal block, in the order of the form."""
    return tuple(field_of(item) for item in _read("internal.yaml")["fields"])


@lru_cache(maxsize=1)
def organization_fields() -> tuple[Field, ...]:
    """The fields of an organisation, in the order of the form."""
    return tuple(field_of(item) for item in _read("organization.yaml")["fields"])


@lru_cache(maxsize=1)
def system_fields() -> tuple[Field, ...]:
    """The fields of an entry in the register of systems, in the order of the form."""
    return tuple(field_of(item) for item in _read("system.yaml")["dataset_fields"])


@lru_cache(maxsize=1)
def series_fields() -> tuple[Field, ...]:
    """The fields of a series of datasets, in the order of the form."""
    return tuple(field_of(item) for item in _read("series.yaml")["dataset_fields"])


@lru_cache(maxsize=1)
def column_fields() -> tuple[Field, ...]:
    """What is said of a column in the data dictionary, in the order of its table."""
    return tuple(field_of(item) for item in _read("column.yaml")["fields"])


def field_named(name: str) -> Field:
    """The dataset field of that name.

    Raises:
        KeyError: the standard has no such field.
    """
    for item in dataset_fields():
        if item.name == name:
            return item
    raise KeyError(name)
