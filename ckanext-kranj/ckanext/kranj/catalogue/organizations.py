"""What the catalogue asks of an organisation: who it is and what its datasets inherit."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa

from ckan import model

from ckanext.kranj.catalogue.storage import can_hold

INTERNAL = "internal"
"""Key of an organisation's defaults that concern the internal block."""


def find(name_or_id: Any) -> model.Group | None:
    """The organisation of that name or id, or None."""
    if not isinstance(name_or_id, str) or not name_or_id or not can_hold(name_or_id):
        return None
    # One question for both; an id goes before a name that was made to look like one.
    wanted = sa.or_(model.Group.id == name_or_id, model.Group.name == name_or_id)
    found = sorted(model.Session.query(model.Group).filter(wanted), key=lambda group: group.id != name_or_id)
    return found[0] if found and found[0].is_organization else None


def all_defaults_of(organization: model.Group) -> dict[str, Any]:
    """All that datasets of the organisation inherit, as it is stored: fields, ``internal``, retention by sign."""
    raw = organization.extras.get("defaults")
    try:
        loaded = json.loads(raw) if raw else {}
    except ValueError:
        return {}
    return loaded if isinstance(loaded, dict) else {}


def defaults_of(organization: model.Group) -> dict[str, Any]:
    """The values that datasets of the organisation inherit (fields.md section 6, ``defaults``)."""
    return {key: value for key, value in all_defaults_of(organization).items() if key != INTERNAL}


def internal_defaults_of(organization: model.Group) -> dict[str, Any] | None:
    """The internal block that a new dataset of the organisation inherits, or None."""
    block = all_defaults_of(organization).get(INTERNAL)
    return block if isinstance(block, dict) and block else None
