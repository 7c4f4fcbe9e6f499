"""Who acts: told to the database at the start of a transaction, so that its triggers can write it down."""

from __future__ import annotations

import getpass
from typing import Any

import sqlalchemy as sa
from flask import has_request_context

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj.access.auth import account_of

_SET = sa.text("SELECT set_config('kranj.actor', :actor, true), set_config('kranj.via', :via, true)")


def via() -> str:
    """How the call came in."""
    if not has_request_context():
        return "cli"
    return "api" if (tk.request.endpoint or "").startswith("api.") else "web"


def name_of(context: dict[str, Any] | None = None) -> str:
    """Id of the acting account; outside of a request and without a context the account of the machine."""
    if context and context.get("user"):
        user = account_of(context)
        return user.id if user is not None else f"unknown:{context['user']}"
    if has_request_context():
        return tk.current_user.id if tk.current_user.is_authenticated else "anonymous"
    return f"machine:{getpass.getuser()}"


def act_as(context: dict[str, Any]) -> None:
    """Tell the running transaction who acts, as far as the context knows."""
    act_for(name_of(context))


def act_for(who: str) -> None:
    """Tell the running transaction who acts."""
    model.Session.execute(_SET, {"actor": who, "via": via()})


def _begun(_session: Any, transaction: Any, connection: Any) -> None:
    """A transaction of a person's request begins; savepoints and anonymous reads need no name."""
    if transaction.nested or not has_request_context():
        return
    known = tk.g.get("_login_user")  # not current_user: asking for it would begin another transaction
    if known is not None and known.is_authenticated:
        # The id from the identity key: the object may be expired, and loading it would come back here.
        connection.execute(_SET, {"actor": sa.inspect(known).identity[0], "via": via()})


def listen() -> None:
    """Have every session of the process tell its transactions who acts; safe to call again."""
    if not sa.event.contains(model.Session, "after_begin", _begun):
        sa.event.listen(model.Session, "after_begin", _begun)
