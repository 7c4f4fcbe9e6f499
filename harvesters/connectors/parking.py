"""Car parks and their prices: ParkAPI, APDS, GeoJSON, CSV, Excel or plain XML; one dataset, no single lot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, ClassVar

from harvesters.connector import Connector, Context, Reading
from harvesters.connectors.support.description import Description
from harvesters.connectors.support.documents import local, objects, within
from harvesters.connectors.support.ogc import epsg
from harvesters.connectors.support.tables import Column, Sheet, csv_sheet, keys_of, say_columns, xlsx_sheets
from harvesters.errors import Unreadable
from harvesters.http import Fetched
from harvesters.parse import json_of, xml_of

LISTS = ("lots", "items", "places", "Place", "data", "features")
"""Where the lots are: ParkAPI 1, ParkAPI 3, APDS in two spellings, plain lists, GeoJSON."""


class Parking(Connector):
    """Reads the shape of one list of car parks."""

    name = "parking"
    title: ClassVar[dict[str, str]] = {"sl": "Parkirišča (ParkAPI, APDS, CSV)", "en": "Car parks (ParkAPI, APDS, CSV)"}

    def records(self, ctx: Context) -> Iterator[Reading]:
        """Read format, columns, coordinate system and frame."""
        answer = ctx.session.get(self.settings.url)
        made = Description(ctx, "parking", self.settings.default_language)
        made.say(dataset_kind="tabela", access_method="api")
        for file_type, sheet, lots in _tables(answer):
            name = f"Parkirišča ({sheet.name or file_type})", f"Car parks ({sheet.name or file_type})"
            made.resource(
                sheet.name or file_type, {"sl": name[0], "en": name[1]}, self.settings.url, file_type,
                delimiter=sheet.delimiter, encoding=sheet.encoding,
            )  # fmt: skip
            say_columns(made, sheet.columns)
            _frame(made, lots)
        yield made.reading()
        ctx.complete()


def _tables(answer: Fetched) -> Iterator[tuple[str, Sheet, dict[str, Any]]]:
    """(file type, table, document) for each table of the answer.

    Raises:
        Unreadable: there is no list of car parks in it.
    """
    start = answer.content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start in {b"{", b"["}:
        found = json_of(answer)
        whole = found if isinstance(found, dict) else {"items": found}
        rows = next((objects(whole.get(key)) for key in LISTS if objects(whole.get(key))), [])
        geo = whole.get("type") == "FeatureCollection"
        rows = [row["properties"] for row in rows if isinstance(row.get("properties"), dict)] if geo else rows
        if not rows:
            raise Unreadable(answer.url, "parking", f"none of {', '.join(LISTS)} holds objects")
        yield "GEOJSON" if geo else "JSON", Sheet(keys_of(rows)), whole
    elif start == b"<":
        yield "XML", Sheet(_repeated(answer)), {}
    elif answer.content[:2] == b"PK":
        sheets = xlsx_sheets(answer)
        if not sheets:
            raise Unreadable(answer.url, "parking", "no sheet names columns")
        for sheet in sheets:
            yield "XLSX", sheet, {}
    else:
        yield "CSV", csv_sheet(answer), {}


def _repeated(answer: Fetched) -> tuple[Column, ...]:
    """The elements of the record that the document repeats most."""
    root = xml_of(answer)
    counted = Counter(local(str(node.tag)) for node in root if len(node))
    if not counted:
        raise Unreadable(answer.url, "parking", "no element with elements repeats")
    name = counted.most_common(1)[0][0]
    return keys_of({local(str(item.tag)): "" for item in node} for node in root if local(str(node.tag)) == name)


def _frame(made: Description, whole: dict[str, Any]) -> None:
    """Coordinate system and frame, when the list says them in degrees."""
    made.say(crs=epsg([str(within(whole, "crs", "properties").get("name") or "")]))
    box = whole.get("bbox")
    if isinstance(box, list) and len(box) == 4 and not made.dataset.get("crs"):
        made.box(*box)
