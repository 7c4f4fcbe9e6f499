"""Files of systems that have no standard: CSV, JSON and GeoJSON."""

from __future__ import annotations

import csv
import io
from typing import Any

from demo.files import NOTICE
from demo.systems.drawn import MODIFIED, as_json, collection, features, rows_of


def answer(asked: Any, system: dict[str, Any]) -> tuple[bytes, str] | None:
    """The file of that name."""
    name, _, ending = asked.path.rpartition(".")
    item = next((one for one in system["files"] if one["id"] == name), None)
    if item is None:
        return None
    if ending == "geojson":
        return collection(features(asked.city, item))
    found = rows_of(asked.city, item["id"], item["columns"], item.get("rows"))
    if ending == "json":
        return as_json({"notice": NOTICE, "updated": MODIFIED, "items": found})
    text = io.StringIO()
    writer = csv.DictWriter(text, list(item["columns"]), delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(found)
    return text.getvalue().encode("utf-8-sig"), "text/csv; charset=utf-8"
