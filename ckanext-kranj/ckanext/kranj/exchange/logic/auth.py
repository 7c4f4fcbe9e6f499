"""Rights of the exchange. Every function asks for the user itself (DESIGN 6)."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import authz, model

from ckanext.kranj.access.auth import user_of
from ckanext.kranj.exchange.model import Batch


@tk.auth_allow_anonymous_access
def kranj_check(_context: dict[str, Any], _data_dict: Any) -> dict[str, Any]:
    """Everybody: suppliers have no account."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def kranj_nearest_station(_context: dict[str, Any], _data_dict: Any) -> dict[str, Any]:
    """Everybody: the stations are public."""
    return {"success": True}


def kranj_batch_create(context: dict[str, Any], _data_dict: Any) -> dict[str, Any]:
    """Whoever may edit for some organisation; each row is judged by his rights again."""
    user = user_of(context)
    if user is None:
        return {"success": False, "msg": tk._("Not authorized")}
    may = user.sysadmin or authz.has_user_permission_for_some_org(user.name, "create_dataset")
    return {"success": bool(may)}


def kranj_batch_list(context: dict[str, Any], data_dict: Any) -> dict[str, Any]:
    """Whoever may send tables; he sees his own."""
    return kranj_batch_create(context, data_dict)


def kranj_batch_show(context: dict[str, Any], data_dict: Any) -> dict[str, Any]:
    """Whoever sent the table; for others it does not exist."""
    user = user_of(context)
    batch = model.Session.get(Batch, str((data_dict or {}).get("id", "")))
    mine = user is not None and batch is not None and (user.sysadmin or batch.user_id == user.id)
    if not mine:
        raise tk.ObjectNotFound
    return {"success": True}
