"""The report of a run in plain words: what came, what changed, what was refused and what to ask the supplier.

A record whose dataset the reader may not see is counted and not named (DESIGN 1.2).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from ckan import authz, model

from ckanext.harvest.model import HarvestJob, HarvestObject, HarvestObjectError
from ckanext.kranj.access.auth import user_of
from ckanext.kranj.access.labels import visible_to
from ckanext.kranj.harvest import decisions
from ckanext.kranj.harvest.model import HarvestRecord, HarvestRun
from ckanext.kranj.harvest.words import word
from ckanext.kranj.language import language

from harvesters.reasons import reason_of
from schemas import Problem, texts

MOST = 2_000
"""Records that a report names."""
EXAMPLES = 5
_ACTION = {"added": "create", "updated": "update", "errored": "error"}
_MESSAGE = re.compile(r"\[(?P<code>[a-z-]+)\] (?:(?P<path>[\w.\[\]]+): )?(?P<text>.*)", re.DOTALL)
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def of_job(job: HarvestJob, context: Mapping[str, Any]) -> dict[str, Any]:
    """The report of a job.

    Args:
        job: it.
        context: of CKAN: who reads.

    Returns:
        ``{"id", "source", "status", "started", "finished", "seconds", "complete", "reason", "detail", "counts",
        "records": [{"guid", "title", "name", "action", "problems"}], "hidden": records not named, "omitted",
        "groups": [{"code", "severity", "text", "remedy", "count", "examples"}], "problems", "missing", "renames",
        "waits", "decided_by", "decided_at"}``.
    """
    run = model.Session.get(HarvestRun, job.id)
    named, hidden, omitted = _records(job, run, context)
    plan = (run.plan or {}) if run else {}
    waiting = decisions.waiting(job.source_id)
    return {
        "id": job.id,
        "source": model.Package.get(job.source_id).name,
        "status": job.status,
        "started": _stamp(run.started if run else job.gather_started),
        "finished": _stamp(run.finished if run else job.finished),
        "seconds": round((run.finished - run.started).total_seconds(), 1) if run and run.finished else None,
        "complete": run.complete if run else None,
        "reason": reason_of(run.reason_code).as_dict() if run and run.reason_code else None,
        "detail": run.reason if run else "",
        "halted": reason_of(run.halted).as_dict() if run and run.halted else None,
        "counts": dict(run.counts or {}) if run else {},
        "records": named,
        "hidden": hidden,
        "omitted": omitted,
        "groups": _groups((run.codes or {}) if run else {}, named),
        "problems": list(run.problems or ()) if run else [],
        "missing": titled(job.source_id, plan.get("missing", []), context),
        "renames": plan.get("renames", {}),
        "waits": bool(waiting and waiting.id == job.id),
        "decided_by": run.decided_by if run else None,
        "decided_at": _stamp(run.decided_at) if run else None,
    }


def _stamp(moment: Any) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


def _sees(context: Mapping[str, Any]) -> Any:
    """A condition on package: the reader may see it."""
    if context.get("ignore_auth") or authz.is_sysadmin(context.get("user")):
        return sa.true()
    return visible_to(user_of(dict(context)))


def _records(job: HarvestJob, run: Any, context: Mapping[str, Any]) -> tuple[list[dict[str, Any]], int, int]:
    """Records that changed or failed: those named, how many are hidden, how many found no room."""
    package, seen = model.Package, _sees(context)
    own = model.Package.get(job.source_id).owner_org
    # A draft is the portal's own: whoever looks after the source must know which records lack something.
    draft = sa.and_(
        package.state == "draft",
        package.owner_org == own,
        sa.func.coalesce(package.extras["visibility"].astext, "restricted") != "restricted",
    )
    asked = (
        model.Session.query(
            HarvestObject.id,
            HarvestObject.guid,
            HarvestObject.report_status,
            package.name,
            package.title,
            HarvestRecord.problems,
            HarvestRecord.changed_at,
            HarvestRecord.draft,
            seen.label("seen"),
            sa.or_(package.id.is_(None), seen, draft).label("named"),
        )
        .outerjoin(
            HarvestRecord,
            sa.and_(HarvestRecord.source_id == job.source_id, HarvestRecord.guid == HarvestObject.guid),
        )
        .outerjoin(package, package.id == sa.func.coalesce(HarvestRecord.package_id, HarvestObject.package_id))
        .filter(HarvestObject.harvest_job_id == job.id)
        .order_by(HarvestObject.report_status.desc(), package.title, HarvestObject.guid)
    )
    total = asked.order_by(None).count()
    rows = asked.limit(MOST).all()
    old = [row.id for row in rows if not _is_fresh(row, run)]
    said = _said_then(old)
    named = [
        {
            "guid": row.guid,
            "title": row.title or row.guid,
            "name": row.name if row.seen else None,
            "action": _ACTION.get(row.report_status, row.report_status),
            "draft": bool(row.draft),
            "problems": said.get(row.id, []) if row.id in said or row.id in old else list(row.problems or ()),
        }
        for row in rows
        if row.named
    ]
    return named, len(rows) - len(named), total - len(rows)


def _is_fresh(row: Any, run: Any) -> bool:
    """Whether what is remembered of the record is of this run: a later one has written over it otherwise."""
    return bool(row.changed_at and run and (run.finished is None or row.changed_at <= run.finished))


def _said_then(object_ids: list[str]) -> dict[str, list[dict[str, Any]]]:
    """What ckanext-harvest keeps of an older run: the errors of each record."""
    found: dict[str, list[dict[str, Any]]] = {}
    rows = model.Session.query(HarvestObjectError.harvest_object_id, HarvestObjectError.message).filter(
        HarvestObjectError.harvest_object_id.in_(object_ids)
    )
    for identifier, message in rows:
        match = _MESSAGE.fullmatch(message or "")
        if match and match["code"] in texts():
            problem = Problem.of(match["path"] or "", match["code"]).as_dict()
            problem["text"]["sl"] = match["text"]
            found.setdefault(identifier, []).append(problem)
    return found


def _groups(codes: Mapping[str, int], records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Problems by code: how often, what to do, a few records that have it; errors first, the most frequent first."""
    examples: dict[str, list[str]] = {}
    for record in records:
        for code in {problem["code"] for problem in record["problems"]}:
            titles = examples.setdefault(code, [])
            if len(titles) < EXAMPLES:
                titles.append(record["title"])
    groups = []
    for code, count in codes.items():
        words = texts().get(code)
        if words is not None:
            shown = _general(code, records)
            group = {"code": code, "severity": words["severity"], "count": count, "examples": examples.get(code, [])}
            groups.append(group | shown)
    return sorted(groups, key=lambda group: (group["severity"] != "error", -group["count"], group["code"]))


def _general(code: str, records: list[dict[str, Any]]) -> dict[str, Any]:
    """Words for a code: of the first record that has it, since words without their values say little."""
    for record in records:
        for problem in record["problems"]:
            if problem["code"] == code:
                return {"text": problem["text"], "remedy": problem["remedy"], "path": problem["path"]}
    problem = Problem.of("", code).as_dict()
    return {"text": problem["text"], "remedy": problem["remedy"], "path": ""}


def titled(source_id: str, guids: list[str], context: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Identifiers with the titles of their datasets, where the reader may see them."""
    if not guids:
        return []
    rows = (
        model.Session.query(HarvestRecord.guid, model.Package.name, model.Package.title)
        .join(model.Package, model.Package.id == HarvestRecord.package_id)
        .filter(HarvestRecord.source_id == source_id, HarvestRecord.guid.in_(guids[:MOST]), _sees(context))
        .order_by(model.Package.title)
    )
    return [{"guid": guid, "name": name, "title": title or guid} for guid, name, title in rows]


def datasets_of(source_id: str, context: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The datasets of a source that the reader may see, by title.

    Returns:
        ``[{"name", "title", "guid", "state"}]``; ``state`` is archived, missing, kept (by a steward, though the source
        has it no longer) or empty.
    """
    rows = (
        model.Session.query(model.Package.name, model.Package.title, HarvestRecord)
        .join(HarvestRecord, HarvestRecord.package_id == model.Package.id)
        .filter(HarvestRecord.source_id == source_id, model.Package.state != "deleted", _sees(context))
        .order_by(model.Package.title)
        .limit(MOST)
    )
    return [
        {"name": name, "title": title or name, "guid": record.guid, "state": _withdrawal(record)}
        for name, title, record in rows
    ]


def _withdrawal(record: HarvestRecord) -> str:
    if record.archived_at is not None:
        return "archived"
    if record.held_at is not None:
        return "kept"
    return "missing" if record.missing_since is not None else ""


def as_csv(report: Mapping[str, Any]) -> str:
    """The records of a report for a spreadsheet, one line a problem; a cell never starts a formula."""
    lang, out = language(), io.StringIO()
    writer = csv.writer(out)
    heads = {
        "sl": ("zapis", "naziv", "kaj se je zgodilo", "koda", "polje", "pripomba", "kaj storiti"),
        "en": ("record", "title", "what happened", "code", "field", "remark", "what to do"),
    }
    writer.writerow(heads[lang])
    for record in report["records"]:
        for problem in record["problems"] or [None]:
            said = (
                (problem["code"], problem["path"], problem["text"][lang], problem["remedy"][lang])
                if problem
                else ("", "", "", "")
            )
            cells = (record["guid"], record["title"], word("action", record["action"]), *said)
            writer.writerow([f"'{cell}" if str(cell).startswith(FORMULA) else cell for cell in cells])
    return "\ufeff" + out.getvalue()
