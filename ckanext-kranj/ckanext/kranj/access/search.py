"""The index is never trusted for visibility: what a search finds is checked against the database (DESIGN 6).

CKAN writes Solr before the commit, so a save that fails or is killed leaves its document behind (traps A1).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
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

SORTED = SEARCHABLE | {"rank", "score", "view_recent", "views_recent", "views_total"}
"""What a caller may sort by: fields, no functions; ``view_recent`` and ``rank`` are what CKAN's own pages say."""
PARSERS = frozenset({"dismax", "edismax", "lucene"})
"""Ways in which the index may read the question: none of them takes a function for one."""
WORDS = ("q", "fq", "fq_list", "qf", "df", "mm", "tie")
"""Parts of a question that the index reads."""

_CODED = re.compile(r"\\u([0-9a-fA-F]{4})")
_DIRECTION = re.compile(r"(\w+)(?:\s+(?:asc|desc))?", re.IGNORECASE)


def restrict(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """The search as it may be run: private rows are asked for by who may see some, unknown fields are refused.

    The labels choose among rows. Functions, joins and values without a row look at the whole index, so that the order
    or the number of public rows would tell of hidden ones: they are refused or left out.

    Raises:
        tk.ValidationError: ``fl``, ``facet.field`` or ``sort`` names a field outside the allow-list (traps A8), or the
            question reaches beyond its rows.
    """
    data = dict(data_dict)
    if protection.off("search"):
        return data
    if context.get("user") or context.get("ignore_auth"):
        data.setdefault("include_private", True)
    if authz.is_sysadmin(context.get("user")) or context.get("ignore_auth"):
        return data
    if beyond := dict(_beyond(data)):
        raise tk.ValidationError({key: [f"[unknown-key] {', '.join(what)[:200]}"] for key, what in beyond.items()})
    with suppress(KeyError, TypeError, ValueError, OverflowError):  # CKAN says what is wrong with it
        # Values that no row of the answer has are of rows that the caller does not see.
        data["facet.mincount"] = max(1, int(data["facet.mincount"]))
    return data


def _beyond(data: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """What of a question names more than its rows, by key."""
    for key in ("fl", "facet.field"):
        if unknown := sorted(set(_names(data.get(key))) - SEARCHABLE):
            yield key, unknown
    for key in ("use_default_schema", "bf", "boost", "wt"):
        if data.get(key):
            yield key, [key]
    if (parser := str(data.get("defType") or "dismax")) not in PARSERS:
        yield "defType", [parser]
    if unknown := [one for one in _many(data.get("sort")) if not _sorts(one)]:
        yield "sort", unknown
    for key in WORDS:
        if any(map(_nested, _many(data.get(key)))):
            yield key, [key]


def _sorts(given: str) -> bool:
    found = [_DIRECTION.fullmatch(part.strip()) for part in given.split(",")]
    return all(part and part[1] in SORTED for part in found)


def _nested(given: str) -> bool:
    """Whether a question holds another one, however it is written.

    CKAN refuses ``_query_:`` and ``_val_:``, but not with a letter as its code, nor with a comment before the colon.
    """
    if "_" not in given and "\\" not in given:
        return False
    plain = _CODED.sub(lambda code: chr(int(code[1], 16)), given).replace("\\", "")
    return "_query_" in plain or "_val_" in plain


def _many(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)] if value else []


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
    return [str(name) for name in value or ()]


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
