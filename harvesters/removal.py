"""What may be done about records that a source no longer has: wait, archive, or halt and ask. Nothing is ever deleted.

Only a complete run may speak of absence. A record that stays away for three complete runs and seven days is archived; a
source that shrinks faster than a source should is not believed until a person confirms it (risk R1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from schemas import Problem

GRACE_RUNS = 3
GRACE = timedelta(days=7)
FEW = 5
"""So many may always go: a source of six records that loses two has not failed."""
SHARE = 0.2
"""Of the records in force; more than that at once is asked about."""
HALF = 0.5
"""Of the records of the last complete run; fewer than that is asked about."""


@dataclass(frozen=True)
class Gone:
    """A record in force that a complete run did not see."""

    guid: str
    runs: int = 0
    """Complete runs before this one in which it was missing."""
    since: datetime | None = None


@dataclass(frozen=True)
class Removals:
    """What a run decided."""

    halted: str = ""
    """Why nothing is done until a person confirms; empty when nothing speaks against it."""
    noted: tuple[str, ...] = ()
    """Missing, and still within their grace."""
    archived: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = field(default=())

    @property
    def missing(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(sorted({*self.noted, *self.archived}))


def weigh(  # noqa: PLR0913 the facts of a run
    gone: Sequence[Gone], *, known: int, seen: int, last: int | None, now: datetime, moved: bool = False
) -> Removals:
    """Decide about what is missing.

    Args:
        gone: records in force that the run did not see.
        known: records in force, the missing ones among them.
        seen: records that the run saw.
        last: records that the last complete run saw; None when there was none.
        now: the present time.
        moved: the source answers from another host than in the last complete run.
    """
    guids = tuple(sorted(item.guid for item in gone))
    if not guids:
        return Removals()
    reason = ""
    if seen == 0:
        reason = "source-empty"
    elif moved:
        reason = "source-moved"
    elif len(guids) > max(FEW, SHARE * known):
        reason = "too-many-missing"
    elif last is not None and seen < HALF * last:
        reason = "source-halved"
    if reason:
        problem = Problem.of("", "removals-halted", reason=reason, missing=len(guids), known=known, seen=seen)
        return Removals(reason, noted=guids, problems=(problem,))
    archived = {item.guid for item in gone if item.runs + 1 >= GRACE_RUNS and item.since and now - item.since >= GRACE}
    return Removals("", tuple(guid for guid in guids if guid not in archived), tuple(sorted(archived)))
