"""Measurements of the Slovenian Environment Agency (ARSO XML: water, air, weather), one dataset for each file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar, cast

from harvesters.connector import Connector, Context, Reading, Settings
from harvesters.connectors.support.description import Description
from harvesters.connectors.support.documents import Element, below, local
from harvesters.errors import Unreadable

QUANTITIES = {
    "vodostaj": ("vodostaj", "cm"), "pretok": ("pretok", "m3/s"), "temp_vode": ("temperatura vode", "Cel"),
    "pm10": ("delci PM10", "ug/m3"), "pm2.5": ("delci PM2,5", "ug/m3"), "o3": ("ozon", "ug/m3"),
    "no2": ("dušikov dioksid", "ug/m3"), "so2": ("žveplov dioksid", "ug/m3"), "co": ("ogljikov monoksid", "mg/m3"),
    "benzen": ("benzen", "ug/m3"), "t": ("temperatura zraka", "Cel"), "rh": ("relativna vlažnost", "%"),
    "ff_val": ("hitrost vetra", "m/s"), "rr_val": ("padavine", "mm"), "msl": ("zračni tlak", "hPa"),
}  # fmt: skip
"""Element -> (quantity, UCUM unit), after the documentation of the files."""


@dataclass(frozen=True)
class ArsoSettings(Settings):
    """What the arso connector can be told."""

    stations: list[str] = field(default_factory=list)
    """Codes (``sifra``) or names of stations; none: all."""


class Arso(Connector):
    """Reads the stations of one file, not what they measured."""

    name = "arso"
    title: ClassVar[dict[str, str]] = {"sl": "Meritve ARSO (XML)", "en": "ARSO measurements (XML)"}
    settings_class = ArsoSettings

    def records(self, ctx: Context) -> Iterator[Reading]:
        """Read the stations that were asked for; one that is not there makes the run incomplete."""
        settings = cast("ArsoSettings", self.settings)
        root = ctx.xml(settings.url)
        stations = [node for node in root.iter() if local(str(node.tag)) in {"postaja", "metData"} and len(node)]
        if not stations:
            raise Unreadable(settings.url, "ARSO", "no stations")
        asked = {item.casefold() for item in settings.stations}
        kept = [node for node in stations if not asked or asked & {text.casefold() for text in _names(node)}]
        made = Description(ctx, local(str(root.tag)), settings.default_language)
        made.say(dataset_kind="senzor", access_method="download")
        rows = [row for node in sorted(kept, key=lambda one: _names(one)[0]) for row in self._rows(node)]
        made.say(measurement=rows)
        points = [(row["lon"], row["lat"]) for row in rows if "lon" in row]
        if points:
            made.box(min(lon for lon, _ in points), min(lat for _, lat in points),
                     max(lon for lon, _ in points), max(lat for _, lat in points))  # fmt: skip
        made.resource("xml", {"sl": "Zadnje meritve (XML)", "en": "Latest measurements (XML)"}, settings.url, "XML")
        yield made.reading()
        missing = sorted(asked - {text.casefold() for node in kept for text in _names(node)})
        if missing:
            ctx.incomplete(f"stations not there: {', '.join(missing)}")
        else:
            ctx.complete()

    def _rows(self, node: Element) -> Iterator[dict[str, Any]]:
        place = below(node, "merilno_mesto") or below(node, "domain_longTitle") or _names(node)[-1]
        lon = _number(node.get("wgs84_dolzina") or node.get("ge_dolzina") or below(node, "domain_lon"))
        lat = _number(node.get("wgs84_sirina") or node.get("ge_sirina") or below(node, "domain_lat"))
        for item in node:
            name = local(str(item.tag))
            # A station that does not measure a quantity has its element too, empty.
            if name.casefold() in QUANTITIES and (item.text or "").strip():
                quantity, unit = QUANTITIES[name.casefold()]
                row = {"observed_property": quantity, "unit": unit, "place_name": place, "data_owner": "ARSO"}
                yield row | ({"lon": lon, "lat": lat} if lon is not None and lat is not None else {})


def _names(node: Element) -> list[str]:
    """What a station is known by: its code, then its names."""
    found = [
        node.get("sifra") or "",
        below(node, "domain_meteosiId"),
        below(node, "merilno_mesto"),
        below(node, "domain_longTitle"),
        below(node, "domain_title"),
    ]
    return [item for item in found if item] or [""]


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None
