"""Pages and feeds marked up with schema.org: each dataset, and one dataset for events, lodgings, sights."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar
from urllib.parse import urljoin

from harvesters.connector import Connector, Context, Reading
from harvesters.connectors.support.description import Description
from harvesters.connectors.support.jsonld import documents, nodes_of, types_of
from harvesters.connectors.support.tables import keys_of, say_columns
from harvesters.errors import Unreadable
from schemas import vocabulary

KINDS = {
    "Event": ("Prireditve", "Events"),
    "LodgingBusiness": ("Nastanitve", "Accommodation"),
    "TouristAttraction": ("Znamenitosti", "Sights"),
    "FoodEstablishment": ("Gostinska ponudba", "Places to eat"),
    "NewsArticle": ("Novice", "News"),
    "RealEstateListing": ("Ponudba nepremičnin", "Real estate on offer"),
    "Place": ("Kraji", "Places"),
}
"""What people call each kind (sl, en)."""
ALSO = {
    "Hotel": "LodgingBusiness",
    "Hostel": "LodgingBusiness",
    "Campground": "LodgingBusiness",
    "BedAndBreakfast": "LodgingBusiness",
    "MusicEvent": "Event",
    "Festival": "Event",
    "ExhibitionEvent": "Event",
    "SportsEvent": "Event",
    "TheaterEvent": "Event",
    "Museum": "TouristAttraction",
    "LandmarksOrHistoricalBuildings": "TouristAttraction",
    "Restaurant": "FoodEstablishment",
}
"""Narrower kinds -> the kind they are listed with."""


class SchemaOrg(Connector):
    """Reads one JSON-LD document, or a page that holds some."""

    name = "schemaorg"
    title: ClassVar[dict[str, str]] = {"sl": "Strani z oznakami schema.org", "en": "Pages marked up with schema.org"}

    def records(self, ctx: Context) -> Iterator[Reading]:
        """Read the nodes; their contents (a lodging's owner, a performer) stay where they are."""
        answer = ctx.session.get(self.settings.url, accept="application/ld+json, text/html")
        nodes = list(nodes_of(documents(answer)))
        if not nodes:
            raise Unreadable(answer.url, "schema.org", "no typed node")
        kinds: dict[str, list[dict[str, Any]]] = {}
        for node in nodes:
            if "Dataset" in types_of(node):
                yield self._dataset(ctx, node)
            for kind in dict.fromkeys(ALSO.get(item, item) for item in types_of(node)):
                if kind in KINDS:
                    kinds.setdefault(kind, []).append(node)
        site = next((str(node.get("name")) for node in nodes if "WebSite" in types_of(node) and node.get("name")), "")
        for kind, found in sorted(kinds.items()):
            yield self._kind(ctx, kind, site, found)
        ctx.complete()

    def _kind(self, ctx: Context, kind: str, site: str, nodes: list[dict[str, Any]]) -> Reading:
        slovene, english = KINDS[kind]
        made = Description(ctx, kind, self.settings.default_language)
        names = {"sl": slovene, "en": english}
        if site:
            names = {tag: f"{site}: {name.lower()}" for tag, name in names.items()}
        made.say(title_translated=names, dataset_kind="evidenca", access_method="download")
        made.resource(kind, {"sl": f"{slovene} (JSON-LD)", "en": f"{english} (JSON-LD)"}, self.settings.url, "JSON_LD",
                      conforms_to=[f"https://schema.org/{kind}"])  # fmt: skip
        say_columns(made, keys_of({key: "" for key in sorted(node) if not key.startswith("@")} for node in nodes))
        return made.reading()

    def _dataset(self, ctx: Context, node: dict[str, Any]) -> Reading:
        guid = str(node.get("@id") or node.get("identifier") or node.get("url") or "")
        if not guid:
            return ctx.rejected("", "no-identifier", value=str(node.get("name") or ""))
        made = Description(ctx, guid, str(node.get("inLanguage") or self.settings.default_language))
        made.text("title_translated", node.get("name"))
        made.text("notes_translated", node.get("description"))
        words = node.get("keywords")
        made.keywords(words.split(",") if isinstance(words, str) else words if isinstance(words, list) else ())
        made.licence(node.get("license"))
        made.day("issued", node.get("datePublished"))
        made.day("modified", node.get("dateModified"))
        made.uri("url", node.get("url"))
        made.period(*str(node.get("temporalCoverage") or "").partition("/")[::2])
        for item in node["distribution"] if isinstance(node.get("distribution"), list) else [node.get("distribution")]:
            if isinstance(item, dict) and item.get("contentUrl"):
                url = urljoin(self.settings.url, str(item["contentUrl"]))
                code = vocabulary("file_type").code_of(str(item.get("encodingFormat") or "")) or ""
                name = str(item.get("name") or node.get("name") or "")
                made.resource(url, {"sl": name, "en": name}, url, code)
        return made.reading()
