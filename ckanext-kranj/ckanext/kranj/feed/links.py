"""Do the addresses in the feed answer? Asked by command, one host at a time, gently and seldom."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import sqlalchemy as sa
from pyoxigraph import NamedNode

from ckan import model

from harvesters.errors import SourceUnavailable

from .config import FeedConfig
from .mqa import Answer, Facts
from .store import Reader, read
from .terms import DCAT

PAUSE = 1.0
"""Seconds between two questions to one host."""
FRESH = timedelta(days=7)
"""How long an answer is believed; a failure is asked about again the next day."""
AGAIN = timedelta(days=1)
BUSY = frozenset({429, 503})
"""Statuses by which a host asks to be left alone for now."""

_KNOWN = sa.text("SELECT answers FROM kranj_feed_link WHERE url = :url")
_ALL = sa.text("SELECT url, answers, checked_at FROM kranj_feed_link")
_KEEP = sa.text(
    "INSERT INTO kranj_feed_link (url, answers, said, checked_at) VALUES (:url, :answers, :said, :at)"
    " ON CONFLICT (url) DO UPDATE"
    " SET answers = excluded.answers, said = excluded.said, checked_at = excluded.checked_at"
)
_FORGET = sa.text("DELETE FROM kranj_feed_link WHERE NOT (url = ANY(:urls))")

Ask = Callable[[str], int]


def known(connection: sa.Connection) -> Answer:
    """What earlier questions found."""
    return lambda url: connection.execute(_KNOWN, {"url": url}).scalar_one_or_none()


def addresses(settings: FeedConfig) -> set[str]:
    """Every address of data in the feed that can be asked."""

    def ask(reader: Reader) -> set[str]:
        found: set[str] = set()
        for piece in reader.everything("nt"):
            facts = Facts.of(piece.body)
            for distribution in facts.values(NamedNode(piece.node), DCAT.distribution):
                for predicate in (DCAT.accessURL, DCAT.downloadURL):
                    found |= {one for one in facts.addresses(distribution, predicate) if one.startswith("http")}
        return found

    return read(settings, ask)


def check(
    urls: Iterable[str],
    ask: Ask,
    limit: int,
    sleep: Callable[[float], None] = time.sleep,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> dict[str, bool]:
    """Ask what is due, and keep the answers.

    Args:
        urls: all addresses of the feed; others are forgotten.
        ask: the status of an address (``harvesters.http.Session.status``).
        limit: how many questions at most.
        sleep: how to wait between two questions to one host.
        now: the clock.
    """
    wanted = set(urls)
    with model.meta.engine.begin() as connection:
        connection.execute(_FORGET, {"urls": sorted(wanted)})
        before = {row.url: (row.answers, row.checked_at) for row in connection.execute(_ALL)}
    due = [one for one in sorted(wanted) if one not in before or _due(*before[one], now())]
    hosts: dict[str, list[str]] = defaultdict(list)
    for one in due[:limit]:
        hosts[urlsplit(one).netloc].append(one)
    found: dict[str, bool] = {}
    while hosts:  # in turn, so that a pause for one host is spent asking the others
        for host in list(hosts):
            url = hosts[host].pop(0)
            answers, said, busy = _ask(url, ask)
            found[url] = answers
            with model.meta.engine.begin() as connection:
                connection.execute(_KEEP, {"url": url, "answers": answers, "said": said, "at": now()})
            if busy or not hosts[host]:
                del hosts[host]
        if hosts:
            sleep(PAUSE)
    return found


def _ask(url: str, ask: Ask) -> tuple[bool, str, bool]:
    try:
        status = ask(url)
    except SourceUnavailable as error:
        return False, str(error)[:500], False
    return 200 <= status < 300, str(status), status in BUSY


def _due(answers: bool, checked_at: datetime, now: datetime) -> bool:
    return now - checked_at > (FRESH if answers else AGAIN)
