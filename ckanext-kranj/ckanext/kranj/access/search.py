"""The index is never trusted for visibility: what a search finds is checked against the database (DESIGN 6).

CKAN writes Solr before the commit, so a save that fails or is killed leaves its document behind (traps A1).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import authz, model

from ckanext.kranj.access import protection
from ckanext.kranj.access.labels import PUBLIC, labels_held, labels_of
from ckanext.kranj.audit import record
from ckanext.kranj.catalogue.index import SEARCHABLE
from ckanext.kranj.database import lane


def restrict(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """The search as it may be run: private rows are asked for by who may see some, unknown fields are refused.

    Raises:
        tk.ValidationError: ``fl`` or ``facet.field`` names a field outside the allow-list (traps A8).
    """
    data = dict(data_dict)
    if protection.off("search"):
        return data
    if context.get("user") or context.get("ignore_auth"):
        data.setdefault("include_private", True)
    if authz.is_sysadmin(context.get("user")) or context.get("ignore_auth"):
        return data
    for key in ("fl", "facet.field"):
        unknown = sorted(set(_names(data.get(key))) - SEARCHABLE)
        if unknown:
            raise tk.ValidationError({key: [f"[unknown-key] {', '.join(unknown)[:200]}"]})
    if data.get("use_default_schema"):
        raise tk.ValidationError({"use_default_schema": ["[unknown-key] use_default_schema"]})
    return data


def as_asked(context: dict[str, Any]) -> dict[str, Any]:
    """The context of a search: CKAN's Atom feeds are for everybody what anonymous visitors see (peers 3.3)."""
    if tk.request and tk.request.blueprint == "feeds" and not protection.off("search"):
        return {**context, "user": "", "auth_user_obj": model.AnonymousUser()}
    return context


def with_identifier(data_dict: dict[str, Any]) -> dict[str, Any]:
    """The search with ``id`` among the fields it returns: without it no row could be checked."""
    fields = _names(data_dict.get("fl"))
    return {**data_dict, "fl": [*fields, "id"]} if fields and "id" not in fields else data_dict


def only_asked(data_dict: dict[str, Any], result: dict[str, Any]) -> dict[str, Any]:
    """Take ``id`` off again where the caller did not ask for it."""
    fields = _names(data_dict.get("fl"))
    if fields and "id" not in fields:
        for row in result["results"]:
            row.pop("id", None)
    return result


def _names(value: Any) -> list[str]:
    if isinstance(value, str):
        try:
            value = tk.get_converter("convert_to_list_if_string")(value.strip("[] "))
        except tk.Invalid:
            return [str(value)]
        value = [part.strip(" \"'") for item in value for part in item.replace(",", " ").split()]
    return [name for name in value or () if isinstance(name, str)]


def recheck(context: dict[str, Any], result: dict[str, Any]) -> dict[str, Any]:
    """Drop what the caller may not see by the database, and replace what the index tells otherwise than the database.

    Costs one SELECT per page. Counts and facets stay those of the index, less the rows dropped here.
    """
    asked = [row["id"] for row in result["results"] if isinstance(row, dict) and row.get("id")]
    if not asked or protection.off("search"):
        return result
    live = {row.id: row for row in map(Live._make, _live(asked))}
    everything = context.get("ignore_auth") or authz.is_sysadmin(context.get("user"))
    held = set() if everything else set(labels_held(context.get("auth_user_obj") or _user(context)))
    kept, guarded = [], []
    for found in result["results"]:
        row = live.get(found.get("id")) if isinstance(found, dict) else None
        labels = labels_of(row, row.visibility) if row is not None else []
        if row is None or not (everything or held.intersection(labels)):
            result["count"] -= 1
            continue
        if "metadata_modified" in found and found["metadata_modified"] != row.metadata_modified.isoformat():
            kept.append(tk.get_action("package_show")({"ignore_auth": True, "use_cache": False}, {"id": row.id}))
        else:
            kept.append(found)
        if labels != [PUBLIC]:
            guarded.append(row.id)
    result["results"] = kept
    if guarded and context.get("user") and not context.get("ignore_auth"):
        record.found(context, guarded)
    return result


def _user(context: dict[str, Any]) -> Any:
    return model.User.get(context["user"]) if context.get("user") else None


class Live(NamedTuple):
    """What a row of ``package`` says now."""

    id: str
    type: str
    state: str
    private: bool
    owner_org: str | None
    creator_user_id: str | None
    metadata_modified: datetime
    visibility: str | None


_LIVE = (
    "SELECT id, type, state, private, owner_org, creator_user_id, metadata_modified,"
    " extras ->> 'visibility' FROM package WHERE id = ANY({})"
)
_HERE = sa.text(_LIVE.format(":ids"))
_COMMITTED = lane.Prepared("kranj_live", ("text[]",), _LIVE.format("$1"))
"""As text: building it anew for each search costs more than running it."""


def _live(identifiers: list[str]) -> Any:
    """The rows as the running transaction sees them; where there is none, as they are committed."""
    if model.Session().in_transaction():
        return model.Session.execute(_HERE, {"ids": identifiers})
    return lane.ask_prepared(_COMMITTED, identifiers)
