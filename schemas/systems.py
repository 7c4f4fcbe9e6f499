"""Checks of an entry in the register of systems (system.yaml)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.fields import system_fields
from schemas.kinds import is_empty
from schemas.problem import Problem
from schemas.validation import shape_problems


def complete_system(system: Mapping[str, Any]) -> dict[str, Any]:
    """The entry without empty values and with the defaults of its fields."""
    kept = {key: value for key, value in system.items() if not is_empty(value)}
    for field in system_fields():
        if field.default is not None:
            kept.setdefault(field.name, field.default)
    return kept


def validate_system(system: Mapping[str, Any], *, draft: bool = False) -> list[Problem]:
    """All problems of an entry.

    Args:
        system: the entry in its JSON form, completed.
        draft: a draft may lack mandatory fields.
    """
    found = shape_problems(system, "system")
    if not draft:
        found += [
            Problem.of(field.name, "missing")
            for field in system_fields()
            if field.rule == "M" and is_empty(system.get(field.name))
        ]
    if system.get("visibility") == "public":
        found.append(Problem.of("visibility", "system-never-public"))
    return found
