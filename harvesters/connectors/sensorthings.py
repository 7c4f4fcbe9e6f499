"""Sensors in OGC SensorThings API 1.0 and 1.1: a dataset for each thing, a measurement for each of its datastreams."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from harvesters.connector import Connector, Context, Reading, Settings
from harvesters.connectors.support.description import Description, service
from harvesters.connectors.support.documents import objects, read_object, with_query, within
from harvesters.errors import EndlessPaging

SPECIFICATION = "http://www.opengis.net/doc/is/sensorthings/1.1"
EXPAND = "Locations,Datastreams($expand=Sensor,ObservedProperty)"


@dataclass(frozen=True)
class SensorThingsSettings(Settings):
    """What the sensorthings connector can be told."""

    filter: str = ""
    """``$filter`` over things."""
    places: bool = True
    """Whether the points may be shown; a meter of a household is never a point."""
    max_pages: int = 1000


class SensorThings(Connector):
    """Reads ``/Things`` with their datastreams, never an observation."""

    name = "sensorthings"
    title: ClassVar[dict[str, str]] = {"sl": "Senzorji (SensorThings)", "en": "Sensors (SensorThings)"}
    settings_class = SensorThingsSettings

    def records(self, ctx: Context) -> Iterator[Reading]:
        """Read page by page, in the order of the identifiers."""
        settings = cast("SensorThingsSettings", self.settings)
        more = {"$filter": settings.filter} if settings.filter else {}
        url = with_query(f"{settings.url.rstrip('/')}/Things", **{"$expand": EXPAND, "$orderby": "id asc", **more})
        seen: set[str] = set()
        while url:
            if url in seen or len(seen) >= settings.max_pages:
                raise EndlessPaging(url, "the pages of things have no end")
            seen.add(url)
            page = read_object(ctx, url, "SensorThings", "value")
            for item in objects(page["value"]):
                guid = str(item.get("@iot.id") or "")
                if guid:
                    yield self._thing(ctx, guid, item)
                else:
                    yield ctx.rejected("", "no-identifier", value=str(item.get("name") or ""))
            url = str(page.get("@iot.nextLink") or "")
        ctx.complete()

    def _thing(self, ctx: Context, guid: str, item: dict[str, Any]) -> Reading:
        settings = cast("SensorThingsSettings", self.settings)
        made = Description(ctx, guid, settings.default_language)
        made.text("title_translated", item.get("name"))
        made.text("notes_translated", item.get("description"))
        made.say(dataset_kind="senzor", access_method="api")
        place = next(iter(objects(item.get("Locations"))), {})
        lon, lat = _point(place) if settings.places else (None, None)
        if lon is not None:
            made.box(lon, lat, lon, lat, str(place.get("name") or ""))
        root = settings.url.rstrip("/")
        rows = []
        streams = sorted(objects(item.get("Datastreams")), key=lambda one: str(one.get("@iot.id") or one.get("name")))
        for stream in streams:
            counts = str(stream.get("observationType")).endswith("OM_CountObservation")
            row = {
                "observed_property": within(stream, "ObservedProperty").get("name"),
                "unit": within(stream, "unitOfMeasurement").get("symbol"),
                "place_name": place.get("name") or item.get("name"),
                "lon": lon,
                "lat": lat,
                "device": within(stream, "Sensor").get("name"),
                "result_type": "stetje" if counts else "skalar",
            }
            rows.append({key: value for key, value in row.items() if value not in (None, "")})
            name = str(stream.get("name") or row["observed_property"] or "")
            key = str(stream.get("@iot.id") or name)
            quoted = key if isinstance(stream.get("@iot.id"), int) else f"'{key}'"
            url = f"{root}/Datastreams({quoted})/Observations" if stream.get("@iot.id") else f"{root}/Datastreams"
            made.resource(key, {"sl": name, "en": name}, url, "JSON", conforms_to=[SPECIFICATION],
                          access_services=service("SensorThings API", root, SPECIFICATION))  # fmt: skip
        made.say(measurement=rows)
        return made.reading()


def _point(place: dict[str, Any]) -> tuple[Any, Any]:
    shape = within(place, "location", "geometry") or within(place, "location")
    found = shape.get("coordinates") if shape.get("type") == "Point" else None
    numbers = isinstance(found, list) and len(found) >= 2 and all(isinstance(item, int | float) for item in found[:2])
    return (found[0], found[1]) if numbers and found else (None, None)
