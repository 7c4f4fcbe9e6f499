"""The live check of a source before it is saved: the first records as they would be described, and their problems.

It goes the way of a run (same session, same guard on addresses, same judgement) with tighter bounds on time and size,
and writes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Sequence
from dataclasses import dataclass, field
from typing import Any

from ckanext.kranj import config as portal
from ckanext.kranj.harvest import runner
from ckanext.kranj.harvest.spec import Spec

from harvesters import Change, Context, Gone, Held, Known, Limits, Outcome, Removals, run
from harvesters.reasons import reason_of

RECORDS = 10
LIMITS = Limits(connect=5, read=8, total=15, size=10_000_000, attempts=1, pause=0.3, volume=30_000_000, run=25)
"""A person waits for the answer: after 25 seconds it is said what was seen until then."""
GOOD = frozenset({"", "limited"})


@dataclass
class TrialSink:
    """Takes every record as a new one and keeps it."""

    changes: list[Change] = field(default_factory=list)

    def known(self, guids: Collection[str]) -> dict[str, Known]:
        """Nothing is known."""
        return {}

    def held(self, guids: Collection[str]) -> dict[str, Held]:
        """Nothing is held."""
        return {}

    def alike(self, keys: Collection[str]) -> dict[str, str]:
        """Nothing is alike."""
        return {}

    def apply(self, changes: Sequence[Change]) -> list[Outcome]:
        """Keep them."""
        self.changes += changes
        return [Outcome(change.action, change.guid) for change in changes]

    def count(self) -> int:
        """Nothing is in force."""
        return 0

    def gone(self, present: Container[str]) -> list[Gone]:
        """Nothing is missing."""
        return []

    def remove(self, removals: Removals) -> None:
        """Nothing is removed."""

    def finish(self) -> None:
        """Nothing was written."""


def of(spec: Spec, *, records: int = RECORDS, limits: Limits = LIMITS) -> dict[str, Any]:
    """Try a source.

    Args:
        spec: the source, saved or not.
        records: how many to read.
        limits: of the whole check.

    Returns:
        ``{"good", "reason": why not (or None), "detail", "records": [{"guid", "dataset", "draft", "problems"}],
        "problems": of the source as a whole, "seconds"}``. The internal block is left out.

    Raises:
        MissingSecret: this machine does not hold the secret that the source names.
    """
    runner.redact_logs()
    sink = TrialSink()
    with runner.session_of(spec, limits=limits) as session:
        report = run(
            spec.connector,
            Context(spec.slug, session),
            sink,
            spec.defaults,
            limit=records,
            reachable=portal.reachable_hosts(),
        )
    found = [
        {
            "guid": change.guid,
            "dataset": change.record.dataset if change.record else {},
            "draft": change.draft,
            "refused": change.action == "error",
            "problems": [problem.as_dict() for problem in change.problems],
        }
        for change in sink.changes
    ]
    broke = report.reason_code not in GOOD
    return {
        "good": any(not item["refused"] for item in found) and not broke,
        "reason": reason_of(report.reason_code).as_dict() if broke else None,
        "detail": report.reason if broke else "",
        "records": found,
        "problems": [problem.as_dict() for problem in report.problems],
        "seconds": round(report.seconds, 2),
    }
