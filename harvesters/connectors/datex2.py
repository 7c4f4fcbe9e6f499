"""Traffic in DATEX II (CEN 16157), version 2 or 3, XML or JSON: one dataset for each publication."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar, cast

from harvesters.connector import Connector, Context, Reading, Settings
from harvesters.connectors.support.description import Description
from harvesters.connectors.support.documents import below, local, within
from harvesters.errors import Unreadable
from harvesters.http import Fetched
from harvesters.parse import json_of, xml_of

SPECIFICATION = "https://docs.datex2.eu/"
_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"

KINDS = {
    "SituationPublication": ("Dogodki in zapore na cestah", "Road events and closures"),
    "MeasuredDataPublication": ("Meritve prometa", "Traffic measurements"),
    "MeasurementSiteTablePublication": ("Merilna mesta prometa", "Traffic measurement sites"),
    "ElaboratedDataPublication": ("Obdelani prometni podatki", "Elaborated traffic data"),
    "ParkingTablePublication": ("Parkirišča", "Car parks"),
    "ParkingStatusPublication": ("Zasedenost parkirišč", "Occupancy of car parks"),
    "VmsPublication": ("Prometni znaki s spremenljivo vsebino", "Variable message signs"),
    "PredefinedLocationsPublication": ("Vnaprej določene lokacije", "Predefined locations"),
}
"""What people call each publication of the standard (sl, en)."""
OPEN = {"noRestriction"}


@dataclass(frozen=True)
class Datex2Settings(Settings):
    """What the datex2 connector can be told."""

    names: dict[str, str] = field(default_factory=dict)
    """What the publication is called, {sl, en}; without it, its kind and its publisher."""


class Datex2(Connector):
    """Reads the head of a publication; the situations themselves stay where they are."""

    name = "datex2"
    title: ClassVar[dict[str, str]] = {"sl": "Promet (DATEX II)", "en": "Traffic (DATEX II)"}
    settings_class = Datex2Settings

    def records(self, ctx: Context) -> Iterator[Reading]:
        """Read type, publisher, language, day and confidentiality."""
        answer = ctx.session.get(self.settings.url, accept="application/xml, application/json")
        head = _json(answer) if answer.content.lstrip()[:1] == b"{" else _xml(answer)
        kind = next((item for item in (head["name"], head["type"]) if item in KINDS), head["type"])
        slovene, english = KINDS.get(kind, (kind, kind))
        made = Description(ctx, kind, head["language"] or self.settings.default_language)
        names = cast("Datex2Settings", self.settings).names
        publisher = " ".join(item for item in (head["country"].upper(), head["identifier"]) if item)
        suffix = f" ({publisher})" if publisher else ""
        made.say(
            title_translated=names or {"sl": slovene + suffix, "en": english + suffix},
            dataset_kind="tok", access_method="api", conforms_to=[SPECIFICATION],
        )  # fmt: skip
        made.day("modified", head["time"])
        made.person("creator", name=publisher)
        if head["confidentiality"] and head["confidentiality"] not in OPEN:
            # A publisher that restricts its data must never fall back on a preset's ``javno``.
            made.say(secrecy="interno-poslovno")
            made.report("secrecy", "source-restricts", value=head["confidentiality"])
        file_type = "JSON" if head["json"] else "XML"
        made.resource(kind, {"sl": f"{slovene} ({file_type})", "en": f"{english} ({file_type})"}, self.settings.url,
                      file_type, conforms_to=[SPECIFICATION])  # fmt: skip
        yield made.reading()
        ctx.complete()


def _xml(answer: Fetched) -> dict[str, Any]:
    root = xml_of(answer)
    found = [
        node for node in root.iter() if local(str(node.tag)) in {"payloadPublication", "payload"} and node.get(_TYPE)
    ]
    if not found or not below(found[0], "publicationTime"):
        raise Unreadable(answer.url, "DATEX II", "no payload with a type and a time of publication")
    node = found[0]
    return {
        "json": False,
        "type": local(str(node.get(_TYPE))),
        "name": below(node, "genericPublicationName"),
        "language": node.get("lang") or "",
        "time": below(node, "publicationTime"),
        "country": below(node, "country"),
        "identifier": below(node, "nationalIdentifier"),
        "confidentiality": below(node, "confidentiality"),
    }


def _json(answer: Fetched) -> dict[str, Any]:
    found = json_of(answer)
    body = within(found, "payload") or within({"": found}, "")
    for key in body:
        value = within(body, key)
        if key.endswith("Publication") and value.get("publicationTime"):
            creator = within(value, "publicationCreator")
            return {
                "json": True,
                "type": key[0].upper() + key[1:],
                "name": "",
                "language": str(value.get("lang") or ""),
                "time": value["publicationTime"],
                "country": str(creator.get("country") or ""),
                "identifier": str(creator.get("nationalIdentifier") or ""),
                "confidentiality": str(within(value, "headerInformation").get("confidentiality") or ""),
            }
    raise Unreadable(answer.url, "DATEX II", "no publication with a time")
