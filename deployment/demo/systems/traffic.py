"""Roads: closures in DATEX II 3, GeoJSON of the national access point, car parks as in ParkAPI and as CSV."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

from demo.files import NOTICE
from demo.systems import tables
from demo.systems.drawn import as_json, collection, features, rows_of

Found = tuple[bytes, str] | None
_SPACES = (
    'xmlns:d2="http://datex2.eu/schema/3/d2Payload" xmlns:com="http://datex2.eu/schema/3/common" '
    'xmlns:sit="http://datex2.eu/schema/3/situation" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)


def datex2(asked: Any, system: dict[str, Any]) -> Found:
    """One publication of situations."""
    if asked.path != "datex2.xml":
        return None
    situations = "".join(
        f'<sit:situation id="MOK{number}"><sit:headerInformation>'
        "<com:confidentiality>noRestriction</com:confidentiality><com:informationStatus>test</com:informationStatus></sit:headerInformation>"
        f'<sit:situationRecord xsi:type="sit:RoadOrCarriagewayOrLaneManagement" id="MOK{number}-1" version="1">'
        f"<sit:validity><com:validityStatus>definedByValidityTimeSpec</com:validityStatus></sit:validity>"
        f'<sit:generalPublicComment><sit:comment><com:values><com:value lang="sl">{escape(row["opis"])} ({NOTICE})'
        "</com:value></com:values></sit:comment></sit:generalPublicComment></sit:situationRecord></sit:situation>"
        for number, row in enumerate(rows_of(asked.city, "zapore", system["columns"], system["rows"]), 1)
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><d2:payload {_SPACES} lang="sl" xsi:type="sit:SituationPublication">'
        "<com:publicationTime>2026-09-01T06:00:00Z</com:publicationTime><com:publicationCreator><com:country>SI</com:country>"
        f"<com:nationalIdentifier>MOK</com:nationalIdentifier></com:publicationCreator>{situations}</d2:payload>"
    ).encode(), "application/xml; charset=utf-8"


def promet(asked: Any, system: dict[str, Any]) -> Found:
    """Feeds by name, as ``b2b.counters.geojson.sl_SI``."""
    layer = next((item for item in system["layers"] if asked.path == f"b2b.{item['id']}.geojson.sl_SI"), None)
    return collection(features(asked.city, layer), name=layer["id"]) if layer else None


def parking(asked: Any, system: dict[str, Any]) -> Found:
    """``parkapi.json`` with lots, or the price list as a file."""
    if asked.path == "parkapi.json" and "lots" in system:
        rows = rows_of(asked.city, "parkirisca", system["lots"], system["rows"])
        lots = [{"id": f"kranj-{number}", **row, "state": "nodata"} for number, row in enumerate(rows, 1)]
        return as_json({"last_updated": "2026-09-01T06:00:00", "data_source": NOTICE, "lots": lots})
    return tables.answer(asked, system) if "files" in system else None
