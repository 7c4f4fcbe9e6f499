"""Geometries as catalogues write them (GeoJSON or WKT, longitude first) to GeoJSON text."""

from __future__ import annotations

import json
import re
from typing import Any

_WKT = re.compile(r"^\s*(?:<[^>]*>)?\s*(?:SRID=\d+;)?\s*([A-Za-z]+)\s*(?:Z|M|ZM)?\s*(\(.*\))\s*$", re.DOTALL)
_KINDS = {
    "POINT": "Point", "LINESTRING": "LineString", "POLYGON": "Polygon", "MULTIPOINT": "MultiPoint",
    "MULTILINESTRING": "MultiLineString", "MULTIPOLYGON": "MultiPolygon",
}  # fmt: skip
_ENVELOPE = re.compile(r"^\s*(?:ENVELOPE|BOX)\s*\(([^()]*)\)\s*$", re.IGNORECASE)
_LONGEST = 200_000


def geojson(text: str) -> str | None:
    """GeoJSON text of a geometry, or None when the text is no geometry."""
    if len(text) > _LONGEST:
        return None
    try:
        if text.lstrip().startswith("{"):
            shape = json.loads(text)
            return _dump(shape["type"], shape["coordinates"])
        return _from_wkt(text)
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _from_wkt(text: str) -> str | None:
    envelope = _ENVELOPE.match(text)
    if envelope:
        west, east, north, south = (float(number) for number in envelope.group(1).split(","))
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        return _dump("Polygon", [ring])
    found = _WKT.match(text)
    kind = _KINDS.get(found.group(1).upper()) if found else None
    if found is None or kind is None:
        return None
    # "(1 2, 3 4)" -> "[[1,2],[3,4]]": points become arrays, brackets stay what they are.
    points = re.sub(r"[-+.\deE]+(?:\s+[-+.\deE]+)+", lambda match: json.dumps(_point(match.group())), found.group(2))
    coordinates = json.loads(points.replace("(", "[").replace(")", "]"))
    if kind == "Point":
        coordinates = coordinates[0]
    return _dump(kind, coordinates)


def _point(text: str) -> list[float]:
    return [float(number) for number in text.split()]


def _dump(kind: str, coordinates: Any) -> str | None:
    if kind not in _KINDS.values() or not isinstance(coordinates, list):
        return None
    return json.dumps({"type": kind, "coordinates": coordinates}, separators=(", ", ": "))
