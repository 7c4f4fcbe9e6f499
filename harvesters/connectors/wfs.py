"""Layers of a Web Feature Service (OGC WFS 1.1 and 2.0), one dataset each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, cast

from owslib.feature.wfs110 import WebFeatureService_1_1_0
from owslib.feature.wfs200 import WebFeatureService_2_0_0

from harvesters.connector import Connector, Context, Reading, Settings
from harvesters.connectors.support.description import Description, service
from harvesters.connectors.support.documents import Element, with_query
from harvesters.connectors.support.ogc import capabilities, epsg, parsed, provider, terms

SPECIFICATION = "http://www.opengis.net/def/serviceType/ogc/wfs"
# Not owslib.wfs: it also brings version 1.0.0, which warns at import that an optional package is missing.
READERS = {"1.1.0": WebFeatureService_1_1_0, "2.0.0": WebFeatureService_2_0_0}


@dataclass(frozen=True)
class WfsSettings(Settings):
    """What the wfs connector can be told."""

    version: Literal["1.1.0", "2.0.0"] = "2.0.0"
    layers: str = ""
    """Only layers whose name begins so."""


class Wfs(Connector):
    """Reads the capabilities of one service."""

    name = "wfs"
    title: ClassVar[dict[str, str]] = {"sl": "Prostorski sloji (WFS)", "en": "Spatial layers (WFS)"}
    settings_class = WfsSettings

    def records(self, ctx: Context) -> Iterator[Reading]:
        """Read the layers in the order of their names."""
        settings = cast("WfsSettings", self.settings)
        answer, root = capabilities(ctx, settings.url, "WFS", settings.version)
        reader = READERS[settings.version]
        found: Any = parsed(answer, "WFS", lambda xml: reader(settings.url, settings.version, xml))
        for name, layer in sorted(found.contents.items()):
            if name.startswith(settings.layers):
                yield self._layer(ctx, (found, root), name, layer)
        ctx.complete()

    def _layer(self, ctx: Context, whole: tuple[Any, Element], name: str, layer: Any) -> Reading:
        found, root = whole
        settings = cast("WfsSettings", self.settings)
        made = Description(ctx, name, settings.default_language)
        made.text("title_translated", layer.title or name)
        made.text("notes_translated", layer.abstract)
        made.keywords(layer.keywords or ())
        made.say(dataset_kind="prostorski-sloj", access_method="api", crs=epsg(layer.crsOptions or ()))
        if layer.boundingBoxWGS84:
            made.box(*layer.boundingBoxWGS84)
        terms(made, found.identification)
        provider(made, root)
        title = str(layer.title or name)
        made.resource(
            "wfs",
            {"sl": f"{title}: storitev WFS", "en": f"{title}: WFS service"},
            with_query(settings.url, service="WFS", request="GetCapabilities", version=settings.version),
            "WFS_SRVC",
            conforms_to=[SPECIFICATION],
            access_services=service(str(found.identification.title or "WFS"), settings.url, SPECIFICATION),
        )
        formats = {str(item).casefold(): str(item) for item in self._formats(found)}
        usable = next(
            (formats[key] for key in ("application/json", "application/geo+json", "geojson") if key in formats), ""
        )
        if usable:
            types = "typeNames" if settings.version == "2.0.0" else "typeName"
            url = with_query(settings.url, service="WFS", request="GetFeature", version=settings.version,
                             **{types: name}, outputFormat=usable)  # fmt: skip
            made.resource("geojson", {"sl": f"{title}: GeoJSON", "en": f"{title}: GeoJSON"}, url, "GEOJSON")
        return made.reading()

    def _formats(self, found: Any) -> list[str]:
        """Formats that hold for all layers, from the operation GetFeature."""
        for operation in found.operations:
            if operation.name == "GetFeature":
                return list((operation.parameters.get("outputFormat") or {}).get("values") or ())
        return []
