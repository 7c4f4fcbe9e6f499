"""The edge of the portal: every request is asked for its decision before anything else happens (decisions.yaml)."""

from __future__ import annotations

import logging
from typing import Any

from flask import Blueprint, Response, current_app, g, jsonify, request

import ckan.plugins.toolkit as tk
from ckan import logic

from ckanext.kranj.access import protection
from ckanext.kranj.access.decisions import NOBODY, allows, decisions
from ckanext.kranj.audit import actor

log = logging.getLogger(__name__)

blueprint = Blueprint("kranj_access", __name__)

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@blueprint.before_app_request
def ask() -> Response | None:
    """Refuse what has no decision, and whom the decision does not name."""
    endpoint = request.endpoint
    if endpoint is None or protection.off("edge"):
        return None  # no such address, or a method that it does not take: CKAN answers
    _demand_token()
    if not _reads() and tk.current_user.is_authenticated:
        # The transaction began before it was known who asks; later ones are told as they begin (audit/actor.py).
        actor.act_for(tk.current_user.id)
    if endpoint == "api.action":
        return _ask_action(str((request.view_args or {}).get("logic_function", "")))
    return _ask_route(endpoint)


def _ask_action(name: str) -> Response | None:
    allowed = allows("actions", name, tk.current_user)
    if allowed is None:
        if not _is_action(name):
            return None  # CKAN answers that it does not know it
        log.warning("access: action %s has no decision in access/decisions.yaml, it is refused to everybody", name)
    if allowed:
        return None
    message = tk._("Access denied")
    response = jsonify({"success": False, "error": {"__type": "Authorization Error", "message": message}})
    response.status_code = 403
    return response


def _is_action(name: str) -> bool:
    try:
        logic.get_action(name)
    except KeyError:
        return False
    return True


def _ask_route(endpoint: str) -> Response | None:
    allowed = allows("routes", endpoint, tk.current_user)
    if allowed is None:
        log.warning("access: route %s has no decision in access/decisions.yaml, it is refused to everybody", endpoint)
    if allowed:
        return None
    decision = decisions()["routes"].get(endpoint)
    if decision is None or decision.who == NOBODY:
        return _abort(404)
    if not tk.current_user.is_authenticated:
        if not _reads():
            return _abort(403)
        here = tk.h.url_for(request.full_path.rstrip("?"))  # with its language, so that one comes back to the same
        return tk.h.redirect_to("user.login", came_from=here)
    return _abort(403)


def _reads() -> bool:
    return request.method in SAFE


def _abort(status: int) -> Any:
    return tk.abort(status)


def _demand_token() -> None:
    """Ask every writing request of a browser for its CSRF token.

    CKAN 2.12.0 exempts a view for ever once an anonymous or token-bearing request reached it (CVE-2026-41255), so its
    own check cannot be relied on. A request that carries an API token needs none: no browser adds that by itself.
    """
    if _reads() or not current_app.config["WTF_CSRF_ENABLED"]:
        return
    if tk.current_user.is_authenticated:
        if g.get("login_via_auth_header"):
            return
    elif (request.endpoint or "").startswith("api."):
        return  # nothing is done in anybody's name
    current_app.extensions["csrf"].protect()
