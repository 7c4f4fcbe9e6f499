"""The due list as a page, as CSV and as a calendar."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from typing import Any

from flask import Blueprint, Response
from icalendar import Calendar, Event

import ckan.plugins.toolkit as tk

from ckanext.kranj.language import in_language
from ckanext.kranj.retention import page, words

blueprint = Blueprint("kranj_retention", __name__)

COLUMNS = {
    "due_on": ("Rok", "Due"),
    "status": ("Stanje", "Status"),
    "decision": ("Odločitev", "Decision"),
    "hold": ("Zadržanje", "Hold"),
    "title": ("Zbirka", "Dataset"),
    "owner": ("Lastnik", "Owner"),
    "package_id": ("Oznaka zbirke", "Id of the dataset"),
}
"""Columns of the list for spreadsheets; programs read `kranj_retention_list`."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def _rows() -> list[dict[str, Any]]:
    try:
        return list(tk.get_action("kranj_retention_list")({}, {"before": tk.request.args.get("before")}))
    except tk.NotAuthorized:
        return tk.abort(403)
    except tk.ValidationError:
        return tk.abort(400)


@blueprint.route("/retention")
def due() -> str:
    """The page."""
    today = datetime.now(tz=UTC).date().isoformat()
    rows = _rows()
    return tk.render("kranj/retention.html", {"rows": rows, "today": today, "edits": _edited(rows)})


def _edited(rows: list[dict[str, Any]]) -> set[str]:
    """Owners for whose datasets the visitor may decide; the others' are only read. Asked once for each owner."""
    return {
        owner
        for owner, package in {row["owner_org"]: row["package_id"] for row in rows}.items()
        if tk.h.check_access("kranj_retention_show", {"id": package})
    }


@blueprint.route("/retention.csv")
def table() -> Response:
    """The list for spreadsheets, in words; a cell never starts a formula."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")  # as Excel of this country expects it
    writer.writerow(in_language(*words) for words in COLUMNS.values())
    for row in _rows():
        said = {**row, **{name: words.said(name, row[name]) for name in ("status", "decision")}}
        cells = [str(said[name] or "") for name in COLUMNS]
        writer.writerow([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells])
    headers = {"Content-Disposition": "attachment; filename=rok-hrambe.csv"}
    return Response("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


@blueprint.route("/retention.ics")
def calendar() -> Response:
    """The list for calendars."""
    book = Calendar()
    book.add("prodid", "-//Mestna obcina Kranj//Katalog podatkov//SL")
    book.add("version", "2.0")
    for row in _rows():
        event = Event()
        event.add("uid", f"{row['package_id']}@{tk.config['ckan.site_id']}")
        event.add("dtstamp", datetime.now(tz=UTC))
        event.add("dtstart", date.fromisoformat(row["due_on"]))
        event.add("summary", tk.h.kranj_text("Rok hrambe: ", "Retention: ") + row["title"])
        event.add("url", tk.h.url_for("dataset.read", id=row["name"], _external=True))
        book.add_component(event)
    return Response(book.to_ical(), content_type="text/calendar; charset=utf-8")


blueprint.add_url_rule("/dataset/<id>/retention", endpoint="decide", view_func=page.decide, methods=["GET", "POST"])
