"""The steps of the form, read from steps.yaml and completed by what the standard has beyond it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from schemas import Field, dataset_fields


@dataclass(frozen=True)
class Step:
    """One step: its fields of the dataset, and whether it asks for the internal block or for files."""

    name: str
    title: dict[str, str]
    hint: dict[str, str] = field(default_factory=dict)
    main: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    internal: bool = False
    resources: bool = False


@lru_cache(maxsize=1)
def _read() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((files(__package__) / "steps.yaml").read_text(encoding="utf-8"))
    return loaded


@lru_cache(maxsize=1)
def steps() -> tuple[Step, ...]:
    """All steps in order; every field of the standard is in exactly one of them."""
    read = [dict(item) for item in _read()["steps"]]
    placed = {name for item in read for name in (*item.get("main", ()), *item.get("more", ()))}
    for other in (item for item in dataset_fields() if item.name not in placed):
        read[0].setdefault("main" if _stands_open(other) else "more", []).append(other.name)
    return tuple(
        Step(**{**item, "main": tuple(item.get("main", ())), "more": tuple(item.get("more", ()))}) for item in read
    )


def _stands_open(item: Field) -> bool:
    return item.rule == "M" and item.default is None and not item.inherit


@lru_cache(maxsize=1)
def conditions() -> dict[str, dict[str, Any]]:
    """When a field is relevant: ``{field: {"field": other, "is" | "isnt": [codes]}}``."""
    loaded: dict[str, dict[str, Any]] = _read()["conditions"]
    return loaded


def step_of(name: str) -> str:
    """The name of the step that asks for a dataset field, ``internal`` or ``resources``."""
    for step in steps():
        if name in step.main or name in step.more or getattr(step, name, None) is True:
            return step.name
    return steps()[0].name
