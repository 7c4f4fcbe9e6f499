"""Datasets that may be one: the same identifier in two sources, the same title and words, kept as findings (R18)."""

from __future__ import annotations

import sqlalchemy as sa

from ckan import model

_LOOK = sa.text(
    "INSERT INTO kranj_harvest_finding (package_id, other_id, kind, found_at)"
    " SELECT DISTINCT least(mine.package_id, other.package_id), greatest(mine.package_id, other.package_id),"
    "  CASE WHEN mine.guid = other.guid AND mine.source_id <> other.source_id THEN 'same-identifier'"
    "  ELSE 'likely-duplicate' END, now()"
    " FROM kranj_harvest_record mine JOIN kranj_harvest_record other"
    "  ON other.package_id <> mine.package_id AND other.archived_at IS NULL"
    "  AND ((other.guid = mine.guid AND other.source_id <> mine.source_id)"
    "   OR (mine.likeness <> '' AND other.likeness = mine.likeness)"
    "   OR (mine.title_key <> '' AND other.title_key = mine.title_key AND other.source_id <> mine.source_id))"
    " WHERE mine.source_id = :source AND mine.archived_at IS NULL"
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
