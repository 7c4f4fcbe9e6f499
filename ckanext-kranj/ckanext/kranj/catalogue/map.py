"""The plain map of the form: no tiles, a grid of degrees, the frame of the municipality and a few places to go by."""

from __future__ import annotations

import math
from typing import Any

PLACES = (
    ("Kranj", 14.356, 46.239),
    ("Golnik", 14.334, 46.333),
    ("Mlaka pri Kranju", 14.329, 46.263),
    ("Britof", 14.392, 46.266),
    ("Žabnica", 14.320, 46.200),
    ("Mavčiče", 14.402, 46.179),
    ("Zgornja Besnica", 14.271, 46.259),
)
"""Settlements by which people find their way, to about 300 m; only drawn, never stored."""

MARGIN = 0.04
STEP = 0.05
WIDTH = 640
"""Width of the drawing in its own units; a degree of longitude is drawn shorter by the cosine of the latitude."""


def map_window(city: dict[str, float] | None, chosen: dict[str, float] | None) -> dict[str, Any]:
    """The drawing: window in degrees, size, grid lines, places, the city's frame.

    Args:
        city: the frame of the municipality.
        chosen: the rectangle of the description, which the window must hold too.
    """
    frames = [frame for frame in (city, chosen) if frame]
    west = min(frame["west"] for frame in frames) - MARGIN
    east = max(frame["east"] for frame in frames) + MARGIN
    south = min(frame["south"] for frame in frames) - MARGIN
    north = max(frame["north"] for frame in frames) + MARGIN
    height = round(WIDTH * (north - south) / ((east - west) * math.cos(math.radians((north + south) / 2))))
    window = {"west": west, "east": east, "south": south, "north": north, "width": WIDTH, "height": height}

    def x(lon: float) -> float:
        return round((lon - west) / (east - west) * WIDTH, 1)

    def y(lat: float) -> float:
        return round((north - lat) / (north - south) * height, 1)

    step = max(STEP, STEP * math.ceil((east - west) / STEP / 12))
    return {
        **window,
        "meridians": [(x(lon), f"{lon:.2f}") for lon in _lines(west, east, step)],
        "parallels": [(y(lat), f"{lat:.2f}") for lat in _lines(south, north, step)],
        "places": [(name, x(lon), y(lat)) for name, lon, lat in PLACES if west < lon < east and south < lat < north],
        "city": _box(city, x, y) if city else None,
        "chosen": _box(chosen, x, y) if chosen else None,
    }


def _lines(low: float, high: float, step: float) -> list[float]:
    first = math.ceil(low / step)
    return [round(number * step, 6) for number in range(first, math.floor(high / step) + 1)]


def _box(frame: dict[str, float], x: Any, y: Any) -> dict[str, float]:
    left, top = x(frame["west"]), y(frame["north"])
    return {"x": left, "y": top, "width": x(frame["east"]) - left, "height": y(frame["south"]) - top}
