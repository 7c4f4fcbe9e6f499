"""``validate``: every problem of a description at once, the same for forms, Action API, Excel and harvest.

Source of the rules: the city's standard (docs/fields.md), compiled once from dataset.yaml and internal.yaml.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any

from schemas import rules
from schemas.fields import (
    Field,
    column_fields,
    dataset_fields,
    internal_fields,
    resource_fields,
    series_fields,
    system_fields,
)
from schemas.kinds import Check, compiled, is_empty
from schemas.problem import Problem
from schemas.record import Record

ACCEPTED_DATASET_KEYS = frozenset({
    "id", "name", "title", "notes", "type", "state", "private", "creator_user_id", "metadata_created",
    "metadata_modified", "num_tags", "num_resources", "organization", "groups", "tags", "isopen",
    "license_title", "license_url", "relationships_as_subject", "relationships_as_object", "author",
    "author_email", "maintainer", "maintainer_email", "plugin_data", "tracking_summary",
    "resources", "internal", "source_record", "kranj_warnings",
    "identifier", "uri",
    "podrocje", "all_podrocje", "open_data", "all_licence", "publisher",
})  # fmt: skip
"""What ``package_show`` adds (CKAN's keys and our derived ones): accepted when sent back, and ignored."""

ACCEPTED_RESOURCE_KEYS = frozenset({
    "id", "package_id", "name", "description", "state", "position", "created", "last_modified",
    "metadata_modified", "mimetype_inner", "cache_url", "cache_last_updated", "url_type", "resource_type",
    "datastore_active", "has_views", "on_same_domain", "tracking_summary", "upload", "clear_upload",
})  # fmt: skip
"""The same for a resource."""


def forget_compiled() -> None:
    """Compile the checks anew: a code list changed."""
    _checks.cache_clear()


@lru_cache(maxsize=6)
def _checks(level: str) -> dict[str, Check]:
    fields: tuple[Field, ...] = {
        "dataset": dataset_fields(),
        "resource": resource_fields(),
        "internal": internal_fields(),
        "system": system_fields(),
        "dataset_series": series_fields(),
        "column": column_fields(),
    }[level]
    return {field.name: compiled(field) for field in fields}


@lru_cache(maxsize=3)
def _mandatory(level: str) -> tuple[str, ...]:
    fields = {"dataset": dataset_fields, "resource": resource_fields, "internal": internal_fields}[level]()
    return tuple(field.name for field in fields if field.rule == "M")


@lru_cache(maxsize=1)
def _mandatory_for_public() -> tuple[str, ...]:
    return tuple(field.name for field in dataset_fields() if field.rule == "P")


def _level(values: Mapping[str, Any], level: str, prefix: str, accepted: Iterable[str], out: list[Problem]) -> None:
    """Check one level: every key is known, every value that is there has its form."""
    checks = _checks(level)
    for key, value in values.items():
        check = checks.get(key)
        if check is not None:
            # is_empty, without the call for a text: this loop sees every value of every description.
            if (value and not value.isspace()) if type(value) is str else not is_empty(value):
                check(value, prefix + key, out)
        elif key not in accepted and not (key == "extras" and is_empty(value)):
            name = str(key)[:100]
            out.append(Problem.of(prefix + name, "unknown-key", key=name))


def shape_problems(values: Mapping[str, Any], level: str = "dataset") -> list[Problem]:
    """Only what is wrong with the values that are there: unknown keys, wrong shapes, codes and forms.

    Args:
        values: a dataset, resource or internal block in its JSON form.
        level: ``dataset``, ``resource``, ``internal``, ``system``, ``dataset_series`` or ``column``.
    """
    accepted = {"dataset": ACCEPTED_DATASET_KEYS, "resource": ACCEPTED_RESOURCE_KEYS, "internal": frozenset()}
    accepted |= {"system": ACCEPTED_DATASET_KEYS, "dataset_series": ACCEPTED_DATASET_KEYS, "column": frozenset()}
    out: list[Problem] = []
    _level(values, level, "", accepted[level], out)
    return out


def validate(
    description: Record | Mapping[str, Any],
    *,
    draft: bool = False,
    internal: bool = True,
    reachable: Collection[str] = (),
) -> list[Problem]:
    """All problems of a description.

    Args:
        description: a Record, or its JSON form (``Record.as_dict()``, the body of package_create).
        draft: a draft may lack mandatory fields; what is there must still be right.
        internal: whether the internal block is part of what is judged (an update that leaves it out keeps
            the stored one, so nothing is missing then).
        reachable: hosts in a private network that the public does reach, and that public addresses may name.

    Returns:
        Problems in a stable order: fields in the order of the standard, then resources, internal block, rules
        across fields. Empty when the description is valid.
    """
    data: Any = description.as_dict() if isinstance(description, Record) else description
    if not isinstance(data, Mapping):
        return [Problem.of("", "shape", expected="object", got=type(data).__name__)]
    out: list[Problem] = []
    _level(data, "dataset", "", ACCEPTED_DATASET_KEYS, out)
    resources = _resources(data.get("resources"), draft, out)
    if internal:
        _internal(data.get("internal"), draft, out)
    if not draft:
        _missing(data, _mandatory("dataset"), "", "missing", out)
        if data.get("visibility") == "public":
            _missing(data, _mandatory_for_public(), "", "missing-for-public", out)
        judged = data if internal else {key: value for key, value in data.items() if key != rules.INTERNAL}
        rules.check({rules.INTERNAL: None, **judged} if internal else judged, resources, out, reachable)
    return sorted(out, key=_order)


def _resources(value: Any, draft: bool, out: list[Problem]) -> list[Mapping[str, Any]]:
    """Check the resources; those that are objects come back for the rules across fields."""
    if not isinstance(value, list | None):
        out.append(Problem.of("resources", "shape", expected="list", got=type(value).__name__))
        return []
    sound = []
    for index, resource in enumerate(value or ()):
        path = f"resources[{index}]"
        if not isinstance(resource, Mapping):
            out.append(Problem.of(path, "shape", expected="object", got=type(resource).__name__))
            continue
        _level(resource, "resource", path + ".", ACCEPTED_RESOURCE_KEYS, out)
        if not draft:
            _missing(resource, _mandatory("resource"), path + ".", "missing", out)
        sound.append(resource)
    return sound


def _internal(block: Any, draft: bool, out: list[Problem]) -> None:
    if not isinstance(block, Mapping | None):
        out.append(Problem.of("internal", "shape", expected="object", got=type(block).__name__))
        return
    _level(block or {}, "internal", "internal.", (), out)
    if not draft:
        _missing(block or {}, _mandatory("internal"), "internal.", "missing", out)


def _missing(values: Mapping[str, Any], names: Iterable[str], prefix: str, code: str, out: list[Problem]) -> None:
    for name in names:
        if is_empty(values.get(name)):
            out.append(Problem.of(prefix + name, code))  # noqa: PERF401 nearly never is there one


@lru_cache(maxsize=1)
def _positions() -> dict[str, int]:
    names = [field.name for field in dataset_fields()]
    return {name: position for position, name in enumerate(names)}


def _order(problem: Problem) -> tuple[int, str, str]:
    head = problem.path.split(".", 1)[0].split("[", 1)[0]
    last = {"resources": 10_000, "internal": 20_000}.get(head, 5_000)
    return (_positions().get(head, last), problem.path, problem.code)
