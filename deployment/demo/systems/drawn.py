"""Rows and places that are made up, the same ones in every process."""

from __future__ import annotations

import json
import random
from typing import Any

from demo.city import City, Item
from demo.files import NOTICE, rows

JSON = "application/json"
MODIFIED = "2026-09-01"
"""When everything here last changed."""


def rows_of(city: City, identifier: str, table: dict[str, str], known: list[Any] | None = None) -> list[dict[str, Any]]:
    """Rows of a table (``demo.files``): the columns as there, written rows before drawn ones."""
    return rows(city, Item("systems", identifier, {"table": table, "rows": known}))


def features(city: City, layer: dict[str, Any]) -> list[dict[str, Any]]:
    """Features of a layer as GeoJSON, around the places of the city."""
    pick = random.Random(layer["id"])  # noqa: S311 made-up data
    places = [city.places[name] for name in sorted(city.places)]
    found = []
    for number, row in enumerate(rows_of(city, layer["id"], layer["columns"], layer.get("rows"))[:60], 1):
        lon, lat = pick.choice(places)
        lon, lat = round(lon + pick.uniform(-0.01, 0.01), 5), round(lat + pick.uniform(-0.006, 0.006), 5)
        found.append({"type": "Feature", "id": number, "geometry": _shape(layer["shape"], lon, lat), "properties": row})
    return found


def _shape(kind: str, lon: float, lat: float) -> dict[str, Any]:
    if kind == "line":
        return {"type": "LineString", "coordinates": [[lon, lat], [round(lon + 0.002, 5), round(lat + 0.001, 5)]]}
    if kind == "polygon":
        east, north = round(lon + 0.001, 5), round(lat + 0.0007, 5)
        return {"type": "Polygon", "coordinates": [[[lon, lat], [east, lat], [east, north], [lon, north], [lon, lat]]]}
    return {"type": "Point", "coordinates": [lon, lat]}


def collection(found: list[dict[str, Any]], **more: Any) -> tuple[bytes, str]:
    """A GeoJSON answer."""
    return as_json({"type": "FeatureCollection", "notice": NOTICE, **more, "features": found}, "application/geo+json")


def as_json(value: Any, kind: str = JSON) -> tuple[bytes, str]:
    """A JSON answer."""
    return json.dumps(value, ensure_ascii=False).encode(), kind


def frame(city: City) -> tuple[float, float, float, float]:
    """West, south, east, north of the city."""
    lons, lats = zip(*city.places.values(), strict=True)
    return min(lons) - 0.02, min(lats) - 0.02, max(lons) + 0.02, max(lats) + 0.02
