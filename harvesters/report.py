"""What a run did, as data: counts, and the problems of each record that has any."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from harvesters.sink import Action
from schemas import Problem

COUNTS = ("read", "create", "update", "restore", "unchanged", "draft", "error", "missing")


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
    problems: list[Problem] = field(default_factory=list)
    """What concerns the source as a whole."""
    missing: list[str] = field(default_factory=list)
    """Guids that the source no longer has (only after a complete run); nothing is done to them."""
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether the source was read to its end."""
        return self.complete

    @property
    def writes(self) -> int:
        """How many records were written."""
        return sum(self.counts[name] for name in ("create", "update", "restore"))

    def codes(self) -> dict[str, int]:
        """How often each code of a problem occurs."""
        found: dict[str, int] = {}
        for problem in [*self.problems, *(item for line in self.lines for item in line.problems)]:
            found[problem.code] = found.get(problem.code, 0) + 1
        return dict(sorted(found.items()))

    def as_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "source": self.source,
            "complete": self.complete,
            "reason": self.reason,
            "reason_code": self.reason_code,
            "seconds": round(self.seconds, 3),
            "counts": self.counts,
            "codes": self.codes(),
            "problems": [problem.as_dict() for problem in self.problems],
            "missing": self.missing,
            "records": [line.as_dict() for line in self.lines],
        }
