"""One run: read → judge → compare → apply in batches → weigh what is missing → account.

The engine knows neither sources nor CKAN: a connector yields, a sink stores.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from harvesters.connector import Connector, Context, Reading
from harvesters.errors import HarvestError, clean
from harvesters.likeness import likeness
from harvesters.plan import Basis, Defaults, decide, judge, merged
from harvesters.removal import weigh
from harvesters.report import Line, Report
from harvesters.seen import Seen
from harvesters.sink import QUARANTINE, Change, Known, Outcome, Sink
from schemas import Problem

BATCH = 50
"""Records per transaction: what a killed run loses at most."""
MOST_WAITING = 1_000
"""Records under a new identifier that are kept until it is known whether the old one is still there."""

Progress = Callable[[Report], None]


@dataclass(frozen=True)
class Circumstances:
    """What a run should know besides the source itself."""

    now: datetime
    last: int | None = None
    """Records that the last complete run saw."""
    moved: bool = False
    """The source answers from another host than then."""
    reachable: Collection[str] = ()
    """Internal hosts that the public does reach (schemas.validate)."""


def run(  # noqa: PLR0913 what comes from outside is handed in by name
    connector: Connector,
    ctx: Context,
    sink: Sink,
    defaults: Defaults | None = None,
    *,
    limit: int | None = None,
    today: date | None = None,
    circumstances: Circumstances | None = None,
    reachable: Collection[str] = (),
    progress: Progress = lambda report: None,
    clock: Callable[[], float] = time.monotonic,
) -> Report:
    """Harvest one source.

    Args:
        connector: reads the source.
        ctx: the connector's context; says afterwards whether the source was read to its end.
        sink: takes the records.
        defaults: values for fields that records leave empty.
        limit: stop after so many records (a preview); such a run is never complete.
        today: the present day; tests give their own.
        circumstances: the present time and what the last complete run saw.
        reachable: as in the circumstances.
        progress: called after each batch.
        clock: seconds that only grow.

    Returns:
        The account of the run. A source that fails halfway does not raise: what was read is stored, the report is
        incomplete and says why. Only a failure of the sink as a whole comes out as its exception.
    """
    around = circumstances or Circumstances(datetime.now(tz=UTC), reachable=reachable)
    work = _Run(
        connector,
        ctx,
        sink,
        defaults or Defaults(),
        Report(ctx.source),
        today or around.now.date(),
        around,
        Basis(connector.version, defaults or Defaults()),
    )
    started = clock()
    batch: list[Reading] = []
    for reading in work.readings(limit):
        batch.append(reading)
        if len(batch) >= BATCH:
            work.apply(batch)
            batch = []
            progress(work.report)
    if batch:
        work.apply(batch)
    work.close(limited=limit is not None)
    work.report.seconds = clock() - started
    progress(work.report)
    return work.report


@dataclass
class _Run:
    connector: Connector
    ctx: Context
    sink: Sink
    defaults: Defaults
    report: Report
    today: date
    around: Circumstances
    basis: Basis
    seen: Seen = field(default_factory=Seen)
    waiting: list[tuple[Change | None, str, str]] = field(default_factory=list)
    """New records that look like a known one: the change, its guid, the guid of the known one."""

    def readings(self, limit: int | None) -> Iterator[Reading]:
        """What the connector yields, until it ends, fails, or the limit is reached."""
        source = self.connector.records(self.ctx)
        try:
            for number, reading in enumerate(source, start=1):
                yield reading
                if number == limit:
                    return
        except HarvestError as error:
            self._broke(error.code, str(error))
        except MemoryError:
            self._broke("out-of-memory", "the source needs more memory than a run may take")
        except Exception as error:  # noqa: BLE001 a fault in a connector costs its run, not what was read before
            self._broke("connector-fault", f"{type(error).__name__}: {error}")

    def _broke(self, code: str, reason: str) -> None:
        self.report.reason_code, self.report.reason = code, clean(reason)

    def apply(self, batch: list[Reading]) -> None:
        """Judge, compare and store one batch."""
        known = self.sink.known([reading.guid for reading in batch])
        changes = [self._change(reading, known) for reading in batch]
        changes = self._with_words_of_stewards(changes)
        changes = self._without_renamed(changes)
        self._do(changes)

    def _do(self, changes: list[Change]) -> None:
        work = [change for change in changes if change.action not in {"unchanged", "held"}]
        outcomes = {id(change): done for change, done in zip(work, self.sink.apply(work), strict=True)}
        for change in changes:
            self._account(change, outcomes.get(id(change)))

    def _change(self, reading: Reading, known: Mapping[str, Known]) -> Change:
        if reading.record is None:
            if reading.guid:
                self.seen.add(reading.guid, "")  # it is still in the source, so it is not missing
            return Change("error", reading.guid, "", None, problems=reading.problems)
        title = _title(reading.record.dataset)
        if reading.guid in self.seen:
            # The first one is kept: which of two equals is right only the source can say (risk R17).
            problem = Problem.of("", "duplicate-identifier", guid=reading.guid, first=self.seen.title(reading.guid))
            return Change("error", reading.guid, "", None, problems=(problem,))
        self.seen.add(reading.guid, title)
        before = known.get(reading.guid)
        fingerprint = ""
        try:
            fingerprint = self.basis.fingerprint(reading)
            if before and before.fingerprint == fingerprint:
                if before.failures >= QUARANTINE:
                    problem = Problem.of("", "quarantined", runs=before.failures)
                    return Change("error", reading.guid, "", None, problems=(problem,), fingerprint=fingerprint)
                if before.stored and not before.deleted and before.hash and not before.failures:
                    return Change("unchanged", reading.guid, before.package_id, None, draft=before.draft)
            judged = judge(
                reading,
                self.defaults,
                reachable=self.around.reachable,
                version=self.connector.version,
                first_seen=before.first_seen if before else self.today,
            )
        except Exception as error:  # noqa: BLE001 one poisonous record costs itself only (risk R24)
            problem = Problem.of("", "unreadable-record", reason=clean(f"{type(error).__name__}: {error}"))
            problems = (*reading.problems, problem)
            return Change("error", reading.guid, "", None, problems=problems, fingerprint=fingerprint)
        origin = self.ctx.aliases.get(reading.guid, reading.guid)
        return decide(judged, before, self.ctx.source, origin=origin, fingerprint=fingerprint)

    def _with_words_of_stewards(self, changes: list[Change]) -> list[Change]:
        guids = [change.guid for change in changes if change.action in {"update", "restore"}]
        held = self.sink.held(guids) if guids else {}
        return [
            merged(change, held[change.guid], self.around.reachable)
            if change.action in {"update", "restore"} and change.guid in held
            else change
            for change in changes
        ]

    def _without_renamed(self, changes: list[Change]) -> list[Change]:
        """Hold back new records that look like a known one which this run has not seen (yet) (risk R19)."""
        keys = {
            likeness(change.record.dataset): change
            for change in changes
            if change.action == "create" and change.record and change.guid not in self.ctx.aliases
        }
        keys.pop("", None)
        alike = self.sink.alike(list(keys)) if keys else {}
        held = {}
        for key, guid in alike.items():
            if guid not in self.seen:
                held[id(keys[key])] = guid
        kept = []
        for change in changes:
            if id(change) in held:
                room = len(self.waiting) < MOST_WAITING
                self.waiting.append((change if room else None, change.guid, held[id(change)]))
            else:
                kept.append(change)
        return kept

    def _settle_renamed(self, *, whole: bool) -> None:
        """At the end it is known which of the old identifiers are still there."""
        fresh = []
        for change, guid, old in self.waiting:
            if old in self.seen and change is not None:
                fresh.append(change)
            else:
                if whole and old not in self.seen:
                    self.report.renames[guid] = old
                problem = Problem.of("", "likely-renamed", guid=guid, old=old)
                self._account(Change("held", guid, "", None, problems=(problem,)), None)
        for start in range(0, len(fresh), BATCH):
            self._do(fresh[start : start + BATCH])

    def _account(self, change: Change, outcome: Outcome | None) -> None:
        action = outcome.action if outcome else change.action
        problems = (*change.problems, *(outcome.problems if outcome else ()))
        counts = self.report.counts
        counts["read"] += 1
        counts[action] += 1
        counts["draft"] += change.draft and action != "error"
        if action != "unchanged" or problems:
            title = _title(change.record.dataset) if change.record else ""
            self.report.add(Line(change.guid, title, action, change.draft, problems))

    def close(self, *, limited: bool) -> None:
        """Say how the run ended; only a complete run may speak of what is missing."""
        report = self.report
        if limited:
            report.reason_code, report.reason = report.reason_code or "limited", report.reason or "limited run"
        elif not report.reason:
            if self.ctx.completed:
                report.complete = True
            else:
                report.reason_code = "incomplete"
                report.reason = self.ctx.reason or "the source was not read to its end"
        self._settle_renamed(whole=report.complete)
        report.problems = list(self.ctx.problems)
        if report.complete:
            self._weigh()
        self.sink.finish()

    def _weigh(self) -> None:
        report, renamed = self.report, set(self.report.renames.values())
        known = self.sink.count()
        gone = [item for item in self.sink.gone(self.seen) if item.guid not in renamed]
        around = self.around
        removals = weigh(gone, known=known, seen=len(self.seen), last=around.last, now=around.now, moved=around.moved)
        self.sink.remove(removals)
        report.missing, report.archived = list(removals.missing), list(removals.archived)
        report.halted = removals.halted
        report.problems += removals.problems
        report.counts["missing"], report.counts["archived"] = len(report.missing), len(report.archived)


def _title(dataset: Mapping[str, Any]) -> str:
    title = dataset.get("title_translated")
    return str(title.get("sl") or "")[:200] if isinstance(title, Mapping) else ""
