"""Traffic of the national access point (NAP, promet.si): GeoJSON by feed, or its older list of contents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar, cast

from harvesters.connector import Connector, Context, Reading, Settings
from harvesters.connectors.support.description import Description
from harvesters.connectors.support.documents import objects, read_object
from harvesters.connectors.support.tables import keys_of, say_columns
from harvesters.errors import SourceUnavailable, Unreadable

FEEDS = {
    "roadworks": ("Dela na cesti", "Roadworks"),
    "events": ("Dogodki v prometu", "Traffic events"),
    "dogodki": ("Dogodki v prometu", "Traffic events"),
    "dogodki_a": ("Izbrani dogodki v prometu", "Selected traffic events"),
    "porocilo": ("Prometno poročilo", "Traffic report"),
    "potovalnicasi": ("Potovalni časi", "Travel times"),
    "counters": ("Števci prometa", "Traffic counters"),
    "cameras": ("Prometne kamere", "Traffic cameras"),
    "restareas": ("Počivališča", "Rest areas"),
    "radars": ("Stacionarni merilniki hitrosti", "Fixed speed cameras"),
    "closures": ("Zapore cest", "Road closures"),
}
"""What people call the feeds (sl, en); an unknown one keeps its own name."""


@dataclass(frozen=True)
class PrometSettings(Settings):
    """What the promet connector can be told."""

    feeds: list[str] = field(default_factory=list)
    """Feeds below the address (``b2b.roadworks.geojson.sl_SI``); none: the address itself is read."""


class Promet(Connector):
    """Reads the keys of each feed, not its events."""

    name = "promet"
    title: ClassVar[dict[str, str]] = {"sl": "Promet (NAP, GeoJSON)", "en": "Traffic (NAP, GeoJSON)"}
    settings_class = PrometSettings

    def records(self, ctx: Context) -> Iterator[Reading]:
        """Read feed by feed; one that fails does not stop the others."""
        settings = cast("PrometSettings", self.settings)
        if not settings.feeds:
            yield from self._file(ctx, settings.url, "")
            ctx.complete()
            return
        failed = 0
        for feed in settings.feeds:
            try:
                yield from self._file(ctx, f"{settings.url.rstrip('/')}/{feed}", feed)
            except SourceUnavailable as error:
                failed += 1
                if failed == len(settings.feeds):
                    raise
                yield ctx.rejected(_short(feed), "unreadable-record", reason=str(error))
        if failed:
            ctx.incomplete(f"{failed} of {len(settings.feeds)} feeds could not be read")
        else:
            ctx.complete()

    def _file(self, ctx: Context, url: str, feed: str) -> Iterator[Reading]:
        found = read_object(ctx, url, "NAP", "features", "Contents")
        if "Contents" in found:
            for item in objects(found["Contents"]):
                data = item.get("Data") if isinstance(item.get("Data"), dict) else {}
                name = str(item.get("ContentName") or "")
                if name:
                    yield self._feed(ctx, name, url, "JSON", objects((data or {}).get("Items")))
                else:
                    yield ctx.rejected("", "no-identifier")
            return
        if found.get("type") != "FeatureCollection" or not isinstance(found["features"], list):
            raise Unreadable(url, "GeoJSON", "not a collection of features")
        rows = [item["properties"] for item in objects(found["features"]) if isinstance(item.get("properties"), dict)]
        yield self._feed(ctx, _short(feed) or str(found.get("name") or "features"), url, "GEOJSON", rows)

    def _feed(self, ctx: Context, name: str, url: str, file_type: str, rows: list[dict[str, Any]]) -> Reading:
        slovene, english = FEEDS.get(name, (name, name))
        made = Description(ctx, name, self.settings.default_language)
        made.say(title_translated={"sl": slovene, "en": english}, dataset_kind="tok", access_method="api")
        made.resource(name, {"sl": f"{slovene} ({file_type})", "en": f"{english} ({file_type})"}, url, file_type)
        say_columns(made, keys_of(rows))
        return made.reading()


def _short(feed: str) -> str:
    """b2b.roadworks.geojson.sl_SI -> roadworks."""
    parts = feed.removeprefix("b2b.").split(".")
    return parts[0]
