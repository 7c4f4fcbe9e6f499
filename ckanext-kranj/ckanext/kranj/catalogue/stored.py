"""All stored descriptions in the form in which they are judged, read in bulk: package_show takes its time for each."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any

import sqlalchemy as sa

from ckan import model

from ckanext.kranj.access.labels import labels_of
from ckanext.kranj.catalogue import storage

BATCH = 500

_PACKAGES = sa.text(
    "SELECT p.*, g.name AS owner_name, i.data AS internal FROM package p"
    ' LEFT JOIN "group" g ON g.id = p.owner_org LEFT JOIN kranj_internal i ON i.package_id = p.id'
    " WHERE p.type = 'dataset' AND p.state <> 'deleted' AND p.id > :after"
    " AND (:everything OR p.owner_org = ANY(:owners))"
    " ORDER BY p.id LIMIT :batch"
)
_RESOURCES = sa.text(
    "SELECT * FROM resource WHERE package_id = ANY(:ids) AND state = 'active' ORDER BY package_id, position, id"
)


def descriptions(
    owners: Collection[str] | None = None, held: Collection[str] | None = None
) -> Iterator[dict[str, Any]]:
    """Every dataset that is not deleted, with its internal block, by id.

    Args:
        owners: ids of organisations; of all when None.
        held: labels of whoever reads (access/labels.py); what none of them opens is left out. All when None.

    Yields:
        The description with ``id``, ``name``, ``state``, ``owner_org`` (the name), ``resources`` and ``internal``.
    """
    after = ""
    while True:
        values = {"everything": owners is None, "owners": list(owners or ()), "after": after, "batch": BATCH}
        found = model.Session.execute(_PACKAGES, values).all()
        if not found:
            return
        after = found[-1].id
        rows = [dict(row._mapping) for row in found if held is None or _opens(row, held)]
        resources: dict[str, list[dict[str, Any]]] = {row["id"]: [] for row in rows}
        for row in model.Session.execute(_RESOURCES, {"ids": list(resources)}).mappings():
            resources[row["package_id"]].append(_standard(dict(row), "resource"))
        for row in rows:
            kept = {"id": row["id"], "name": row["name"], "state": row["state"], "owner_org": row["owner_name"]}
            yield {
                **_standard(row, "dataset"), **kept,
                "resources": resources[row["id"]], "internal": row["internal"] or {},
            }  # fmt: skip


def _opens(row: Any, held: Collection[str]) -> bool:
    return not set(held).isdisjoint(labels_of(row, (row.extras or {}).get("visibility")))


def _standard(row: dict[str, Any], level: str) -> dict[str, Any]:
    """Only what the standard knows, from columns and extras, as itself."""
    extras = row["extras"] or {}
    # CKAN keeps the extras of datasets as JSON and those of resources as its text.
    everything = {**row, **(json.loads(extras) if isinstance(extras, str) else extras)}
    return storage.decoded({name: everything[name] for name in storage.names(level) if name in everything}, level)
