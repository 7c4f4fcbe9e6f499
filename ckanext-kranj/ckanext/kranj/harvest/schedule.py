"""When a source is due: its frequency, a little scattered, never in quiet hours, never while it is paused."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import ckan.plugins.toolkit as tk

from ckanext.harvest.logic.action.update import _calculate_next_run
from ckanext.kranj.harvest import config

from harvesters.errors import WrongSetting

SCATTER = 0.05
"""Of the period, at most half an hour: sources made on one day do not all ask at the same minute for ever."""
_MOST = timedelta(minutes=30)
_HOURS = re.compile(r"^(\d{1,2})-(\d{1,2})$")


def next_run(frequency: str, now: datetime, draw: Callable[[], float] = random.random) -> datetime:
    """The next time of a source, in UTC without a zone as ckanext-harvest stores it.

    Args:
        frequency: as on the page of the source.
        now: the present time, likewise.
        draw: 0 to 1.
    """
    at = _calculate_next_run(frequency)
    period = max(at - now, timedelta())
    return now + period + min(period * SCATTER, _MOST) * draw()


def is_quiet(now: datetime | None = None, *, given: str | None = None) -> bool:
    """Whether the schedule must not start anything now.

    Args:
        now: the present time.
        given: the hours of one source; without them those of the portal.

    Raises:
        WrongSetting: the option is not of the form ``HH-HH``.
    """
    hours = (config.quiet_hours() if given is None else given).strip()
    if not hours:
        return False
    start, end = hours_of(hours)
    hour = (now or datetime.now(tz=UTC)).astimezone(zone()).hour
    return start <= hour < end if start <= end else hour >= start or hour < end


def hours_of(given: str) -> tuple[int, int]:
    """The hours of ``07-18``.

    Raises:
        WrongSetting: it is not of that form.
    """
    found = _HOURS.match(given)
    if not found or max(int(found[1]), int(found[2])) > 24:
        raise WrongSetting(config.QUIET, "quiet_hours", f"{given!r}: hours are given as 07-18")
    return int(found[1]), int(found[2])


def zone() -> ZoneInfo:
    """The time zone of people who use the portal."""
    try:
        return ZoneInfo(tk.config.get("ckan.display_timezone") or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
