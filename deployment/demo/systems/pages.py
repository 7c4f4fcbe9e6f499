"""What people look at: reports (Open311), a calendar (iCalendar), pages and lists marked up with schema.org."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from demo.files import NOTICE
from demo.systems.drawn import as_json, rows_of

Found = tuple[bytes, str] | None


def open311(asked: Any, system: dict[str, Any]) -> Found:
    """Services and requests; nobody who reported anything is in it."""
    if asked.path == "services.json":
        return as_json(system["services"])
    if asked.path == "discovery.json":
        return as_json({"contact": NOTICE, "endpoints": [{"specification": "GeoReport_v2", "url": asked.root}]})
    if asked.path != "requests.json":
        return None
    found = []
    for number, row in enumerate(rows_of(asked.city, "prijave", system["requests"]), 1):
        if asked.query.get("service_code", row["service_code"]) == row["service_code"]:
            found.append({"service_request_id": str(number), **row, "description": NOTICE})
    return as_json(found)


def ical(asked: Any, system: dict[str, Any]) -> Found:
    """One calendar."""
    if asked.path != "koledar.ics":
        return None
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Mestna obcina Kranj//Demonstracija//SL"]
    lines += [f"X-WR-CALNAME:{system['title']}", f"X-WR-CALDESC:{system['about']}"]
    lines.append("REFRESH-INTERVAL;VALUE=DURATION:P1D")
    for number, (day, title, place) in enumerate(system["events"], 1):
        lines += ["BEGIN:VEVENT", f"UID:prireditev-{number}@kranj.example", "DTSTAMP:20260901T080000Z",
                  f"DTSTART;VALUE=DATE:{day}", f"SUMMARY:{title}", f"LOCATION:{place}", "END:VEVENT"]  # fmt: skip
    return (
        "\r\n".join(_folded(line) for line in [*lines, "END:VCALENDAR"]) + "\r\n"
    ).encode(), "text/calendar; charset=utf-8"


def _folded(line: str) -> str:
    """Lines of at most 75 bytes (RFC 5545, 3.1); signs of text escaped (3.3.11)."""
    name, _, value = line.partition(":")
    line = f"{name}:{value.replace(',', chr(92) + ',').replace(';', chr(92) + ';')}"
    parts, current = [], ""
    for char in line:
        if len((current + char).encode()) > 73:
            parts.append(current)
            current = ""
        current += char
    return "\r\n ".join([*parts, current])


def schemaorg(asked: Any, system: dict[str, Any]) -> Found:
    """A page with the list inside, or the list alone (``.jsonld``)."""
    graph = [{"@type": "WebSite", "name": system["title"], "url": asked.root}]
    for kind, spec in system["kinds"].items():
        rows = rows_of(asked.city, f"{system['title']} {kind}", spec["columns"], spec.get("rows"))
        graph += [{"@type": kind, **row} for row in rows]
    whole = {"@context": "https://schema.org", "@graph": graph}
    if asked.path.endswith(".jsonld"):
        return as_json(whole, "application/ld+json")
    if asked.path:
        return None
    items = "".join(f"<li>{escape(str(node['name']))}</li>" for node in graph[1:] if "name" in node)
    text = json.dumps(whole, ensure_ascii=False).replace("</", "<\\/")
    return (
        f'<!doctype html><html lang="sl"><head><meta charset="utf-8"><title>{escape(system["title"])}</title>'
        f'<script type="application/ld+json">{text}</script></head><body><p>{escape(NOTICE)}</p>'
        f"<h1>{escape(system['title'])}</h1><ul>{items}</ul></body></html>"
    ).encode(), "text/html; charset=utf-8"
