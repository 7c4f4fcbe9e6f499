"""What the page of a dataset shows: what most readers ask first, then everything known, in the order of the form."""

from __future__ import annotations

from typing import Any

from ckanext.kranj.catalogue.steps import steps

ABOVE = frozenset({"title_translated", "notes_translated", "tags_translated", "owner_org"})
"""What stands above already: title, description, keywords; the owner stands in the path and at the side."""
FIRST = ("frequency", "modified", "secrecy", "access_method", "license_id", "contact")
"""Is it fresh, may I have it, how, under what licence, whom do I ask: what readers of portals look for first."""


def is_known(value: Any) -> bool:
    """Whether a field says anything."""
    return value not in (None, "", [], {})


def first_facts(fields: list[dict[str, Any]], dataset: dict[str, Any]) -> list[dict[str, Any]]:
    """The fields that readers ask for first and that the description answers, in that order."""
    by_name = {field["field_name"]: field for field in fields}
    return [by_name[name] for name in FIRST if name in by_name and is_known(dataset.get(name))]


def sections(fields: list[dict[str, Any]], dataset: dict[str, Any], lang: str) -> list[dict[str, Any]]:
    """Everything that is known, under the titles of the form's steps: what a steward typed is found where he typed it.

    Args:
        fields: the dataset fields as scheming read them.
        dataset: a description as package_show gives it.
        lang: ``sl`` or ``en``.

    Returns:
        ``[{"name", "title", "fields"}]``; sections of which nothing is known are left out.
    """
    by_name = {field["field_name"]: field for field in fields}
    found = []
    for step in steps():
        known = [
            by_name[name]
            for name in (*step.main, *step.more)
            if name in by_name and name not in ABOVE and is_known(dataset.get(name))
        ]
        if known:
            found.append({"name": step.name, "title": step.title[lang], "fields": known})
    return found
