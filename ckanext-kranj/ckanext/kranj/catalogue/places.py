"""What people call the place of a value in a record: labels of the standard instead of paths."""

from __future__ import annotations

import re

from ckanext.kranj.language import in_language, language

from schemas import Field, dataset_fields, internal_fields, resource_fields


def place(path: str) -> str:
    """A path as labels in the visitor's language.

    ``contact[0].name`` → Contact – Name, ``resources[0].url`` → File 1 – Address, ``internal.location`` → Location.
    A step that is no field of the standard stays as it is written; an empty path is an empty text.
    """
    steps = [step for step in re.split(r"\.|\[|\]\.?", path) if step]
    if not steps:
        return ""
    if steps[0] == "internal" and steps[1:]:
        return _labels(internal_fields(), steps[1:])
    if steps[0] != "resources":
        return _labels(dataset_fields(), steps)
    # the second step is its number, or the identifier that harvesting knows it by
    number = f" {int(steps[1]) + 1}" if steps[1:] and steps[1].isdigit() else ""
    return " – ".join(filter(None, [in_language("Datoteka", "File") + number, _labels(resource_fields(), steps[2:])]))


def _labels(fields: tuple[Field, ...], steps: list[str]) -> str:
    words = []
    for step in steps:
        if step.isdigit():
            continue
        field = next((one for one in fields if one.name == step), None)
        words.append(field.label[language()] if field else step)
        fields = field.subfields if field else ()
    return " – ".join(words)
