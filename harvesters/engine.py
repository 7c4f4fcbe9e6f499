"""One run: read → judge → compare → apply in batches → account.

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
from harvesters.plan import Defaults, decide, judge
from harvesters.report import Line, Report
from harvesters.sink import Change, Known, Outcome, Sink
from schemas import Problem

BATCH = 50
"""Records per transaction: what a killed run loses at most."""

Progress = Callable[[Report], None]


def run(  # noqa: PLR0913 what comes from outside is handed in by name
    connector: Connector,
    ctx: Context,
    sink: Sink,
    defaults: Defaults | None = None,
    *,
    limit: int | None = None,
    today: date | None = None,
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
        reachable: internal hosts that the public does reach (schemas.validate).
        progress: called after each batch.
        clock: seconds that only grow.

    Returns:
        The account of the run. A source that fails halfway does not raise: what was read is stored, the report is
        incomplete and says why. Only a failure of the sink as a whole comes out as its exception.
    """
    work = _Run(
        connector,
        ctx,
        sink,
        defaults or Defaults(),
        Report(ctx.source),
        today or datetime.now(tz=UTC).date(),
        reachable,
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
    reachable: Collection[str]
    seen: dict[str, str] = field(default_factory=dict)

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
        except Exception as error:  # noqa: BLE001 a fault in a connector costs its run, not what was read before
            self._broke("connector-fault", f"{type(error).__name__}: {error}")

    def _broke(self, code: str, reason: str) -> None:
        self.report.reason_code, self.report.reason = code, clean(reason)

    def apply(self, batch: list[Reading]) -> None:
        """Judge, compare and store one batch."""
        known = self.sink.known([reading.guid for reading in batch])
        changes = [self._change(reading, known) for reading in batch]
        work = [change for change in changes if change.action != "unchanged"]
        outcomes = {id(change): done for change, done in zip(work, self.sink.apply(work), strict=True)}
        for change in changes:
            self._account(change, outcomes.get(id(change)))

    def _change(self, reading: Reading, known: Mapping[str, Known]) -> Change:
        if reading.record is None:
            return Change("error", reading.guid, "", None, problems=reading.problems)
        title = _title(reading.record.dataset)
        if reading.guid in self.seen:
            # The first one is kept: which of two equals is right only the source can say (risk R17).
            problem = Problem.of("", "duplicate-identifier", guid=reading.guid, first=self.seen[reading.guid])
            return Change("error", reading.guid, "", None, problems=(problem,))
        self.seen[reading.guid] = title
        try:
            before = known.get(reading.guid)
            judged = judge(
                reading,
                self.defaults,
                reachable=self.reachable,
                version=self.connector.version,
                first_seen=before.first_seen if before else self.today,
            )
        except Exception as error:  # noqa: BLE001 one poisonous record costs itself only (risk R24)
            problem = Problem.of("", "unreadable-record", reason=clean(f"{type(error).__name__}: {error}"))
            return Change("error", reading.guid, "", None, problems=(*reading.problems, problem))
        return decide(judged, before, self.ctx.source)

    def _account(self, change: Change, outcome: Outcome | None) -> None:
        action = outcome.action if outcome else change.action
        problems = (*change.problems, *(outcome.problems if outcome else ()))
        counts = self.report.counts
        counts["read"] += 1
        counts[action] += 1
        counts["draft"] += change.draft and action != "error"
        if action != "unchanged" or problems:
            title = _title(change.record.dataset) if change.record else ""
            self.report.lines.append(Line(change.guid, title, action, change.draft, problems))

    def close(self, *, limited: bool) -> None:
        """Say how the run ended; only a complete run may speak of what is missing."""
        report = self.report
        report.problems = list(self.ctx.problems)
        if limited:
            report.reason_code, report.reason = report.reason_code or "limited", report.reason or "limited run"
        elif not report.reason:
            if not self.ctx.completed:
                report.reason_code = "incomplete"
                report.reason = self.ctx.reason or "the source was not read to its end"
            else:
                report.complete = True
                # A record that could not be read is still in the source, so it is not missing.
                present = {*self.seen, *(line.guid for line in report.lines if line.action == "error")}
                report.missing = self.sink.missing(present)
                report.counts["missing"] = len(report.missing)
        self.sink.finish()


def _title(dataset: Mapping[str, Any]) -> str:
    title = dataset.get("title_translated")
    return str(title.get("sl") or "")[:200] if isinstance(title, Mapping) else ""
