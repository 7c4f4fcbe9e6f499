"""CKAN's actions that decide or reveal who sees what, bound to ``visibility``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.exc import IntegrityError

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj.access import protection, references, reindex, search
from ckanext.kranj.access.answer import Answer
from ckanext.kranj.access.labels import one_question
from ckanext.kranj.audit import record
from ckanext.kranj.catalogue.facets import labelled
from ckanext.kranj.helpers import language
from ckanext.kranj.retention import holds

Action = Callable[[dict[str, Any], dict[str, Any]], Any]


@tk.chained_action
@tk.side_effect_free
def package_search(next_action: Action, context: dict[str, Any], data_dict: dict[str, Any]) -> Any:
    """Search, then check every row against the database: the index alone never decides what is seen."""
    reindex.replay_now_and_then()
    context = search.as_asked(context)
    with one_question():
        found = next_action(context, search.with_identifier(search.restrict(context, data_dict)))
        checked = search.recheck(context, found)
        if not protection.off("search"):
            references.shown(context, checked["results"])
    return Answer(labelled(search.only_asked(data_dict, checked), language()))


def _bulk(context: dict[str, Any], data_dict: dict[str, Any], action: str, visibility: str) -> None:
    tk.check_access(action, context, data_dict)
    for identifier in tk.get_or_bust(data_dict, "datasets"):
        tk.get_action("package_patch")(tk.fresh_context(context), {"id": identifier, "visibility": visibility})


@tk.chained_action
@tk.side_effect_free
def package_show(next_action: Action, context: dict[str, Any], data_dict: dict[str, Any]) -> Any:
    """Show a dataset; that a person was shown one that is not public is written down before the answer leaves."""
    shown = next_action(context, data_dict)
    if protection.off("search"):
        return shown
    # Also with for_update, the first half of a change: package_revise compares what its caller says with what it finds.
    references.shown(context, [shown])
    if not context.get("ignore_auth") and not context.get("for_update") and shown.get("type") == "dataset":
        open_to_all = shown.get("visibility") == "public" and shown.get("state") == "active"
        if not open_to_all and context.get("user"):
            record.read_once(context, shown["id"])
    return shown


@tk.chained_action
def follow_dataset(next_action: Action, context: dict[str, Any], data_dict: dict[str, Any]) -> Any:
    """Follow a dataset. CKAN finds no follower of a record that is not active, and writes him a second time in vain."""
    try:
        return next_action(context, data_dict)
    except IntegrityError:
        model.Session.rollback()
    followed, user = model.Package.get(data_dict["id"]), model.User.get(context["user"])
    row = model.Session.query(model.UserFollowingDataset).filter_by(follower_id=user.id, object_id=followed.id).one()
    return {"follower_id": row.follower_id, "object_id": row.object_id, "datetime": row.datetime.isoformat()}


@tk.chained_action
def package_delete(next_action: Action, context: dict[str, Any], data_dict: dict[str, Any]) -> Any:
    """Delete a dataset by its id: by name CKAN leaves memberships and collaborators in place (traps B).

    Raises:
        tk.ValidationError: a person would take away what is on hold.
    """
    package = model.Package.get(data_dict.get("id"))
    if package is None:
        return next_action(context, data_dict)
    if not context.get("ignore_auth"):
        tk.check_access("package_delete", context, {"id": package.id})
        holds.demand_free(package.id)
    with reindex.noted(package.id):
        return next_action(context, {**data_dict, "id": package.id})


@tk.chained_action
def bulk_update_delete(_next_action: Action, context: dict[str, Any], data_dict: dict[str, Any]) -> None:
    """Delete datasets, each judged by whether the caller sees it and may delete it."""
    tk.check_access("bulk_update_delete", context, data_dict)
    for identifier in tk.get_or_bust(data_dict, "datasets"):
        tk.get_action("package_delete")(tk.fresh_context(context), {"id": identifier})


@tk.chained_action
def bulk_update_private(_next_action: Action, context: dict[str, Any], data_dict: dict[str, Any]) -> None:
    """Narrow the visibility of datasets to their organisation; stock would set ``private`` alone (traps B)."""
    _bulk(context, data_dict, "bulk_update_private", "organization")


@tk.chained_action
def bulk_update_public(_next_action: Action, context: dict[str, Any], data_dict: dict[str, Any]) -> None:
    """Publish datasets, each judged by what publication needs.

    Raises:
        tk.ValidationError: a dataset lacks something; those before it are public already.
    """
    _bulk(context, data_dict, "bulk_update_public", "public")
