"""How long a login lasts: not past so many hours, and not past a change of the password (CKAN's would last on)."""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import Any

from flask import Blueprint, Response, g, jsonify, request, session

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj import config
from ckanext.kranj.audit import record

blueprint = Blueprint("kranj_session", __name__)

SINCE = "kranj_since"
PROOF = "kranj_proof"
"""Keys of the session: when somebody logged in, and with which password in force."""

ENDED = (
    "Seja je potekla ali je bilo geslo zamenjano. Prijavite se znova.",
    "Your session ended, or the password was changed. Log in again.",
)
EXPIRED = (
    "API-žeton je potekel. Na strani svojega računa ustvarite novega.",
    "The API token has expired. Create a new one on your account page.",
)


def begin(_sender: Any, **given: Any) -> None:
    """Somebody logged in (signal): note when, and bind the session to the password in force."""
    if tk.request and given.get("user") is not None:
        session[SINCE], session[PROOF] = int(time.time()), _proof(model.User.get(given["user"].id))


@blueprint.before_app_request
def still() -> Response | None:
    """End a session that is over; refuse a token that is over, rather than answer it as an anonymous visitor."""
    if g.get("kranj_token_expired"):
        return _say(EXPIRED)
    if "_user_id" not in session or not tk.current_user.is_authenticated or g.get("login_via_auth_header"):
        return None
    user = model.User.get(tk.current_user.id)
    alive = time.time() - session.get(SINCE, 0) <= config.session_longest()
    if alive and hmac.compare_digest(str(session.get(PROOF, "")), _proof(user)):
        return None
    tk.logout_user()
    session.clear()
    g.user, g.userobj = "", None
    record.note("login", "ended", "user", user.id, who=user.id)
    if request.endpoint == "user.logout":
        return None
    if (request.endpoint or "").startswith("api."):
        return _say(ENDED)
    tk.h.flash_notice(tk.h.kranj_text(*ENDED))
    came_from = request.full_path.rstrip("?") if request.method == "GET" else None
    answer: Response = tk.redirect_to("user.login", came_from=came_from)
    return answer


def _proof(user: Any) -> str:
    """What changes with the password and tells nothing of it."""
    key = str(tk.config["SECRET_KEY"]).encode()
    return hmac.new(key, f"{user.id}\n{user.password}".encode(), hashlib.sha256).hexdigest()[:32]


def _say(texts: tuple[str, str]) -> Response:
    """One sentence: as the API answers, or as plain text."""
    sentence = tk.h.kranj_text(*texts)
    if (request.endpoint or "").startswith("api."):
        answer = jsonify({"success": False, "error": {"__type": "Authorization Error", "message": sentence}})
        answer.status_code = 401
        return answer
    return Response(sentence + "\n", status=401, content_type="text/plain; charset=utf-8")
