"""Small web pages of the demonstration city: the list of systems, and a landing page for each public record."""

from __future__ import annotations

from html import escape

from demo.city import City, Item
from demo.files import NOTICE

SYSTEMS = (
    ("katalog/catalog.ttl", "Katalog mestnih sistemov (DCAT)", "Catalogue of the city's systems (DCAT)"),
    ("mlaka/catalog.ttl", "Pilotno naselje Mlaka (DCAT)", "Pilot settlement of Mlaka (DCAT)"),
    ("gbfs/krskolesom/gbfs.json", "KRsKOLESOM, izposoja koles (GBFS 2.3)", "KRsKOLESOM bike share (GBFS 2.3)"),
    ("gbfs/krskolesom/3.0/gbfs.json", "KRsKOLESOM, izposoja koles (GBFS 3.0)", "KRsKOLESOM bike share (GBFS 3.0)"),
    ("gis/wfs", "GIS občine (WFS)", "GIS of the municipality (WFS)"),
    ("obcinsko-oko/services.json", "Občinsko oko (Open311)", "Municipal eye (Open311)"),
    ("prireditve/koledar.ics", "Koledar prireditev (iCalendar)", "Calendar of events (iCalendar)"),
    ("radarji/collections", "Radarji (OGC API)", "Speed cameras (OGC API)"),
    ("krpovej/predlogi.json", "KrPovej, predlogi občanov (JSON)", "KrPovej, citizens' proposals (JSON)"),
    ("zapore/datex2.xml", "Zapore cest (DATEX II)", "Road closures (DATEX II)"),
    ("parkmewise/parkapi.json", "Parkmewise (ParkAPI)", "Parkmewise (ParkAPI)"),
    ("okoljski-atlas/v1.1/Things", "Okoljski atlas (SensorThings)", "Environmental atlas (SensorThings)"),
    ("promet/b2b.counters.geojson.sl_SI", "Stanje prometa (GeoJSON)", "State of traffic (GeoJSON)"),
    ("oskrba/poraba-vode-naselja.csv", "Oskrba z vodo in energijo (CSV)", "Water and energy supply (CSV)"),
    ("obiskovalci/ngsi-ld/v1/types", "Obiskovalci mestnega jedra (NGSI-LD)", "Visitors of the old town (NGSI-LD)"),
    ("nepremicnine/rest/services", "Poslovne nepremičnine (ArcGIS REST)", "Business real estate (ArcGIS REST)"),
    ("parkirisca/cenik.csv", "Parkirišča in cene (CSV)", "Car parks and prices (CSV)"),
    ("visit-kranj", "Visit Kranj (schema.org)", "Visit Kranj (schema.org)"),
    ("nastanitve/nastanitve.jsonld", "Nastanitve (schema.org)", "Accommodation (schema.org)"),
    ("ar-kranj/tocke.geojson", "AR Kranj (GeoJSON)", "AR Kranj (GeoJSON)"),
    ("pregled-porabe/openapi.yaml", "Pregled porabe (OpenAPI)", "Household consumption (OpenAPI)"),
    ("iot/asyncapi.yaml", "Omrežje LoRaWAN (AsyncAPI)", "LoRaWAN network (AsyncAPI)"),
    ("razsvetljava/ngsi-ld/v1/types", "Javna razsvetljava (NGSI-LD)", "Street lighting (NGSI-LD)"),
    ("odpadki/ngsi-ld/v1/types", "Ravnanje z odpadki (NGSI-LD)", "Waste (NGSI-LD)"),
    ("avtonomna-voznja/collections", "Avtonomna vožnja (OGC API)", "Autonomous driving (OGC API)"),
    ("lokalna-hrana/ponudba.json", "Lokalna samooskrba (JSON)", "Local food (JSON)"),
    ("mestna-kartica/uporaba.csv", "Mestna kartica (CSV)", "City card (CSV)"),
)


def _page(title: str, body: str) -> bytes:
    return (
        f'<!doctype html><html lang="sl"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width"><style>body{font:1rem/1.5 sans-serif;max-width:50rem;'
        "margin:2rem auto;padding:0 1rem}p.demo{background:#fff3cd;padding:.5rem}</style></head>"
        f'<body><p class="demo">{escape(NOTICE)}</p>{body}</body></html>'
    ).encode()


def index(city: City) -> bytes:
    """What there is, in Slovene and English."""
    lines = "".join(
        f'<li><a href="/{path}">{escape(slovene)}</a> · <span lang="en">{escape(english)}</span></li>'
        for path, slovene, english in SYSTEMS
    )
    return _page(
        "Demonstracijsko mesto Kranj",
        "<h1>Demonstracijsko mesto Kranj</h1><p>Nadomestki mestnih sistemov za preizkus kataloga podatkov. "
        '<span lang="en">Stand-ins of the city\'s systems for trying out the data catalogue.</span></p>'
        f"<ul>{lines}</ul><p>{len(city.items)} opisov · <span lang='en'>descriptions</span></p>",
    )


def landing(item: Item) -> bytes:
    """The page of one public record."""
    title, notes = item["title"], item["notes"]
    files = "".join(f'<li><a href="/{item.system}/datoteke/{name}">{code}</a></li>' for code, name in item.files)
    english = (
        f'<div lang="en"><h2>{escape(title["en"])}</h2><p>{escape(notes.get("en", ""))}</p></div>'
        if "en" in title
        else ""
    )
    return _page(title["sl"], f"<h1>{escape(title['sl'])}</h1><p>{escape(notes['sl'])}</p>{english}<ul>{files}</ul>")
