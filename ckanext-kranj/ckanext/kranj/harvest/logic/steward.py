"""What stewards do with sources, as actions; the pages of harvesting are built on these."""

from __future__ import annotations

import json
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj.access import existence
from ckanext.kranj.harvest import gallery, kinds, sources, trial
from ckanext.kranj.harvest.spec import Spec, spec_of
from ckanext.kranj.harvest.words import refused

from harvesters.errors import HarvestError


@tk.side_effect_free
def kranj_harvest_gallery(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """The systems that can be added as sources.

    Args:
        context: of CKAN.
        data_dict: optionally ``{"q": words to look for}``.

    Returns:
        ``{"areas": [{"code", "label", "systems"}], "kinds": [{"name", "title"}]}``.
    """
    tk.check_access("kranj_harvest_gallery", context, data_dict)
    return gallery.shown(str(data_dict.get("q") or ""))


def kranj_harvest_check(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """Try a source before it is saved: its first ten records as they would be described, and their problems.

    Args:
        context: of CKAN.
        data_dict: as ``harvest_source_create``: ``{"name", "url", "source_type", "owner_org", "config"}``; of a source
            that is saved already ``{"id"}``, and beside it what is to be tried instead.

    Returns:
        ``{"good", "reason", "detail", "records", "problems", "seconds"}``.

    Raises:
        tk.ValidationError: a setting is missing or wrong.
    """
    data = dict(data_dict)
    held = _source(context, data["id"]) if data.get("id") else None
    tk.check_access("kranj_harvest_check", context, data)
    spec = _spec(data, held)
    try:
        return trial.of(spec)
    except HarvestError as error:
        raise refused(error) from error


def _source(context: dict[str, Any], identifier: Any) -> Any:
    existence.demand_visible(context, model.Package.get, identifier)
    package = model.Package.get(identifier)
    if package is None or package.type != "harvest":
        raise tk.ObjectNotFound
    return package


def _spec(data: dict[str, Any], held: Any) -> Spec:
    try:
        if held is not None and not data.get("url"):
            return sources.find(held.id)
        config = data.get("config") or "{}"
        text = config if isinstance(config, str) else json.dumps(config)
        given = json.loads(text)
        if not isinstance(given, dict):
            raise tk.ValidationError({"config": ["JSON"]})  # noqa: TRY301 as every other wrong configuration
        kinds.refuse_for_others(given, kinds.approved.get())
        owner = model.Group.get(data.get("owner_org") or (held.owner_org if held else "") or "")
        return spec_of(
            (held.name if held else "") or str(data.get("name") or "preizkus"),
            str(data.get("source_type") or ""),
            str(data.get("url") or ""),
            text,
            identifier=held.id if held else "",
            owner=owner.name if owner else "",
        )
    except HarvestError as error:
        raise refused(error) from error
    except ValueError as error:
        raise tk.ValidationError({"config": ["JSON"]}) from error
