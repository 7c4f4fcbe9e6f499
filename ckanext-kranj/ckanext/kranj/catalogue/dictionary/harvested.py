"""Columns that a source describes: written beside what stewards say of them, never over it, and never taken away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ckanext.kranj.catalogue.dictionary import tables


def write(columns: Mapping[str, Sequence[Mapping[str, Any]]], now: datetime) -> bool:
    """Write what a source says of the columns of resources into the running transaction.

    A value that is no longer what harvesting wrote is a steward's and stays. A column that the source has no longer is
    marked, one that comes back is unmarked. A resource of which the source says nothing this time is left alone.

    Args:
        columns: id of a resource -> its columns, in their order.
        now: the present time.

    Returns:
        Whether anything changed.
    """
    changed = False
    for resource_id, said in columns.items():
        before = [(row.data, row.written, row.gone_at) for row in tables.rows_of(resource_id)]
        after = merged(before, said, now)
        if after != before:
            tables.store(resource_id, after)
            changed = True
    return changed


Row = tuple[dict[str, Any], dict[str, Any] | None, datetime | None]


def merged(before: Sequence[Row], said: Sequence[Mapping[str, Any]], now: datetime) -> list[Row]:
    """The rows of one resource: the source's columns in its order, then those that only we know."""
    held = {row[0]["name"]: row for row in before}
    after: list[Row] = []
    for column in said:
        data, written, _ = held.pop(column["name"], ({}, None, None))
        after.append((_one(data, written or {}, column), dict(column), None))
    for data, written, gone_at in held.values():
        # What a steward added himself was never the source's, so it cannot be gone.
        after.append((data, written, (gone_at or now) if written is not None else None))
    return after


def _one(data: Mapping[str, Any], written: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    names = dict.fromkeys([*said, *data])
    values = {name: said.get(name) if data.get(name) == written.get(name) else data.get(name) for name in names}
    return {name: value for name, value in values.items() if value is not None}
