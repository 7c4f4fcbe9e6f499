"""CKAN's listings that answer from tables without asking who may see what is counted (research/peers.md 3.3).

Each keeps its shape and is filtered by the labels of the caller, in the database and not in the index.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import authz, model

from ckanext.kranj.access import protection, references, search
from ckanext.kranj.access.auth import unbound, user_of
from ckanext.kranj.access.labels import is_data_office, memberships, visible_to

Action = Callable[[dict[str, Any], dict[str, Any]], Any]
LONGEST_LIST = 1000


def _seen(context: dict[str, Any]) -> Any:
    """The condition on ``package`` rows for this caller: active and visible."""
    active = model.Package.state == "active"
    if context.get("ignore_auth") or authz.is_sysadmin(context.get("user")):
        return active
    return sa.and_(active, visible_to(user_of(context)))


def _number(value: Any, default: int | None) -> int | None:
    try:
        return max(0, int(value))
    except (TypeError, ValueError):
        return default


def _page(rows: list[Any], data_dict: dict[str, Any], default: int | None = None) -> list[Any]:
    start = _number(data_dict.get("offset"), 0) or 0
    limit = _number(data_dict.get("limit"), default)
    return rows[start:] if limit is None else rows[start : start + limit]


@tk.chained_action
@tk.side_effect_free
def package_list(next_action: Action, context: dict[str, Any], data_dict: dict[str, Any]) -> Any:
    """Names of public datasets, as in CKAN; harvest sources and systems are none."""
    if protection.off("listings"):
        return next_action(context, data_dict)
    tk.check_access("package_list", context, data_dict)
    rows = model.Session.query(model.Package.name).filter(
        model.Package.type == "dataset", model.Package.state == "active", visible_to(None)
    )
    rows = rows.order_by(model.Package.name).offset(_number(data_dict.get("offset"), None))
    return [name for (name,) in rows.limit(_number(data_dict.get("limit"), None) or None)]


@tk.chained_action
@tk.side_effect_free
def current_package_list_with_resources(next_action: Action, context: dict[str, Any], data_dict: dict[str, Any]) -> Any:
    """As CKAN's, which asks the index past our package_search; checked as that is."""
    found = next_action(context, data_dict)
    if protection.off("listings"):
        return found
    checked = search.recheck(context, {"results": found, "count": len(found)})
    return references.shown(context, checked["results"])


@tk.chained_action
@tk.side_effect_free
def resource_search(next_action: Action, context: dict[str, Any], data_dict: dict[str, Any]) -> Any:
    """Resources of public datasets; those of harvest sources are dropped."""
    found = next_action(context, data_dict)
    if protection.off("listings") or not isinstance(found, dict) or context.get("search_query"):
        return found
    asked = {row["package_id"] for row in found["results"]}
    seen = {identifier for (identifier,) in model.Session.query(model.Package.id).filter(
        model.Package.id.in_(asked), model.Package.type == "dataset", _seen(context))}  # fmt: skip
    kept = [row for row in found["results"] if row["package_id"] in seen]
    return {"count": found["count"] - len(found["results"]) + len(kept), "results": kept}


@tk.chained_action
@tk.side_effect_free
def format_autocomplete(next_action: Action, context: dict[str, Any], data_dict: dict[str, Any]) -> Any:
    """Formats of resources of datasets that the caller sees, the most frequent first."""
    if protection.off("listings"):
        return next_action(context, data_dict)
    tk.check_access("format_autocomplete", context, data_dict)
    asked = str(data_dict.get("q") or "")
    rows = (
        model.Session.query(model.Resource.format)
        .join(model.Package, model.Package.id == model.Resource.package_id)
        .filter(model.Resource.state == "active", _seen(context))
        .filter(model.Resource.format.icontains(asked, autoescape=True))
        .group_by(model.Resource.format)
        .order_by(sa.func.count(model.Resource.id).desc(), model.Resource.format)
        .limit(_number(data_dict.get("limit"), 5))
    )
    return [name.lower() for (name,) in rows]


@tk.chained_action
@tk.side_effect_free
def member_list(next_action: Action, context: dict[str, Any], data_dict: dict[str, Any]) -> Any:
    """Datasets that the caller sees; people only for members of the organisation, the data office, administrators."""
    rows = next_action(context, data_dict)
    if protection.off("listings") or context.get("ignore_auth") or authz.is_sysadmin(context.get("user")):
        return rows
    packages = {identifier for identifier, table, _ in rows if table == "package"}
    seen = {
        identifier
        for (identifier,) in model.Session.query(model.Package.id).filter(
            model.Package.id.in_(packages), _seen(context)
        )
    }
    people = _knows_members(context, data_dict["id"])
    return [
        row for row in rows if (row[0] in seen if row[1] == "package" else people if row[1] == "user" else True)
    ]  # fmt: skip


def _knows_members(context: dict[str, Any], group_id: str) -> bool:
    user = user_of(context)
    if user is None:
        return False
    return is_data_office(user) or any(group_id in (identifier, name) for identifier, name, _ in memberships(user.id))


@tk.chained_action
@tk.side_effect_free
def organization_show(next_action: Action, context: dict[str, Any], data_dict: dict[str, Any]) -> Any:
    """As CKAN's; what datasets inherit into their internal block is told to whoever may know of that."""
    shown = next_action(context, data_dict)
    return shown if protection.off("listings") else _without_inner(context, [shown])[0]


@tk.chained_action
@tk.side_effect_free
def organization_list(next_action: Action, context: dict[str, Any], data_dict: dict[str, Any]) -> Any:
    """As organization_show."""
    found = next_action(context, data_dict)
    return found if protection.off("listings") else _without_inner(context, found)


def _without_inner(context: dict[str, Any], rows: list[Any]) -> list[Any]:
    """Organisations without ``internal`` among their defaults, but for their members and the data office."""
    told = [row for row in rows if isinstance(row, dict) and ("defaults" in row or row.get("extras"))]
    if not told or unbound(context):
        return rows
    user = user_of(context)
    mine = {identifier for identifier, _, _ in memberships(user.id)} if user is not None else set()
    if user is not None and is_data_office(user):
        return rows
    for row in told:
        if row["id"] in mine:
            continue
        if "defaults" in row:
            row["defaults"] = _outer(row["defaults"])
        for extra in row.get("extras") or ():
            if extra.get("key") == "defaults":
                extra["value"] = _outer(extra["value"])
    return rows


def _outer(defaults: Any) -> Any:
    """Defaults without those of the internal block, in the shape in which they came; what is no JSON is left out."""
    try:
        read = json.loads(defaults) if isinstance(defaults, str) and defaults else defaults
    except ValueError:
        return ""
    if not isinstance(read, dict):
        return defaults
    kept = {key: value for key, value in read.items() if key != "internal"}
    return json.dumps(kept, ensure_ascii=False) if isinstance(defaults, str) else kept


@tk.chained_action
@tk.side_effect_free
def dataset_followee_list(next_action: Action, context: dict[str, Any], data_dict: dict[str, Any]) -> Any:
    """What a user follows, less what the caller does not see."""
    if protection.off("listings"):
        return next_action(context, data_dict)
    tk.check_access("dataset_followee_list", context, data_dict)
    user = model.User.get(tk.get_or_bust(data_dict, "id"))
    if user is None:
        raise tk.ObjectNotFound
    rows = (
        model.Session.query(model.Package.id)
        .join(model.UserFollowingDataset, model.UserFollowingDataset.object_id == model.Package.id)
        .filter(model.UserFollowingDataset.follower_id == user.id, _seen(context))
        .order_by(model.Package.title)
    )
    show = tk.get_action("package_show")
    return [show(tk.fresh_context(context), {"id": identifier}) for (identifier,) in rows.all()]


@tk.chained_action
@tk.side_effect_free
def dataset_followee_count(next_action: Action, context: dict[str, Any], data_dict: dict[str, Any]) -> Any:
    """As the list."""
    if protection.off("listings"):
        return next_action(context, data_dict)
    tk.check_access("dataset_followee_count", context, data_dict)
    return len(tk.get_action("dataset_followee_list")(tk.fresh_context(context), data_dict))


# Tags are words of descriptions (tags_translated); CKAN's own table of tags is empty.


def _tags(context: dict[str, Any], asked: str) -> list[str]:
    texts = sa.func.jsonb_path_query(
        sa.cast(sa.func.nullif(model.Package.extras["tags_translated"].astext, ""), sa.dialects.postgresql.JSONB),
        sa.cast("$.*[*]", sa.dialects.postgresql.JSONPATH),
    ).op("#>>")("{}")
    rows = (
        model.Session.query(texts.label("tag"))
        .filter(model.Package.type == "dataset", _seen(context))
        .distinct()
        .subquery()
    )
    query = sa.select(rows.c.tag).order_by(rows.c.tag)
    if asked:
        query = query.where(rows.c.tag.icontains(asked, autoescape=True))
    return list(model.Session.scalars(query))


def _tag(name: str) -> dict[str, Any]:
    return {"id": name, "name": name, "display_name": name, "vocabulary_id": None, "state": "active"}


def _asked(data_dict: dict[str, Any]) -> str:
    given = data_dict.get("query") or data_dict.get("q") or ""
    words: Iterable[Any] = [given] if isinstance(given, str) else given
    return " ".join(str(word) for word in words).strip()


@tk.chained_action
@tk.side_effect_free
def tag_list(next_action: Action, context: dict[str, Any], data_dict: dict[str, Any]) -> Any:
    """Tags of datasets that the caller sees."""
    if protection.off("listings"):
        return next_action(context, data_dict)
    tk.check_access("tag_list", context, data_dict)
    if data_dict.get("vocabulary_id"):
        return []
    tags = _tags(context, _asked(data_dict))
    return [_tag(name) for name in tags] if tk.asbool(data_dict.get("all_fields", False)) else tags


@tk.chained_action
@tk.side_effect_free
def tag_search(next_action: Action, context: dict[str, Any], data_dict: dict[str, Any]) -> Any:
    """Tags of datasets that the caller sees."""
    if protection.off("listings"):
        return next_action(context, data_dict)
    tk.check_access("tag_search", context, data_dict)
    tags = _tags(context, _asked(data_dict)) if _asked(data_dict) and not data_dict.get("vocabulary_id") else []
    return {"count": len(tags), "results": [_tag(name) for name in _page(tags, data_dict)]}


@tk.chained_action
@tk.side_effect_free
def tag_autocomplete(next_action: Action, context: dict[str, Any], data_dict: dict[str, Any]) -> Any:
    """Tags of datasets that the caller sees."""
    if protection.off("listings"):
        return next_action(context, data_dict)
    tk.check_access("tag_autocomplete", context, data_dict)
    tags = _tags(context, _asked(data_dict)) if _asked(data_dict) and not data_dict.get("vocabulary_id") else []
    return _page(tags, data_dict, 10)


@tk.chained_action
@tk.side_effect_free
def tag_show(next_action: Action, context: dict[str, Any], data_dict: dict[str, Any]) -> Any:
    """A tag that some dataset the caller sees has; its datasets come from a search."""
    if protection.off("listings"):
        return next_action(context, data_dict)
    tk.check_access("tag_show", context, data_dict)
    name = str(tk.get_or_bust(data_dict, "id"))
    if name not in _tags(context, name):
        raise tk.ObjectNotFound
    shown = _tag(name)
    if tk.asbool(data_dict.get("include_datasets", False)):
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        query = {"fq": f'tags:"{quoted}"', "rows": LONGEST_LIST}
        shown["packages"] = tk.get_action("package_search")(tk.fresh_context(context), query)["results"]
    return shown
