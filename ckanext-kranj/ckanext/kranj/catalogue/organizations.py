"""What the catalogue asks of an organisation: who it is and what its datasets inherit."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from ckan import model

from ckanext.kranj import config
from ckanext.kranj.access.auth import unbound, user_of
from ckanext.kranj.access.labels import is_data_office, is_known, memberships
from ckanext.kranj.catalogue.storage import can_hold

from schemas import Problem

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


def inner_told(user: Any, organization: model.Group | None) -> dict[str, Any]:
    """As internal_defaults_of, to whoever may know of internal blocks of the organisation; nothing to the others."""
    if organization is None or not is_known(user):
        return {}
    own = any(identifier == organization.id for identifier, _, _ in memberships(user.id))
    return (internal_defaults_of(organization) or {}) if own or user.sysadmin or is_data_office(user) else {}


def rights_problems(context: dict[str, Any], organization: model.Group, given: Mapping[str, Any]) -> Iterator[Problem]:
    """What of a change of an organisation gives its members sight or rights, and is not for its administrators.

    Args:
        context: of CKAN.
        organization: as it is stored.
        given: as it is to be saved.
    """
    if unbound(context):
        return
    names = {organization.name, given.get("name") or organization.name}
    if len(names) > 1 and config.data_office() in names:
        yield Problem.of("name", "office-by-administrator")
    if is_data_office(user_of(context)):
        return
    extras = given.get("extras")
    named = [item for item in extras if isinstance(item, dict)] if isinstance(extras, list) else []
    circles = [given.get("circle"), *(item.get("value") for item in named if item.get("key") == "circle")]
    if any(circle and circle != organization.extras.get("circle") for circle in circles):
        yield Problem.of("circle", "circle-by-office")
