"""A hidden record and one that never existed are the same thing to whoever may not see it (DESIGN 6).

The auth functions of access/auth.py raise a bare ``ObjectNotFound`` for both. Actions that answer before they ask, or
that name the record in their message, are listed here and asked the same question first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj.access import needed, protection
from ckanext.kranj.access.auth import account_of, may_read, unbound
from ckanext.kranj.access.labels import labels_for
from ckanext.kranj.audit import actor, sealer

Action = Callable[..., Any]
Finder = Callable[[str], Any]


def _package(given: str) -> Any:
    return model.Package.get(given)


def _of_resource(given: str) -> Any:
    resource = model.Resource.get(given)
    return model.Package.get(resource.package_id) if resource is not None and resource.state == "active" else None


def _of_view(given: str) -> Any:
    view = model.ResourceView.get(given)
    return _of_resource(view.resource_id) if view is not None else None


DATASETS = {
    "am_following_dataset": "id",
    "dataset_follower_count": "id",
    "dataset_follower_list": "id",
    "dataset_purge": "id",
    "follow_dataset": "id",
    "package_collaborator_create": "id",
    "package_collaborator_delete": "id",
    "package_collaborator_list": "id",
    "package_delete": "id",
    "package_owner_org_update": "id",
    "package_patch": "id",
    "package_resource_reorder": "id",
    "package_update": "id",
    "resource_create": "package_id",
    "unfollow_dataset": "id",
}
"""Actions on a dataset, and the key that names it."""

RESOURCES = {
    "resource_delete": "id",
    "resource_patch": "id",
    "resource_update": "id",
    "resource_view_create": "resource_id",
    "resource_view_list": "id",
    "resource_view_reorder": "id",
}
VIEWS = {"resource_view_delete": "id", "resource_view_show": "id", "resource_view_update": "id"}
SOURCES = {
    "harvest_job_create": "source_id",
    "harvest_source_clear": "id",
    "harvest_source_delete": "id",
    "harvest_source_patch": "id",
    "harvest_source_reindex": "id",
    "harvest_source_show": "id",
    "harvest_source_show_status": "id",
    "harvest_source_update": "id",
}
"""Actions on harvest sources, which are packages too; only where ckanext-harvest is loaded."""

WRITES = (
    "api_token_create", "api_token_revoke", "group_create", "group_patch", "group_update",
    "member_create", "member_delete", "organization_create", "organization_delete", "organization_member_create",
    "organization_member_delete", "organization_patch", "organization_update", "package_create", "user_create",
    "user_delete", "user_invite", "user_patch", "user_update",
)  # fmt: skip
"""Actions that write what the audit keeps and name no dataset: the transaction is told who acts."""

LOOKUPS = ("group_autocomplete", "organization_autocomplete")
"""Actions that neither write nor name a dataset, and break on a call that lacks something."""

READS = frozenset({
    "am_following_dataset", "dataset_follower_count", "dataset_follower_list", "package_collaborator_list",
    "group_autocomplete", "organization_autocomplete",
    "resource_view_list", "resource_view_show",
    "harvest_source_reindex", "harvest_source_show", "harvest_source_show_status",
})  # fmt: skip
"""Those of them that a GET may call."""


def visible(context: dict[str, Any], package: Any) -> bool:
    """Whether the caller may see a record that is at hand."""
    return may_read(context, package)


def demand_visible(context: dict[str, Any], find: Finder, given: Any) -> None:
    """Pass only for a record that exists and that the caller may see.

    Raises:
        tk.ObjectNotFound: without a word, in both cases.
    """
    if unbound(context):
        return
    # Asked before the record is looked up, so that both cases cost the same.
    held = labels_for(account_of(context))
    package = find(given) if isinstance(given, str) else None
    if package is None or not may_read(context, package, held):
        raise tk.ObjectNotFound


def _guard(find: Finder, key: str, next_action: Action, context: dict[str, Any], data_dict: dict[str, Any]) -> Any:
    given = data_dict.get(key) or (data_dict.get("name") if key == "id" else None)
    if given and not protection.off("existence"):
        demand_visible(context, find, given)
    return next_action(context, data_dict)


def _pass(next_action: Action, context: dict[str, Any], data_dict: dict[str, Any]) -> Any:
    return next_action(context, data_dict)


def guarded(own: Mapping[str, Action]) -> dict[str, Action]:
    """The actions of the plugin with the guard in front of every one that names a record.

    Args:
        own: the plugin's actions; chained ones among them keep their place behind the guard.
    """
    actions = dict(own)
    tables = [(_package, DATASETS), (_of_resource, RESOURCES), (_of_view, VIEWS)]
    if p.plugin_loaded("harvest"):
        tables.append((_package, SOURCES))
    for name in (*WRITES, *LOOKUPS):
        actions[name] = _chained(name, _pass, own.get(name))
    for find, table in tables:
        for name, key in table.items():
            actions[name] = _chained(name, partial(_guard, find, key), own.get(name))
    return actions


def _chained(name: str, guard: Action, own: Action | None) -> Action:
    @tk.chained_action
    def action(next_action: Action, context: dict[str, Any], data_dict: dict[str, Any]) -> Any:
        needed.demand(name, data_dict)
        called = partial(own, next_action) if own else next_action
        if name in READS:
            return guard(called, context, data_dict)
        actor.act_as(context)
        result = guard(called, context, data_dict)
        sealer.poke()
        return result

    action.__name__ = name
    if name in SOURCES:
        action.auth_audit_exempt = True  # as CKAN exempts the extension that brings them
    action.__doc__ = own.__doc__ if own else f"CKAN's {name}; a hidden record is an unknown one."
    return tk.side_effect_free(action) if name in READS else action
