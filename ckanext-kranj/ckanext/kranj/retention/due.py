"""When the period of data ends, from the description and what happened; no CKAN, no database."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta

_PERIOD = re.compile(r"P(?=\d)(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?")

ACTIONS = {
    "A": "archive",
    "A_VZORCNO": "archive",
    "LETA": "destroy",
    "NAMEN": "destroy",
    "T_MIN": "review",
}
"""Kind of retention -> what is to be decided when the period ends. T is kept for ever, NE_HRANI is never stored."""


@dataclass(frozen=True)
class Due:
    """The end of a period: the day, what is to be decided; or what is still missing to know the day."""

    on: date | None
    action: str | None
    missing: str | None = None


def period(text: str) -> relativedelta | None:
    """An ISO 8601 duration of days and more, or None."""
    found = _PERIOD.fullmatch(text or "")
    return relativedelta(**{name: int(value) for name, value in found.groupdict().items() if value}) if found else None


def due_of(dataset: Mapping[str, Any], events: Mapping[str, date]) -> Due:
    """The end of the retention of a dataset's data.

    Args:
        dataset: the description (retention_*, issued, modified).
        events: what happened, by trigger (``case-closed``, ``purpose-met``, ``contract-end``): the last day of each.

    Returns:
        ``Due(None, None)`` where nothing ever ends.
    """
    kind = str(dataset.get("retention_kind") or "")
    action = ACTIONS.get(kind)
    if action is None:
        return Due(None, None)
    starts = "purpose-met" if kind == "NAMEN" else dataset.get("retention_starts")
    length = period(str(dataset.get("retention_period") or "")) or relativedelta()
    if not starts or (kind != "NAMEN" and not dataset.get("retention_period")):
        return Due(None, None) if kind.startswith("A") else Due(None, action, "period")
    if starts in ("record", "year-end"):
        first = _day(dataset.get("modified")) or _day(dataset.get("issued"))
        begin = first and (date(first.year, 12, 31) if starts == "year-end" else first)
    else:
        begin = events.get(str(starts))
    return Due(begin + length, action) if begin else Due(None, action, str(starts))


def _day(text: Any) -> date | None:
    """The first day that a date, a month or a year names."""
    parts = re.match(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?", str(text or ""))
    if not parts:
        return None
    try:
        return date(int(parts[1]), int(parts[2] or 1), int(parts[3] or 1))
    except ValueError:
        return None


def older_than(today: date, text: str) -> date:
    """The day before which something is older than a period."""
    return today - (period(text) or timedelta())
