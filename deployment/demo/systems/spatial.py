"""Layers over OGC WFS 2.0, OGC API Features and ArcGIS REST."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape, quoteattr

from demo.files import NOTICE
from demo.systems.drawn import as_json, collection, features, frame

XML = "text/xml; charset=utf-8"
Found = tuple[bytes, str] | None


def _layer(system: dict[str, Any], name: str) -> dict[str, Any] | None:
    return next((item for item in system["layers"] if item["id"] == name), None)


def wfs(asked: Any, system: dict[str, Any]) -> Found:
    """GetCapabilities and GetFeature (GeoJSON)."""
    if asked.path != "wfs":
        return None
    wanted = asked.query.get("request", "GetCapabilities").casefold()
    if wanted == "getcapabilities":
        return _capabilities(asked, system).encode(), XML
    layer = _layer(system, asked.query.get("typenames", "").rpartition(":")[2])
    return collection(features(asked.city, layer)) if wanted == "getfeature" and layer else None


def _capabilities(asked: Any, system: dict[str, Any]) -> str:
    west, south, east, north = frame(asked.city)
    href = quoteattr(f"{asked.root}/wfs")
    operations = "".join(
        f'<ows:Operation name="{name}"><ows:DCP><ows:HTTP><ows:Get xlink:href={href}/></ows:HTTP></ows:DCP>'
        '<ows:Parameter name="outputFormat"><ows:AllowedValues><ows:Value>application/json</ows:Value>'
        "</ows:AllowedValues></ows:Parameter></ows:Operation>"
        for name in ("GetCapabilities", "GetFeature")
    )
    layers = "".join(
        f"<wfs:FeatureType><wfs:Name>kranj:{item['id']}</wfs:Name><wfs:Title>{escape(item['title'])}</wfs:Title>"
        f"<wfs:Abstract>{escape(item['abstract'])}</wfs:Abstract><ows:Keywords>"
        f"{''.join(f'<ows:Keyword>{escape(word)}</ows:Keyword>' for word in item['keywords'])}</ows:Keywords>"
        "<wfs:DefaultCRS>urn:ogc:def:crs:EPSG::3794</wfs:DefaultCRS><ows:WGS84BoundingBox>"
        f"<ows:LowerCorner>{west:.4f} {south:.4f}</ows:LowerCorner><ows:UpperCorner>{east:.4f} {north:.4f}"
        "</ows:UpperCorner></ows:WGS84BoundingBox></wfs:FeatureType>"
        for item in system["layers"]
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><wfs:WFS_Capabilities version="2.0.0" '
        'xmlns:wfs="http://www.opengis.net/wfs/2.0" xmlns:ows="http://www.opengis.net/ows/1.1" '
        'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:kranj="https://podatki.kranj.si/gis"><ows:ServiceIdentification>'
        f"<ows:Title>{escape(system['title'])}</ows:Title><ows:Abstract>{escape(NOTICE)}</ows:Abstract>"
        "<ows:ServiceType>WFS</ows:ServiceType><ows:ServiceTypeVersion>2.0.0</ows:ServiceTypeVersion>"
        "<ows:Fees>NONE</ows:Fees><ows:AccessConstraints>NONE</ows:AccessConstraints></ows:ServiceIdentification>"
        "<ows:ServiceProvider><ows:ProviderName>Urad za okolje in prostor</ows:ProviderName><ows:ServiceContact>"
        "<ows:ContactInfo><ows:Address><ows:ElectronicMailAddress>gis@kranj.example</ows:ElectronicMailAddress>"
        "</ows:Address></ows:ContactInfo></ows:ServiceContact></ows:ServiceProvider><ows:OperationsMetadata>"
        f"{operations}</ows:OperationsMetadata><wfs:FeatureTypeList>{layers}</wfs:FeatureTypeList></wfs:WFS_Capabilities>"
    )


def ogcapi(asked: Any, system: dict[str, Any]) -> Found:
    """The landing page, the collections and their items."""
    parts = asked.path.split("/") if asked.path else []
    if not parts:
        return as_json({"title": system["title"], "description": NOTICE,
                        "links": [{"rel": "data", "href": f"{asked.root}/collections"}]})  # fmt: skip
    if parts == ["collections"]:
        return as_json({"collections": [_collection(asked, item) for item in system["layers"]]})
    layer = _layer(system, parts[1]) if len(parts) > 1 else None
    if layer is None or parts[0] != "collections":
        return None
    if parts[2:] == ["items"]:
        return collection(features(asked.city, layer))
    return as_json(_collection(asked, layer)) if len(parts) == 2 else None


def _collection(asked: Any, item: dict[str, Any]) -> dict[str, Any]:
    west, south, east, north = frame(asked.city)
    return {
        "id": item["id"],
        "title": item["title"],
        "description": item["abstract"],
        "keywords": item["keywords"],
        "extent": {
            "spatial": {"bbox": [[west, south, east, north]]},
            "temporal": {"interval": [[item["since"], None]]},
        },
        "itemType": "feature",
        "crs": ["http://www.opengis.net/def/crs/EPSG/0/3794"],
        "links": [
            {"rel": "items", "type": "application/geo+json", "href": f"{asked.root}/collections/{item['id']}/items"}
        ],
    }


def arcgis(asked: Any, system: dict[str, Any]) -> Found:
    """The catalogue, one feature service, its layers and their queries."""
    service = f"{system['service']}/FeatureServer"
    below = asked.path.removeprefix("rest/services").strip("/")
    if not asked.path.startswith("rest/services"):
        return None
    if not below:
        return as_json(
            {"currentVersion": 11.1, "folders": [], "services": [{"name": system["service"], "type": "FeatureServer"}]}
        )
    if below == service:
        layers = [{"id": number, "name": item["title"]} for number, item in enumerate(system["layers"])]
        return as_json({"currentVersion": 11.1, "serviceDescription": NOTICE, "layers": layers, "tables": []})
    number, _, query = below.removeprefix(f"{service}/").partition("/")
    if not number.isdigit() or int(number) >= len(system["layers"]):
        return None
    layer = system["layers"][int(number)]
    if query == "query":
        return collection(features(asked.city, layer))
    west, south, east, north = frame(asked.city)
    kind = {"point": "Point", "line": "Polyline", "polygon": "Polygon"}[layer["shape"]]
    return as_json({
        "id": int(number), "name": layer["title"], "type": "Feature Layer", "description": layer["abstract"],
        "geometryType": f"esriGeometry{kind}", "copyrightText": "Mestna občina Kranj",
        "extent": {"xmin": west, "ymin": south, "xmax": east, "ymax": north, "spatialReference": {"wkid": 4326}},
        "fields": [{"name": "OBJECTID", "type": "esriFieldTypeOID", "alias": "Zaporedna številka"},
                   *({"name": name, "type": "esriFieldTypeString", "alias": name} for name in layer["columns"])],
    })  # fmt: skip
