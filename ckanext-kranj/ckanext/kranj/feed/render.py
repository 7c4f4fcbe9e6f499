"""Rendering: from the log of changes to fragments.

Triggers append to ``kranj_feed_dirty`` in the transaction that changes something. Rendering takes entries off it: it
reads the entries that are committed, reads the rows as they are now, writes fragments and deletes exactly the entries
it read, in one transaction, one renderer at a time. Whatever is committed later has an entry of its own that stays: so
nothing is missed, however late a transaction commits, and no watermark is needed.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ckan import model

from . import guard, rows
from .config import FeedConfig
from .fragments import Draft, Fragment, draft, finish, place_key, version
from .pages import tell
from .serialise import STORED
from .writer import Place

log = logging.getLogger(__name__)

BATCH = 200

_LOCK = sa.text("SELECT pg_advisory_xact_lock(hashtext('kranj_feed'))")
_TAKE = sa.text(
    "SELECT id, package_id, at, reason FROM kranj_feed_dirty WHERE urgent OR :everything ORDER BY id LIMIT :limit"
)
_TAKEN = sa.text("DELETE FROM kranj_feed_dirty WHERE id = ANY(:ids)")
_SPREAD = sa.text(
    "INSERT INTO kranj_feed_dirty (package_id)"  # noqa: S608 - a constant
    " SELECT p.id FROM package p JOIN package s ON s.id = ANY(:ids)"
    "  AND (position(to_json(s.id)::text IN p.extras ->> 'in_series') > 0"
    "   OR position(to_json(s.name)::text IN p.extras ->> 'in_series') > 0)"
    f" WHERE {rows.PUBLIC}"
    " UNION SELECT package_id FROM kranj_feed_record WHERE live AND needs -> 'series' @> ANY ("
    "  SELECT to_jsonb(id) FROM unnest(cast(:ids AS text[])) id)"
)
_FORGET = sa.text("DELETE FROM kranj_feed_named WHERE package_id = ANY(:ids)")
_REMEMBER = sa.text("INSERT INTO kranj_feed_named (package_id, word) VALUES (:package_id, :word)")
SPREAD_ADDRESSES = sa.text(
    "INSERT INTO kranj_feed_dirty (package_id) SELECT DISTINCT n.package_id FROM kranj_feed_named n"
    " WHERE n.word = ANY(SELECT unnest(cast(:ids AS text[])) UNION SELECT s.name FROM package s WHERE s.id = ANY(:ids))"
    " AND n.package_id <> ALL(:ids)"
)
_NOT_DATASETS = sa.text(
    "SELECT id FROM unnest(cast(:ids AS text[])) id WHERE NOT EXISTS"
    " (SELECT 1 FROM package p WHERE p.id = id.id AND p.type <> 'dataset_series')"
)
_KNOWN = sa.text(
    "SELECT package_id, ordinal, live, revision, etag, error, first_published, changed_at, seq, event, unexplained"
    " FROM kranj_feed_record WHERE package_id = ANY(:ids)"
)
_STATE = sa.text("SELECT * FROM kranj_feed_state")
_LAST = sa.text("SELECT coalesce(max(ordinal), 0) FROM kranj_feed_record")
_WRITE = sa.text(
    "INSERT INTO kranj_feed_record (package_id, ordinal, live, revision, etag, error, first_published, changed_at,"
    " seq, event, unexplained, nt, ttl, rdf, jsonld, needs, faults)"
    " VALUES (:package_id, :ordinal, :live, :revision, :etag, :error, :first_published, :changed_at,"
    " :seq, :event, :unexplained, :nt, :ttl, :rdf, :jsonld, cast(:needs AS jsonb), cast(:faults AS jsonb))"
    " ON CONFLICT (package_id) DO UPDATE SET live = excluded.live, revision = excluded.revision, etag = excluded.etag,"
    " error = excluded.error, first_published = excluded.first_published, changed_at = excluded.changed_at,"
    " seq = excluded.seq, event = excluded.event, unexplained = excluded.unexplained, nt = excluded.nt,"
    " ttl = excluded.ttl, rdf = excluded.rdf, jsonld = excluded.jsonld, needs = excluded.needs,"
    " faults = excluded.faults"
)
_TOUCH = sa.text(
    "UPDATE kranj_feed_record SET live = :live, error = :error, seq = :seq, event = :event,"
    " changed_at = :changed_at, unexplained = :unexplained WHERE package_id = :package_id"
)
_SETTLE = sa.text(
    "UPDATE kranj_feed_state SET total = (SELECT count(*) FROM kranj_feed_record WHERE live), last_seq = :last_seq,"
    " modified = greatest(modified, :modified), organizations = coalesce(:organizations, organizations)"
)
_ORGANIZATIONS = sa.text(
    "SELECT md5(coalesce(string_agg(concat_ws(chr(1), id, name, title, state, extras::text), chr(2) ORDER BY id), ''))"
    ' FROM "group" WHERE is_organization'
)
_ALL_AGAIN = sa.text(
    "INSERT INTO kranj_feed_dirty (package_id, urgent)"  # noqa: S608 - a constant
    " SELECT coalesce(r.package_id, p.id), :urgent FROM kranj_feed_record r"
    f" FULL JOIN (SELECT p.id, p.metadata_created FROM package p WHERE {rows.PUBLIC}) p ON p.id = r.package_id"
    " WHERE p.id IS NOT NULL OR r.live ORDER BY r.ordinal, p.metadata_created, p.id"
)
_CURRENT = sa.text("UPDATE kranj_feed_state SET version = :version, place = :place")

Failed = Callable[[str, Exception], None]


@dataclass
class _Mark:
    """What the log says of one dataset."""

    at: datetime
    reasons: list[str] = field(default_factory=list)


class Renderer:
    """One transaction of rendering.

    Args:
        connection: inside a transaction that holds the lock.
        settings: where the portal stands.
    """

    def __init__(self, connection: sa.Connection, settings: FeedConfig) -> None:
        self.connection = connection
        self.place = Place(settings.base_uri, settings.site_url)
        state = connection.execute(_STATE).mappings().one()
        self.seq: int = state["last_seq"]
        self.modified: datetime = state["modified"]
        self.last: int = connection.execute(_LAST).scalar_one()

    def work(self, everything: bool, limit: int) -> int:
        """Take up to ``limit`` entries off the log; returns how many, or ``limit`` when new ones were put on."""
        taken = self.connection.execute(_TAKE, {"everything": everything, "limit": limit}).mappings().all()
        if not taken:
            return 0
        marks: dict[str, _Mark] = {}
        organizations = None
        for row in taken:
            if row["package_id"] is None:
                organizations = self.connection.execute(_ORGANIZATIONS).scalar_one()
                self.modified = max(self.modified, row["at"])
                continue
            mark = marks.setdefault(row["package_id"], _Mark(row["at"]))
            mark.at = max(mark.at, row["at"])
            mark.reasons += [row["reason"]] if row["reason"] else []
        spread = bool(marks) and self._datasets(marks)
        self.connection.execute(_TAKEN, {"ids": [row["id"] for row in taken]})
        settled = {"last_seq": self.seq, "modified": self.modified, "organizations": organizations}
        self.connection.execute(_SETTLE, settled)
        return limit if spread else len(taken)

    def _datasets(self, marks: dict[str, _Mark]) -> bool:
        """Bring datasets up to date; returns whether others have to follow, because what they name changed."""
        known = {
            row["package_id"]: dict(row) for row in self.connection.execute(_KNOWN, {"ids": list(marks)}).mappings()
        }
        public = rows.datasets(self.connection, list(marks))
        self._remember(list(marks), public)
        owners = rows.organizations(self.connection, rows.owners(public))
        fresh = sorted(set(public) - set(known), key=lambda one: (public[one]["metadata_created"], one))
        ordinals = {identifier: self.last + place for place, identifier in enumerate(fresh, 1)}
        self.last += len(fresh)
        # changed ones in the order of the log, so that the stream of changes tells them in that order
        for identifier, mark in marks.items():
            before = known.get(identifier)
            if identifier in public:
                before = before or _nothing(identifier, ordinals[identifier])
                self._publish(before, public[identifier], owners, mark)
            elif before and before["live"]:
                self._withdraw(before, mark)
        appeared = [one for one in marks if (one in public) != bool(one in known and known[one]["live"])]
        named = bool(appeared) and self.connection.execute(SPREAD_ADDRESSES, {"ids": appeared}).rowcount > 0
        return self._spread([one for one in marks if one not in public and one not in known]) or named

    def _remember(self, identifiers: list[str], public: dict[str, dict[str, Any]]) -> None:
        """Note what their addresses name, so that they follow when it appears or goes."""
        self.connection.execute(_FORGET, {"ids": identifiers})
        words = [{"package_id": one, "word": word} for one in public for word in sorted(public[one][rows.WORDS])]
        if words:
            self.connection.execute(_REMEMBER, words)

    def _spread(self, others: list[str]) -> bool:
        """Mark the datasets that name a changed series.

        Here and not in the saving transaction: that one could not see a dataset which names the series and is not
        committed yet.
        """
        found = list(self.connection.execute(_NOT_DATASETS, {"ids": others}).scalars()) if others else []
        return bool(found) and self.connection.execute(_SPREAD, {"ids": found}).rowcount > 0

    def _publish(
        self, before: dict[str, Any], dataset: dict[str, Any], owners: dict[str, dict[str, Any]], mark: _Mark
    ) -> None:
        """Write a fragment; a dataset that cannot be written keeps the last one that could (requirement R18)."""
        identifier = before["package_id"]
        try:
            drafted = draft(dataset, owners, self.place)
            changed = drafted.revision != before["revision"] or not before["live"]
            moved = self._moved(before, mark) if changed else {}
            issued = before["first_published"] or mark.at
            rendered = finish(identifier, drafted, issued, {**before, **moved}["changed_at"])
        except Exception as error:
            log.exception("dataset %s cannot be written into the feed; its last fragment stays", identifier)
            self._keep(before, f"{type(error).__name__}: {error}", mark)
            return
        tell(drafted)
        row = {**before, **moved, "live": True, "error": None, "unexplained": False, "first_published": issued}
        if changed or rendered.etag != before["etag"] or before["error"]:
            self.connection.execute(_WRITE, {**row, **_columns(drafted, rendered)})

    def _keep(self, before: dict[str, Any], error: str, mark: _Mark) -> None:
        has_fragment = bool(before["revision"])
        moved = self._moved(before, mark) if has_fragment and not before["live"] else {}
        row = {**before, **moved, "live": has_fragment, "error": error, "unexplained": False}
        if has_fragment:
            self.connection.execute(_TOUCH, row)
        else:
            self.connection.execute(_WRITE, {**row, **dict.fromkeys(STORED), "needs": "{}", "faults": "[]"})

    def _withdraw(self, before: dict[str, Any], mark: _Mark) -> None:
        """Take a dataset out; the row stays as its tombstone and keeps its ordinal taken."""
        if not mark.reasons:
            log.warning("dataset %s left the feed and no action of ours says why", before["package_id"])
        row = {**before, **self._moved(before, mark, "Delete"), "live": False, "unexplained": not mark.reasons}
        self.connection.execute(_TOUCH, row)

    def _moved(self, before: dict[str, Any], mark: _Mark, event: str = "") -> dict[str, Any]:
        """A new place at the end of the stream of changes."""
        self.seq += 1
        self.modified = max(self.modified, mark.at)
        return {
            "seq": self.seq,
            "event": event or ("Update" if before["live"] else "Create"),
            "changed_at": max(mark.at, before["changed_at"] or mark.at),
        }


def render(settings: FeedConfig, *, everything: bool = False, limit: int = BATCH) -> int:
    """Render what the log names.

    Args:
        settings: where the portal stands.
        everything: also what only a new version of the mapping made stale; readers wait for the rest alone.
        limit: entries of the log for this transaction.

    Returns:
        How many entries were taken; less than ``limit`` means that nothing is left.
    """
    with model.meta.engine.begin() as connection:
        # READ COMMITTED: each statement sees what is committed by then. What commits in between has its own entry.
        connection.execute(_LOCK)
        count = Renderer(connection, settings).work(everything, limit)
        alarm = guard.judge(connection) if count else None
    if alarm:
        log.critical("%s", alarm.sentence)
    return count


def mark_everything(settings: FeedConfig, *, urgent: bool) -> None:
    """Put every dataset on the log: the mapping, a vocabulary or the address of the portal changed, or rows were lost.

    Args:
        settings: where the portal stands.
        urgent: whether readers have to wait for it.
    """
    with model.meta.engine.begin() as connection:
        connection.execute(_LOCK)
        connection.execute(_ALL_AGAIN, {"urgent": urgent})
        place = place_key(Place(settings.base_uri, settings.site_url))
        connection.execute(_CURRENT, {"version": version(), "place": place})


def _nothing(identifier: str, ordinal: int) -> dict[str, Any]:
    return {
        "package_id": identifier, "ordinal": ordinal, "live": False, "revision": "", "etag": "", "error": None,
        "first_published": None, "changed_at": None, "seq": 0, "event": "", "unexplained": False,
    }  # fmt: skip


def _columns(drafted: Draft, rendered: Fragment) -> dict[str, Any]:
    return {
        "revision": drafted.revision,
        "etag": rendered.etag,
        **rendered.bodies,
        "needs": json.dumps(rendered.needs.as_dict()),
        "faults": json.dumps([vars(fault) for fault in rendered.faults]),
    }
