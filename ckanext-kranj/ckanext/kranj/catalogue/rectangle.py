"""A frame on the map as four numbers in the form, and as the GeoJSON text that a description holds."""

from __future__ import annotations

import json
from typing import Any

SIDES = ("west", "south", "east", "north")


def sides_of(text: Any) -> dict[str, float] | None:
    """The sides of a GeoJSON text that is an upright rectangle, else None."""
    try:
        (ring,) = json.loads(text)["coordinates"]
        points = [(float(lon), float(lat)) for lon, lat in ring]
    except (ValueError, TypeError, KeyError):
        return None
    lons, lats = sorted({lon for lon, _ in points}), sorted({lat for _, lat in points})
    if len(points) != 5 or points[0] != points[-1] or len(set(points)) != 4 or (len(lons), len(lats)) != (2, 2):
        return None
    return {"west": lons[0], "south": lats[0], "east": lons[1], "north": lats[1]}


def text_of(sides: dict[str, float]) -> str:
    """The GeoJSON text of a rectangle."""
    west, south, east, north = (sides[name] for name in SIDES)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return json.dumps({"type": "Polygon", "coordinates": [ring]})


def folded(data: dict[str, Any], prefix: str) -> Any:
    """The geometry that the form means: the four numbers when they say something new, else the text as it was.

    Args:
        data: posted values; the sides and the text are taken out of it.
        prefix: name of the geometry's field.
    """
    kept = data.pop(prefix, None)
    posted = {side: str(data.pop(f"{prefix}-{side}")).strip() for side in SIDES if f"{prefix}-{side}" in data}
    if not posted:
        return kept
    if not any(posted.values()):
        return None
    try:
        sides = {side: float(posted.get(side, "").replace(",", ".")) for side in SIDES}
    except ValueError:
        return ", ".join(posted.values())  # not a frame: refused by name, and shown again
    return kept if sides == sides_of(kept) else text_of(sides)
