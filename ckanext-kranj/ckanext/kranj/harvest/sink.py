"""The catalogue as a sink: batches in one transaction each, indexed after the commit (research/harvest.md 1.4).

* Every record is judged before the first one of its batch is written, because a ``ValidationError`` inside CKAN rolls
  the whole transaction back, savepoints included (traps B).
* ``defer_commit`` goes with ``return_id_only``: alone, CKAN 2.12 loses the update (C1).
* The rows of kranj_harvest_record are written in the same transaction; ``indexed`` stays false until the search index
  was committed, so a run that is killed in between leaves a note for the next one.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

import ckan.plugins.toolkit as tk
from ckan import logic, model
from ckan.lib import search

from ckanext.kranj.catalogue import describe, organizations
from ckanext.kranj.harvest import jobs
from ckanext.kranj.harvest.model import HarvestRecord

from harvesters import Change, Known, Outcome, clean
from schemas import Problem, dataset_id

log = logging.getLogger(__name__)

Refusals = dict[int, Problem | None]
"""id() of a change -> why it is not stored; two changes of one batch may have the same guid."""

_CHUNK = 500


@dataclass
class CkanSink:
    """Writes the records of one source; counts what it wrote."""

    source_id: str
    slug: str
    job_id: str
    package_writes: int = 0
    index_writes: int = 0
    _user: str = ""
    _unsettled: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Finish what a killed run left: datasets that are stored and not in the index."""
        self._user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
        left = model.Session.query(HarvestRecord.package_id).filter_by(source_id=self.source_id, indexed=False)
        pending = [package_id for (package_id,) in left]
        if pending:
            self._index(pending)
            self._settle()

    def known(self, guids: Collection[str]) -> dict[str, Known]:
        """What is remembered of these records."""
        return known_of(self.source_id, self.slug, guids)

    def apply(self, changes: Sequence[Change]) -> list[Outcome]:
        """Store a batch in one transaction; if it breaks as a whole, record by record."""
        if not changes:
            return []
        refusals = {id(change): self._refusal(change) for change in changes}
        good = [change for change in changes if refusals[id(change)] is None]
        at_once = self._must_show_at_once(good)
        try:
            failed = self._store(good)
            self._remember(changes, refusals, failed)
            model.Session.commit()
        except Exception:
            log.exception("harvest %s: a batch failed as a whole, it is stored record by record", self.slug)
            model.Session.rollback()
            failed = self._one_by_one(changes, refusals, good)
        written = [change for change in good if change.guid not in failed]
        self._index([change.package_id for change in written])
        if at_once:
            self._settle()
        result = []
        for change in changes:
            refusal = refusals[id(change)] or failed.get(change.guid)
            problems = (refusal,) if refusal and refusal not in change.problems else ()
            result.append(Outcome("error" if refusal else change.action, change.guid, problems))
        return result

    def missing(self, seen: Collection[str]) -> list[str]:
        """Note which records the source no longer has, and forget the note of those that came back."""
        now = datetime.now(tz=UTC)
        gone, back = [], []
        rows = model.Session.query(HarvestRecord.guid, HarvestRecord.missing_since, HarvestRecord.package_id)
        for guid, since, package_id in rows.filter(HarvestRecord.source_id == self.source_id):
            if guid in seen:
                if since is not None:
                    back.append(guid)
            elif package_id is not None:
                gone.append((guid, since))
        self._note_missing([guid for guid, since in gone if since is None], now)
        self._note_missing(back, None)
        model.Session.commit()
        return sorted(guid for guid, _ in gone)

    def _note_missing(self, guids: list[str], since: datetime | None) -> None:
        for start in range(0, len(guids), _CHUNK):
            model.Session.execute(
                sa.update(HarvestRecord)
                .where(HarvestRecord.source_id == self.source_id, HarvestRecord.guid.in_(guids[start : start + _CHUNK]))
                .values(missing_since=since)
            )

    def finish(self) -> None:
        """One search commit for the job."""
        self._settle()

    # Before writing

    def _refusal(self, change: Change) -> Problem | None:
        """Why the catalogue would not take a record: asked before anything of the batch is written."""
        if change.record is None:
            return change.problems[0] if change.problems else Problem.of("", "unreadable-record", reason="?")
        package = model.Package.get(change.package_id)
        if change.draft and package is not None and package.state == "active":
            return Problem.of("", "kept-active")
        owner = change.record.dataset.get("owner_org")
        if organizations.find(owner) is None:
            return Problem.of("owner_org", "unknown-organization", value=str(owner))
        context = self._context()
        if package is not None:
            context["package"] = package
        try:
            describe.describe(context, self._data(change))
        except tk.ValidationError as error:
            return Problem.of("", "database", reason=clean(str(error.error_dict)))
        return None

    def _must_show_at_once(self, changes: Sequence[Change]) -> bool:
        """Whether a change of level is among them: that may not wait for the end of the job."""
        wanted = {
            change.package_id: "draft" if change.draft else (change.record and change.record.dataset.get("visibility"))
            for change in changes
            if change.action != "create"
        }
        rows = model.Session.query(model.Package.id, model.Package.state, model.Package.extras["visibility"].astext)
        for package_id, state, visibility in rows.filter(model.Package.id.in_(list(wanted))):
            if wanted[package_id] != ("draft" if state == "draft" else visibility) or state == "deleted":
                return True
        return False

    # Writing

    def _context(self) -> dict[str, Any]:
        return {
            "user": self._user,
            "ignore_auth": True,
            "defer_commit": True,
            "return_id_only": True,
            "allow_state_change": True,
        }

    def _data(self, change: Change) -> dict[str, Any]:
        if change.record is None:
            raise ValueError(f"{change.guid}: nothing to store")
        return {
            **change.record.dataset,
            "internal": change.record.internal,
            "type": "dataset",
            "id": change.package_id,
            "state": "draft" if change.draft else "active",
        }

    def _store(self, changes: Sequence[Change]) -> dict[str, Problem]:
        """Write packages into the running transaction, each in its savepoint.

        Returns:
            The records that the database refused.
        """
        failed = {}
        for change in changes:
            action = "package_create" if change.action == "create" else "package_update"
            try:
                with model.Session.begin_nested():
                    tk.get_action(action)(self._context(), self._data(change))
                self.package_writes += 1
            except sa.exc.DBAPIError as error:
                log.warning("harvest %s: %s: %s", self.slug, change.guid, error)
                failed[change.guid] = Problem.of("", "database", reason=clean(str(error.orig)))
        return failed

    def _one_by_one(self, changes: Sequence[Change], refusals: Refusals, good: Sequence[Change]) -> dict[str, Problem]:
        """The slow road: a transaction for each record, so that the one that breaks it costs itself only."""
        failed: dict[str, Problem] = {}
        for change in changes:
            try:
                if change in good:
                    failed |= self._store([change])
                self._remember([change], refusals, failed)
                model.Session.commit()
            except Exception as error:  # noqa: BLE001 whatever breaks this record must not break the next
                log.exception("harvest %s: %s", self.slug, change.guid)
                model.Session.rollback()
                reason = clean(f"{type(error).__name__}: {error}")
                failed[change.guid] = Problem.of("", "database", reason=reason)
                with suppress(sa.exc.SQLAlchemyError):
                    self._remember([change], refusals, failed)
                    model.Session.commit()
        return failed

    def _remember(self, changes: Sequence[Change], refusals: Refusals, failed: dict[str, Problem]) -> None:
        """Rows of memory and of ckanext-harvest's job, in the running transaction."""
        now = datetime.now(tz=UTC)
        for change in changes:
            refusal = refusals[id(change)] or failed.get(change.guid)
            # What the first of two equals wrote is not touched by the second.
            doubled = any(problem.code == "duplicate-identifier" for problem in change.problems)
            if change.guid and not doubled:
                self._remember_one(change, refusal, now)
            jobs.note_object(self.source_id, self.job_id, change, refusal)
        jobs.beat(self.job_id)

    def _remember_one(self, change: Change, refusal: Problem | None, now: datetime) -> None:
        new = (refusal,) if refusal and refusal not in change.problems else ()
        problems = [problem.as_dict() for problem in (*change.problems, *new)]
        row: dict[str, Any] = {"problems": problems, "changed_at": now}
        if refusal is None:
            row |= {
                "package_id": change.package_id,
                "hash": change.hash,
                "draft": change.draft,
                "indexed": False,
                "missing_since": None,
            }
        first: date = now.date()
        statement = insert(HarvestRecord).values(source_id=self.source_id, guid=change.guid, first_seen=first, **row)
        model.Session.execute(statement.on_conflict_do_update(index_elements=["source_id", "guid"], set_=row))

    # Index

    def _index(self, package_ids: Sequence[str]) -> None:
        for package_id in package_ids:
            if model.Package.get(package_id) is not None:
                logic.index_update_package({"ignore_auth": True, "user": self._user}, package_id, defer_commit=True)
                self.index_writes += 1
        self._unsettled += package_ids

    def _settle(self) -> None:
        """Commit the index, then forget what was to be indexed."""
        if not self._unsettled:
            return
        search.commit()
        for start in range(0, len(self._unsettled), _CHUNK):
            model.Session.execute(
                sa.update(HarvestRecord)
                .where(HarvestRecord.package_id.in_(self._unsettled[start : start + _CHUNK]))
                .values(indexed=True)
            )
        model.Session.commit()
        self._unsettled = []


def known_of(source_id: str, slug: str, guids: Collection[str]) -> dict[str, Known]:
    """What is remembered of these records; also of datasets whose memory was lost, by their derived id."""
    ids = {guid: dataset_id(slug, guid) for guid in guids}
    rows = {
        row.guid: row
        for row in model.Session.query(HarvestRecord).filter(
            HarvestRecord.source_id == source_id, HarvestRecord.guid.in_(list(ids))
        )
    }
    packages = {
        row.id: row
        for row in model.Session.query(model.Package.id, model.Package.state, model.Package.metadata_created).filter(
            model.Package.id.in_(list(ids.values()))
        )
    }
    known = {}
    for guid, package_id in ids.items():
        row, package = rows.get(guid), packages.get(package_id)
        if package is None:
            continue  # never stored, or purged: to be created
        first_seen = row.first_seen if row else package.metadata_created.date()
        draft, deleted = package.state == "draft", package.state == "deleted"
        known[guid] = Known(row.hash if row else "", package_id, first_seen, draft, deleted)
    return known


@dataclass
class PreviewSink:
    """Compares with what is stored; every change is only said."""

    source_id: str
    slug: str

    def known(self, guids: Collection[str]) -> dict[str, Known]:
        """As the real sink."""
        return known_of(self.source_id, self.slug, guids)

    def apply(self, changes: Sequence[Change]) -> list[Outcome]:
        """Say what would be done."""
        return [Outcome(change.action, change.guid) for change in changes]

    def missing(self, seen: Collection[str]) -> list[str]:
        """What would be noted as missing."""
        rows = model.Session.query(HarvestRecord.guid).filter(
            HarvestRecord.source_id == self.source_id, HarvestRecord.package_id.isnot(None)
        )
        return sorted(guid for (guid,) in rows if guid not in seen)

    def finish(self) -> None:
        """Nothing was written."""
