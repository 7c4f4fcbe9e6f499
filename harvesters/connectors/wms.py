"""Layers of a Web Map Service (OGC WMS 1.1.1 and 1.3.0), one dataset each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, cast

from owslib.wms import WebMapService

from harvesters.connector import Connector, Context, Reading, Settings
from harvesters.connectors.support.description import Description, service
from harvesters.connectors.support.documents import Element, with_query
from harvesters.connectors.support.ogc import capabilities, epsg, parsed, provider, terms

SPECIFICATION = "http://www.opengis.net/def/serviceType/ogc/wms"


@dataclass(frozen=True)
class WmsSettings(Settings):
    """What the wms connector can be told."""

    version: Literal["1.1.1", "1.3.0"] = "1.3.0"
    layers: str = ""
    """Only layers whose name begins so."""


class Wms(Connector):
    """Reads the capabilities of one service."""

    name = "wms"
    title: ClassVar[dict[str, str]] = {"sl": "Karte (WMS)", "en": "Maps (WMS)"}
    settings_class = WmsSettings

    def records(self, ctx: Context) -> Iterator[Reading]:
        """Read the layers that have a name (a layer without one only groups others)."""
        settings = cast("WmsSettings", self.settings)
        answer, root = capabilities(ctx, settings.url, "WMS", settings.version)
        found: Any = parsed(answer, "WMS", lambda xml: WebMapService(settings.url, version=settings.version, xml=xml))
        for name, layer in sorted(found.contents.items()):
            if layer.name and name.startswith(settings.layers):
                yield self._layer(ctx, (found, root), name, layer)
        ctx.complete()

    def _layer(self, ctx: Context, whole: tuple[Any, Element], name: str, layer: Any) -> Reading:
        found, root = whole
        settings = cast("WmsSettings", self.settings)
        made = Description(ctx, name, settings.default_language)
        made.text("title_translated", layer.title or name)
        made.text("notes_translated", layer.abstract)
        made.keywords(layer.keywords or ())
        made.say(dataset_kind="prostorski-sloj", access_method="viewer", crs=epsg(layer.crsOptions or ()))
        if layer.boundingBoxWGS84:
            made.box(*layer.boundingBoxWGS84)
        terms(made, found.identification)
        provider(made, root)
        made.resource(
            "wms",
            {"sl": f"{layer.title or name}: storitev WMS", "en": f"{layer.title or name}: WMS service"},
            with_query(settings.url, service="WMS", request="GetCapabilities", version=settings.version),
            "WMS_SRVC",
            conforms_to=[SPECIFICATION],
            access_services=service(str(found.identification.title or "WMS"), settings.url, SPECIFICATION),
        )
        return made.reading()
