"""Whose account a login of the provider is. Known by issuer and subject; an e-mail counts only when it is verified."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj import config
from ckanext.kranj.audit import record
from ckanext.kranj.login.provider import Person
from ckanext.kranj.login.refusal import Refused


class Identity(tk.BaseModel):
    """A login of a provider and the account that it opens."""

    __tablename__ = "kranj_identity"

    issuer = sa.Column(sa.UnicodeText, primary_key=True)
    subject = sa.Column(sa.UnicodeText, primary_key=True)
    user_id = sa.Column(sa.UnicodeText, nullable=False, index=True)
    created_at = sa.Column(sa.DateTime(timezone=True), nullable=False)


def account_of(person: Person, asking: Any = None) -> Any:
    """The account that a login opens, connected or made when it comes for the first time.

    1. A login that came before opens the account it was connected to, whatever its e-mail says today.
    2. Somebody who is logged in and asked for it connects the login to his account.
    3. A verified e-mail that exactly one account has connects it to that account, unless that is an administrator's.
    4. Otherwise a new account is made, without membership and rights, if the portal is set so.

    Args:
        person: whom the provider vouches for.
        asking: the account that is logged in and asked to be connected, or None.

    Raises:
        Refused: no account may be opened.
    """
    known = model.Session.get(Identity, (person.issuer, person.subject))
    if known is not None:
        if asking is not None and asking.id != known.user_id:
            raise Refused("linked-elsewhere")
        return _open(model.User.get(known.user_id))
    if asking is not None:
        return _connect(person, _open(asking), "asked")
    namesakes = _with_email(person.email or person.unverified)
    if namesakes:
        found = namesakes[0]
        if not person.email or len(namesakes) > 1 or found.sysadmin or _connected(person.issuer, found.id):
            raise Refused("email-taken")
        if found.state == model.State.PENDING:
            found.activate()  # invited to this very address, which the provider verified
        return _connect(person, _open(found), "verified-email")
    if not config.oidc_create_accounts():
        raise Refused("no-account")
    return _connect(person, _made(person), "new")


def _open(user: Any) -> Any:
    if user is None or user.state != model.State.ACTIVE:
        raise Refused("closed")
    return user


def _with_email(email: str | None) -> list[Any]:
    if not email:
        return []
    matches = sa.func.lower(model.User.email) == email.strip().lower()
    return list(model.Session.query(model.User).filter(matches, model.User.state != model.State.DELETED))


def _connected(issuer: str, user_id: str) -> bool:
    return model.Session.query(Identity).filter_by(issuer=issuer, user_id=user_id).first() is not None


def _connect(person: Person, user: Any, why: str) -> Any:
    # Two windows may come back at once: the first one connects, the other finds it done.
    made = {"issuer": person.issuer, "subject": person.subject, "user_id": user.id, "created_at": datetime.now(tz=UTC)}
    model.Session.execute(sa.dialects.postgresql.insert(Identity).values(made).on_conflict_do_nothing())
    model.Session.commit()
    record.note("login", "connected", "user", user.id, who=user.id, fields={"issuer": person.issuer, "why": why})
    return user


def _made(person: Person) -> Any:
    """A new account under a name that tells nothing; its e-mail only when it is verified."""
    name = "oidc-" + hashlib.sha256(f"{person.issuer}\n{person.subject}".encode()).hexdigest()[:16]
    found = model.User.get(name)
    if found is not None:
        return _open(found)
    user = model.User(
        name=name, fullname=person.name or name, email=person.email, password=secrets.token_urlsafe(32)
    )  # fmt: skip
    model.Session.add(user)
    model.Session.commit()
    return user
