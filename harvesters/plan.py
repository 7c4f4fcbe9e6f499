"""What is to be done with a record: judged, hashed and compared with what is known of it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Collection, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any

from harvesters.connector import Reading
from harvesters.errors import clean
from harvesters.ownership import Held, merge
from harvesters.proposals import propose
from harvesters.secrecy import screen, screened_problems
from harvesters.sink import Action, Change, Known
from schemas import Problem, Record, complete, dataset_id, inherit_internal, validate, validate_columns, without_empty

MAPPING_VERSION = 3
"""Goes up when this file makes another record of the same reading."""

PROPOSED = ("content_area", "theme", "tags_translated", "secrecy")
"""Fields for which something is proposed where the source says nothing."""

MOST_SAID = 10
"""Problems with the columns of one resource that are said."""

_ROUNDS = 5
_STEP = re.compile(r"[^.\[\]]+")


@dataclass(frozen=True)
class Judged:
    """A record as it will be stored, and everything that is to be said about it."""

    record: Record
    draft: bool
    problems: tuple[Problem, ...]
    hash: str
    proposals: tuple[Mapping[str, Any], ...] = ()
    """Values for fields in which the source is silent: its own defaults are no word about this record."""


@dataclass(frozen=True)
class Defaults:
    """What a source's preset says for fields that its records leave empty."""

    dataset: Mapping[str, Any] = field(default_factory=dict)
    internal: Mapping[str, Any] = field(default_factory=dict)
    of_organization: Callable[[str], Mapping[str, Any]] = lambda owner: {}
    """What datasets of an organisation inherit; it is nearer to them than the source."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What is true of this very source (its frequency, its retention), so no habit of an organisation goes before."""


def judge(
    reading: Reading,
    defaults: Defaults,
    *,
    reachable: Collection[str] = (),
    version: int,
    first_seen: date,
) -> Judged:
    """Complete a record from its source's defaults and check it against the standard.

    A value that the standard refuses even in a draft is taken out and reported, so that one bad optional value does not
    cost the record. What then is still missing makes the record a draft.

    Args:
        reading: what the connector yielded, with a record.
        defaults: values for fields that the record leaves empty.
        reachable: internal hosts that the public does reach.
        version: version of the connector's mapping, part of the hash.
        first_seen: the day the record came to us: the date of issue when the source knows none.

    Raises:
        ValueError: the reading has no record, or values remain that cannot be stored.
    """
    if reading.record is None:
        raise ValueError(f"{reading.guid}: nothing to judge")
    own, found_by_screen = screen(reading.record)
    record = replace(own, dataset=deepcopy(own.dataset), internal=deepcopy(own.internal))
    problems = [*screened_problems(reading.problems), *found_by_screen]
    for _ in range(_ROUNDS):
        owner = str(record.dataset.get("owner_org") or defaults.dataset.get("owner_org") or "")
        layers = (defaults.facts, defaults.of_organization(owner), defaults.dataset)
        issued = min(first_seen, _modified(record.dataset) or first_seen)  # nothing changes before it exists
        dataset = complete(record.dataset, *layers, today=issued).dataset
        block = inherit_internal(without_empty(record.internal), dataset, defaults.internal).dataset
        record = replace(record, dataset=dataset, internal=block)
        refused = [item for item in validate(record, draft=True) if item.severity == "error"]
        if not refused:
            break
        problems += [_with_value(item, record) for item in refused]
        record = _without(record, refused)
    else:
        raise ValueError("values remain that cannot be stored")
    record, wrong = _with_columns(record)
    problems += wrong
    found = validate(record, reachable=reachable)
    draft = any(item.severity == "error" for item in found)
    problems += found
    digest = f"{record.content_hash()}|{MAPPING_VERSION}|{version}|{'draft' if draft else 'active'}"
    silent = [name for name in PROPOSED if not own.dataset.get(name)]
    proposals = tuple(item.as_dict() for item in propose(record.dataset, silent)) if silent else ()
    return Judged(record, draft, _distinct(problems), hashlib.sha256(digest.encode()).hexdigest(), proposals)


def _with_columns(record: Record) -> tuple[Record, list[Problem]]:
    """The record with the columns of those resources only whose columns keep to the standard."""
    kept: dict[str, list[dict[str, Any]]] = {}
    problems: list[Problem] = []
    for resource, columns in record.columns.items():
        wrong = validate_columns(columns)
        if wrong:
            problems += [replace(item, severity="warning") for item in wrong[:MOST_SAID]]
        else:
            kept[resource] = columns
    return (replace(record, columns=kept), problems) if problems else (record, problems)


def _modified(dataset: Mapping[str, Any]) -> date | None:
    try:
        return date.fromisoformat(str(dataset.get("modified"))[:10])
    except ValueError:
        return None


def decide(judged: Judged, known: Known | None, slug: str, *, origin: str = "", fingerprint: str = "") -> Change:
    """Compare a judged record with what is known of it.

    Args:
        judged: the record.
        known: what is remembered of it.
        slug: name of the source.
        origin: the identifier under which the record first came, if the source renamed it since.
        fingerprint: of the reading.
    """
    guid = judged.record.source.guid
    package_id = known.package_id if known and known.package_id else dataset_id(slug, origin or guid)
    action: Action
    if known is None or not known.stored:
        action = "create"
    elif known.deleted:
        action = "restore"
    elif known.hash == judged.hash and not known.failures:
        action = "unchanged"
    else:
        action = "update"
    return Change(
        action,
        guid,
        package_id,
        judged.record,
        judged.hash,
        judged.draft,
        judged.problems,
        fingerprint=fingerprint,
        source=judged.record,
        proposals=judged.proposals,
    )


def merged(change: Change, held: Held, reachable: Collection[str] = ()) -> Change:
    """A change with the steward's words in it, judged again: the steward may have completed what the source lacks."""
    if change.record is None:
        return change
    found = merge(change.record.dataset, change.record.internal, held)
    if not found.kept and found.dataset == change.record.dataset and found.internal == change.record.internal:
        return change
    record = replace(change.record, dataset=found.dataset, internal=found.internal)
    problems = validate(record, reachable=reachable)
    kept = [
        Problem.of(path, "steward-value-kept", value=clean(_shown(value)))
        for path, value in sorted(found.kept.items())
        if value is not None
    ]
    if any(item.severity == "error" for item in validate(record, draft=True)):
        conflict = Problem.of("", "steward-conflict", fields=", ".join(sorted(found.kept))[:200])
        return replace(change, action="error", problems=_distinct([*change.problems, conflict, *kept]))
    own = [item for item in change.problems if item.severity == "warning"]
    return replace(
        change,
        record=record,
        draft=any(item.severity == "error" for item in problems),
        problems=_distinct([*own, *problems, *kept]),
        kept=found.kept,
    )


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


@lru_cache(maxsize=1)
def standard() -> str:
    """A hash of the standard as it is installed: another one judges every record anew."""
    digest = hashlib.sha256()
    for item in sorted(files("schemas").iterdir(), key=lambda entry: entry.name):
        if item.name.endswith((".yaml", ".py")):
            digest.update(item.read_bytes())
    for item in sorted((files("schemas") / "vocabularies").iterdir(), key=lambda entry: entry.name):
        if item.name.endswith(".json"):
            digest.update(item.read_bytes())
    return digest.hexdigest()


@dataclass
class Basis:
    """Everything besides the reading itself that a verdict rests on."""

    version: int
    defaults: Defaults
    _known: dict[str, str] = field(default_factory=dict)

    def fingerprint(self, reading: Reading) -> str:
        """A hash that is equal only if judging would give the same again."""
        if reading.record is None:
            raise ValueError(f"{reading.guid}: nothing to judge")
        owner = str(reading.record.dataset.get("owner_org") or self.defaults.dataset.get("owner_org") or "")
        if owner not in self._known:
            given = self.defaults
            layers = [given.dataset, given.internal, given.of_organization(owner), given.facts]
            text = json.dumps([layers, standard(), MAPPING_VERSION, self.version], sort_keys=True, default=str)
            self._known[owner] = hashlib.sha256(text.encode()).hexdigest()
        said = "".join(f"{item.path}|{item.code}|{item.params}" for item in reading.problems)
        text = f"{self._known[owner]}|{reading.record.content_hash()}|{said}"
        return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _without(record: Record, refused: list[Problem]) -> Record:
    """The record without the values that the problems point at."""
    whole = {"dataset": deepcopy(record.dataset), "internal": deepcopy(record.internal)}
    # From the back, so that taking out one item of a list does not move the others that are to go.
    for path in sorted({item.path for item in refused}, key=_steps_key, reverse=True):
        steps = _steps(path)
        if steps and steps[0] != "internal":
            steps = ["dataset", *steps]
        _take_out(whole, steps)
    return replace(record, dataset=whole["dataset"], internal=whole["internal"])


def _steps(path: str) -> list[str | int]:
    return [int(step) if step.isdigit() else step for step in _STEP.findall(path)]


def _steps_key(path: str) -> tuple[tuple[int, int, str], ...]:
    return tuple((0, step, "") if isinstance(step, int) else (1, 0, step) for step in _steps(path))


def _take_out(container: Any, steps: list[str | int]) -> None:
    """Remove what the steps lead to; when it is not there (a missing subfield), what should have held it."""
    holders: list[tuple[Any, Any]] = []
    for step in steps:
        inside = (
            step in container
            if isinstance(container, dict)
            else (isinstance(container, list) and isinstance(step, int) and step < len(container))
        )
        if not inside:
            break
        holders.append((container, step))
        container = container[step]
    # The first step is the record's own dict of fields: it stays.
    if len(holders) > 1:
        holder, step = holders[-1]
        del holder[step]


def _with_value(problem: Problem, record: Record) -> Problem:
    """The problem with the value that is taken out, so that whoever reads the report still sees it."""
    value: Any = {**record.dataset, "internal": record.internal}
    for step in _steps(problem.path):
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return problem
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return replace(problem, params={**problem.params, "dropped": clean(shown)})


def _distinct(problems: list[Problem]) -> tuple[Problem, ...]:
    """Each problem once, in the order found."""
    kept: list[Problem] = []
    for problem in problems:
        if problem not in kept:
            kept.append(problem)
    return tuple(kept)
