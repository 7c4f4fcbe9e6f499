"""The internal block in words: what it says, and what each of its states changed."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj.catalogue.internal import InternalRevision
from ckanext.kranj.catalogue.origins import ORIGIN
from ckanext.kranj.language import in_language, language

from schemas import Field, internal_fields, vocabulary


def changes(package_id: str) -> list[dict[str, Any]]:
    """The states of a block, newest first, each with what it changed of the one before.

    Returns:
        ``{"revision", "changed_at", "changed_by", "changes": [{"field", "label", "before", "after"}]}``; texts in the
        language of the page.
    """
    found, before = [], {}
    for state in InternalRevision.of(package_id):
        changed = [
            {
                "field": field.name,
                "label": field.label[language()],
                "before": words(field, before.get(field.name)),
                "after": words(field, state.data.get(field.name)),
            }
            for field in internal_fields()
            if field.name != ORIGIN and before.get(field.name) != state.data.get(field.name)
        ]
        found.append(
            {
                "revision": state.revision,
                "changed_at": state.changed_at.isoformat(),
                "changed_by": _who(state.changed_by),
                "changes": changed,
            }
        )
        before = state.data
    return found[::-1]


def _who(user_id: str | None) -> str:
    """The name of who changed the block; the portal's own account stands for harvests."""
    user = model.User.get(user_id) if user_id else None
    if user is None:
        return ""
    automatic = user.name == tk.config["ckan.site_id"]
    return in_language("samodejno (prevzem)", "by itself (harvest)") if automatic else str(user.display_name)


def words(field: Field, value: Any) -> str:
    """A value of the internal block as one text: sub-fields with their labels, codes as labels."""
    if value in (None, "", [], {}):
        return ""
    if field.subfields:
        return "; ".join(", ".join(f"{label}: {text}" for label, text in row) for row in _rows(field, value))
    listed = field.options.get("vocabulary")
    return ", ".join(
        vocabulary(listed).label(str(item), language()) if listed else str(item)
        for item in (value if isinstance(value, list) else [value])
    )


def _rows(field: Field, value: Any) -> list[list[tuple[str, str]]]:
    entries = value if isinstance(value, list) else [value]
    return [
        [(sub.label[language()], words(sub, entry[sub.name])) for sub in field.subfields if sub.name in entry]
        for entry in entries
    ]


def described(block: dict[str, Any]) -> list[dict[str, Any]]:
    """The block for its page: for each field its label and either rows of ``(label, text)`` or one text."""
    return [
        {
            "label": field.label[language()],
            "rows": _rows(field, block[field.name]) if field.subfields else [],
            "text": "" if field.subfields else words(field, block[field.name]),
        }
        for field in internal_fields()
        if field.name != ORIGIN and block.get(field.name) not in (None, "", [], {})
    ]
