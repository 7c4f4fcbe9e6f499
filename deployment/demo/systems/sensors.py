"""Sensors in OGC SensorThings API 1.1 and a context broker in NGSI-LD. Household meters are not among them."""

from __future__ import annotations

import re
from typing import Any

from demo.systems.drawn import as_json, rows_of

Found = tuple[bytes, str] | None
MEASUREMENT = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"
_STREAM = re.compile(r"v1\.1/Datastreams\((\d+)\)(/Observations)?")


def _things(asked: Any, system: dict[str, Any]) -> list[dict[str, Any]]:
    found, stream = [], 0
    for number, item in enumerate(system["things"], 1):
        lon, lat = asked.city.places[item["place"]]
        streams = []
        for name, unit in item["measures"].items():
            stream += 1
            streams.append({
                "@iot.id": stream, "name": f"{item['name']}: {name}",
                "description": name, "observationType": MEASUREMENT,
                "unitOfMeasurement": {"name": unit, "symbol": unit, "definition": "https://ucum.org/"},
                "ObservedProperty": {"name": name, "definition": "https://www.qudt.org/", "description": name},
                "Sensor": {"name": item["device"], "description": item["device"],
                           "encodingType": "text/plain", "metadata": ""},
            })  # fmt: skip
        found.append({
            "@iot.id": number, "name": item["name"], "description": item["about"], "properties": {},
            "Locations": [{"name": item["place"], "description": item["place"], "encodingType": "application/geo+json",
                           "location": {"type": "Point", "coordinates": [lon, lat]}}],
            "Datastreams": streams,
        })  # fmt: skip
    return found


def sensorthings(asked: Any, system: dict[str, Any]) -> Found:
    """Things with everything expanded, datastreams, observations."""
    things = _things(asked, system)
    if asked.path == "v1.1":
        return as_json(
            {"value": [{"name": name, "url": f"{asked.root}/v1.1/{name}"} for name in ("Things", "Datastreams")]}
        )
    if asked.path == "v1.1/Things":
        return as_json({"value": things})
    streams = [item for thing in things for item in thing["Datastreams"]]
    if asked.path == "v1.1/Datastreams":
        return as_json({"value": streams})
    match = _STREAM.fullmatch(asked.path)
    if not match or not 1 <= int(match[1]) <= len(streams):
        return None
    if not match[2]:
        return as_json(streams[int(match[1]) - 1])
    rows = rows_of(asked.city, f"stream {match[1]}", {"hour": "hours", "result": "num 1-40"})
    return as_json(
        {"value": [{"phenomenonTime": f"2026-09-01T{row['hour']}:00Z", "result": row["result"]} for row in rows]}
    )


def ngsild(asked: Any, system: dict[str, Any]) -> Found:
    """The list of types, and entities of one type."""
    if asked.path == "ngsi-ld/v1/types":
        return as_json(
            {"id": "urn:ngsi-ld:EntityTypeList:1", "type": "EntityTypeList", "typeList": sorted(system["types"])}
        )
    kind = asked.query.get("type", "").rpartition("/")[2]
    if asked.path != "ngsi-ld/v1/entities" or kind not in system["types"]:
        return None
    spec = system["types"][kind]
    entities = []
    for number, row in enumerate(rows_of(asked.city, kind, spec["columns"]), 1):
        place = str(row.get("areaServed", "Kranj"))
        lon, lat = asked.city.places.get(place, asked.city.places["Kranj"])
        values = {key: {"type": "Property", "value": value, **_unit(spec, key)} for key, value in row.items()}
        entities.append({
            "id": f"urn:ngsi-ld:{kind}:kranj-{number}", "type": kind, **values,
            "location": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [lon, lat]}},
        })  # fmt: skip
    limit = asked.query.get("limit", "100")
    return as_json(entities[: int(limit) if limit.isdigit() else 100], "application/ld+json")


def _unit(spec: dict[str, Any], key: str) -> dict[str, str]:
    return {"unitCode": spec["units"][key]} if key in spec.get("units", {}) else {}
