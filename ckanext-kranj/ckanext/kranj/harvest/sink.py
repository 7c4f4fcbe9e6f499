"""The catalogue as a sink: batches in one transaction each, indexed after the commit (research/harvest.md 1.4).

* Every record is judged before the first one of its batch is written, because a ``ValidationError`` inside CKAN rolls
  the whole transaction back, savepoints included (traps B).
* ``defer_commit`` goes with ``return_id_only``: alone, CKAN 2.12 loses the update (C1).
* The rows of kranj_harvest_record are written in the same transaction; ``indexed`` stays false until the search index
  was committed, so a run that is killed in between leaves a note for the next one.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Container, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import search

from ckanext.kranj.catalogue import describe, indexing, organizations
from ckanext.kranj.catalogue.dictionary import harvested
from ckanext.kranj.harvest import jobs, memory, written
from ckanext.kranj.harvest.bounds import Bounds
from ckanext.kranj.harvest.model import HarvestRecord
from ckanext.kranj.harvest.patience import PatientSink, is_away

from harvesters import Change, Gone, Held, Outcome, Removals, clean
from schemas import Problem

log = logging.getLogger(__name__)

_INDEX_AWAY = (search.SearchIndexError, search.SearchError, OSError)
Refusals = dict[int, Problem | None]
"""id() of a change -> why it is not stored; two changes of one batch may have the same guid."""


@dataclass
class CkanSink(PatientSink):
    """Writes the records of one source; counts what it wrote."""

    job_id: str = ""
    package_writes: int = 0
    index_writes: int = 0
    _user: str = ""
    _bounds: Bounds = field(init=False)
    _index_away: bool = False
    _owners: set[str] = field(default_factory=set)
    _shown: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """Datasets as they were shown to the engine and locked, by id, for the transaction that goes on."""

    def __post_init__(self) -> None:
        """Finish what a killed run left: datasets that are stored and not in the index."""
        self._user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
        self._bounds = Bounds(self.source_id)
        left = model.Session.query(HarvestRecord.package_id).filter_by(source_id=self.source_id, indexed=False)
        pending = [package_id for (package_id,) in left]
        if pending:
            self._index(pending)
            self._settle()

    def held(self, guids: Collection[str]) -> dict[str, Held]:
        """These datasets as they stand, locked; what was shown is kept until it is written."""
        found = super().held(guids)
        self._shown = {str(item.dataset["id"]): item.dataset for item in found.values()}
        return found

    def apply(self, changes: Sequence[Change]) -> list[Outcome]:
        """Store a batch in one transaction; if it breaks as a whole, record by record."""
        if not changes:
            return []
        return self.patiently(lambda: self._apply(changes))

    def _apply(self, changes: Sequence[Change], *, asked: bool = False) -> list[Outcome]:
        """Store a batch.

        The engine has judged every record, so the catalogue is first not asked again. When it does refuse one, its
        ValidationError has rolled the whole transaction back (traps B): then each is asked before any is written.
        """
        shown, self._shown = self._shown, {}  # the lock ends with this attempt, whether it succeeds or not
        states = _states_of(changes)
        foreign = self._bounds.foreign(list(states))
        refusals = {id(change): self._refusal(change, states, foreign, asked=asked) for change in changes}
        good = [change for change in changes if refusals[id(change)] is None]
        at_once = self._must_show_at_once(good)
        try:
            failed = self._store(good, states, judged=not asked, shown=shown)
            self._remember(changes, refusals, failed)
            model.Session.commit()
        except Exception as error:
            if isinstance(error, sa.exc.DBAPIError) and is_away(error):
                raise
            if isinstance(error, tk.ValidationError) and not asked:
                model.Session.rollback()
                return self._apply(changes, asked=True)
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

    def gone(self, present: Container[str]) -> list[Gone]:
        """Records in force that the source no longer has; the others are missing no longer."""
        return self.patiently(lambda: self._gone(present))

    def _gone(self, present: Container[str]) -> list[Gone]:
        gone, back = memory.gone_of(self.source_id, present)
        memory.note_back(self.source_id, back)
        model.Session.commit()
        return gone

    def remove(self, removals: Removals) -> None:
        """Note what is missing and archive what stayed away; at once also in the index."""
        memory.note_missing(self.source_id, removals.missing, counted=not removals.halted)
        memory.note_archived(self.source_id, removals.archived)
        model.Session.commit()
        if removals.archived:
            self._index(memory.packages_of(self.source_id, removals.archived))
            self._settle()

    def finish(self) -> None:
        """One search commit for the job."""
        self._settle()

    # Before writing

    def _refusal(
        self, change: Change, states: Mapping[str, str], foreign: Collection[str], *, asked: bool
    ) -> Problem | None:
        """Why the catalogue would not take a record, before anything of the batch is written."""
        if change.record is None or change.action == "error":
            errors = [problem for problem in change.problems if problem.severity == "error"]
            return (errors or [*change.problems, Problem.of("", "unreadable-record", reason="?")])[0]
        if change.draft and states.get(change.package_id) == "active":
            return Problem.of("", "kept-active")
        owner = str(change.record.dataset.get("owner_org"))
        # Not kept for longer than a run; a new organisation is asked for again.
        if owner not in self._owners and organizations.find(owner) is None:
            return Problem.of("owner_org", "unknown-organization", value=owner)
        self._owners.add(owner)
        if change.package_id in foreign or not self._bounds.may_own(owner):
            return Problem.of("owner_org", "not-of-the-source", value=owner)
        return self._asked(change, states) if asked else None

    def _asked(self, change: Change, states: Mapping[str, str]) -> Problem | None:
        """What the catalogue itself says of a record."""
        context = self._context()
        if change.package_id in states:
            context["package"] = model.Package.get(change.package_id)
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
            "kranj_source": self.source_id,  # its level is approved once (approval/sources.py)
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

    def _store(
        self, changes: Sequence[Change], states: Mapping[str, str], *, judged: bool, shown: Mapping[str, Any]
    ) -> dict[str, Problem]:
        """Write packages into the running transaction, each in its savepoint.

        Args:
            changes: what to write.
            states: of the datasets that exist; a batch that is done again may have been stored before the connection
                broke.
            judged: the engine's verdict is handed over, so that the standard is asked once; a record with a steward's
                words in it is judged again, because what follows from them is not the source's.
            shown: datasets that were locked in this transaction, as package_show gave them: CKAN need not ask again.

        Returns:
            The records that the database refused.
        """
        failed = {}
        user = model.User.get(self._user)
        # Held by name, so that the session finds them again instead of asking for each several times.
        packages = _packages([change.package_id for change in changes if change.package_id in states])
        for change in changes:
            new = change.action == "create" and change.package_id not in states
            action = "package_create" if new else "package_update"
            context: dict[str, Any] = {**self._context(), "auth_user_obj": user}
            data = self._data(change)
            if not new and change.package_id in shown:
                owner = packages[change.package_id].owner_org  # the engine knows organisations by name
                context["original_package"] = {**shown[change.package_id], "owner_org": owner}
            if judged and not change.kept:
                context[describe.FINISHED] = describe.Finished(data)
            try:
                with model.Session.begin_nested():
                    tk.get_action(action)(context, data)
                    if change.record and change.record.columns:
                        harvested.write(change.record.columns, datetime.now(tz=UTC))
                self.package_writes += 1
            except sa.exc.DBAPIError as error:
                if is_away(error):
                    raise
                log.warning("harvest %s: %s: %s", self.slug, change.guid, error)
                failed[change.guid] = Problem.of("", "database", reason=clean(str(error.orig)))
        return failed

    def _one_by_one(self, changes: Sequence[Change], refusals: Refusals, good: Sequence[Change]) -> dict[str, Problem]:
        """The slow road: a transaction for each record, so that the one that breaks it costs itself only."""
        failed: dict[str, Problem] = {}
        for change in changes:
            try:
                if change in good:
                    failed |= self._store([change], _states_of([change]), judged=False, shown={})
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
        """Rows of memory and of ckanext-harvest's job, in the running transaction; each kind in one statement."""
        now = datetime.now(tz=UTC)
        outcomes = [(change, refusals[id(change)] or failed.get(change.guid)) for change in changes]
        # What the first of two equals wrote is not touched by the second.
        own = [
            (change, refusal)
            for change, refusal in outcomes
            if change.guid and not any(problem.code == "duplicate-identifier" for problem in change.problems)
        ]
        written.good(self.source_id, [change for change, refusal in own if refusal is None], now)
        written.refused(self.source_id, [(change, refusal) for change, refusal in own if refusal is not None], now)
        jobs.note_objects(self.source_id, self.job_id, outcomes)
        jobs.beat(self.job_id)

    # Index

    def _index(self, package_ids: Sequence[str]) -> None:
        """Send datasets to the index; when it does not answer, the note ``indexed = false`` stays for the next run."""
        if self._index_away:
            return
        try:
            self.index_writes += indexing.send(package_ids, self._user)
        except _INDEX_AWAY as error:
            log.warning("harvest %s: the index does not answer: %s", self.slug, clean(str(error)))
            self._index_away = True
            return
        self.unsettled += package_ids

    def _settle(self) -> None:
        """Commit the index, then forget what was to be indexed."""
        if not self.unsettled:
            return
        try:
            search.commit()
        except _INDEX_AWAY as error:
            log.warning("harvest %s: the index does not answer: %s", self.slug, clean(str(error)))
            self._index_away, self.unsettled = True, []
            return
        for start in range(0, len(self.unsettled), memory.CHUNK):
            model.Session.execute(
                sa.update(HarvestRecord)
                .where(HarvestRecord.package_id.in_(self.unsettled[start : start + memory.CHUNK]))
                .values(indexed=True)
                .execution_options(synchronize_session=False)
            )
        model.Session.commit()
        self.unsettled = []

    def open_problems(self) -> list[Problem]:
        """What the run should say about the catalogue itself."""
        return [Problem.of("", "index-behind")] if self._index_away else []


def _existing(package_ids: Sequence[str]) -> dict[str, str]:
    """State by id of those datasets that exist, in one question each five hundred."""
    found: dict[str, str] = {}
    for start in range(0, len(package_ids), memory.CHUNK):
        asked = model.Session.query(model.Package.id, model.Package.state)
        found.update(asked.filter(model.Package.id.in_(list(package_ids[start : start + memory.CHUNK]))).all())
    return found


def _packages(package_ids: Sequence[str]) -> dict[str, Any]:
    if not package_ids:
        return {}
    asked = model.Session.query(model.Package).populate_existing()
    return {package.id: package for package in asked.filter(model.Package.id.in_(list(package_ids)))}


def _states_of(changes: Sequence[Change]) -> dict[str, str]:
    return _existing([change.package_id for change in changes if change.package_id])
