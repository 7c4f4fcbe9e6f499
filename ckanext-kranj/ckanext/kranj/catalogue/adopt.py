"""The first datasets of an organisation teach it its defaults: one click, and the next ones need five entries.

Only what the organisation has no default for is taken over, so nothing that its administrators set is ever replaced;
that is why an editor may do it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj.access import existence
from ckanext.kranj.catalogue import organizations
from ckanext.kranj.catalogue.internal import InternalBlock
from ckanext.kranj.catalogue.internal_history import words
from ckanext.kranj.language import language, title_of

from schemas import Field, dataset_fields, internal_fields
from schemas.inheritance import BY_SIGN
from schemas.kinds import is_empty

TAUGHT = ("contact", "frequency")
"""Fields of a dataset that the next ones of its organisation mostly share, beside retention and place."""
RETENTION = ("retention_kind", "retention_period", "retention_starts")
"""Belong together: taken over as one, and not where the organisation sets them by classification sign."""
PLACE = ("system", "kind")
"""What of a location is the same for several datasets."""

blueprint = Blueprint("kranj_adopt", __name__)


def adoptable(dataset: Mapping[str, Any], block: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """What a dataset could teach its organisation: defaults in their stored form, without those that are set.

    Args:
        dataset: a description.
        block: its internal block.
        defaults: of the organisation, as they are stored.
    """
    found = {name: dataset[name] for name in TAUGHT if is_empty(defaults.get(name)) and not is_empty(dataset.get(name))}
    if not any(name in defaults for name in (*RETENTION, BY_SIGN)):
        found |= {name: dataset[name] for name in RETENTION if not is_empty(dataset.get(name))}
    inner = defaults.get(organizations.INTERNAL) or {}
    location = block.get("location") or {}
    if is_empty(inner.get("location")) and not is_empty(location.get("system")):
        place = {name: location[name] for name in PLACE if not is_empty(location.get(name))}
        found[organizations.INTERNAL] = {**inner, "location": place}
    return found


def kranj_defaults_adopt(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """Make contact, refresh, retention and system of a dataset defaults of its organisation, where it has none.

    Args:
        context: of CKAN.
        data_dict: ``{"id": id or name of the dataset}``.

    Returns:
        ``{"organization": name, "adopted": {field: value}}``.

    Raises:
        tk.ObjectNotFound: there is no such dataset, or the caller may not see it.
        tk.NotAuthorized: the caller is no editor of the owner.
    """
    given = tk.get_or_bust(data_dict, "id")
    existence.demand_visible(context, model.Package.get, given)
    package = model.Package.get(given)
    if package is None or package.type != "dataset":
        raise tk.ObjectNotFound
    tk.check_access("kranj_internal_update", context, {"id": package.id})
    owner = model.Group.get(package.owner_org)
    free = {"user": context.get("user", ""), "ignore_auth": True}
    shown = tk.get_action("package_show")(dict(free), {"id": package.id})
    stored = InternalBlock.of(package.id)
    defaults = organizations.all_defaults_of(owner)
    adopted = adoptable(shown, stored.data if stored else {}, defaults)
    if adopted:
        told = {"id": owner.id, "defaults": {**defaults, **adopted}}
        tk.get_action("organization_patch")(dict(free), told)
    return {"organization": owner.name, "adopted": adopted}


def kranj_adoptable(dataset: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the page of a dataset offers to whoever edits for its owner; None when there is nothing to offer.

    Returns:
        ``{"owner": title, "values": [{"label", "text"}]}``.
    """
    if dataset.get("type") != "dataset" or dataset.get("state") != "active":
        return None
    if not tk.h.check_access("kranj_internal_update", {"id": dataset["id"]}):
        return None
    owner, stored = organizations.find(dataset.get("owner_org")), InternalBlock.of(dataset["id"])
    if owner is None:
        return None
    found = adoptable(dataset, stored.data if stored else {}, organizations.all_defaults_of(owner))
    inner = found.pop(organizations.INTERNAL, {})
    values = [
        {"label": field.label[language()], "text": words(field, given[field.name])}
        for given, fields in ((found, dataset_fields()), (inner, internal_fields()))
        for field in fields
        if field.name in given
    ]
    return {"owner": title_of(owner), "values": values} if values else None


def kranj_lacking_defaults(owner_id: str) -> dict[str, Any] | None:
    """For the form of a first dataset: what the organisation has no default for; None when it has them all.

    Returns:
        ``{"owner": title, "labels": [of the fields]}``.
    """
    owner = organizations.find(owner_id)
    if owner is None:
        return None
    defaults = organizations.all_defaults_of(owner)
    inner = defaults.get(organizations.INTERNAL) or {}
    retention = () if any(name in defaults for name in (*RETENTION, BY_SIGN)) else RETENTION[:1]
    lacking = {name for name in TAUGHT if is_empty(defaults.get(name))} | set(retention)
    fields: list[Field] = [field for field in dataset_fields() if field.name in lacking]
    if is_empty((inner.get("location") or {}).get("system")):
        fields += [field for field in internal_fields() if field.name == "location"]
    labels = [field.label[language()] for field in fields]
    return {"owner": title_of(owner), "labels": labels} if labels else None


@blueprint.route("/dataset/<package_id>/adopt", methods=["POST"])
def adopt(package_id: str) -> Any:
    """The button on the page of a dataset."""
    try:
        tk.get_action("kranj_defaults_adopt")({}, {"id": package_id})
    except tk.ObjectNotFound:
        return tk.abort(404)
    except tk.NotAuthorized:
        return tk.abort(403)
    tk.h.flash_success(
        tk.h.kranj_text(
            "Shranjeno. Naslednje zbirke organizacije te vrednosti prevzamejo; vsaka ima lahko svoje.",
            "Saved. The next datasets of the organisation take these values over; each may have its own.",
        )
    )
    return tk.redirect_to("dataset.read", id=package_id)
