"""The page ``/desk``."""

from __future__ import annotations

from flask import Blueprint

import ckan.plugins.toolkit as tk

from ckanext.kranj.access.labels import memberships
from ckanext.kranj.desk.cards import desk

blueprint = Blueprint("kranj_desk", __name__)


@blueprint.route("/desk")
def index() -> str:
    """For members of an organisation and administrators; for everybody else there is no such page."""
    user = tk.current_user
    if not (user.is_authenticated and (user.sysadmin or memberships(user.id))):
        return tk.abort(404)
    waiting, tools = desk()
    return tk.render("kranj/desk.html", {"waiting": waiting, "tools": tools})
