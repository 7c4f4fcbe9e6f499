"""The pages of ckanext-harvest are for people who work with sources: nobody else gets past this guard."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.harvest.model import HarvestSource
from ckanext.kranj.harvest.pages import review, running, source
from ckanext.kranj.harvest.spec import connector_of

GUARDED = ("/harvest", "/dataset/harvest_object")

blueprint = Blueprint("kranj_harvest", __name__)
of_sources = source.blueprint
of_runs = running.blueprint
of_reviews = review.blueprint


def _below(path: str, start: str) -> bool:
    return path == start or path.startswith(start + "/")


@blueprint.before_app_request
def guard() -> Any:
    """Anonymous visitors are sent to the login, others need the right to see sources."""
    path = tk.request.path
    if not any(_below(path, start) for start in GUARDED):
        return None
    user = tk.current_user
    if not user.is_authenticated:
        return tk.h.redirect_to("user.login", came_from=path)
    try:
        tk.check_access("harvest_source_list", {"user": user.name})
    except tk.NotAuthorized:
        return tk.abort(404)
    if tk.request.endpoint == "harvest.edit" and _is_ours(str((tk.request.view_args or {}).get("id", ""))):
        return tk.redirect_to("kranj_harvest_source.settings", id=tk.request.view_args["id"])
    return None


def _is_ours(identifier: str) -> bool:
    """Whether a source has a form of ours; other types keep that of ckanext-harvest."""
    package = model.Package.get(identifier)
    held = HarvestSource.get(package.id) if package is not None else None
    return held is not None and connector_of(held.type) is not None
