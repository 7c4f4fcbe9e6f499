"""The pages of ckanext-harvest are for people who work with sources: nobody else gets past this guard."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

import ckan.plugins.toolkit as tk

GUARDED = ("/harvest", "/dataset/harvest_object")

blueprint = Blueprint("kranj_harvest", __name__)


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
    return None


def get_blueprints() -> list[Blueprint]:
    """For CKAN's blanket."""
    return [blueprint]
