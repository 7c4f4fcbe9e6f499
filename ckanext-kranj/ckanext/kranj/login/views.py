"""Logging in with the provider and back out."""

from __future__ import annotations

import logging
from typing import Any

from flask import Blueprint, current_app, session
from flask_wtf.csrf import generate_csrf, validate_csrf
from wtforms import ValidationError

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj import config
from ckanext.kranj.audit import record
from ckanext.kranj.language import language
from ckanext.kranj.login import identity, provider
from ckanext.kranj.login.refusal import Refused

log = logging.getLogger(__name__)

blueprint = Blueprint("kranj_login", __name__)

UNDER_WAY = "kranj_login"
"""Key of the session: what was asked for when the login began."""

BY_PROVIDER = "kranj_oidc"
"""Key of the session: the id_token of the login, for logging out of the provider, too."""


class KranjAuthenticator(p.IAuthenticator):
    """IAuthenticator of the plugin ``kranj``."""

    def logout(self) -> Any:
        """Log out here, and of the provider where the login came from it; a provider that is down stops nobody."""
        id_token = session.get(BY_PROVIDER)
        if not id_token or not config.oidc():
            return None
        tk.logout_user()
        session.clear()
        return tk.redirect_to(provider.farewell(id_token, _address("user.logged_out_page")) or "user.logged_out_page")


@blueprint.route("/user/oidc/login")
def login() -> Any:
    """Go to the provider; with a valid ``connect`` its login will be connected to the account that is logged in."""
    if not config.oidc():
        return tk.abort(404)
    asking = None
    if tk.current_user.is_authenticated:
        try:
            validate_csrf(tk.request.args.get("connect"))
        except ValidationError:
            return tk.redirect_to("home.index")
        asking = tk.current_user.id
    session[UNDER_WAY] = {"language": language(), "came_from": tk.request.args.get("came_from"), "connect": asking}
    try:
        return provider.start(_address("kranj_login.callback"))
    except Refused as refused:
        return _refuse(refused, language())


@blueprint.route("/user/oidc/callback")
def callback() -> Any:
    """Come back from the provider."""
    if not config.oidc():
        return tk.abort(404)
    asked = session.pop(UNDER_WAY, None) or {}
    spoken = asked.get("language") or language()
    asking = model.User.get(tk.current_user.id) if tk.current_user.is_authenticated else None
    try:
        person = provider.finish()
        _demand_same(asking, asked.get("connect"))
        user = identity.account_of(person, asking)
    except Refused as refused:
        return _refuse(refused, spoken)
    _renew_session()
    tk.g.kranj_login_by = "oidc"
    tk.login_user(user)
    session[BY_PROVIDER] = person.id_token
    generate_csrf()
    target = asked.get("came_from")
    if target and tk.h.url_is_local(target):
        return tk.redirect_to(target)
    return tk.redirect_to("user.edit" if asking else "dashboard.datasets", locale=_locale(spoken))


def _demand_same(asking: Any, asked: str | None) -> None:
    """Whoever comes back must be who left: an account, or nobody."""
    if (asking.id if asking else None) != asked:
        raise Refused("strange-state")


def _address(endpoint: str) -> str:
    """The absolute address of a page, the one and only that the provider knows: without a language."""
    return str(tk.url_for(endpoint, _external=True, locale="default"))


def _locale(spoken: str) -> str:
    """What CKAN puts before the path of a page in a language."""
    return "default" if spoken == tk.config["ckan.locale_default"] else spoken


def _renew_session() -> None:
    """Another session id, so that nobody who planted the old one is logged in with it; and another CSRF token."""
    regenerate = getattr(current_app.session_interface, "regenerate", None)
    if regenerate is not None:
        regenerate(session)
    session.pop(tk.config["WTF_CSRF_FIELD_NAME"], None)


def _refuse(refused: Refused, spoken: str) -> Any:
    log.warning("login: refused, %s", refused)
    record.note("login", "refused", "user", "unknown", who="anonymous", fields={"why": refused.code, "by": "oidc"})
    tk.h.flash_error(refused.sentence(spoken))
    return tk.redirect_to("user.edit" if tk.current_user.is_authenticated else "user.login", locale=_locale(spoken))
