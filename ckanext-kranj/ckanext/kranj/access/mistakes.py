"""Odd input gets a clear page: what CKAN's views let fall through is a mistake of the caller."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, jsonify, request
from werkzeug.exceptions import BadRequest

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj.catalogue.complaints import complaints
from ckanext.kranj.language import language

from schemas import Problem

blueprint = Blueprint("kranj_mistakes", __name__)

NEEDED = {
    "user.login": ("login", "password"),
    "user.edit": ("email",),
    "dataset.new_collaborator": ("username",),
    "dataset_resource.new": ("save", "id"),
    "resource.new": ("save", "id"),
    "dataset_resource.edit": ("save",),
    "resource.edit": ("save",),
}
"""Fields that CKAN's views take for granted in a form that is posted."""


@blueprint.before_app_request
def complete() -> Any:
    """Refuse a form without the fields that its view takes for granted."""
    lacking = [name for name in NEEDED.get(request.endpoint or "", ()) if name not in request.form]
    return _page(400) if request.method == "POST" and lacking else None


@blueprint.before_app_request
def readable() -> Any:
    """Refuse a call of an action whose body is no JSON; CKAN would say so in English and in its own shape."""
    if request.endpoint != "api.action" or request.method not in ("POST", "PUT") or not request.is_json:
        return None
    try:
        request.get_json()  # read once: CKAN gets the same object
    except BadRequest:
        problem = Problem.of("", "unreadable-request")
        words = f"[{problem.code}] {problem.text(language())} {problem.remedy(language())}"
        return jsonify({"success": False, "error": {"__type": "Bad Request", "message": words}}), 400
    return None


CALLBACK = re.compile(r"[A-Za-z_$][\w$]{0,99}", re.ASCII)
"""Name of one function: anything else would be a program from the portal's own address, which its policy lets run."""


@blueprint.before_app_request
def named() -> Any:
    """Refuse a call of the API whose ``callback`` (JSONP) is no name."""
    given = request.args.getlist("callback") if request.blueprint == "api" else []
    return None if all(map(CALLBACK.fullmatch, given)) else _page(400)


@blueprint.app_errorhandler(tk.ObjectNotFound)
def unknown(_error: Any) -> Any:
    """Something that is named does not exist, or not for this visitor."""
    return _page(404)


@blueprint.app_errorhandler(tk.NotAuthorized)
def refused(_error: Any) -> Any:
    """The visitor may not."""
    return _page(403)


@blueprint.app_errorhandler(tk.ValidationError)
@blueprint.app_errorhandler(tk.Invalid)
def wrong(error: Any) -> Any:
    """What was sent is not of the right form, or the standard is against it: then in its words."""
    return _page(400, " ".join(found.text for found in complaints(getattr(error, "error_dict", {})) if found.code))


def _page(status: int, content: str = "") -> Any:
    model.Session.rollback()
    return tk.render("error_document_template.html", {"code": status, "content": content, "name": None}), status
