"""Stand-ins of the systems of the strategy's section 7, each in its own protocol. Content: ``content.yaml``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from demo.city import City
from demo.systems import drawn, interfaces, pages, sensors, spatial, tables, traffic

MODIFIED = drawn.MODIFIED
CONTENT = Path(__file__).parent / "content.yaml"


@dataclass(frozen=True)
class Asked:
    """What a caller wants of one system."""

    city: City
    path: str
    """Below the system, without a slash at either end."""
    query: Mapping[str, str]
    """Parameters, names in small letters."""
    root: str
    """Address of the system as the caller knows it."""


Found = tuple[bytes, str] | None
"""Body and media type."""

PROTOCOLS: dict[str, Callable[[Any, dict[str, Any]], Found]] = {
    "wfs": spatial.wfs,
    "ogcapi": spatial.ogcapi,
    "arcgis": spatial.arcgis,
    "open311": pages.open311,
    "ical": pages.ical,
    "schemaorg": pages.schemaorg,
    "datex2": traffic.datex2,
    "promet": traffic.promet,
    "parking": traffic.parking,
    "sensorthings": sensors.sensorthings,
    "ngsild": sensors.ngsild,
    "tables": tables.answer,
    "interface": interfaces.answer,
}


@lru_cache(maxsize=1)
def content() -> dict[str, dict[str, Any]]:
    """The systems by the first part of their address."""
    loaded: dict[str, dict[str, Any]] = yaml.safe_load(CONTENT.read_text(encoding="utf-8"))
    return loaded


def answer(city: City, path: str, query: Mapping[str, list[str]], base: str) -> Found:
    """What one of the systems answers.

    Args:
        city: places and points.
        path: of the request, without the leading slash.
        query: its parameters.
        base: address of the server as the caller knows it.

    Returns:
        Body and media type, or None when there is nothing at that address.
    """
    name, _, rest = path.partition("/")
    system = content().get(name)
    if system is None:
        return None
    values = {key.casefold(): value[0] for key, value in query.items()}
    return PROTOCOLS[system["protocol"]](Asked(city, rest.strip("/"), values, f"{base}/{name}"), system)
