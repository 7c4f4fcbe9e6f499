"""Where records go: the protocol that the engine writes through, and the sink in memory."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Literal, Protocol

from schemas import Problem, Record

Action = Literal["create", "update", "restore", "unchanged", "error"]


@dataclass(frozen=True)
class Known:
    """What a sink remembers of a record."""

    hash: str
    package_id: str
    first_seen: date
    draft: bool = False
    deleted: bool = False
    """The dataset was removed from the catalogue; the source still has it."""


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

    def apply(self, changes: Sequence[Change]) -> list[Outcome]:
        """Do all changes of a batch; the failure of one does not touch the others."""

    def missing(self, seen: Collection[str]) -> list[str]:
        """Of a complete run: the guids held here that the source no longer has. They are noted, not removed."""

    def finish(self) -> None:
        """After the last batch."""


@dataclass
class MemorySink:
    """Holds records in a dict and counts what it is asked to write."""

    held: dict[str, tuple[Known, Record]] = field(default_factory=dict)
    errors: dict[str, tuple[Problem, ...]] = field(default_factory=dict)
    writes: int = 0

    def known(self, guids: Collection[str]) -> dict[str, Known]:
        """What is held of these records."""
        return {guid: self.held[guid][0] for guid in guids if guid in self.held}

    def apply(self, changes: Sequence[Change]) -> list[Outcome]:
        """Store the records."""
        outcomes = []
        for change in changes:
            if change.record is None:
                self.errors[change.guid] = change.problems
            else:
                self.writes += 1
                before = self.held.get(change.guid)
                first_seen = before[0].first_seen if before else datetime.now(tz=UTC).date()
                known = Known(change.hash, change.package_id, first_seen, change.draft)
                self.held[change.guid] = (known, change.record)
            outcomes.append(Outcome(change.action, change.guid))
        return outcomes

    def missing(self, seen: Collection[str]) -> list[str]:
        """What is held and was not seen."""
        return sorted(set(self.held) - set(seen))

    def finish(self) -> None:
        """Nothing to do."""
