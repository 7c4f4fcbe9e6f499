"""Datasets that may be one: the same identifier in two sources, the same title and words, kept as findings (R18)."""

from __future__ import annotations

import sqlalchemy as sa

from ckan import model

_PAIRS = " UNION ALL ".join(
    f"SELECT mine.package_id a, other.package_id b, '{kind}' kind"  # noqa: S608 our own words
    f" FROM kranj_harvest_record mine JOIN kranj_harvest_record other ON {same}"
    " WHERE mine.source_id = :source AND mine.archived_at IS NULL AND other.archived_at IS NULL"
    f" AND other.package_id <> mine.package_id{also}"
    for kind, same, also in (
        ("same-identifier", "other.guid = mine.guid", " AND other.source_id <> mine.source_id"),
        ("likely-duplicate", "other.likeness = mine.likeness", " AND mine.likeness <> ''"),
        (
            "likely-duplicate",
            "other.title_key = mine.title_key",
            " AND mine.title_key <> '' AND other.source_id <> mine.source_id",
        ),
    )
)
"""Each way in which two records may be one, as a join of its own: joined by OR, each would be compared with each."""

_LOOK = sa.text(
    "INSERT INTO kranj_harvest_finding (package_id, other_id, kind, found_at)"  # noqa: S608 our own words
    " SELECT least(a, b), greatest(a, b), max(kind), now()"
    f" FROM ({_PAIRS}) pair GROUP BY least(a, b), greatest(a, b)"
    " ON CONFLICT DO NOTHING"
)
_FORGET = sa.text(
    "DELETE FROM kranj_harvest_finding finding WHERE decision IS NULL AND NOT EXISTS ("
    " SELECT 1 FROM kranj_harvest_record a, kranj_harvest_record b"
    " WHERE a.package_id = finding.package_id AND b.package_id = finding.other_id"
    "  AND a.archived_at IS NULL AND b.archived_at IS NULL"
    "  AND (a.guid = b.guid OR a.likeness = b.likeness OR a.title_key = b.title_key))"
)


def look(source_id: str) -> None:
    """After a complete run: note pairs that its records make, and forget pairs that are none any more."""
    model.Session.execute(_LOOK, {"source": source_id})
    model.Session.execute(_FORGET)
    model.Session.commit()
