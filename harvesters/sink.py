"""Where records go: the protocol that the engine writes through, and the sink in memory."""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, Literal, Protocol

from harvesters.likeness import likeness
from harvesters.ownership import Held
from harvesters.removal import Gone, Removals
from schemas import Problem, Record

Action = Literal["create", "update", "restore", "unchanged", "error", "held"]
"""``held``: the record looks like a known one under a new identifier and waits for a person."""

QUARANTINE = 3
"""Runs in which the same content may fail before it is no longer tried."""


@dataclass(frozen=True)
class Known:
    """What a sink remembers of a record."""

    hash: str
    package_id: str
    first_seen: date
    draft: bool = False
    deleted: bool = False
    """The dataset was removed from the catalogue, or archived; the source still has it."""
    stored: bool = True
    """False when no dataset came of it yet."""
    fingerprint: str = ""
    """Of the reading that the hash was made of: an equal one needs no judging."""
    failures: int = 0
    """Runs in a row in which the reading of that fingerprint failed."""


@dataclass(frozen=True)
class Change:
    """One thing to do."""

    action: Action
    guid: str
    package_id: str
    record: Record | None
    hash: str = ""
    draft: bool = False
    problems: tuple[Problem, ...] = ()
    fingerprint: str = ""
    source: Record | None = None
    """The record as the source has it, before a steward's words were put into it."""
    kept: Mapping[str, Any] = field(default_factory=dict)
    """Paths that a steward owns -> what the source says there."""
    proposals: tuple[Mapping[str, Any], ...] = ()
    """Values proposed where the source is silent."""


@dataclass(frozen=True)
class Outcome:
    """What became of a Change: the same action, or ``error`` with the reasons."""

    action: Action
    guid: str
    problems: tuple[Problem, ...] = ()


class Sink(Protocol):
    """A place that holds records of one source. Every call is one step: done wholly, or not at all."""

    def known(self, guids: Collection[str]) -> dict[str, Known]:
        """What is remembered of these records."""

    def held(self, guids: Collection[str]) -> dict[str, Held]:
        """These datasets as they stand, for merging with the words of stewards."""

    def alike(self, keys: Collection[str]) -> dict[str, str]:
        """Likeness -> guid of the only record in force that has it."""

    def apply(self, changes: Sequence[Change]) -> list[Outcome]:
        """Do all changes of a batch; the failure of one does not touch the others."""

    def count(self) -> int:
        """How many records are in force."""

    def gone(self, present: Container[str]) -> list[Gone]:
        """Of a complete run: the records in force that the source no longer has; the others are missing no longer."""

    def remove(self, removals: Removals) -> None:
        """Note, archive, or keep for a person's word what is missing. Nothing is deleted."""

    def finish(self) -> None:
        """After the last batch."""


@dataclass
class MemorySink:
    """Holds records in a dict and counts what it is asked to write."""

    records: dict[str, tuple[Known, Record]] = field(default_factory=dict)
    errors: dict[str, tuple[Problem, ...]] = field(default_factory=dict)
    writes: int = 0
    edited: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What stewards wrote over records: guid -> values."""
    failed: dict[str, tuple[str, int]] = field(default_factory=dict)
    missing: dict[str, Gone] = field(default_factory=dict)
    archived: set[str] = field(default_factory=set)
    halted: Removals | None = None
    today: datetime | None = None

    def known(self, guids: Collection[str]) -> dict[str, Known]:
        """What is held of these records."""
        found = {}
        for guid in guids:
            fingerprint, failures = self.failed.get(guid, ("", 0))
            if guid in self.records:
                known = replace(self.records[guid][0], deleted=guid in self.archived)
                found[guid] = replace(known, fingerprint=fingerprint, failures=failures) if failures else known
            elif failures:
                first = (self.today or datetime.now(tz=UTC)).date()
                found[guid] = Known("", "", first, stored=False, fingerprint=fingerprint, failures=failures)
        return found

    def held(self, guids: Collection[str]) -> dict[str, Held]:
        """What is held, with what stewards wrote over it."""
        found = {}
        for guid in guids:
            if guid in self.records:
                record = self.records[guid][1]
                current = {**record.dataset, **self.edited.get(guid, {})}
                found[guid] = Held(current, record.internal, record.dataset, record.internal)
        return found

    def alike(self, keys: Collection[str]) -> dict[str, str]:
        """Records by likeness."""
        found: dict[str, list[str]] = {}
        for guid, (_, record) in self.records.items():
            if (key := likeness(record.dataset)) in keys and guid not in self.archived:
                found.setdefault(key, []).append(guid)
        return {key: guids[0] for key, guids in found.items() if len(guids) == 1}

    def apply(self, changes: Sequence[Change]) -> list[Outcome]:
        """Store the records."""
        outcomes = []
        for change in changes:
            if change.record is None or change.action == "error":
                self.errors[change.guid] = change.problems
                before, failures = self.failed.get(change.guid, ("", 0))
                again = failures + 1 if before == change.fingerprint else 1
                self.failed[change.guid] = (change.fingerprint, again)
            else:
                self.writes += 1
                before_ = self.records.get(change.guid)
                first_seen = before_[0].first_seen if before_ else datetime.now(tz=UTC).date()
                known = Known(change.hash, change.package_id, first_seen, change.draft, fingerprint=change.fingerprint)
                self.records[change.guid] = (known, change.record)
                self.failed.pop(change.guid, None)
                self.archived.discard(change.guid)
            outcomes.append(Outcome(change.action, change.guid))
        return outcomes

    def count(self) -> int:
        """Records that are not archived."""
        return len(self.records) - len(self.archived)

    def gone(self, present: Container[str]) -> list[Gone]:
        """What is held and was not seen."""
        absent = [guid for guid in self.records if guid not in present and guid not in self.archived]
        self.missing = {guid: found for guid, found in self.missing.items() if guid in absent}
        return [self.missing.get(guid, Gone(guid)) for guid in sorted(absent)]

    def remove(self, removals: Removals) -> None:
        """Note what is missing."""
        now = self.today or datetime.now(tz=UTC)
        self.halted = removals if removals.halted else None
        self.archived |= set(removals.archived)
        for guid in removals.noted:
            before = self.missing.get(guid, Gone(guid))
            self.missing[guid] = Gone(guid, before.runs + (not removals.halted), before.since or now)

    def finish(self) -> None:
        """Nothing to do."""
