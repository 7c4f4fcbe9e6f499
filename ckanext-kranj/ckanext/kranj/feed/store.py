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
from typing import Any, TypeVar

import sqlalchemy as sa

from ckan import model

from . import render, rows, series, triggers
from .catalogue import Paging
from .config import FeedConfig
from .copying import copied
from .fragments import Needs, version
from .pages import Front, Piece
from .serialise import STORED, fragment, stored
from .state import PAGE, STATE, DisagreeError, FeedNotReadyError, State, bounds, complete, moved, paging
from .writer import Place

log = logging.getLogger(__name__)

PATIENCE = 20.0
"""Seconds a reader may spend on rendering what others changed before it answers 503; consumers give up after 60."""

_STATE = sa.text(STATE)
_PAGE = sa.text(PAGE.format(low=":low", high=":high"))
_COLUMNS = {name: f"r.package_id, r.ordinal, r.seq, r.needs, r.{name} AS body" for name in STORED}
_LIVE = f"FROM kranj_feed_record r JOIN package p ON p.id = r.package_id AND {rows.PUBLIC} WHERE r.live"
_RANGE = {
    name: f"SELECT r.package_id, r.needs, r.{name} FROM kranj_feed_record r"  # noqa: S608 - a constant
    f" WHERE r.live AND r.ordinal BETWEEN %(low)s AND %(high)s AND {rows.LIVE} ORDER BY r.ordinal"
    for name in STORED
}
_LAST = sa.text("SELECT coalesce(max(ordinal), 0) FROM kranj_feed_record WHERE live")
STREAM = 250
"""Datasets per question where the whole catalogue is read."""

T = TypeVar("T")


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
            DisagreeError: fragments and live rows disagree.
        """
        low, high = bounds(number, self.settings)
        found = self.connection.execute(_PAGE, {"low": low, "high": high}).mappings().one()
        where = paging(found, number, name, self.state, self.settings)
        return Page(self, where, found["members"], low, high, name)

    def front(self, needs: list[Needs], *, modified: bool = False) -> Front:
        """What stands before datasets that need this."""
        owners = [owner for one in needs for owner in (one.publisher, *one.agents) if owner]
        found = rows.organizations(self.connection, owners, self.settings.publisher)
        return Front(self.settings, found, self.state.modified if modified else None)

    def between(self, name: str, low: int, high: int) -> Iterator[Piece]:
        """The fragments of a range of ordinals in one format, in their order."""
        place = Place(self.settings.base_uri, self.settings.site_url)
        query = _RANGE[stored(name)]
        for identifier, needs, body in copied(self.connection, query, {"low": low, "high": high}):
            # binary jsonb is a version byte and the text
            needed = Needs.read(needs[1:]) if needs else Needs()
            yield Piece(place.dataset((identifier or b"").decode()), body or b"", needed)

    def everything(self, name: str) -> Iterator[Piece]:
        """All fragments in one format, in their order, held only a few at a time."""
        last = self.connection.execute(_LAST).scalar_one()
        for low in range(1, last + 1, STREAM):
            yield from self.between(name, low, low + STREAM - 1)

    def pieces(self, name: str, condition: str, values: dict[str, Any]) -> Iterator[tuple[Any, Piece]]:
        """Fragments in one format, with their rows.

        Args:
            name: the format.
            condition: SQL after ``WHERE r.live``, with its order; a constant of ours.
            values: its parameters.
        """
        statement = sa.text(f"SELECT {_COLUMNS[stored(name)]} {_LIVE} {condition}")  # noqa: S608
        place = Place(self.settings.base_uri, self.settings.site_url)
        for row in self.connection.execute(statement, values).mappings():
            yield row, Piece(place.dataset(row["package_id"]), bytes(row["body"]), Needs.of(row["needs"]))

    def one(self, key: str, name: str) -> tuple[Front, Piece] | None:
        """One dataset by id or name."""
        for _, piece in self.pieces(name, "AND (p.id = :key OR p.name = :key)", {"key": key}):
            return self.front([piece.needs]), piece
        return None

    def series(self, key: str, name: str) -> tuple[Front, Piece] | None:
        """One public series by id or name, with its public members."""
        found = rows.series(self.connection, [key]).get(key)
        if found is None:
            return None
        place = Place(self.settings.base_uri, self.settings.site_url)
        owners = rows.organizations(self.connection, [found["owner_org"]] if found.get("owner_org") else [])
        written = series.described(found, rows.members(self.connection, found["id"]), owners, place)
        needs = Needs(frozenset(written.concepts), agents=tuple(sorted(written.agents)))
        return self.front([needs]), Piece(place.series(found["id"]), fragment(written.triples(), name), needs)

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
            sa.text(f"SELECT DISTINCT r.needs - 'services' - 'record' - 'series' AS needs {_LIVE}")  # noqa: S608
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
        found = list(self.reader.between(self.name, self.low, self.high))
        # the date of the catalogue stands on the first page only: else every edit would change every page
        return self.reader.front([one.needs for one in found], modified=self.paging.number == 1), found


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
            found = connection.execute(_STATE).mappings().one()
            state = complete(found, settings)
            if state:
                try:
                    yield Reader(connection, state, settings)
                except DisagreeError as error:
                    render.mark_everything(settings, urgent=True)
                    raise FeedNotReadyError("Katalog se usklajuje. / The catalogue is being reconciled.") from error
                return
        if moved(found, settings):
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


_announced = threading.Event()
_VERSION = sa.text("SELECT version FROM kranj_feed_state")


def announced() -> bool:
    """Whether this process has looked which version of the mapping rendered the feed."""
    return _announced.is_set()


def _announce(settings: FeedConfig) -> None:
    """Once per process: see that changes are marked; have everything rendered again when other code rendered it.

    Once, so that old and new processes that run side by side during an upgrade do not overwrite each other in turn.
    Until it is done the old fragments are served: they are valid, only of yesterday's mapping.
    """
    if _announced.is_set():
        return
    with model.meta.engine.connect() as connection:
        known = connection.execute(_VERSION).scalar_one()
        if not triggers.attached(connection):
            raise FeedNotReadyError(
                "Katalog ne izve za spremembe: na tabelah ni njegovih prožilcev. Poženite `ckan kranj feed attach`."
                " / The feed does not learn of changes: the tables lack its triggers. Run `ckan kranj feed attach`."
            )
    if known != version():
        render.mark_everything(settings, urgent=not known)
    _announced.set()
