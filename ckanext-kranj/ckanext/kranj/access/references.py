"""What a description names of ours is told to those who may see it; to the others the description names less.

An id of a hidden series or dataset tells that it exists. It is left out of what is shown and kept in what is stored:
whoever saves a description without seeing all that it names takes nothing away.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

import sqlalchemy as sa

from ckan import model

from ckanext.kranj.access.auth import unbound, user_of
from ckanext.kranj.access.labels import labels_held, labels_of

BY_NAME = ("authority_of", "in_series")
"""Fields that name records of ours by id or short name."""
BY_ADDRESS = ("related_resource", "source", "is_version_of")
"""Fields of addresses; one with the id or the short name of a hidden record in it tells of that, wherever it leads."""
FIELDS = (*BY_NAME, *BY_ADDRESS)
_FIELDS = frozenset(FIELDS)

_NAMED = sa.text(
    "SELECT id, name, type, state, private, owner_org, creator_user_id, extras ->> 'visibility' AS visibility"
    " FROM package WHERE type IN ('dataset', 'dataset_series', 'system') AND (id = ANY(:named) OR name = ANY(:named))"
)


def words(value: Any) -> list[str]:
    """What a value may call a record of ours: itself, and the parts of an address.

    Args:
        value: one entry of a field of FIELDS.
    """
    if not isinstance(value, str):
        return []
    try:
        parts = [unquote(part) for part in urlsplit(value).path.split("/")]
    except ValueError:
        parts = []
    found = [value.strip(), *parts, *(part.partition(".")[0] for part in parts)]
    return [word for word in found if word and "\x00" not in word]


def hidden(context: dict[str, Any], values: Iterable[Any]) -> set[str]:
    """Those of these values that name a record which is there and which the caller may not see."""
    called = {value: words(value) for value in values if isinstance(value, str)}
    named = sorted({word for found in called.values() for word in found})
    if not named or unbound(context):
        return set()
    rows = model.Session.execute(_NAMED, {"named": named}).all()
    if not rows:
        return set()
    held = set(labels_held(user_of(context)))
    rows = [row for row in rows if not held.intersection(labels_of(row, row.visibility))]
    unseen = {key for row in rows for key in (row.id, row.name)}
    return {value for value, found in called.items() if unseen.intersection(found)}


def shown(context: dict[str, Any], datasets: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The descriptions without what the caller may not know of: one SELECT for all, none where nothing is named.

    Args:
        context: of CKAN.
        datasets: as package_show gives them; they are changed in place.
    """
    naming = [row for row in datasets if isinstance(row, dict) and not _FIELDS.isdisjoint(row)]
    if not naming:
        return datasets
    unseen = hidden(context, [one for row in naming for name in FIELDS for one in many(row.get(name))])
    for row in naming if unseen else ():
        for name in FIELDS:
            left = [one for one in many(row.get(name)) if one not in unseen]
            if len(left) == len(many(row.get(name))):
                continue
            if left:
                row[name] = left
            else:
                del row[name]
    return datasets


def kept(context: dict[str, Any], given: dict[str, Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    """What somebody saves, with what the stored description names and he does not see."""
    unseen = hidden(context, [one for name in FIELDS for one in many(stored.get(name))])
    if not unseen:
        return given
    added = {}
    for name in FIELDS:
        lost = [one for one in many(stored.get(name)) if one in unseen and one not in many(given.get(name))]
        if lost and isinstance(stored[name], list):
            added[name] = [*many(given.get(name)), *lost]
        elif lost and not given.get(name):
            added[name] = lost[0]
    return {**given, **added}


def many(value: Any) -> list[Any]:
    """A value as a list."""
    return list(value) if isinstance(value, list) else [value] if value else []
