"""What the feed reads from CKAN's tables: always the anonymous public view, never with the rights of a caller."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa

from ckanext.kranj.access.references import BY_ADDRESS, Called, called, left_out

from .series import NAMED
from .terms import clean
from .writer import many

WORDS = "named_words"
"""Key of a dataset: what its addresses call records of ours, there or not (a set of texts)."""

# The one condition of what may leave the catalogue (rule of the switch).
_SEEN = "p.state = 'active' AND p.private IS FALSE AND p.extras ->> 'visibility' = 'public'"
PUBLIC = f"{_SEEN} AND p.type = 'dataset'"
# The same for one row of kranj_feed_record r: as a scalar it is asked of the index, row by row, whatever the planner
# thinks of the number of rows; a join is sometimes made by reading every public dataset there is.
LIVE = f"(SELECT true FROM package p WHERE p.id = r.package_id AND {PUBLIC})"  # noqa: S608 - a constant

_PACKAGES = sa.text(f"SELECT p.* FROM package p WHERE {PUBLIC} AND p.id = ANY(:ids)")  # noqa: S608 - a constant
_SERIES = sa.text(
    f"SELECT p.* FROM package p WHERE {_SEEN} AND p.type = 'dataset_series'"  # noqa: S608 - a constant
    " AND (p.id = ANY(:named) OR p.name = ANY(:named))"
)
_NAMED = sa.text(
    f"SELECT p.id, p.name, ({_SEEN}) IS TRUE FROM package p"  # noqa: S608 - a constant
    " WHERE p.type IN ('dataset', 'dataset_series', 'system') AND (p.id = ANY(:named) OR p.name = ANY(:named))"
)
_MEMBERS = sa.text(
    "SELECT p.id, p.title, p.extras FROM kranj_feed_record r JOIN package p ON p.id = r.package_id"  # noqa: S608
    f" WHERE r.live AND {PUBLIC} AND r.needs -> 'series' @> to_jsonb(cast(:series AS text)) ORDER BY r.ordinal"
)
_RESOURCES = sa.text(
    "SELECT * FROM resource WHERE package_id = ANY(:ids) AND state = 'active' ORDER BY package_id, position, id"
)
_ORGANIZATIONS = sa.text(
    'SELECT id, name, title, extras FROM "group"'
    " WHERE is_organization AND state = 'active' AND (id = ANY(:ids) OR name = :publisher)"
)


def datasets(connection: sa.Connection, identifiers: list[str]) -> dict[str, dict[str, Any]]:
    """The public ones among these datasets, by id, with their resources, the public series they name, and WORDS."""
    found = {row["id"]: dict(row) for row in connection.execute(_PACKAGES, {"ids": identifiers}).mappings()}
    resources: dict[str, list[dict[str, Any]]] = {identifier: [] for identifier in found}
    for row in connection.execute(_RESOURCES, {"ids": list(found)}).mappings():
        resources[row["package_id"]].append(_flat(dict(row)))
    flat = {identifier: {**_flat(row), "resources": resources[identifier]} for identifier, row in found.items()}
    known = series(connection, [name for one in flat.values() for name in names(one)])
    for one in flat.values():
        one[NAMED] = {name: known[name] for name in names(one) if name in known}
    _leave_out(connection, list(flat.values()))
    return flat


def _leave_out(connection: sa.Connection, found: list[dict[str, Any]]) -> None:
    """Take away the addresses of our records that are not public (access/references.py)."""
    told: dict[str, Called] = {}
    for one in found:
        values = [value for name in BY_ADDRESS for value in many(one.get(name)) if isinstance(value, str)]
        told |= {value: called(value) for value in values if value not in told}
        one[WORDS] = {word for value in values for word in told[value].words}
    named = sorted({word for one in told.values() for word in one.words})
    hidden = left_out(told, connection.execute(_NAMED, {"named": named}).tuples() if named else ())
    for one in found if hidden else ():
        for name in BY_ADDRESS:
            if name in one:
                one[name] = [value for value in many(one[name]) if value not in hidden]


def series(connection: sa.Connection, named: list[str]) -> dict[str, dict[str, Any]]:
    """The public ones among these series, by what they are called: by id and by name."""
    if not named:
        return {}
    found = [_flat(dict(row)) for row in connection.execute(_SERIES, {"named": named}).mappings()]
    return {key: one for one in found for key in (one["id"], one["name"])}


def members(connection: sa.Connection, series: str) -> list[dict[str, Any]]:
    """The public datasets that name a series, by its id; only what a list of them says."""
    return [_flat(dict(row)) for row in connection.execute(_MEMBERS, {"series": series}).mappings()]


def names(dataset: dict[str, Any]) -> list[str]:
    """What a dataset calls its series, without the characters that neither RDF nor PostgreSQL takes."""
    return [clean(one) for one in many(dataset.get("in_series")) if isinstance(one, str)]


def owners(found: dict[str, dict[str, Any]]) -> list[str]:
    """The organisations that own these datasets, and the series they name."""
    both = [one for row in found.values() for one in (row, *row[NAMED].values())]
    return sorted({one["owner_org"] for one in both if one.get("owner_org")})


def organizations(connection: sa.Connection, identifiers: list[str], publisher: str = "") -> dict[str, dict[str, Any]]:
    """Organisations by id; the publisher of the catalogue, named by its slug, comes along."""
    found = connection.execute(_ORGANIZATIONS, {"ids": sorted(set(identifiers)), "publisher": publisher})
    return {row["id"]: _flat(dict(row)) for row in found.mappings()}


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """A row with its extras beside its columns; lists and objects, which extras hold as JSON text, decoded."""
    extras = row.pop("extras", None) or {}
    if isinstance(extras, str):
        extras = json.loads(extras)
    return {**{key: _decoded(value) for key, value in extras.items()}, **row}


def _decoded(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
