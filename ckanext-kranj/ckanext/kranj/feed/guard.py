"""The guard of the feed: harvesters delete what they no longer see, so a feed that shrank by accident must not be read.

Every dataset that leaves is either explained (an action of the catalogue deleted it or changed its level, and said so
in the same transaction) or not (a table was emptied, a backup restored, a script wrote past the catalogue). More than
max(5, 20 %) unexplained ones close the feed until ``ckan kranj feed confirm``.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

AT_LEAST = 5
SHARE = 0.2

_COUNTS = sa.text(
    "SELECT s.total, (SELECT count(*) FROM kranj_feed_record WHERE unexplained) AS unexplained FROM kranj_feed_state s"
)
_CONFIRM = sa.text("UPDATE kranj_feed_record SET unexplained = false WHERE unexplained")


@dataclass(frozen=True)
class Alarm:
    """The feed lost too much."""

    missing: int
    left: int

    @property
    def sentence(self) -> str:
        """What happened and what to do, in Slovene and English."""
        return (
            f"Katalog je zaprt: brez pojasnila je izginilo {self.missing} zbirk, ostalo jih je {self.left}."
            " Preverite, zakaj; če je prav, poženite `ckan kranj feed confirm`. / The feed is closed:"
            f" {self.missing} datasets disappeared without an explanation, {self.left} are left."
            " Find out why; if it is right, run `ckan kranj feed confirm`."
        )


def alarm(total: int, unexplained: int) -> Alarm | None:
    """Whether so many unexplained losses close the feed."""
    before = total + unexplained
    return Alarm(unexplained, total) if unexplained > max(AT_LEAST, SHARE * before) else None


def judge(connection: sa.Connection) -> Alarm | None:
    """Ask the tables."""
    found = connection.execute(_COUNTS).one()
    return alarm(found.total, found.unexplained)


def confirm(connection: sa.Connection) -> int:
    """Take the losses as meant; returns how many there were."""
    return connection.execute(_CONFIRM).rowcount
