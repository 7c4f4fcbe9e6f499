"""Guessing passwords is slow: after some wrong ones a name, and an address, must wait. Counted in Redis."""

from __future__ import annotations

import hashlib
import logging
from typing import Any

from flask import Blueprint, Response, make_response, request
from redis.exceptions import RedisError

import ckan.plugins.toolkit as tk
from ckan.lib.redis import connect_to_redis

from ckanext.kranj import config

log = logging.getLogger(__name__)

blueprint = Blueprint("kranj_throttle", __name__)

FROM_ONE_ADDRESS = 10
"""How many times as many may come from one address: many people sit behind one."""


def _keys(login: str) -> tuple[str, str]:
    """Redis keys of a name and of the address; the name as a hash, for it may be a mistyped password."""
    name = hashlib.sha256(login.strip().lower().encode()).hexdigest()[:32]
    site = tk.config["ckan.site_id"]
    return f"{site}:login:{name}", f"{site}:login-from:{request.remote_addr}"


def failed(login: Any, **_given: Any) -> None:
    """Count a failed login (signal of CKAN)."""
    if not tk.request:
        return
    try:
        pipe = connect_to_redis().pipeline()
        for key in _keys(str(login)):
            pipe.incr(key)
            pipe.expire(key, config.login_wait())
        pipe.execute()
    except RedisError:
        log.exception("failed logins cannot be counted")


@blueprint.before_app_request
def wait() -> Response | None:
    """Refuse a login that was tried too often, without looking at the password."""
    if request.endpoint != "user.login" or request.method != "POST":
        return None
    try:
        counts = [int(count or 0) for count in connect_to_redis().mget(_keys(request.form.get("login", "")))]
    except RedisError:
        log.exception("failed logins cannot be counted")
        return None
    if counts[0] < config.login_attempts() and counts[1] < config.login_attempts() * FROM_ONE_ADDRESS:
        return None
    minutes = config.login_wait() // 60
    text = tk.h.kranj_text(
        f"Preveč napačnih poskusov prijave. Poskusite znova čez {minutes} min. "
        "Če ste geslo pozabili, na strani za prijavo zahtevajte novo.",
        f"Too many failed logins. Try again in {minutes} min. "
        "If you forgot your password, ask for another on the login page.",
    )
    page = tk.render("error_document_template.html", {"code": 429, "content": text, "name": None})
    response = make_response(page, 429)
    response.headers["Retry-After"] = str(config.login_wait())
    return response
