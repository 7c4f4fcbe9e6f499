"""What the feed reads from the database: the public datasets, in one snapshot, in an order that never changes.

Not from the search index (it is written before the commit and may show what was rolled back) and never with the rights
of the caller: the condition below is the anonymous public view. Every dataset gets an ordinal the first time it is seen
public; pages are ranges of ordinals, so an edit never moves a dataset to another page, a withdrawal leaves a hole and a
new dataset goes to the end: a crawl misses nothing and repeats nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ckan import model

from .catalogue import Paging
from .pages import Content

# The one condition of what may leave the catalogue (rule of the switch).
PUBLIC = "p.state = 'active' AND p.type = 'dataset' AND p.private IS FALSE AND p.extras ->> 'visibility' = 'public'"

_MISSING = sa.text(
    f"SELECT EXISTS (SELECT 1 FROM package p WHERE {PUBLIC}"  # noqa: S608 - a constant
    " AND NOT EXISTS (SELECT 1 FROM kranj_feed_ordinal o WHERE o.package_id = p.id))"
)
_ASSIGN = sa.text(
    "INSERT INTO kranj_feed_ordinal (ordinal, package_id)"  # noqa: S608 - a constant
    " SELECT (SELECT coalesce(max(ordinal), 0) FROM kranj_feed_ordinal)"
    " + row_number() OVER (ORDER BY p.metadata_created, p.id), p.id"
    f" FROM package p WHERE {PUBLIC}"
    " AND NOT EXISTS (SELECT 1 FROM kranj_feed_ordinal o WHERE o.package_id = p.id)"
)
_INDEX = sa.text(
    "SELECT o.ordinal FROM kranj_feed_ordinal o JOIN package p ON p.id = o.package_id"  # noqa: S608 - a constant
    f" WHERE {PUBLIC} ORDER BY o.ordinal"
)
_PAGE = sa.text(
    "SELECT p.* FROM kranj_feed_ordinal o JOIN package p ON p.id = o.package_id"  # noqa: S608 - a constant
    f" WHERE {PUBLIC} AND o.ordinal BETWEEN :low AND :high ORDER BY o.ordinal"
)
_ONE = sa.text(f"SELECT p.* FROM package p WHERE {PUBLIC} AND (p.id = :name OR p.name = :name)")  # noqa: S608
_RESOURCES = sa.text(
    "SELECT * FROM resource WHERE package_id = ANY(:ids) AND state = 'active' ORDER BY package_id, position, id"
)
_ORGANIZATIONS = sa.text(
    'SELECT id, name, title, extras FROM "group"'
    " WHERE is_organization AND state = 'active' AND (id = ANY(:ids) OR name = :publisher)"
)
_MODIFIED = sa.text(f"SELECT max(p.metadata_modified) FROM package p WHERE {PUBLIC}")  # noqa: S608
_LAST = sa.text("SELECT coalesce(max(ordinal), 0) FROM kranj_feed_ordinal")
# Two readers never number the same datasets at once; held for the few milliseconds of the statement after it.
_LOCK = sa.text("SELECT pg_advisory_xact_lock(hashtext('kranj_feed_ordinal'))")


class PageNotFoundError(Exception):
    """The page lies past the end of the feed."""


@dataclass(frozen=True)
class Page:
    """What one snapshot says of one page."""

    content: Content
    paging: Paging


def read_page(number: int, size: int, address: str, publisher: str) -> Page:
    """Read one page.

    Args:
        number: 1 or more.
        size: how many ordinals a page spans.
        address: absolute address of the document, without the query.
        publisher: slug of the organisation that publishes the catalogue, read along.

    Raises:
        PageNotFoundError: no dataset was ever on that page or after it.
    """
    _assign()
    with _snapshot() as connection:
        last_ever = -(-connection.execute(_LAST).scalar_one() // size) or 1
        if number > last_ever:
            raise PageNotFoundError
        numbers = [(ordinal - 1) // size + 1 for (ordinal,) in connection.execute(_INDEX)]
        filled = sorted(set(numbers))
        paging = Paging(
            address=address,
            number=number,
            last=filled[-1] if filled else 1,
            total=len(numbers),
            size=size,
            following=next((page for page in filled if page > number), None),
            preceding=next((page for page in reversed(filled) if page < number), None),
        )
        found = connection.execute(_PAGE, {"low": (number - 1) * size + 1, "high": number * size}).mappings().all()
        modified = connection.execute(_MODIFIED).scalar() if number == 1 else None
        return Page(_content(connection, [dict(row) for row in found], publisher, modified), paging)


def read_dataset(name: str) -> Content | None:
    """One public dataset by id or name; None for everything else, hidden and unknown alike."""
    with _snapshot() as connection:
        found = connection.execute(_ONE, {"name": name}).mappings().first()
        return _content(connection, [dict(found)], "", None) if found else None


def _assign() -> None:
    """Number the datasets that are public for the first time, in the order of their creation."""
    with model.meta.engine.connect() as connection:
        if not connection.execute(_MISSING).scalar():
            return
        connection.execute(_LOCK)
        connection.execute(_ASSIGN)
        connection.commit()


@contextmanager
def _snapshot() -> Iterator[sa.Connection]:
    """A connection of its own that sees one state of the database from the first to the last statement."""
    with model.meta.engine.connect() as connection:
        isolated = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with isolated.begin():
            yield isolated


def _content(
    connection: sa.Connection, packages: list[dict[str, Any]], publisher: str, modified: datetime | None
) -> Content:
    resources: dict[str, list[dict[str, Any]]] = {row["id"]: [] for row in packages}
    for row in connection.execute(_RESOURCES, {"ids": list(resources)}).mappings():
        resources[row["package_id"]].append(_flat(dict(row)))
    owners = sorted({row["owner_org"] for row in packages if row["owner_org"]})
    organizations = {
        row["id"]: _flat(dict(row))
        for row in connection.execute(_ORGANIZATIONS, {"ids": owners, "publisher": publisher}).mappings()
    }
    datasets = [{**_flat(row), "resources": resources[row["id"]]} for row in packages]
    return Content(datasets, organizations, modified)


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
