"""Logins and logouts, good and failed, as CKAN tells of them."""

from __future__ import annotations

from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.kranj.access import throttle
from ckanext.kranj.audit import record
from ckanext.kranj.login import session


class KranjSignals(p.ISignal):
    """ISignal of the plugin ``kranj``."""

    def get_signal_subscriptions(self) -> dict[Any, list[Any]]:
        """What is listened to."""
        return {
            tk.signals.user_logged_in: [logged_in, session.begin],
            tk.signals.user_logged_out: [logged_out],
            tk.signals.failed_login: [failed, throttle.failed],
            tk.signals.perform_password_reset: [reset],
        }


def logged_in(_sender: Any, **given: Any) -> None:
    """A person logged in."""
    user = given.get("user")
    if user is not None:
        by = tk.g.get("kranj_login_by", "password") if tk.request else "machine"
        record.note("login", "login", "user", user.id, who=user.id, fields={"by": by})


def logged_out(_sender: Any, **given: Any) -> None:
    """A person logged out."""
    user = given.get("user")
    if user is not None and user.is_authenticated:
        record.note("login", "logout", "user", user.id, who=user.id)


def failed(sender: Any, **_given: Any) -> None:
    """Somebody tried a wrong password; a name that is no account may be a password itself and is not kept."""
    from ckan import model

    user = model.User.get(sender) if isinstance(sender, str) else None
    record.note("login", "failed", "user", user.id if user else "unknown", who="anonymous")


def reset(_sender: Any, **given: Any) -> None:
    """A person set a new password with the key that was sent by e-mail."""
    user = given.get("user")
    record.note("login", "password-reset", "user", getattr(user, "id", "unknown"))
