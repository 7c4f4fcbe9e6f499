"""What one snapshot says of the feed as a whole and of one page, and whether that may be answered.

The questions and their judgement stand here once: the reader of a page (``store``) and the short way in front of CKAN
(``early``) both ask these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from . import guard, rows
from .catalogue import Paging
from .config import FeedConfig
from .fragments import place_key
from .writer import Place

STATE = (
    "SELECT s.*, clock_timestamp() - s.modified > interval '1 second' AS settled,"
    " EXISTS (SELECT 1 FROM kranj_feed_dirty WHERE urgent) AS dirty,"
    " EXISTS (SELECT 1 FROM kranj_feed_dirty WHERE NOT urgent) AS stale,"
    " (SELECT count(*) FROM kranj_feed_record WHERE unexplained) AS unexplained"
    " FROM kranj_feed_state s"
)
PAGE = (
    "SELECT m.*, (SELECT coalesce(max(ordinal), 0) FROM kranj_feed_record) AS last_ever,"  # noqa: S608 - a constant
    " (SELECT coalesce(max(ordinal), 1) FROM kranj_feed_record WHERE live) AS last_live,"
    " (SELECT min(ordinal) FROM kranj_feed_record WHERE live AND ordinal > {high}) AS following,"
    " (SELECT max(ordinal) FROM kranj_feed_record WHERE live AND ordinal < {low}) AS preceding"
    f" FROM (SELECT count(*) AS expected, count({rows.LIVE}) AS found,"
    " md5(coalesce(string_agg(r.ordinal || r.etag, ',' ORDER BY r.ordinal), '')) AS members"
    " FROM kranj_feed_record r WHERE r.live AND r.ordinal BETWEEN {low} AND {high}) m"
)


class PageNotFoundError(Exception):
    """The page lies past the end of the feed."""


class FeedNotReadyError(Exception):
    """The feed cannot be told as a whole at the moment; its text says why, in Slovene and English."""


class DisagreeError(Exception):
    """A live fragment without a public row: something wrote past the triggers."""


@dataclass(frozen=True)
class State:
    """The feed as one snapshot has it."""

    total: int
    last_seq: int
    modified: datetime
    organizations: str
    settled: bool
    """Whether more than a second has passed since the last change: only then can a date tell two states apart."""
    stale: bool


def moved(row: Mapping[str, Any], settings: FeedConfig) -> bool:
    """Whether what was rendered carries the addresses of another place."""
    return bool(row["place"] != place_key(Place(settings.base_uri, settings.site_url)))


def complete(row: Mapping[str, Any], settings: FeedConfig) -> State | None:
    """The state that ``STATE`` found; None when something has to be rendered before anybody may read.

    Raises:
        FeedNotReadyError: the guard closed the feed.
    """
    if row["dirty"] or moved(row, settings):
        return None
    closed = guard.alarm(row["total"], row["unexplained"])
    if closed:
        raise FeedNotReadyError(closed.sentence)
    fields = ("total", "last_seq", "modified", "organizations", "settled", "stale")
    return State(**{key: row[key] for key in fields})


def bounds(number: int, settings: FeedConfig) -> tuple[int, int]:
    """The first and the last ordinal of a page."""
    return (number - 1) * settings.page_size + 1, number * settings.page_size


def paging(row: Mapping[str, Any], number: int, name: str, state: State, settings: FeedConfig) -> Paging:
    """The place of a page among the others, as ``PAGE`` found it.

    Raises:
        PageNotFoundError: no dataset was ever on that page or after it.
        DisagreeError: fragments and live rows disagree.
    """
    size = settings.page_size
    if number > (-(-row["last_ever"] // size) or 1):
        raise PageNotFoundError
    if row["found"] != row["expected"]:
        raise DisagreeError
    return Paging(
        address=f"{settings.site_url}/catalog.{name}",
        number=number,
        last=_page_of(row["last_live"], size) or 1,
        total=state.total,
        size=size,
        following=_page_of(row["following"], size),
        preceding=_page_of(row["preceding"], size),
    )


def _page_of(ordinal: int | None, size: int) -> int | None:
    return (ordinal - 1) // size + 1 if ordinal else None
