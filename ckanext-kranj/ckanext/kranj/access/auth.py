"""Rights on descriptions and internal blocks.

Every function asks for the user itself: the 2.12 guard does not fire for API calls (DESIGN 6).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import authz, model

from ckanext.kranj.access import protection
from ckanext.kranj.access.labels import is_data_office, labels_for, labels_of, memberships

Answer = dict[str, Any]
Auth = Callable[..., Answer]
DESCRIBED = ("dataset", "system", "dataset_series")
"""Types of records that the data office may write everywhere."""


def account_of(context: dict[str, Any]) -> Any:
    """The account of a call, or None; asked of the database once per context, as CKAN's check_access does."""
    name = context.get("user")
    if not name:
        return None
    known = context.get("auth_user_obj")
    # A context may outlive its session, and somebody may have written another user into it.
    if isinstance(known, model.User) and known in model.Session and name in (known.name, known.id):
        return known
    found = model.User.get(name)
    if found is not None:
        context["auth_user_obj"] = found
    return found


def user_of(context: dict[str, Any]) -> Any:
    """The active user of a call, or None."""
    user = account_of(context)
    return user if user is not None and user.state == "active" else None


def unbound(context: dict[str, Any]) -> bool:
    """Whether a call is bound by no right: the portal itself, or an administrator of it."""
    if context.get("ignore_auth"):
        return True
    user = account_of(context)
    return user is not None and user.sysadmin


def may_read(context: dict[str, Any], package: Any, held: Collection[str] | None = None) -> bool:
    """Whether the caller holds a label of the dataset.

    Args:
        context: of CKAN.
        package: the row.
        held: the caller's labels, when they were asked for already.
    """
    if unbound(context):
        return True
    labels = labels_of(package, (package.extras or {}).get("visibility"))
    return bool(set(labels) & set(labels_for(user_of(context)) if held is None else held))


def _package(data_dict: dict[str, Any] | None, context: dict[str, Any]) -> Any:
    given = (data_dict or {}).get("id") or (data_dict or {}).get("name")
    return model.Package.get(given) if isinstance(given, str) else None if given else context.get("package")


def _refusal() -> Answer:
    """A refusal that names nobody and nothing; CKAN's own echoes user and id."""
    return {"success": False, "msg": tk._("Not authorized")}


@tk.chained_auth_function
@tk.auth_allow_anonymous_access
def package_show(next_auth: Auth, context: dict[str, Any], data_dict: dict[str, Any]) -> Answer:
    """Whoever holds a label of the dataset; to everybody else it does not exist (DESIGN 6).

    Raises:
        tk.ObjectNotFound: it is hidden or unknown, without a word about which.
    """
    if protection.off("existence"):
        return next_auth(context, data_dict)
    held = labels_for(user_of(context))  # before the look-up: hidden and unknown take the same time
    package = _package(data_dict, context)
    if package is None or not may_read(context, package, held):
        raise tk.ObjectNotFound
    return {"success": True}


def _guarded(next_auth: Auth, context: dict[str, Any], data_dict: dict[str, Any]) -> Answer:
    """Writing needs the right to read (traps A3); the data office may write every description."""
    if protection.off("existence"):
        return next_auth(context, data_dict)
    package = _package(data_dict, context)
    user = user_of(context)
    if package is None or not may_read(context, package):
        raise tk.ObjectNotFound
    if user is not None and package.type in DESCRIBED and is_data_office(user):
        return {"success": True}
    answer = next_auth(context, data_dict)
    return answer if answer["success"] else _refusal()


def _guards(name: str) -> Auth:
    @tk.chained_auth_function
    def auth(next_auth: Auth, context: dict[str, Any], data_dict: dict[str, Any]) -> Answer:
        return _guarded(next_auth, context, data_dict)

    auth.__name__ = name
    auth.__doc__ = f"{name}: whoever may read the description and CKAN lets write; the data office."
    return auth


@tk.chained_auth_function
@tk.auth_allow_anonymous_access
def group_show(next_auth: Auth, context: dict[str, Any], data_dict: dict[str, Any]) -> Answer:
    """As CKAN decides (people of an organisation are told to its members); the data office."""
    user = user_of(context)
    if user is not None and is_data_office(user):
        return {"success": True}
    return next_auth(context, data_dict)


WRITES = {
    name: _guards(name)
    for name in (
        "package_update",
        "package_delete",
        "package_collaborator_create",
        "package_collaborator_delete",
        "package_collaborator_list",
    )
}
"""Auth functions of CKAN that look at one dataset; those of its resources ask them."""


@tk.chained_auth_function
def package_create(next_auth: Auth, context: dict[str, Any], data_dict: dict[str, Any]) -> Answer:
    """As CKAN decides; the data office may create in every organisation."""
    user = user_of(context)
    if user is not None and (data_dict or {}).get("type", "dataset") in DESCRIBED and is_data_office(user):
        return {"success": True}
    answer = next_auth(context, data_dict)
    return answer if answer["success"] or protection.off("existence") else _refusal()


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


def kranj_access_request_create(context: dict[str, Any], _data_dict: dict[str, Any]) -> dict[str, Any]:
    """Accounts; the action lets nobody ask for what he does not see."""
    return {"success": user_of(context) is not None}


def kranj_access_request_list(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """Of one dataset: as kranj_approval_request. Of all: accounts; each is given those that he may answer."""
    if data_dict.get("id"):
        return _internal(context, data_dict, capacities=("editor", "admin"))
    return {"success": user_of(context) is not None, "msg": tk._("Not authorized")}


def kranj_approval_request(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """Editors of the owning organisation who may read the description, and the data office."""
    return _internal(context, data_dict, capacities=("editor", "admin"))


def kranj_level_preview(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """As kranj_approval_request."""
    return _internal(context, data_dict, capacities=("editor", "admin"))


def kranj_approval_list(context: dict[str, Any], _data_dict: dict[str, Any]) -> dict[str, Any]:
    """Accounts; the action gives each what concerns its organisations."""
    return {"success": user_of(context) is not None}


def kranj_approval_decide(context: dict[str, Any], _data_dict: dict[str, Any]) -> dict[str, Any]:
    """The data office; the action refuses one's own proposals."""
    user = user_of(context)
    return {"success": user is not None and is_data_office(user), "msg": tk._("Not authorized")}


def kranj_retention_event(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """As kranj_approval_request."""
    return _internal(context, data_dict, capacities=("editor", "admin"))


def kranj_retention_confirm(context: dict[str, Any], _data_dict: dict[str, Any]) -> dict[str, Any]:
    """The data office; the action refuses one's own proposals."""
    return kranj_approval_decide(context, {})


def kranj_retention_list(context: dict[str, Any], _data_dict: dict[str, Any]) -> dict[str, Any]:
    """Accounts; the action gives each what concerns its organisations."""
    return {"success": user_of(context) is not None}


def kranj_audit_list(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """As kranj_internal_show: who did what is the business of those who answer for the data."""
    return _internal(context, data_dict)


def kranj_internal_update(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """Editors of the owning organisation who may read the description, and the data office."""
    return _internal(context, data_dict, capacities=("editor", "admin"))
