"""Organisations and content areas go through scheming's own plugins; these validators bring our checks there."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.kranj.catalogue.describe import problem_text
from ckanext.kranj.catalogue.forms import LANGUAGES
from ckanext.kranj.catalogue.organizations import find
from ckanext.scheming.validation import scheming_validator

from schemas import Problem
from schemas.fields import field_of
from schemas.inheritance import defaults_problems
from schemas.kinds import TEXT_KINDS, compiled, is_empty


@scheming_validator
def kranj_field(definition: dict[str, Any], _schema: dict[str, Any]) -> Callable[..., None]:
    """Check a value by the kind of its field and store it as text."""
    field = field_of(definition)
    check = compiled(field)

    def validator(key: Any, data: dict[Any, Any], errors: dict[Any, Any], _context: dict[str, Any]) -> None:
        value = _from_form(field.name, data) if field.kind == "translated" else None
        if value is None:
            value = _loaded(data.get(key)) if field.kind not in TEXT_KINDS else data.get(key)
        if value is tk.missing or is_empty(value):
            data.pop(key, None)
            if field.rule == "M":
                errors[key].append(problem_text(Problem.of(field.name, "missing")))
            raise tk.StopOnError
        problems: list[Problem] = []
        check(value, field.name, problems)
        problems += _of_organization(field.name, value) if not problems else []
        if problems:
            errors[key].extend(problem_text(problem) for problem in problems)
            raise tk.StopOnError
        data[key] = value if field.kind in TEXT_KINDS else json.dumps(value, ensure_ascii=False)
        if field.name == "title_translated":
            data[("title",)] = value["sl"]

    return validator


def _of_organization(name: str, value: Any) -> list[Problem]:
    """What an organisation says of others: the one it is a part of is there, its defaults are values of fields."""
    if name == "parent" and find(value) is None:
        return [Problem.of(name, "unknown-organization", value=value[:100])]
    return defaults_problems(value) if name == "defaults" else []


@scheming_validator
def kranj_shown(definition: dict[str, Any], _schema: dict[str, Any]) -> Callable[[Any], Any]:
    """Give a stored value back in its JSON form."""
    structured = field_of(definition).kind not in TEXT_KINDS
    return lambda value: _loaded(value) if structured else value


def _from_form(name: str, data: dict[Any, Any]) -> dict[str, str] | None:
    extras = data.get(("__extras",), {})
    parts = {lang: extras.pop(f"{name}-{lang}") for lang in LANGUAGES if f"{name}-{lang}" in extras}
    return {lang: text for lang, text in parts.items() if text.strip()} if parts else None


def _loaded(value: Any) -> Any:
    if not isinstance(value, str) or not value.strip():
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
