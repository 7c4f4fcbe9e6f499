"""ArcGIS REST services: a dataset for each layer or table of the map and feature services below an address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlsplit

from harvesters.connector import Connector, Context, Reading, Settings
from harvesters.connectors.support.description import Description, service
from harvesters.connectors.support.documents import objects, read_object, with_query, within
from harvesters.connectors.support.tables import Column, say_columns
from harvesters.errors import SourceUnavailable, Unreadable
from harvesters.text import plain

SPECIFICATION = "https://developers.arcgis.com/rest/services-reference/enterprise/"
SERVICES = ("MapServer", "FeatureServer")


@dataclass(frozen=True)
class ArcGisSettings(Settings):
    """What the arcgis connector can be told: the address of the catalogue, of a folder, a service or a layer."""


class ArcGis(Connector):
    """Reads folders, services and layers."""

    name = "arcgis"
    title: ClassVar[dict[str, str]] = {"sl": "Prostorski sloji (ArcGIS REST)", "en": "Spatial layers (ArcGIS REST)"}
    settings_class = ArcGisSettings

    def records(self, ctx: Context) -> Iterator[Reading]:
        """Walk down; a service that fails does not stop the others."""
        root = self.settings.url.rstrip("/")
        found = _read(ctx, root)
        failed: list[str] = []
        if "fields" in found:
            yield self._layer(ctx, root, found)
        elif "layers" in found or "tables" in found:
            yield from self._service(ctx, root, found, failed)
        else:
            for url in self._services(ctx, root, found):
                try:
                    yield from self._service(ctx, url, _read(ctx, url), failed)
                except SourceUnavailable as error:
                    failed.append(url)
                    yield ctx.rejected(_guid(url), "unreadable-record", reason=str(error))
        if failed:
            ctx.incomplete(f"{len(failed)} services or layers could not be read")
        else:
            ctx.complete()

    def _services(self, ctx: Context, root: str, found: Mapping[str, Any]) -> Iterator[str]:
        base = root[: root.index("/services") + len("/services")] if "/services" in root else root
        for folder in sorted(item for item in found.get("folders") or () if isinstance(item, str)):
            yield from self._services(ctx, base, {"services": _read(ctx, f"{base}/{folder}").get("services")})
        for item in objects(found.get("services")):
            if item.get("type") in SERVICES and item.get("name"):
                yield f"{base}/{item['name']}/{item['type']}"

    def _service(self, ctx: Context, url: str, found: Mapping[str, Any], failed: list[str]) -> Iterator[Reading]:
        for item in [*objects(found.get("layers")), *objects(found.get("tables"))]:
            if item.get("subLayerIds") or "id" not in item:
                continue
            address = f"{url}/{item['id']}"
            try:
                yield self._layer(ctx, address, _read(ctx, address), found)
            except SourceUnavailable as error:
                failed.append(address)
                yield ctx.rejected(_guid(address), "unreadable-record", reason=str(error))

    def _layer(
        self, ctx: Context, url: str, item: Mapping[str, Any], above: Mapping[str, Any] | None = None
    ) -> Reading:
        above = above or {}
        made = Description(ctx, _guid(url), self.settings.default_language)
        made.text("title_translated", item.get("name"))
        made.text("notes_translated", item.get("description") or above.get("serviceDescription"))
        made.say(dataset_kind="prostorski-sloj" if item.get("geometryType") else "tabela", access_method="api")
        made.say(provenance=plain(str(item.get("copyrightText") or above.get("copyrightText") or ""))[0])
        extent = within(item, "extent")
        reference = within(extent, "spatialReference")
        wkid = reference.get("latestWkid") or reference.get("wkid")
        if wkid == 4326:
            west, south, east, north = (extent.get(key) for key in ("xmin", "ymin", "xmax", "ymax"))
            made.box(west, south, east, north)
        if isinstance(wkid, int) and 1024 <= wkid < 32768:
            made.say(crs=f"EPSG:{wkid}")
        name = str(item.get("name") or _guid(url))
        made.resource(
            "rest", {"sl": f"{name}: storitev ArcGIS REST", "en": f"{name}: ArcGIS REST service"}, url, "REST",
            access_services=service(name, url, SPECIFICATION),
        )  # fmt: skip
        columns = []
        for field in objects(item.get("fields")):
            kind = str(field.get("type") or "").removeprefix("esriFieldType").lower()
            columns.append(Column(str(field.get("name") or ""), kind, str(field.get("alias") or "")))
        say_columns(made, columns)
        return made.reading()


def _guid(url: str) -> str:
    """The path below ``services``: what the server itself calls the layer."""
    return urlsplit(url).path.rpartition("/services/")[2].strip("/")


def _read(ctx: Context, url: str) -> dict[str, Any]:
    """A JSON object that is not an error (ArcGIS reports errors with status 200, risk R15)."""
    asked = with_query(url, f="json")
    found = read_object(ctx, asked, "ArcGIS REST", "services", "folders", "layers", "tables", "fields", "error")
    if isinstance(found.get("error"), dict):
        raise Unreadable(asked, "ArcGIS REST", str(found["error"].get("message")))
    if "features" in found:
        raise Unreadable(asked, "ArcGIS REST", "a result of a query, not a description")
    return found
