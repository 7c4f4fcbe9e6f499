"""Timetables of public transport: GTFS, with the addresses of GTFS Realtime where there are any."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar, cast

from harvesters.archive import Archive
from harvesters.connector import Connector, Context, Reading, Settings
from harvesters.connectors.support.description import Description
from harvesters.errors import Unreadable
from harvesters.parse import rows_of
from harvesters.text import decode

SPECIFICATION = "https://gtfs.org/documentation/schedule/reference/"
REALTIME = "https://gtfs.org/documentation/realtime/reference/"
LIVE = {
    "trip_updates": ("Spremembe voženj (GTFS Realtime)", "Trip updates (GTFS Realtime)"),
    "vehicle_positions": ("Položaji vozil (GTFS Realtime)", "Vehicle positions (GTFS Realtime)"),
    "alerts": ("Obvestila (GTFS Realtime)", "Service alerts (GTFS Realtime)"),
}
NEEDED = {"agency.txt": "agency_name", "stops.txt": "stop_id", "routes.txt": "route_id", "trips.txt": "trip_id"}


@dataclass(frozen=True)
class GtfsSettings(Settings):
    """What the gtfs connector can be told."""

    realtime: dict[str, str] = field(default_factory=dict)
    """``trip_updates``, ``vehicle_positions``, ``alerts`` -> address."""


class Gtfs(Connector):
    """Reads one archive."""

    name = "gtfs"
    title: ClassVar[dict[str, str]] = {"sl": "Vozni redi (GTFS)", "en": "Timetables (GTFS)"}
    settings_class = GtfsSettings

    def records(self, ctx: Context) -> Iterator[Reading]:
        """Read who runs it, for which days, in which version."""
        settings = cast("GtfsSettings", self.settings)
        whole = ctx.archive(settings.url)
        for file, column in NEEDED.items():
            if column not in (next(iter(_rows(whole, file)), {})):
                raise Unreadable(settings.url, "GTFS", f"{file} is missing or has no {column}")
        agencies = _rows(whole, "agency.txt")
        info = next(iter(_rows(whole, "feed_info.txt")), {})
        made = Description(
            ctx, "gtfs", info.get("feed_lang") or agencies[0].get("agency_lang") or settings.default_language
        )
        names = ", ".join(dict.fromkeys(item["agency_name"] for item in agencies if item.get("agency_name")))
        made.say(
            # A proper name is the same in every language; the words around it are ours.
            title_translated={"sl": f"{names}: vozni redi", "en": f"{names}: timetables"},
            dataset_kind="tabela", access_method="download", conforms_to=[SPECIFICATION],
            version=info.get("feed_version"),
        )  # fmt: skip
        made.uri("url", info.get("feed_publisher_url") or agencies[0].get("agency_url"))
        for item in agencies[:50]:
            made.person("creator", name=item.get("agency_name"), url=item.get("agency_url"))
        days = [_day(row.get(key)) for row in _rows(whole, "calendar.txt") for key in ("start_date", "end_date")]
        days += [_day(row.get("date")) for row in _rows(whole, "calendar_dates.txt")]
        usable = sorted(day for day in days if day)
        made.period(_day(info.get("feed_start_date")) or (usable[0] if usable else ""),
                    _day(info.get("feed_end_date")) or (usable[-1] if usable else ""))  # fmt: skip
        made.resource("gtfs", {"sl": "Vozni redi (GTFS)", "en": "Timetables (GTFS)"}, settings.url, "GTFS",
                      conforms_to=[SPECIFICATION])  # fmt: skip
        for kind, url in sorted(settings.realtime.items()):
            slovene, english = LIVE.get(kind, (kind, kind))
            made.resource(kind, {"sl": slovene, "en": english}, url, "REST", conforms_to=[REALTIME])
        yield made.reading()
        ctx.complete()


def _rows(whole: Archive, name: str) -> list[dict[str, str]]:
    """Rows of a file of the archive; none when it is not there."""
    if name not in whole.names():
        return []
    return list(rows_of(decode(whole.read(name))[0], f"{whole.url}#{name}", delimiter=","))


def _day(text: str | None) -> str:
    """20261231 -> 2026-12-31."""
    return f"{text[:4]}-{text[4:6]}-{text[6:8]}" if text and len(text) == 8 and text.isdigit() else ""
