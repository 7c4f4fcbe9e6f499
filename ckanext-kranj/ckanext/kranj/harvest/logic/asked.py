"""What the actions of harvesting are asked about: a source, a dataset, an answer; and who asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.harvest.model import HarvestSource
from ckanext.kranj.access import existence
from ckanext.kranj.access.auth import user_of
from ckanext.kranj.audit import actor
from ckanext.kranj.harvest.spec import PREFIX

Context = dict[str, Any]
Data = dict[str, Any]


def source_of(context: Context, data_dict: Data, action: str) -> Any:
    """The source, after the check; a hidden one does not exist for the caller."""
    given = tk.get_or_bust(data_dict, "source")
    existence.demand_visible(context, model.Package.get, given)
    package = model.Package.get(given) if isinstance(given, str) else None
    row = HarvestSource.get(package.id) if package is not None and package.type == "harvest" else None
    if package is None or row is None or package.state != "active" or not row.type.startswith(PREFIX):
        raise tk.ObjectNotFound
    tk.check_access(action, context, {"source": package.id})
    return package


def sources_of(context: Context, data_dict: Data, action: str) -> list[Any]:
    """The source that is named, or all that the caller may edit."""
    if data_dict.get("source"):
        return [source_of(context, data_dict, action)]
    tk.check_access(action, context, {})
    asked = (
        model.Session.query(model.Package)
        .join(HarvestSource, HarvestSource.id == model.Package.id)
        .filter(model.Package.state == "active", HarvestSource.type.like(f"{PREFIX}%"))
        .order_by(model.Package.name)
    )
    return [item for item in asked.all() if _edits(context, item.id)]


def _edits(context: Context, source_id: str) -> bool:
    if context.get("ignore_auth"):
        return True
    asked = {"user": context.get("user", ""), "model": model}
    try:
        return bool(tk.check_access("harvest_source_update", asked, {"id": source_id}))
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return False


def dataset_of(context: Context, data_dict: Data, action: str) -> Any:
    given = tk.get_or_bust(data_dict, "id")
    existence.demand_visible(context, model.Package.get, given)
    package = model.Package.get(given) if isinstance(given, str) else None
    if package is None or package.type != "dataset":
        raise tk.ObjectNotFound
    tk.check_access(action, context, {"id": package.id})
    return package


def knows_inside(context: Context, package_id: str) -> bool:
    """Whether the caller may read the internal block of a dataset; a collaborator who edits it may not."""
    try:
        return bool(tk.check_access("kranj_internal_show", tk.fresh_context(context), {"id": package_id}))
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return False


def who(context: Context) -> str:
    """The name of whoever decides, told to the transaction too."""
    user = user_of(context)
    actor.act_as(context)
    return user.name if user is not None else str(context.get("user") or "portal")


def choice_of(data_dict: Data, choices: Mapping[str, bool]) -> bool:
    given = data_dict.get("decision")
    if given not in choices:
        raise tk.ValidationError({"decision": [f"[not-a-choice] {' | '.join(choices)}"]})
    return choices[given]


APPROVE = {"approve": True, "reject": False}


def guids_of(data_dict: Data, *, needed: bool = True) -> list[str]:
    given = data_dict.get("guids")
    given = [given] if isinstance(given, str) and given else given
    fits = isinstance(given, list) and all(isinstance(item, str) for item in given)
    if (given in (None, []) and needed) or (given is not None and not fits):
        raise tk.ValidationError({"guids": ["[shape] a list of identifiers"]})
    return list(given or ())
