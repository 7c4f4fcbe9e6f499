"""OGC API: a dataset for each collection of features, or the records of a catalogue (OGC API Records)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, cast
from urllib.parse import urljoin

from harvesters.connector import Connector, Context, Reading, Settings
from harvesters.connectors.support.description import Description, service
from harvesters.connectors.support.documents import objects, read_object, with_query, within
from harvesters.connectors.support.ogc import epsg
from harvesters.errors import EndlessPaging
from schemas import vocabulary

SPECIFICATION = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core"


@dataclass(frozen=True)
class OgcApiSettings(Settings):
    """What the ogcapi connector can be told."""

    max_pages: int = 1000
    """After so many pages of records the source is taken to have no end."""


class OgcApi(Connector):
    """Reads ``/collections`` of one server."""

    name = "ogcapi"
    title: ClassVar[dict[str, str]] = {"sl": "OGC API (sloji in zapisi)", "en": "OGC API (features and records)"}
    settings_class = OgcApiSettings

    def records(self, ctx: Context) -> Iterator[Reading]:
        """Read the collections; one of records is read page by page."""
        url = f"{self.settings.url.rstrip('/')}/collections"
        found = read_object(ctx, with_query(url, f="json"), "OGC API", "collections")
        for item in objects(found["collections"]):
            guid = str(item.get("id") or "")
            if not guid:
                yield ctx.rejected("", "no-identifier", value=str(item.get("title") or ""))
            elif item.get("itemType") == "record":
                yield from self._catalogue(ctx, f"{url}/{guid}/items")
            else:
                yield self._collection(ctx, guid, item, f"{url}/{guid}")
        ctx.complete()

    def _collection(self, ctx: Context, guid: str, item: dict[str, Any], url: str) -> Reading:
        made = self._described(ctx, guid, item)
        made.say(dataset_kind="prostorski-sloj", access_method="api")
        made.say(crs=epsg([*([item.get("storageCrs")] if item.get("storageCrs") else ()), *(item.get("crs") or ())]))
        name = made.dataset.get("title_translated", {}).get("sl", guid)
        made.resource(
            "items", {"sl": f"{name}: GeoJSON", "en": f"{name}: GeoJSON"}, f"{url}/items?f=json", "GEOJSON",
            conforms_to=[SPECIFICATION], access_services=service("OGC API Features", self.settings.url, SPECIFICATION),
        )  # fmt: skip
        return made.reading()

    def _described(self, ctx: Context, guid: str, item: dict[str, Any]) -> Description:
        """What collections and records say in the same words."""
        made = Description(ctx, guid, str(item.get("language") or self.settings.default_language))
        made.text("title_translated", item.get("title") or guid)
        made.text("notes_translated", item.get("description"))
        made.keywords(item.get("keywords") or ())
        made.licence(item.get("license"))
        boxes = within(item, "extent", "spatial").get("bbox") or [[]]
        if isinstance(boxes[0], list) and len(boxes[0]) in {4, 6}:
            half = len(boxes[0]) // 2
            made.box(*boxes[0][:2], *boxes[0][half : half + 2])
        interval = (within(item, "extent", "temporal").get("interval") or [[]])[0]
        if isinstance(interval, list) and len(interval) == 2:
            made.period(*interval)
        return made

    def _catalogue(self, ctx: Context, url: str) -> Iterator[Reading]:
        seen: set[str] = set()
        for _ in range(cast("OgcApiSettings", self.settings).max_pages):
            page = read_object(ctx, url, "OGC API Records", "features")
            for item in objects(page["features"]):
                yield self._record(ctx, str(item.get("id") or ""), item)
            seen.add(url)
            links = (item for item in objects(page.get("links")) if item.get("rel") == "next")
            following = next((urljoin(url, str(item.get("href"))) for item in links), "")
            if not following:
                return
            if following in seen:
                break
            url = following
        raise EndlessPaging(url, "the pages of records have no end")

    def _record(self, ctx: Context, guid: str, item: dict[str, Any]) -> Reading:
        says = within(item, "properties")
        if not guid or not says:
            return ctx.rejected(guid, "no-identifier" if not guid else "unreadable-record", reason="no properties")
        made = self._described(ctx, guid, says)
        made.day("issued", says.get("created"))
        made.day("modified", says.get("updated"))
        for position, link in enumerate(objects(item.get("links"))):
            code = vocabulary("file_type").code_of(str(link.get("type") or "").partition(";")[0])
            if code and link.get("rel") in {"enclosure", "item", "data", "distribution"}:
                name = str(link.get("title") or code)
                made.resource(str(link.get("href") or position), {"sl": name, "en": name}, str(link["href"]), code)
        return made.reading()
