"""Rights on descriptions and internal blocks.

Every function asks for the user itself: the 2.12 guard does not fire for API calls (DESIGN 6).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import authz, model

from ckanext.kranj.access.labels import is_data_office, labels_for, labels_of, memberships

Auth = Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]


def user_of(context: dict[str, Any]) -> Any:
    """The active user of a call, or None."""
    user = model.User.get(context["user"]) if context.get("user") else None
    return user if user is not None and user.state == "active" else None


def may_read(context: dict[str, Any], package: Any) -> bool:
    """Whether the caller holds a label of the dataset."""
    if context.get("ignore_auth") or authz.is_sysadmin(context.get("user")):
        return True
    labels = labels_of(package, (package.extras or {}).get("visibility"))
    return bool(set(labels) & set(labels_for(user_of(context))))


def _package(data_dict: dict[str, Any] | None, context: dict[str, Any]) -> Any:
    given = (data_dict or {}).get("id") or (data_dict or {}).get("name")
    return context.get("package") or (model.Package.get(given) if given else None)


def _guarded(next_auth: Auth, context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """Writing needs the right to read (traps A3); the data office may write every description."""
    package = _package(data_dict, context)
    user = user_of(context)
    if package is not None and package.type == "dataset":
        if not may_read(context, package):
            return {"success": False, "msg": tk._("Not authorized")}
        if user is not None and is_data_office(user):
            return {"success": True}
    return next_auth(context, data_dict)


@tk.chained_auth_function
def package_update(next_auth: Auth, context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """Whoever may read the description and edit for its owner; the data office."""
    return _guarded(next_auth, context, data_dict)


@tk.chained_auth_function
def package_delete(next_auth: Auth, context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """As package_update."""
    return _guarded(next_auth, context, data_dict)


@tk.chained_auth_function
def package_create(next_auth: Auth, context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """As CKAN decides; the data office may create in every organisation."""
    user = user_of(context)
    if user is not None and (data_dict or {}).get("type", "dataset") == "dataset" and is_data_office(user):
        return {"success": True}
    return next_auth(context, data_dict)


def _internal(
    context: dict[str, Any], data_dict: dict[str, Any], *, capacities: tuple[str, ...] = ()
) -> dict[str, Any]:
    user, package = user_of(context), _package(data_dict, context)
    if user is None or package is None or not may_read(context, package):
        return {"success": False, "msg": tk._("Not authorized")}
    if is_data_office(user):
        return {"success": True}
    if capacities:
        allowed = authz.has_user_permission_for_group_or_org(package.owner_org, user.name, "update_dataset")
    else:
        allowed = any(identifier == package.owner_org for identifier, _, _ in memberships(user.id))
    return {"success": bool(allowed), "msg": tk._("Not authorized")}


def kranj_internal_show(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """Members of the owning organisation who may read the description, and the data office."""
    return _internal(context, data_dict)


def kranj_internal_update(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """Editors of the owning organisation who may read the description, and the data office."""
    return _internal(context, data_dict, capacities=("editor", "admin"))
