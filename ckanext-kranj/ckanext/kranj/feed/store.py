"""Reading the feed: fragments joined with the live rows of ``package``, in one snapshot.

The live row decides what is shown, not what was rendered: whatever stopped being public is gone with its transaction.
A reader first makes sure that nothing in the log of changes is left unrendered in the very snapshot it reads; if
something is, it renders it and starts again. So what is read is complete, current and of one moment.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa

from ckan import model

from . import guard, render, rows
from .catalogue import Paging
from .config import FeedConfig
from .fragments import Needs, place_key, version
from .pages import Front, Piece
from .serialise import stored
from .writer import Place

log = logging.getLogger(__name__)

PATIENCE = 20.0
"""Seconds a reader may spend on rendering what others changed before it answers 503; consumers give up after 60."""

_STATE = sa.text(
    "SELECT s.*, clock_timestamp() - s.modified > interval '1 second' AS settled,"
    " EXISTS (SELECT 1 FROM kranj_feed_dirty WHERE urgent) AS dirty,"
    " EXISTS (SELECT 1 FROM kranj_feed_dirty WHERE NOT urgent) AS stale,"
    " (SELECT count(*) FROM kranj_feed_record WHERE unexplained) AS unexplained"
    " FROM kranj_feed_state s"
)
_PAGE = sa.text(
    "SELECT m.*, (SELECT coalesce(max(ordinal), 0) FROM kranj_feed_record) AS last_ever,"  # noqa: S608 - a constant
    " (SELECT coalesce(max(ordinal), 1) FROM kranj_feed_record WHERE live) AS last_live,"
    " (SELECT min(ordinal) FROM kranj_feed_record WHERE live AND ordinal > :high) AS following,"
    " (SELECT max(ordinal) FROM kranj_feed_record WHERE live AND ordinal < :low) AS preceding"
    " FROM (SELECT count(*) AS expected, count(p.id) AS found,"
    " md5(coalesce(string_agg(r.ordinal || r.etag, ',' ORDER BY r.ordinal), '')) AS members"
    f" FROM kranj_feed_record r LEFT JOIN package p ON p.id = r.package_id AND {rows.PUBLIC}"
    " WHERE r.live AND r.ordinal BETWEEN :low AND :high) m"
)
_COLUMNS = {
    name: f"r.package_id, r.ordinal, r.seq, r.needs, r.{name} AS body" for name in ("nt", "ttl", "rdf", "jsonld")
}
_LIVE = f"FROM kranj_feed_record r JOIN package p ON p.id = r.package_id AND {rows.PUBLIC} WHERE r.live"

T = TypeVar("T")


class PageNotFoundError(Exception):
    """The page lies past the end of the feed."""


class FeedNotReadyError(Exception):
    """The feed cannot be told as a whole at the moment; its text says why, in Slovene and English."""


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


class Reader:
    """One snapshot.

    Args:
        connection: REPEATABLE READ.
        state: read in it.
        settings: where the portal stands.
    """

    def __init__(self, connection: sa.Connection, state: State, settings: FeedConfig) -> None:
        self.connection, self.state, self.settings = connection, state, settings

    def page(self, number: int, name: str) -> Page:
        """What the snapshot says of one page, without its datasets.

        Raises:
            PageNotFoundError: no dataset was ever on that page or after it.
            FeedNotReadyError: fragments and live rows disagree.
        """
        size = self.settings.page_size
        low, high = (number - 1) * size + 1, number * size
        found = self.connection.execute(_PAGE, {"low": low, "high": high}).mappings().one()
        if number > (-(-found["last_ever"] // size) or 1):
            raise PageNotFoundError
        if found["found"] != found["expected"]:
            raise DisagreeError
        paging = Paging(
            address=f"{self.settings.site_url}/catalog.{name}",
            number=number,
            last=_page_of(found["last_live"], size) or 1,
            total=self.state.total,
            size=size,
            following=_page_of(found["following"], size),
            preceding=_page_of(found["preceding"], size),
        )
        return Page(self, paging, found["members"], low, high, name)

    def front(self, needs: list[Needs], *, modified: bool = False) -> Front:
        """What stands before datasets that need this."""
        owners = [one.publisher for one in needs if one.publisher]
        found = rows.organizations(self.connection, owners, self.settings.publisher)
        return Front(self.settings, found, self.state.modified if modified else None)

    def pieces(
        self, name: str, condition: str, values: dict[str, Any], *, stream: int = 0
    ) -> Iterator[tuple[Any, Piece]]:
        """Fragments in one format, with their rows.

        Args:
            name: the format.
            condition: SQL after ``WHERE r.live``, with its order; a constant of ours.
            values: its parameters.
            stream: rows per fetch for what does not fit into memory.
        """
        statement = sa.text(f"SELECT {_COLUMNS[stored(name)]} {_LIVE} {condition}")  # noqa: S608
        options = {"stream_results": True, "yield_per": stream} if stream else {}
        place = Place(self.settings.base_uri, self.settings.site_url)
        for row in self.connection.execute(statement, values, execution_options=options).mappings():
            yield row, Piece(place.dataset(row["package_id"]), bytes(row["body"]), Needs.of(row["needs"]))

    def one(self, key: str, name: str) -> tuple[Front, Piece] | None:
        """One dataset by id or name."""
        for _, piece in self.pieces(name, "AND (p.id = :key OR p.name = :key)", {"key": key}):
            return self.front([piece.needs]), piece
        return None

    def row(self, key: str) -> dict[str, Any] | None:
        """One public dataset by id or name as its row says, with its organisation."""
        statement = sa.text(f"SELECT p.id {_LIVE} AND (p.id = :key OR p.name = :key)")  # noqa: S608
        identifiers = list(self.connection.execute(statement, {"key": key}).scalars())
        found = rows.datasets(self.connection, identifiers)
        owners = rows.organizations(self.connection, rows.owners(found))
        return next(({**one, "organization": owners.get(one["owner_org"])} for one in found.values()), None)

    def count(self, condition: str, values: dict[str, Any]) -> tuple[int, str]:
        """How many datasets meet a condition, and a digest of them.

        Args:
            condition: SQL after ``WHERE r.live``; a constant of ours.
            values: its parameters.
        """
        digest = "md5(coalesce(string_agg(r.ordinal || r.etag, ',' ORDER BY r.ordinal), '')) AS members"
        statement = sa.text(f"SELECT count(*) AS total, {digest} {_LIVE} {condition}")  # noqa: S608
        found = self.connection.execute(statement, values).one()
        return found.total, found.members

    def identifiers(self) -> list[str]:
        """Ids of all public datasets."""
        return list(self.connection.execute(sa.text(f"SELECT p.id {_LIVE} ORDER BY r.ordinal")).scalars())  # noqa: S608

    def needs_of_all(self) -> list[Needs]:
        """What the whole catalogue needs explained."""
        found = self.connection.execute(
            sa.text(f"SELECT DISTINCT r.needs - 'services' - 'record' AS needs {_LIVE}")  # noqa: S608
        )
        return [Needs.of(row.needs) for row in found]


@dataclass
class Page:
    """One page in a snapshot: enough to validate it; its bytes are read when they are asked for."""

    reader: Reader
    paging: Paging
    members: str
    low: int
    high: int
    name: str

    def content(self) -> tuple[Front, list[Piece]]:
        """The datasets of the page."""
        condition = "AND r.ordinal BETWEEN :low AND :high ORDER BY r.ordinal"
        found = [one for _, one in self.reader.pieces(self.name, condition, {"low": self.low, "high": self.high})]
        # the date of the catalogue stands on the first page only: else every edit would change every page
        return self.reader.front([one.needs for one in found], modified=self.paging.number == 1), found


class DisagreeError(Exception):
    """A live fragment without a public row: something wrote past the triggers."""


def read(settings: FeedConfig, ask: Callable[[Reader], T]) -> T:
    """Ask one complete, current snapshot.

    Raises:
        FeedNotReadyError: the guard closed the feed, or too much has to be rendered first.
    """
    with reading(settings) as reader:
        return ask(reader)


@contextmanager
def reading(settings: FeedConfig, clock: Callable[[], float] = time.monotonic) -> Iterator[Reader]:
    """A snapshot in which everything that changed is rendered, for as long as the caller reads."""
    _announce(settings)
    until = clock() + PATIENCE
    while True:
        with _snapshot() as connection:
            state = connection.execute(_STATE).mappings().one()
            closed = guard.alarm(state["total"], state["unexplained"])
            if not state["dirty"] and state["place"] == place_key(_place(settings)):
                if closed:
                    raise FeedNotReadyError(closed.sentence)
                fields = ("total", "last_seq", "modified", "organizations", "settled", "stale")
                try:
                    yield Reader(connection, State(**{key: state[key] for key in fields}), settings)
                except DisagreeError as error:
                    render.mark_everything(settings, urgent=True)
                    raise FeedNotReadyError("Katalog se usklajuje. / The catalogue is being reconciled.") from error
                return
        if state["place"] != place_key(_place(settings)):
            render.mark_everything(settings, urgent=True)
        while render.render(settings) == render.BATCH:
            if clock() > until:
                raise FeedNotReadyError(
                    "Katalog se pripravlja; poskusite čez minuto. / The feed is being prepared; try again in a minute."
                )


@contextmanager
def _snapshot() -> Iterator[sa.Connection]:
    """A connection of its own that sees one state of the database from the first to the last statement."""
    with model.meta.engine.connect() as connection:
        isolated = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with isolated.begin():
            yield isolated


def _place(settings: FeedConfig) -> Place:
    return Place(settings.base_uri, settings.site_url)


def _page_of(ordinal: int | None, size: int) -> int | None:
    return (ordinal - 1) // size + 1 if ordinal else None


_announced = threading.Event()
_VERSION = sa.text("SELECT version FROM kranj_feed_state")


def _announce(settings: FeedConfig) -> None:
    """Once per process: have everything rendered again when this code is not the one that rendered it.

    Once, so that old and new processes that run side by side during an upgrade do not overwrite each other in turn.
    Until it is done the old fragments are served: they are valid, only of yesterday's mapping.
    """
    if _announced.is_set():
        return
    with model.meta.engine.connect() as connection:
        known = connection.execute(_VERSION).scalar_one()
    if known != version():
        render.mark_everything(settings, urgent=not known)
    _announced.set()
