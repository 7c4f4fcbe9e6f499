"""What the next run of a source would change, field by field: the source's value beside the catalogue's."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ckan import model

from ckanext.kranj import config as portal
from ckanext.kranj.access.auth import may_read, user_of
from ckanext.kranj.access.labels import is_data_office
from ckanext.kranj.harvest import memory, runner, state, trial
from ckanext.kranj.harvest.preview import PreviewSink
from ckanext.kranj.harvest.spec import Spec

from harvesters import Change, Circumstances, Context, Held, Outcome, Report, run
from harvesters.ownership import plain
from harvesters.reasons import reason_of
from schemas import dataset_fields, resource_fields

MOST = 500
"""Records that a preview reads: a person waits for it."""
_DATASET = tuple(item.name for item in dataset_fields() if item.name != "resources")
_RESOURCE = tuple(item.name for item in resource_fields())


class _EnoughError(Exception):
    """So many records were read."""

    def __init__(self, report: Report):
        super().__init__()
        self.report = report


@dataclass
class DifferenceSink(PreviewSink):
    """Keeps what would be done and what is there now."""

    changes: list[Change] = field(default_factory=list)
    before: dict[str, Held] = field(default_factory=dict)

    def held(self, guids: Collection[str]) -> dict[str, Held]:
        """These datasets as they stand."""
        found = super().held(guids)
        self.before |= found
        return found

    def apply(self, changes: Sequence[Change]) -> list[Outcome]:
        """Keep them."""
        self.changes += changes
        return super().apply(changes)


def of(spec: Spec, context: Mapping[str, Any]) -> dict[str, Any]:
    """The difference between a source and the catalogue.

    Args:
        spec: the source.
        context: of CKAN: who reads. A description that he may not see is counted in ``hidden`` and not shown.

    Returns:
        ``{"complete", "reason", "detail", "counts", "halted", "records": [{"guid", "title", "action", "draft",
        "package_id", "name", "problems", "fields": [{"path", "state": new | changed | gone | kept, "value",
        "source_value"}]}], "missing": [{"guid", "title", "name"}], "renames", "hidden"}``.
    """
    runner.redact_logs()
    sink = DifferenceSink(spec.id, spec.slug, memory.aliases(spec.id))
    report = _read(spec, sink)
    broke = report.reason_code not in trial.GOOD
    shown = [_record(change, sink.before.get(change.guid)) for change in sink.changes if _sees(change, context)]
    return {
        "complete": report.complete,
        "reason": reason_of(report.reason_code).as_dict() if broke else None,
        "detail": report.reason if broke else "",
        "counts": report.counts,
        "halted": reason_of(report.halted).as_dict() if report.halted else None,
        "problems": [problem.as_dict() for problem in report.problems],
        "records": shown,
        "hidden": len(sink.changes) - len(shown),
        "missing": _missing(spec.id, report.missing, context),
        "renames": report.renames,
    }


def _read(spec: Spec, sink: DifferenceSink) -> Report:
    held = state.of(spec.id)
    around = Circumstances(
        datetime.now(tz=UTC), last=held.seen, moved=state.moved(held, spec), reachable=portal.reachable_hosts()
    )

    def enough(report: Report) -> None:
        if report.counts["read"] >= MOST and not (report.complete or report.reason_code):
            raise _EnoughError(report)

    with runner.session_of(spec, limits=trial.LIMITS) as session:
        ctx = Context(spec.slug, session, aliases=sink.aliases)
        try:
            return run(spec.connector, ctx, sink, spec.defaults, circumstances=around, progress=enough)
        except _EnoughError as stopped:
            stopped.report.reason_code = "limited"
            return stopped.report
        finally:
            model.Session.rollback()


def _sees(change: Change, context: Mapping[str, Any]) -> bool:
    """Whether the reader may see the description, as it stands and as it would be."""
    package = model.Package.get(change.package_id) if change.package_id else None
    asked = dict(context)
    if package is not None and package.state == "active" and not may_read(asked, package):
        return False
    level = change.record.dataset.get("visibility") if change.record else None
    user = user_of(asked)
    office = bool(context.get("ignore_auth")) or (user is not None and (user.sysadmin or is_data_office(user)))
    return level != "restricted" or office or (package is not None and may_read(asked, package))


def _record(change: Change, held: Held | None) -> dict[str, Any]:
    package = model.Package.get(change.package_id) if change.package_id else None
    title = (change.record.dataset.get("title_translated") or {}) if change.record else {}
    return {
        "guid": change.guid,
        "title": title or {"sl": change.guid},
        "action": change.action,
        "draft": change.draft,
        "package_id": change.package_id if package is not None else None,
        "name": package.name if package is not None else None,
        "problems": [problem.as_dict() for problem in change.problems],
        "fields": _fields(change, held) if change.record is not None else [],
    }


def _fields(change: Change, held: Held | None) -> list[dict[str, Any]]:
    """New, changed and gone fields; those that stay because a steward wrote them. The internal block is left out."""
    new: Mapping[str, Any] = change.record.dataset if change.record else {}
    current: Mapping[str, Any] = held.dataset if held else {}
    found = _compared(_DATASET, new, current, "")
    there = {item["id"]: item for item in current.get("resources") or () if item.get("id")}
    coming = {item["id"]: item for item in new.get("resources") or () if item.get("id")}
    for identifier, item in coming.items():
        found += _compared(_RESOURCE, item, there.get(identifier, {}), f"resources.{identifier}.")
    for identifier, item in there.items():
        if identifier not in coming:
            path = f"resources.{identifier}"
            found.append({"path": path, "state": "gone", "value": item.get("name"), "source_value": None})
    kept = {path: value for path, value in change.kept.items() if not path.startswith("internal.")}
    found = [item for item in found if item["path"] not in kept]
    found += [
        {"path": path, "state": "kept", "value": _at(current, path), "source_value": value}
        for path, value in kept.items()
        if plain(_at(current, path)) != plain(value)
    ]
    return sorted(found, key=lambda item: (item["state"] != "kept", item["path"].startswith("resources.")))


def _compared(
    names: Sequence[str], new: Mapping[str, Any], current: Mapping[str, Any], prefix: str
) -> list[dict[str, Any]]:
    found = []
    for name in names:
        before, after = plain(current.get(name)), plain(new.get(name))
        if before != after:
            what = "new" if before is None else "gone" if after is None else "changed"
            values = {"value": current.get(name), "source_value": new.get(name)}
            found.append({"path": prefix + name, "state": what, **values})
    return found


def _at(dataset: Mapping[str, Any], path: str) -> Any:
    if not path.startswith("resources."):
        return dataset.get(path)
    _, identifier, name = [*path.split(".", 2), ""][:3]
    resource = next((item for item in dataset.get("resources") or () if item.get("id") == identifier), {})
    return resource.get(name) if name else resource.get("name")


def _missing(source_id: str, guids: Sequence[str], context: Mapping[str, Any]) -> list[dict[str, Any]]:
    from ckanext.kranj.harvest.reports import titled

    return titled(source_id, list(guids), context)
