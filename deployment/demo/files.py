"""The files behind open records: made from the record's own columns, the same at every request."""

from __future__ import annotations

import csv
import hashlib
import io
import itertools
import json
import random
from calendar import monthrange
from typing import Any
from xml.etree import ElementTree as ET

from demo.city import City, Item

NOTICE = "Demonstracijski podatki - niso resnični / Demonstration data - not real"
MOST = 240
Row = dict[str, Any]


def rows(city: City, item: Item) -> list[Row]:
    """The rows of a record's table.

    ``table`` maps a column to what it holds: ``years 2015-2024``, ``months 2025``, ``days 2026-10``, ``hours``,
    ``places`` or ``list a|b|c`` count the rows (their product), ``int 1-9`` and ``num 1-9`` are drawn, ``text`` is
    written by hand only. ``rows`` are written by hand: known numbers stand before drawn ones.
    """
    table: dict[str, str] = item["table"] or {}
    fixed = [dict(zip(table, row, strict=True)) for row in item["rows"] or ()]
    if fixed and any(kind == "text" for kind in table.values()):
        return fixed
    counted = {name: _values(city, kind) for name, kind in table.items()}
    keys = [name for name, values in counted.items() if values]
    known = {tuple(row[name] for name in keys) for row in fixed}
    found = list(fixed)
    for combination in itertools.islice(itertools.product(*(counted[name] for name in keys)), MOST):
        if combination not in known:
            row = dict(zip(keys, combination, strict=True))
            found.append(
                {name: row.get(name, _drawn(item.id, kind, combination, name)) for name, kind in table.items()}
            )
    return sorted(found, key=lambda row: [str(row[name]) for name in keys]) if keys else found


def _values(city: City, kind: str) -> list[Any]:
    word, _, rest = kind.partition(" ")
    if word == "years":
        first, last = (int(year) for year in rest.split("-"))
        return list(range(first, last + 1))
    if word == "months":
        return [f"{rest}-{month:02}" for month in range(1, 13)]
    if word == "days":
        year, month = (int(part) for part in rest.split("-"))
        return [f"{rest}-{day:02}" for day in range(1, monthrange(year, month)[1] + 1)]
    if word == "hours":
        return [f"{hour:02}:00" for hour in range(24)]
    if word == "places":
        return sorted(city.places)
    return [part.strip() for part in rest.split("|")] if word == "list" else []


def _drawn(identifier: str, kind: str, combination: tuple[Any, ...], name: str) -> Any:
    seed = hashlib.sha256(f"{identifier}|{combination}|{name}".encode()).digest()
    source = random.Random(seed)  # noqa: S311 numbers for a demonstration, the same every time
    word, _, rest = kind.partition(" ")
    if word not in {"int", "num"}:
        return ""
    low, high = (float(part) for part in rest.split("-"))
    return source.randint(int(low), int(high)) if word == "int" else round(source.uniform(low, high), 2)


def as_csv(city: City, item: Item) -> bytes:
    """Comma separated, UTF-8, one line of headings."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(item["table"]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows(city, item))
    return out.getvalue().encode()


def as_json(city: City, item: Item) -> bytes:
    """An object with the rows and the notice that they are made up."""
    found = {"naslov": item["title"]["sl"], "opozorilo": NOTICE, "podatki": rows(city, item)}
    return json.dumps(found, ensure_ascii=False, indent=1).encode()


def as_geojson(city: City, item: Item) -> bytes:
    """Points: at the row's settlement, otherwise spread around the place of the record."""
    features = []
    for number, row in enumerate(rows(city, item)):
        name = next((value for value in row.values() if value in city.places), item["place"] or "Kranj")
        seed = random.Random(f"{item.id}{number}")  # noqa: S311 as above
        lon, lat = city.places[name]
        point = [round(lon + seed.uniform(-0.008, 0.008), 5), round(lat + seed.uniform(-0.006, 0.006), 5)]
        features.append(
            {
                "type": "Feature",
                "id": number + 1,
                "geometry": {"type": "Point", "coordinates": point},
                "properties": row,
            }
        )
    found = {"type": "FeatureCollection", "opozorilo": NOTICE, "features": features}
    return json.dumps(found, ensure_ascii=False, indent=1).encode()


def as_xml(city: City, item: Item) -> bytes:
    """One ``zapis`` per row, a child for each column."""
    root = ET.Element("zbirka", {"naslov": item["title"]["sl"], "opozorilo": NOTICE})
    for row in rows(city, item):
        entry = ET.SubElement(root, "zapis")
        for name, value in row.items():
            ET.SubElement(entry, name).text = str(value)
    return ET.tostring(root, encoding="utf-8", xml_declaration=True)


WRITERS = {
    "CSV": ("text/csv; charset=utf-8", as_csv),
    "JSON": ("application/json; charset=utf-8", as_json),
    "GEOJSON": ("application/geo+json; charset=utf-8", as_geojson),
    "XML": ("application/xml; charset=utf-8", as_xml),
}
"""Format -> (media type, writer)."""
