"""Entries that no trigger can write: reads of what is not public, logins, exports."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from flask import has_request_context

import ckan.plugins.toolkit as tk

from ckanext.kranj.audit import actor, sealer
from ckanext.kranj.database import lane

_INSERT = sa.text(
    "INSERT INTO kranj_audit (actor, via, kind, operation, object_type, object_id, package_id, fields)"
    " VALUES (:actor, :via, :kind, :operation, :object_type, :object_id, :package_id, CAST(:fields AS jsonb))"
)


def note(  # noqa: PLR0913 the columns of an entry
    kind: str,
    operation: str,
    object_type: str,
    object_id: str,
    *,
    package_id: str | None = None,
    context: dict[str, Any] | None = None,
    who: str | None = None,
    fields: dict[str, Any] | None = None,
) -> None:
    """Write one entry in a short transaction of its own, before the answer leaves."""
    values = {
        "actor": who or actor.name_of(context),
        "via": actor.via(),
        "kind": kind,
        "operation": operation,
        "object_type": object_type,
        "object_id": object_id,
        "package_id": package_id,
        "fields": json.dumps(fields or {}),
    }
    lane.ask(_INSERT, values)
    sealer.poke()


def read(context: dict[str, Any], package_id: str, what: str = "package") -> None:
    """Somebody was shown a record that is not public, or an internal block."""
    note("read", "show", what, package_id, package_id=package_id, context=context)


def read_once(context: dict[str, Any], package_id: str) -> None:
    """As read, once for all the times that one request asks for the same record."""
    if has_request_context():
        seen = tk.g.setdefault("kranj_read", set())
        if package_id in seen:
            return
        seen.add(package_id)
    read(context, package_id)


def found(context: dict[str, Any], package_ids: list[str]) -> None:
    """A search gave records that are not public: one entry for the call."""
    note("read", "search", "package", str(len(package_ids)), context=context, fields={"packages": package_ids})
