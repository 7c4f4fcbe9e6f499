"""Calendars of events: iCalendar (RFC 5545), one dataset for each calendar. Recurrences are not unfolded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, ClassVar

from icalendar import Calendar

from harvesters.connector import Connector, Context, Reading
from harvesters.connectors.support.description import Description
from harvesters.connectors.support.gbfs_fields import frequency_of
from harvesters.errors import Unreadable
from harvesters.text import decode

SPECIFICATION = "https://www.rfc-editor.org/rfc/rfc5545"


class ICal(Connector):
    """Reads one ``.ics`` file."""

    name = "ical"
    title: ClassVar[dict[str, str]] = {"sl": "Koledar dogodkov (iCalendar)", "en": "Calendar of events (iCalendar)"}

    def records(self, ctx: Context) -> Iterator[Reading]:
        """Read name, description, period and refresh of the calendar; events without a start are reported."""
        answer = ctx.session.get(self.settings.url, accept="text/calendar")
        text, _ = decode(answer.content, answer.charset)
        lines = [line.strip().upper() for line in text.strip().splitlines() if line.strip()]
        if not lines or lines[0] != "BEGIN:VCALENDAR" or lines[-1] != "END:VCALENDAR":
            raise Unreadable(answer.url, "iCalendar", "it does not begin and end as a calendar")
        try:
            calendar: Any = Calendar.from_ical(text)
        except Exception as error:
            raise Unreadable(answer.url, "iCalendar", f"{type(error).__name__}: {error}") from error
        made = Description(ctx, "calendar", self.settings.default_language)
        made.text("title_translated", _said(calendar, "NAME", "X-WR-CALNAME"))
        made.text("notes_translated", _said(calendar, "DESCRIPTION", "X-WR-CALDESC"))
        made.say(dataset_kind="evidenca", access_method="download", alternate_identifier=[
            item for item in (_said(calendar, "UID", "X-WR-RELCALID"),) if item])  # fmt: skip
        made.uri("url", _said(calendar, "URL"))
        days = []
        for event in calendar.walk("VEVENT"):
            found = _days(event)
            days += found
            if not found:
                made.report("temporal_coverage", "not-a-date", value=_said(event, "SUMMARY") or _said(event, "UID"))
        if days:
            made.period(min(days).isoformat(), max(days).isoformat())
        refresh = getattr(calendar.get("REFRESH-INTERVAL") or calendar.get("X-PUBLISHED-TTL"), "dt", None)
        if isinstance(refresh, timedelta):
            made.say(frequency=frequency_of(refresh.total_seconds()))
        made.resource("ics", {"sl": "Koledar (iCalendar)", "en": "Calendar (iCalendar)"}, self.settings.url, "ICS",
                      conforms_to=[SPECIFICATION])  # fmt: skip
        yield made.reading()
        ctx.complete()


def _said(component: Any, *names: str) -> str:
    return next((str(component[name]).strip() for name in names if component.get(name) is not None), "")


def _days(event: Any) -> list[date]:
    """First and last day of an event, as far as it says them in a way that is a date."""
    found = []
    for name in ("DTSTART", "DTEND"):
        value = getattr(event.get(name), "dt", None)
        day = getattr(value, "date", None)
        if day is not None:
            found.append(day())
        elif isinstance(value, date):
            found.append(value)
    return found
