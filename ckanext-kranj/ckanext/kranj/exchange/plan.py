"""Compare a table with the catalogue: what is new, changed, unchanged, refused and why. Nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj.access.auth import may_read
from ckanext.kranj.catalogue.describe import judge
from ckanext.kranj.exchange import stored

from schemas import Problem
from schemas.exchange import Row, Table, row_of, values_of


@dataclass(frozen=True)
class Planned:
    """What a row would do."""

    number: int
    action: str
    package_id: str | None = None
    title: str = ""
    seen: str = ""
    changes: list[dict[str, Any]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    after: dict[str, Any] | None = None


def plan(context: dict[str, Any], table: Table) -> list[Planned]:
    """Plan every row of a table, by the rights of the caller."""
    resources: dict[str, list[Row]] = {}
    for row in table.resources:
        resources.setdefault(row.cells.get("dataset", ""), []).append(row)
    planned = []
    for row in table.rows:
        key = row.cells.get("id", "") or row.cells.get("#", "")
        files = resources.get(key, []) if key else []
        problems = [*row.problems, *(problem for item in files for problem in item.problems)]
        planned.append(_row(context, row, files, problems))
    return planned


def _row(context: dict[str, Any], row: Row, files: Sequence[Row], problems: list[Problem]) -> Planned:
    identifier = row.cells.get("id", "")
    package = model.Package.get(identifier) if identifier else None
    if problems or (identifier and not _writable(context, package)):
        found = problems or [Problem.of("id", "unknown-dataset", value=identifier[:100])]
        return Planned(row.number, "refused", problems=found, title=row.cells.get("title_translated.sl", ""))
    before: dict[str, Any] = {}
    if package is not None:
        shown = tk.get_action("package_show")(stored.caller(context), {"id": package.id})
        before = stored.description(context, shown)
    after = values_of(row.cells, before)
    after["resources"] = _resources(before.get("resources") or [], files)
    if not package and not after["resources"]:
        del after["resources"]
    emptied = {name: None for name in before.get("internal") or () if name not in (after.get("internal") or {})}
    changes = _changes(before, after)
    if emptied:
        after["internal"] = {**(after.get("internal") or {}), **emptied}  # left out it would stay as it is
    title = str((after.get("title_translated") or {}).get("sl", ""))[:300]
    if package is not None and not changes:
        return Planned(row.number, "unchanged", package.id, title)
    action = "changed" if package else "new"
    return _judged(context, package, Planned(row.number, action, title=title, changes=changes, after=after))


def _writable(context: dict[str, Any], package: Any) -> bool:
    """Whether there is a dataset that the caller may read and change."""
    if package is None or package.type != "dataset" or package.state == "deleted" or not may_read(context, package):
        return False
    try:
        tk.check_access("package_update", stored.caller(context), {"id": package.id})
    except tk.NotAuthorized:
        return False
    return True


def _judged(context: dict[str, Any], package: Any, row: Planned) -> Planned:
    after = row.after or {}
    asked = stored.caller(context)
    original = None
    problems: list[Problem] = []
    if package is not None:
        asked["package"] = package
        original = tk.get_action("package_show")(stored.caller(context), {"id": package.id})
    else:
        try:
            tk.check_access("package_create", stored.caller(context), {"owner_org": after.get("owner_org")})
        except tk.NotAuthorized:
            problems.append(Problem.of("owner_org", "not-your-organization"))
    sent = {key: value for key, value in after.items() if key not in ("id", "name")}
    problems += judge(asked, sent, original).problems
    refused = any(problem.severity == "error" for problem in problems)
    return Planned(
        row.number,
        "refused" if refused else row.action,
        package.id if package is not None else None,
        row.title,
        stored.version(package.id) if package is not None else "",
        row.changes,
        problems,
        None if refused else after,
    )


def _resources(before: list[dict[str, Any]], rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The resources with those that rows change or add; one without a row stays."""
    changed = {row.cells["id"]: row for row in rows if row.cells.get("id")}
    kept = [
        values_of(changed[item["id"]].cells, item, "resource") if item.get("id") in changed else dict(item)
        for item in before
    ]
    new = [values_of(row.cells, {}, "resource") for row in rows if not row.cells.get("id")]
    return [*kept, *new]


def _changes(before: dict[str, Any], after: dict[str, Any]) -> list[dict[str, Any]]:
    """Field by field, as cells."""
    found = _cells_changed(row_of(before), row_of(after), "")
    old, new = before.get("resources") or [], after.get("resources") or []
    for index, resource in enumerate(new):
        was = row_of(old[index], "resource") if index < len(old) else {}
        found += _cells_changed(was, row_of(resource, "resource"), f"resources[{index}].")
    return found


def _cells_changed(before: dict[str, str], after: dict[str, str], prefix: str) -> list[dict[str, Any]]:
    names = dict.fromkeys((*before, *after))
    return [
        {"column": prefix + name, "before": before.get(name), "after": after.get(name)}
        for name in names
        if before.get(name) != after.get(name)
    ]
