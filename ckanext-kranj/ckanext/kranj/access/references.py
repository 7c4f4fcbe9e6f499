"""What a description names of ours is told to those who may see it; to the others the description names less.

An id of a hidden series or dataset tells that it exists. It is left out of what is shown and kept in what is stored:
whoever saves a description without seeing all that it names takes nothing away. Whether an address vanishes must not
tell that there is something behind it either: one of this portal is shown only where what it names can be seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj.access.auth import unbound, user_of
from ckanext.kranj.access.labels import labels_held, labels_of

BY_NAME = ("authority_of", "in_series")
"""Fields that name records of ours by id or short name."""
BY_ADDRESS = ("related_resource", "source", "is_version_of")
"""Fields of addresses."""
FIELDS = (*BY_NAME, *BY_ADDRESS)
_FIELDS = frozenset(FIELDS)

_IDS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_PLACES = frozenset({"dataset", "dataset_series", "package", "systems", "system"})
"""Parts of an address of this portal after which the name of a record stands."""
_PARAMETERS = frozenset({"id", "name_or_id", "package_id", "dataset_id", "name"})

_NAMED = sa.text(
    "SELECT id, name, type, state, private, owner_org, creator_user_id, extras ->> 'visibility' AS visibility"
    " FROM package WHERE type IN ('dataset', 'dataset_series', 'system') AND (id = ANY(:named) OR name = ANY(:named))"
)


class Called(NamedTuple):
    """What a value may call a record of ours."""

    ids: frozenset[str] = frozenset()
    """Ids, wherever the value leads: nobody comes upon one by guessing."""
    name: str = ""
    """The value of a field that names records."""
    here: frozenset[str] = frozenset()
    """Names in an address of this portal. What another host calls so is no record of ours."""

    @property
    def words(self) -> frozenset[str]:
        """What to look up."""
        return self.ids | self.here | ({self.name} if self.name else set())


def left_out(told: Mapping[str, Called], found: Iterable[tuple[str, str, bool]]) -> set[str]:
    """Those of the values that a reader may not be shown.

    Args:
        told: values, each with what it may call a record.
        found: id and short name of the records that the words of all of them name, and whether the reader may see it.
    """
    keys: dict[bool, set[str]] = {True: set(), False: set()}
    for identifier, name, seen in found:
        keys[seen] |= {identifier, name}
    return {
        value
        for value, one in told.items()
        if not one.here <= keys[True] or not (one.ids | {one.name}).isdisjoint(keys[False])
    }


def called(value: str) -> Called:
    """What one entry of a field of FIELDS may call a record of ours."""
    value = value.replace("\x00", "")
    text = unquote(value)
    ids = frozenset(found.lower() for found in _IDS.findall(text))
    try:
        address = urlsplit(value.strip())
    except ValueError:
        return Called(ids)
    if not address.netloc:
        return Called(ids, name=value.strip())
    return Called(ids, here=frozenset(_names(address)) if _host(address) in _hosts() else frozenset())


def _names(address: SplitResult) -> Iterable[str]:
    parts = [unquote(part) for part in address.path.split("/")]
    for place, part in zip(parts, parts[1:], strict=False):
        if place in _PLACES and part:
            # A description ends in its format (/dataset/x.ttl), and a short name has no full stop.
            yield part if _IDS.fullmatch(part) else part.partition(".")[0]
            break
    yield from (value for key, value in parse_qsl(address.query) if key in _PARAMETERS)


def _host(address: SplitResult) -> str:
    return address.netloc.lower().rpartition("@")[2].removesuffix(":80").removesuffix(":443")


def _hosts() -> frozenset[str]:
    """Under which names this portal answers, and under which its feed calls its records."""
    return _hosts_of(tk.config.get("ckan.site_url") or "", tk.config.get("ckanext.dcat.base_uri") or "")


@lru_cache(maxsize=8)
def _hosts_of(*addresses: str) -> frozenset[str]:
    return frozenset(host for address in addresses if (host := _host(urlsplit(address))))


def hidden(context: dict[str, Any], values: Iterable[Any]) -> set[str]:
    """Those of these values that the caller may not be shown.

    Args:
        context: of CKAN.
        values: entries of fields of FIELDS.
    """
    told = {value: called(value) for value in values if isinstance(value, str)}
    named = sorted({word for one in told.values() for word in one.words})
    if not named or unbound(context):
        return set()
    rows = model.Session.execute(_NAMED, {"named": named}).all()
    held = set(labels_held(user_of(context)))
    found = ((row.id, row.name, not held.isdisjoint(labels_of(row, row.visibility))) for row in rows)
    return left_out(told, found)


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


def lacking(context: dict[str, Any], package: model.Package) -> bool:
    """Whether what the caller is shown of a dataset may lack something that is stored."""
    return not _FIELDS.isdisjoint(package.extras or {}) and not unbound(context)


def kept(
    context: dict[str, Any], given: dict[str, Any], stored: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What somebody saves with what the stored description names and he does not see, and what counts as stored.

    Args:
        context: of CKAN.
        given: the description as it is to be saved.
        stored: the whole description as it is, with what the caller does not see.

    Returns:
        ``given`` with what was lost on the way, and ``stored`` without what the caller says though he does not see
        it: he guesses, and is told what is told of records that never were.
    """
    unseen = hidden(context, [one for name in FIELDS for one in many(stored.get(name))])
    if not unseen:
        return given, stored
    added, known = {}, dict(stored)
    for name in FIELDS:
        old, new = many(stored.get(name)), many(given.get(name))
        lost = [one for one in old if one in unseen and one not in new]
        if lost and isinstance(stored[name], list):
            added[name] = [*new, *lost]
        elif lost and not given.get(name):
            added[name] = lost[0]
        guessed = unseen.intersection(one for one in new if isinstance(one, str))
        if guessed:
            known[name] = [one for one in old if one not in guessed]
    return {**given, **added}, known


def many(value: Any) -> list[Any]:
    """A value as a list."""
    return list(value) if isinstance(value, list) else [value] if value else []
