"""Everything about harvested records that waits for a person, as one list of findings with what may be answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from ckan import model

from ckanext.kranj.harvest import answers, decisions
from ckanext.kranj.harvest.model import HarvestFinding, HarvestRecord, HarvestRun

from harvesters.sink import QUARANTINE
from schemas import Problem

KINDS = ("halted", "missing", "renamed", *answers.PAIRS, "conflict", "proposal", "quarantined", *answers.UNCLAIMED)
"""What a finding may be."""


def findings(
    sources: Sequence[Any], kinds: Sequence[str], sees: Callable[[Any], bool], *, decided: bool = False
) -> list[dict[str, Any]]:
    """Findings of these sources.

    Args:
        sources: packages of type ``harvest``.
        kinds: which ones.
        sees: whether the caller may see a dataset; a finding about one that is hidden is none for him.
        decided: also those that somebody answered.

    Returns:
        ``[{"kind", "source", "guid", "datasets": [{"id", "name", "title"}], "params", "problem", "answer": {"action",
        "data", "choices"}, "decision", "reason", "decided_by", "decided_at"}]``; ``problem`` is a Problem, ``answer``
        names the action that takes one of ``choices`` as ``decision``, with what else it needs.
    """
    found: list[dict[str, Any]] = []
    for source in sources:
        for kind, look in _LOOKS:
            if set(kind) & set(kinds):
                for item in look(source, decided):
                    packages = [package for package in item.pop("packages") if package is not None]
                    if item["kind"] in kinds and all(map(sees, packages)):
                        found.append({**item, "datasets": _shown(packages)})
    return found


def _finding(kind: str, source: Any, problem: Problem, action: str, choices: tuple[str, ...], **more: Any) -> Any:
    data = {"source": source.name, **more.pop("data", {})}
    return {
        "kind": kind,
        "source": source.name,
        "guid": "",
        "packages": [],
        "problem": problem,
        "params": problem.params,
        "answer": {"action": action, "data": data, "choices": list(choices)},
        "decision": None,
        "reason": None,
        "decided_by": None,
        "decided_at": None,
        **more,
    }


def _shown(packages: Sequence[Any]) -> list[dict[str, str]]:
    return [{"id": item.id, "name": item.name, "title": item.title or item.name} for item in packages]


def _waiting(source: Any, _decided: bool) -> Iterator[dict[str, Any]]:
    run = decisions.waiting(source.id)
    if run is None:
        return
    if run.plan.get("missing"):
        problem = next((_problem(item) for item in run.problems if item["code"] == "removals-halted"), None)
        problem = problem or Problem.of("", "removals-halted", reason=run.halted, missing=len(run.plan["missing"]))
        yield _finding(
            "halted", source, problem, "kranj_harvest_run_decide", ("approve", "reject"),
            data={"run": run.id}, found_at=run.started.isoformat(),
        )  # fmt: skip
    for new, old in sorted(run.plan.get("renames", {}).items()):
        row = model.Session.get(HarvestRecord, (source.id, old))
        package = model.Package.get(row.package_id) if row is not None and row.package_id else None
        yield _finding(
            "renamed", source, Problem.of("", "likely-renamed", guid=new, old=old),
            "kranj_harvest_rename_decide", ("approve", "reject"),
            data={"guids": [new]}, guid=new, packages=[package],
        )  # fmt: skip


def _missing(source: Any, _decided: bool) -> Iterator[dict[str, Any]]:
    in_grace = HarvestRecord.missing_since.isnot(None), HarvestRecord.archived_at.is_(None)
    for row, package in _records(source, *in_grace, HarvestRecord.held_at.is_(None)):
        problem = Problem.of("", "record-missing", runs=row.missing_runs, since=f"{row.missing_since:%Y-%m-%d}")
        yield _finding(
            "missing", source, problem, "kranj_harvest_withdrawal_decide", ("approve", "reject"),
            data={"guids": [row.guid]}, guid=row.guid, packages=[package],
        )  # fmt: skip


def _pairs(source: Any, decided: bool) -> Iterator[dict[str, Any]]:
    one, other = aliased(model.Package), aliased(model.Package)
    mine = sa.select(HarvestRecord.package_id).where(HarvestRecord.source_id == source.id)
    asked = (
        model.Session.query(HarvestFinding, one, other)
        .join(one, one.id == HarvestFinding.package_id)
        .join(other, other.id == HarvestFinding.other_id)
        .filter(HarvestFinding.kind.in_(answers.PAIRS))
        .filter(sa.or_(HarvestFinding.package_id.in_(mine), HarvestFinding.other_id.in_(mine)))
        .order_by(HarvestFinding.found_at, HarvestFinding.package_id)
    )
    if not decided:
        asked = asked.filter(HarvestFinding.decision.is_(None))
    for row, first, second in asked:
        problem = Problem.of("", row.kind, first=first.title, second=second.title)
        yield _finding(
            row.kind, source, problem, "kranj_harvest_finding_decide", answers.PAIR_ANSWERS,
            data={"id": first.id, "other": second.id, "kind": row.kind},
            packages=[first, second], **_answer_of(row),
        )  # fmt: skip


def _conflicts(source: Any, decided: bool) -> Iterator[dict[str, Any]]:
    for row, package in _records(source, HarvestRecord.kept != sa.text("'{}'::jsonb")):
        for value in answers.values_of(row.package_id):
            if not value["differs"] or (value["seen"] and not decided):
                continue
            problem = Problem.of(value["field"], "steward-value-kept", value=answers.short(value["source_value"]))
            yield _finding(
                "conflict", source, problem, "kranj_harvest_value_decide", ("source", "keep"),
                data={"id": row.package_id, "field": value["field"]}, guid=row.guid, packages=[package],
                value=value["value"], source_value=value["source_value"],
                **({"decision": "keep"} if value["seen"] else {}),
            )  # fmt: skip


def _proposals(source: Any, _decided: bool) -> Iterator[dict[str, Any]]:
    for row, package in _records(source, HarvestRecord.proposals != sa.text("'[]'::jsonb")):
        for item in decisions.proposals_of(row.package_id):
            problem = Problem.of(item["field"], "proposed", value=item["value"], confidence=item["confidence"])
            yield _finding(
                "proposal", source, problem, "kranj_harvest_proposal_decide", ("accept", "reject"),
                data={"id": row.package_id, "field": item["field"], "value": item["value"]},
                guid=row.guid, packages=[package], value=item["value"], confidence=item["confidence"],
            )  # fmt: skip


def _quarantined(source: Any, _decided: bool) -> Iterator[dict[str, Any]]:
    for row, package in _records(source, HarvestRecord.failures >= QUARANTINE):
        yield _finding(
            "quarantined", source, Problem.of("", "quarantined", runs=row.failures),
            "kranj_harvest_quarantine_release", ("release",),
            data={"guids": [row.guid]}, guid=row.guid, packages=[package], problems=row.problems,
        )  # fmt: skip


def _unclaimed(source: Any, decided: bool) -> Iterator[dict[str, Any]]:
    run = (
        model.Session.query(HarvestRun)
        .filter(HarvestRun.source_id == source.id, HarvestRun.complete.is_(True))
        .order_by(HarvestRun.started.desc())
        .first()
    )
    for item in run.problems if run is not None else ():
        if item["code"] not in answers.UNCLAIMED:
            continue
        problem = _problem(item)
        name = str(next(iter(problem.params.values()), ""))
        row = model.Session.get(HarvestFinding, (source.id, name, problem.code))
        if row is not None and row.decision and not decided:
            continue
        yield _finding(
            problem.code, source, problem, "kranj_harvest_finding_decide", (answers.NOT_OURS,),
            data={"id": source.id, "other": name, "kind": problem.code}, guid=name,
            **(_answer_of(row) if row is not None else {"found_at": run.started.isoformat()}),
        )  # fmt: skip


_LOOKS = (
    (("halted", "renamed"), _waiting),
    (("missing",), _missing),
    (answers.PAIRS, _pairs),
    (("conflict",), _conflicts),
    (("proposal",), _proposals),
    (("quarantined",), _quarantined),
    (answers.UNCLAIMED, _unclaimed),
)


def _records(source: Any, *conditions: Any) -> Iterator[tuple[HarvestRecord, Any]]:
    """Records of a source with their datasets (None while there is none), by identifier."""
    asked = (
        model.Session.query(HarvestRecord, model.Package)
        .outerjoin(model.Package, model.Package.id == HarvestRecord.package_id)
        .filter(HarvestRecord.source_id == source.id, *conditions)
        .order_by(HarvestRecord.guid)
    )
    yield from asked.all()


def _problem(row: dict[str, Any]) -> Problem:
    return Problem(row.get("path", ""), row["code"], row["severity"], row.get("params") or {})


def _answer_of(row: HarvestFinding) -> dict[str, Any]:
    return {
        "found_at": row.found_at.isoformat(),
        "decision": row.decision,
        "reason": row.reason,
        "decided_by": row.decided_by,
        "decided_at": row.decided_at.isoformat() if row.decided_at else None,
    }
