"""What a run did, as data: counts, and the problems of each record that has any."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from harvesters.sink import Action
from schemas import Problem

COUNTS = ("read", "create", "update", "restore", "unchanged", "draft", "error", "held", "missing", "archived")

MOST_LINES = 2_000
"""Records whose details a report carries; all of them are counted, and the catalogue keeps the problems of each."""


@dataclass(frozen=True)
class Line:
    """One record in the report: it changed, or something is to be said about it."""

    guid: str
    title: str
    action: Action
    draft: bool
    problems: tuple[Problem, ...]

    def as_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "guid": self.guid,
            "title": self.title,
            "action": self.action,
            "draft": self.draft,
            "problems": [problem.as_dict() for problem in self.problems],
        }


@dataclass
class Report:
    """The account of one run."""

    source: str
    complete: bool = False
    reason: str = ""
    """Why the run is not complete."""
    reason_code: str = ""
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTS, 0))
    lines: list[Line] = field(default_factory=list)
    omitted: int = 0
    """Records with something to say that found no room among the lines."""
    problems: list[Problem] = field(default_factory=list)
    """What concerns the source as a whole."""
    missing: list[str] = field(default_factory=list)
    """Guids that the source no longer has (only after a complete run)."""
    archived: list[str] = field(default_factory=list)
    """Of these, those that were archived."""
    halted: str = ""
    """Why nothing is done about the missing ones until a person confirms."""
    renames: dict[str, str] = field(default_factory=dict)
    """New identifier -> the known one that it seems to be."""
    unchanged_source: bool = False
    """The source said itself that nothing changed, so nothing was read."""
    seconds: float = 0.0
    _codes: Counter[str] = field(default_factory=Counter)

    @property
    def ok(self) -> bool:
        """Whether the source was read to its end."""
        return self.complete

    @property
    def writes(self) -> int:
        """How many records were written."""
        return sum(self.counts[name] for name in ("create", "update", "restore"))

    def add(self, line: Line) -> None:
        """Take in what is to be said of one record."""
        self._codes.update(problem.code for problem in line.problems)
        if len(self.lines) < MOST_LINES:
            self.lines.append(line)
        else:
            self.omitted += 1

    def codes(self) -> dict[str, int]:
        """How often each code of a problem occurs."""
        return dict(sorted((self._codes + Counter(problem.code for problem in self.problems)).items()))

    def as_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "source": self.source,
            "complete": self.complete,
            "reason": self.reason,
            "reason_code": self.reason_code,
            "halted": self.halted,
            "unchanged_source": self.unchanged_source,
            "seconds": round(self.seconds, 3),
            "counts": self.counts,
            "codes": self.codes(),
            "problems": [problem.as_dict() for problem in self.problems],
            "missing": self.missing,
            "archived": self.archived,
            "renames": self.renames,
            "records": [line.as_dict() for line in self.lines],
            "omitted": self.omitted,
        }
