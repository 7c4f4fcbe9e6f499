"""The standard for one observation record, and the check for the nearest public station (strategy 3.4.4).

One observation: what, where, when, result, unit, accuracy, operator, data owner. JSON or a row of CSV.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from math import asin, cos, radians, sin, sqrt
from typing import Any

from schemas.fields import Field
from schemas.kinds import compiled, is_empty
from schemas.problem import Problem


def _field(name: str, label: tuple[str, str], kind: str, rule: Any = "", **options: Any) -> Field:
    return Field(name, kind, rule, False, {"sl": label[0], "en": label[1]}, {}, None, options)


FIELDS = (
    _field("observed_property", ("kaj", "what"), "text", "M", max_length=200),
    _field("place_name", ("kje", "where"), "text", "M", max_length=200),
    _field("lon", ("zemljepisna dolžina", "longitude"), "number", at_least=-180, at_most=180),
    _field("lat", ("zemljepisna širina", "latitude"), "number", at_least=-90, at_most=90),
    _field("time", ("kdaj", "when"), "date", "M"),
    _field("result", ("rezultat", "result"), "number", "M"),
    _field("unit", ("enota (UCUM)", "unit (UCUM)"), "text", "M", max_length=50),
    _field("accuracy", ("natančnost", "accuracy"), "text", "M", max_length=200),
    _field("operator", ("upravljavec", "operator"), "text", "M", max_length=200),
    _field("data_owner", ("lastnik podatkov", "owner of the data"), "text", "M", max_length=200),
)
TEMPLATE: dict[str, Any] = {
    "observed_property": "PM10",
    "place_name": "Mlaka pri Kranju",
    "lon": 14.32,
    "lat": 46.26,
    "time": "2026-11-24T10:00:00+01:00",
    "result": 23.5,
    "unit": "ug/m3",
    "accuracy": "± 20 %",
    "operator": "Komunala Kranj",
    "data_owner": "Mestna občina Kranj",
}
"""One observation, complete."""


def check_observation(record: Any) -> list[Problem]:
    """All problems of one observation record; empty when it is valid."""
    if not isinstance(record, Mapping):
        return [Problem.of("", "shape", expected="object", got=type(record).__name__)]
    out: list[Problem] = []
    known = {field.name: compiled(field) for field in FIELDS}
    for key, value in record.items():
        if key not in known:
            out.append(Problem.of(str(key)[:100], "unknown-key", key=str(key)[:100]))
        elif not is_empty(value):
            known[key](value, key, out)
    out += [
        Problem.of(field.name, "missing") for field in FIELDS if field.rule == "M" and is_empty(record.get(field.name))
    ]
    return out


def template_csv() -> str:
    """The template as CSV with a header."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([list(TEMPLATE), [str(value) for value in TEMPLATE.values()]])
    return out.getvalue()


@lru_cache(maxsize=1)
def stations() -> dict[str, Any]:
    """The public stations: ``source``, ``date``, ``stations`` of {name, label, network, lon, lat, properties}.

    ``label`` is ``proposed``, or ``confirmed`` where an answer of the network's owner says name and place; a confirmed
    row has ``source`` and ``date`` of its own.
    """
    loaded: dict[str, Any] = json.loads((files("schemas") / "stations.json").read_text(encoding="utf-8"))
    return loaded


def nearest_station(lon: float, lat: float, observed: str = "") -> tuple[dict[str, Any], float]:
    """The nearest public station, and how many kilometres away it is.

    Args:
        lon: longitude of the planned measuring point.
        lat: its latitude.
        observed: a property; stations that measure it come first, all are asked when none does.
    """
    listed = stations()["stations"]
    wanted = observed.strip().casefold()
    fitting = [item for item in listed if wanted and any(wanted in name.casefold() for name in item["properties"])]
    distance, _, found = min((_kilometres(lon, lat, item), item["name"], item) for item in fitting or listed)
    return found, round(distance, 2)


def standing(station: Mapping[str, Any]) -> str:
    """Whether name and place of a station are confirmed, in words for people."""
    confirmed = station["label"] == "confirmed"
    return f"potrjeno: {station['source']}, {station['date']}" if confirmed else "predlog, ni preverjeno"


def _kilometres(lon: float, lat: float, station: Mapping[str, Any]) -> float:
    """Great-circle distance (haversine, mean radius of the Earth)."""
    lon1, lat1, lon2, lat2 = map(radians, (lon, lat, station["lon"], station["lat"]))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * 6371.0088 * asin(sqrt(half))


def observation_page() -> str:
    """docs/sl/meritev.md."""
    rows = [
        f"| `{field.name}` | {field.label['sl']} | {'obvezno' if field.rule == 'M' else 'neobvezno'} |"
        for field in FIELDS
    ]
    source = stations()
    return "\n".join([
        "# Zapis ene meritve",
        "",
        "Kaj mora povedati vsak zapis meritve, ki ga senzor odda (strategija, 3.4.4). Preverja `schemas.observations.check_observation`.",
        "",
        "| polje | pomen | pravilo |",
        "|---|---|---|",
        *rows,
        "",
        "```json",
        json.dumps(TEMPLATE, ensure_ascii=False, indent=2),
        "```",
        "",
        "```csv",
        template_csv().rstrip(),
        "```",
        "",
        "## Najbližja javna postaja",
        "",
        "Pred novim merilnim mestom se preveri, ali v bližini že meri javna mreža (`kranj_nearest_station`, `ckan kranj station`). Seznam:",
        f"{source['source']} ({source['date']}); {source['note']}",
        "",
        "| postaja | mreža | lon | lat | stanje |",
        "|---|---|---|---|---|",
        *(
            f"| {item['name']} | {item['network']} | {item['lon']} | {item['lat']} | {standing(item)} |"
            for item in source["stations"]
        ),
        "",
    ])  # fmt: skip
