"""The daily e-mail sent by the workers' schedule: once a day to each person, however many workers there are.

Each e-mail is claimed in the database before it is sent. Whoever is killed in that moment has cost one person one
e-mail of one day, which is better than sending it twice; one that the mail server refused is tried again.
"""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj.harvest import config, digest, schedule

log = logging.getLogger(__name__)

AGAIN = timedelta(minutes=30)
"""Before a day that is not done is taken up again: its worker died, or the mail server was away."""
KEPT = timedelta(days=30)

WHOLE_DAY = ""
"""Instead of a person: the round of a day, open until everybody has had his e-mail."""

_CLAIM = sa.text(
    "INSERT INTO kranj_harvest_digest AS held (day, user_id, at, open) VALUES (:day, :user, clock_timestamp(), :open)"
    " ON CONFLICT (day, user_id) DO UPDATE SET at = clock_timestamp(), open = :open"
    " WHERE held.open AND held.at <= clock_timestamp() - :wait * interval '1 s' RETURNING day"
)
_CLOSE = sa.text("UPDATE kranj_harvest_digest SET open = :open WHERE day = :day AND user_id = :user")
_FORGET = sa.text("DELETE FROM kranj_harvest_digest WHERE day < :day")


def send_when_due(now: datetime | None = None) -> int:
    """Send the e-mails of today if their hour has come and nobody has.

    Returns:
        How many were sent.
    """
    moment = now or datetime.now(tz=UTC)
    here = moment.astimezone(schedule.zone())
    if not 0 <= config.digest_hour() <= here.hour or not tk.config.get("smtp.mail_from"):
        return 0
    day = here.date()
    if not _claimed(day, WHOLE_DAY, still_open=True, wait=AGAIN):
        return 0
    sent, failed = send(moment)
    with model.meta.engine.begin() as connection:
        connection.execute(_CLOSE, {"day": day, "user": WHOLE_DAY, "open": bool(failed)})
        connection.execute(_FORGET, {"day": day - KEPT})
    log.info("harvest: %s daily e-mails sent, %s could not be", sent, failed)
    return sent


def send(now: datetime | None = None) -> tuple[int, int]:
    """Send the e-mails of the day to whoever has not had his; one that cannot be sent does not stop the others.

    Returns:
        How many were sent, and how many could not be.
    """
    moment = now or datetime.now(tz=UTC)
    if not tk.config.get("smtp.mail_from"):
        return 0, 0
    day, sent, failed = moment.astimezone(schedule.zone()).date(), 0, 0
    for item in digest.digests(moment):
        if not item["email"] or not _claimed(day, item["user"], still_open=False, wait=timedelta()):
            continue
        if digest.sent(item):
            sent += 1
        else:
            failed += 1
            with model.meta.engine.begin() as connection:
                connection.execute(_CLOSE, {"day": day, "user": item["user"], "open": True})
    return sent, failed


def _claimed(day: date, user: str, *, still_open: bool, wait: timedelta) -> bool:
    given = {"day": day, "user": user, "open": still_open, "wait": wait.total_seconds()}
    with model.meta.engine.begin() as connection:
        return connection.execute(_CLAIM, given).first() is not None
