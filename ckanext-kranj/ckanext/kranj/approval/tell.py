"""E-mail about proposals and requests. No title of a dataset is ever in it: mail is read on many screens."""

from __future__ import annotations

import logging
from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import mailer

from ckanext.kranj import config
from ckanext.kranj.approval import heard

log = logging.getLogger(__name__)


def tell_office(package_id: str) -> None:
    """A proposal waits."""
    rows = (
        model.Session.query(model.User)
        .join(model.Member, model.Member.table_id == model.User.id)
        .join(model.Group, model.Group.id == model.Member.group_id)
        .filter(model.Group.name == config.data_office(), model.Member.state == "active", model.User.state == "active")
    )
    tell(list(rows), "Predlog spremembe vidnosti / A change of visibility is proposed", package_id)


def tell_requester(proposal: Any) -> None:
    """A proposal was decided."""
    user = model.User.get(proposal.requested_by)
    if user is not None:
        tell([user], "O predlogu je odločeno / Your proposal was decided", proposal.package_id)


def tell_users(package_id: str) -> None:
    """The level changed: those who use the data are told (heard.py)."""
    subject = "Vidnost podatkov, ki jih uporabljate, je druga / The level of data you use has changed"
    tell(heard.of(package_id).accounts, subject, package_id)


def tell(users: list[Any], subject: str, package_id: str) -> None:
    """Send once the running transaction is committed; what is rolled back is not told."""
    if not tk.config.get("smtp.mail_from"):
        return  # no e-mail on this portal
    address = tk.h.url_for("dataset.read", id=package_id, _external=True) if tk.request else tk.config["ckan.site_url"]
    people = [(user.display_name, user.email) for user in users if user.email]

    dropped: list[bool] = []

    def drop(_session: Any) -> None:
        dropped.append(True)

    def send(_session: Any) -> None:
        for name, email in [] if dropped else people:
            try:
                mailer.mail_recipient(name, email, subject, f"{subject}\n\n{address}\n")
            except (mailer.MailerException, OSError) as error:
                log.warning("an e-mail about a dataset could not be sent: %s", error)

    session = model.Session()
    sa.event.listen(session, "after_commit", send, once=True)
    sa.event.listen(session, "after_rollback", drop, once=True)


def send_now(user: Any, subject: str, body: str) -> bool:
    """Send one mail; whether it went out."""
    if not user.email or not tk.config.get("smtp.mail_from"):
        return False
    try:
        mailer.mail_recipient(user.display_name, user.email, subject, body)
    except (mailer.MailerException, OSError) as error:
        log.warning("an e-mail could not be sent: %s", error)
        return False
    return True
