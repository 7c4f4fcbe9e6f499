"""Actions of the audit."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj.access import existence
from ckanext.kranj.audit import history

MOST = 1000


@tk.side_effect_free
def kranj_audit_list(context: dict[str, Any], data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """Who did what to a dataset.

    Args:
        context: of CKAN.
        data_dict: ``{"id": id or name, "limit": 200, "before": id of an entry, "reads": true}``, all but id optional.

    Returns:
        Steps, newest first: ``{"id", "at", "who", "via", "what", "changes": [{"field", "label", "before", "after"}]}``.

    Raises:
        tk.ObjectNotFound: there is no such dataset, or the caller may not see it.
        tk.NotAuthorized: the caller sees the description but does not belong to its owner.
    """
    given = tk.get_or_bust(data_dict, "id")
    existence.demand_visible(context, model.Package.get, given)
    package = model.Package.get(given)
    if package is None:
        raise tk.ObjectNotFound
    tk.check_access("kranj_audit_list", context, {"id": package.id})
    return history.steps(
        context,
        package.id,
        before=_number(data_dict.get("before"), 0),
        most=min(_number(data_dict.get("limit"), 200), MOST),
        reads=tk.asbool(data_dict.get("reads", True)),
    )


def _number(value: Any, default: int) -> int:
    try:
        return max(0, int(value))
    except (TypeError, ValueError):
        return default
