"""What a description leaves empty and may inherit is filled in here, before it is judged and stored.

Order: the description itself, then each layer of defaults in the order given (organisation, harvest source), then
the site's (``defaults.yaml``), then the default of the field, then what can be derived from the rest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import yaml

from schemas.fields import dataset_fields
from schemas.kinds import DEEPEST, is_empty, parse_date
from schemas.problem import Problem
from schemas.rules import NO_KNOWN_USE, NOT_SURVEYED, PEOPLE, PERSONAL, SURVEYS, access_right_of
from schemas.validation import shape_problems
from schemas.vocabulary import vocabulary

BY_SIGN = "retention_by_sign"
"""Key of a layer: ``{classification sign: {retention_kind, retention_period, …}}``; the longest sign that fits wins."""

HVD_REGULATION = "http://data.europa.eu/eli/reg_impl/2023/138/oj"


@dataclass(frozen=True)
class Completed:
    """A completed description and, for each field that was not typed, where its value comes from."""

    dataset: dict[str, Any]
    origins: dict[str, str]

    def __iter__(self) -> Any:
        """Unpack as ``dataset, origins``."""
        return iter((self.dataset, self.origins))


@lru_cache(maxsize=1)
def site_defaults() -> dict[str, Any]:
    """What every dataset of the city inherits when nobody nearer says otherwise."""
    loaded: dict[str, Any] = yaml.safe_load((files("schemas") / "defaults.yaml").read_text(encoding="utf-8"))
    return loaded


def without_empty(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same values without those left empty; texts trimmed, empty rows of lists dropped."""
    kept = {}
    for key, value in values.items():
        if not is_empty(value):
            kept[key] = _trimmed(value)
    return kept


def _trimmed(value: Any, depth: int = 0) -> Any:
    if isinstance(value, str):
        return value.strip()
    if depth > DEEPEST:
        return value
    if isinstance(value, list):
        return [_trimmed(item, depth + 1) for item in value if not is_empty(item)]
    if isinstance(value, dict):
        return {key: _trimmed(item, depth + 1) for key, item in value.items() if not is_empty(item)}
    return value


def complete(dataset: Mapping[str, Any], *layers: Mapping[str, Any], today: date | None = None) -> Completed:
    """Fill what may be inherited or derived.

    Args:
        dataset: a description in its JSON form; it is not changed.
        layers: defaults, nearest first (organisation's, then the source's).
        today: what ``issued`` defaults to; the present day when absent.

    Returns:
        The completed description and ``{field: "default" | "derived"}``.
    """
    day = today or datetime.now(tz=UTC).date()
    filled = without_empty(dataset)
    origins: dict[str, str] = {}
    for layer in (*layers, site_defaults()):
        for name, value in {**layer, **_by_sign(layer, filled)}.items():
            if name == BY_SIGN:
                continue
            if is_empty(filled.get(name)) and not is_empty(value) and _may_inherit(name, filled):
                filled[name] = _trimmed(value)
                origins[name] = "default"
    for field in dataset_fields():
        if field.default is not None and field.name not in filled:
            filled[field.name] = field.default
            origins[field.name] = "default"
    if "issued" not in filled:
        filled["issued"] = day.isoformat()
        origins["issued"] = "default"
    _derive(filled, origins)
    return Completed(filled, origins)


def defaults_problems(defaults: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with the defaults of an organisation or source: each value must be one that its field accepts."""
    public = {name: value for name, value in defaults.items() if name not in (BY_SIGN, "internal")}
    found = shape_problems(public)
    block, table = defaults.get("internal", {}), defaults.get(BY_SIGN, {})
    for name, value in (("internal", block), (BY_SIGN, table)):
        if not isinstance(value, Mapping):
            found.append(Problem.of(name, "shape", expected="object", got=type(value).__name__))
    if isinstance(block, Mapping):
        found += [replace(item, path=f"internal.{item.path}") for item in shape_problems(block, "internal")]
    for sign, values in table.items() if isinstance(table, Mapping) else ():
        inner = (
            shape_problems(values)
            if isinstance(values, Mapping)
            else [Problem.of("", "shape", expected="object", got="?")]
        )
        found += [replace(item, path=f"{BY_SIGN}.{sign}.{item.path}") for item in inner]
    return [replace(item, path=f"defaults.{item.path}") for item in found]


def _by_sign(layer: Mapping[str, Any], filled: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a layer says of retention for the classification sign of the dataset; it replaces the layer's own."""
    table, sign = layer.get(BY_SIGN), filled.get("classification_sign")
    if not isinstance(table, Mapping) or not isinstance(sign, str):
        return {}
    for known in sorted(map(str, table), key=len, reverse=True):
        found = table.get(known)
        if sign.startswith(known) and isinstance(found, Mapping):
            nothing = dict.fromkeys(name for name in layer if name.startswith("retention_") and name != BY_SIGN)
            return {**nothing, **found}
    return {}


def inherit_internal(
    block: Mapping[str, Any] | None, dataset: Mapping[str, Any], *layers: Mapping[str, Any]
) -> Completed:
    """The internal block over its defaults, one level deep (``location.system``).

    Args:
        block: as typed or as a source gives it; it is not changed.
        dataset: the completed description, which decides what may be inherited.
        layers: defaults, nearest first.

    Returns:
        The block and ``{field: "default"}`` for what was inherited.
    """
    filled: dict[str, Any] = deepcopy(dict(block or {}))
    origins: dict[str, str] = {}
    for layer in layers:
        for name, value in layer.items():
            if is_empty(value) or not _internal_may_inherit(name, dataset):
                continue
            if is_empty(filled.get(name)):
                filled[name] = deepcopy(value)
                origins[name] = "default"
            elif name == "location" and _nowhere(filled[name]) and isinstance(value, Mapping):
                filled[name] = {**deepcopy(dict(value)), **filled[name]}
    return Completed(filled, origins)


def _nowhere(location: Any) -> bool:
    """Whether a location says details but not the system they are in."""
    return isinstance(location, dict) and is_empty(location.get("system"))


def complete_internal(
    block: Mapping[str, Any] | None,
    dataset: Mapping[str, Any],
    *layers: Mapping[str, Any],
    today: date | None = None,
) -> Completed:
    """As inherit_internal, and what may honestly be unknown gets the answer that it is.

    Nobody listed uses or users: a description that is not public says "not surveyed yet", a public one
    "no known use" (it demands a list or that answer). An answer that came about so is replaced once the
    visibility changes and goes once there is a list; one that somebody gave stays.
    """
    completed = inherit_internal(block, dataset, *layers)
    filled, origins = completed.dataset, completed.origins
    day = (today or datetime.now(tz=UTC).date()).isoformat()
    stated = filled.get("value_origin")
    recorded = {name for name, origin in stated.items() if origin == "default"} if isinstance(stated, dict) else set()
    for name, answer in SURVEYS.items():
        status = NO_KNOWN_USE if dataset.get("visibility") == "public" else NOT_SURVEYED
        given = filled.get(answer)
        ours = answer in recorded and isinstance(given, dict) and given.get("status") != status
        if not is_empty(filled.get(name)):
            if answer in recorded:
                filled.pop(answer, None)
        elif is_empty(given) or ours:
            filled[answer] = {"status": status, "on": day}
            origins[answer] = "default"
    return Completed(filled, origins)


def _internal_may_inherit(name: str, dataset: Mapping[str, Any]) -> bool:
    if name == "processing":
        return dataset.get("secrecy") in PERSONAL
    if name == "aggregation_proof":
        subjects = dataset.get("measured_subject")
        return isinstance(subjects, list) and any(item in PEOPLE for item in subjects if isinstance(item, str))
    return name not in {"value_origin", "disposal", "discovery"}


def _may_inherit(name: str, filled: Mapping[str, Any]) -> bool:
    # A licence is for open data only: fields.md forbids inheriting it otherwise.
    if name == "license_id":
        return filled.get("secrecy") == "javno"
    # A period makes sense only beside the kind it was inherited with.
    if name in {"retention_period", "retention_starts"}:
        return filled.get("retention_kind") in ("LETA", "T_MIN", None)  # a tuple: the value may be of any shape
    return True


def without_derived(dataset: Mapping[str, Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    """What is sent, without values that were only derived from the stored description, so that they follow a change.

    Args:
        dataset: as sent; a patch sends everything that is stored back again.
        stored: the description before the change.
    """
    sent = dict(dataset)
    for name in ("theme", "access_rights", "retention_review_on"):
        if name in sent and sent[name] == stored.get(name):
            again: dict[str, Any] = {key: value for key, value in stored.items() if key != name}
            _derive(again, {})
            if again.get(name) == sent[name]:
                del sent[name]
    return sent


def _derive(filled: dict[str, Any], origins: dict[str, str]) -> None:
    areas = filled.get("content_area")
    if "theme" not in filled and isinstance(areas, list):
        found = {theme for area in areas for theme in vocabulary("content_area").extra(str(area)).get("themes", ())}
        if found:
            # in the order of the list, so that a form which lists them sends back what it got
            filled["theme"] = [theme for theme in vocabulary("data_theme").codes if theme in found]
            origins["theme"] = "derived"
    secrecy = filled.get("secrecy")
    if "access_rights" not in filled and isinstance(secrecy, str):
        right = access_right_of(secrecy, filled.get("access_method"))
        if right:
            filled["access_rights"] = right
            origins["access_rights"] = "derived"
    if filled.get("hvd_category"):
        legislation = filled.get("applicable_legislation", [])
        if isinstance(legislation, list) and HVD_REGULATION not in legislation:
            filled["applicable_legislation"] = [*legislation, HVD_REGULATION]
            origins["applicable_legislation"] = "derived"
    if "retention_review_on" not in filled:
        review = review_day(filled)
        if review:
            filled["retention_review_on"] = review.isoformat()
            origins["retention_review_on"] = "derived"
    resources = filled.get("resources")
    if isinstance(resources, list):
        filled["resources"] = [_resource(item, filled) if isinstance(item, Mapping) else item for item in resources]


_WHOLE_PERIOD = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?")


def review_day(dataset: Mapping[str, Any]) -> date | None:
    """When the retention of the first records ends, where period and start are known.

    A period that starts with the record counts from the date of issue, one that starts at the end of the year from
    31 December of that year. When a case closes or a purpose is met is not known to a description.
    """
    begin = parse_date(str(dataset.get("issued", "")))
    found = _WHOLE_PERIOD.fullmatch(str(dataset.get("retention_period", "")))
    starts = dataset.get("retention_starts")
    if begin is None or found is None or found.end() < 3 or starts not in ("record", "year-end"):
        return None
    if starts == "year-end":
        begin = date(begin.year, 12, 31)
    years, months, days = (int(part or 0) for part in found.groups())
    count = begin.month - 1 + months
    year, month = begin.year + years + count // 12, count % 12 + 1
    if year > date.max.year - 1 or days > 400_000:
        return None
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    try:
        return date(year, month, min(begin.day, last)) + timedelta(days=days)
    except OverflowError:
        return None


def _resource(resource: Mapping[str, Any], dataset: Mapping[str, Any]) -> dict[str, Any]:
    filled = dict(resource)
    if is_empty(filled.get("format")):
        guessed = _format_of(filled)
        if guessed:
            filled["format"] = guessed
    media_type = vocabulary("file_type").extra(str(filled.get("format"))).get("iana_media_type")
    if is_empty(filled.get("mimetype")) and media_type:
        filled["mimetype"] = str(media_type).split("/media-types/")[-1]
    if is_empty(filled.get("license")) and dataset.get("secrecy") == "javno" and dataset.get("license_id"):
        filled["license"] = dataset["license_id"]
    return filled


def _format_of(resource: Mapping[str, Any]) -> str | None:
    """The format that the extension of an address tells (the content is looked at where a file is at hand)."""
    for name in ("download_url", "url"):
        address = resource.get(name)
        if isinstance(address, str):
            try:
                suffix = PurePosixPath(urlsplit(address).path).suffix
            except ValueError:
                continue
            code = vocabulary("file_type").code_of(suffix.removeprefix("."))
            if code:
                return code
    return None
