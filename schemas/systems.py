"""Checks of what stands beside the datasets: entries of the register of systems (system.yaml), series (series.yaml)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from schemas.fields import Field, series_fields, system_fields
from schemas.kinds import is_empty
from schemas.problem import Problem
from schemas.validation import shape_problems

ENTRIES: dict[str, Callable[[], tuple[Field, ...]]] = {"system": system_fields, "dataset_series": series_fields}
"""Fields by type of package."""


def complete_entry(entry: Mapping[str, Any], level: str) -> dict[str, Any]:
    """The entry without empty values and with the defaults of its fields.

    Args:
        entry: in its JSON form.
        level: its type, one of ENTRIES.
    """
    kept = {key: value for key, value in entry.items() if not is_empty(value)}
    for field in ENTRIES[level]():
        if field.default is not None:
            kept.setdefault(field.name, field.default)
    return kept


def validate_entry(entry: Mapping[str, Any], level: str, *, draft: bool = False) -> list[Problem]:
    """All problems of an entry.

    Args:
        entry: in its JSON form, completed.
        level: its type, one of ENTRIES.
        draft: a draft may lack mandatory fields.
    """
    found = shape_problems(entry, level)
    if not draft:
        found += [
            Problem.of(field.name, "missing")
            for field in ENTRIES[level]()
            if field.rule == "M" and is_empty(entry.get(field.name))
        ]
    if level == "system" and entry.get("visibility") == "public":
        found.append(Problem.of("visibility", "system-never-public"))
    return found


def complete_system(system: Mapping[str, Any]) -> dict[str, Any]:
    """As complete_entry, of an entry in the register of systems."""
    return complete_entry(system, "system")


def validate_system(system: Mapping[str, Any], *, draft: bool = False) -> list[Problem]:
    """As validate_entry, of an entry in the register of systems."""
    return validate_entry(system, "system", draft=draft)
