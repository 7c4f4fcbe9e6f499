"""KRsKOLESOM, the city's bike share, in GBFS 2.3 and 3.0 (github.com/MobilityData/gbfs)."""

from __future__ import annotations

import hashlib
import time
from datetime import UTC, datetime
from typing import Any

from demo.city import City

SYSTEM = "krskolesom"
STATIC = 1_790_000_000
"""When stations, prices and vehicles last changed (September 2026)."""
SLOT = 60
"""Every so many seconds bikes move."""
FEEDS = (
    "system_information", "vehicle_types", "station_information", "station_status", "system_pricing_plans",
    "gbfs_versions",
)  # fmt: skip
NOTICE = "Demonstracijski podatki"


def feed(city: City, version: str, name: str, base: str) -> dict[str, Any] | None:
    """One file of the system.

    Args:
        city: with the stations.
        version: ``2.3`` or ``3.0``.
        name: of the feed, ``gbfs`` for the list of all.
        base: address of the server as the caller knows it.

    Returns:
        The object, or None when there is no such feed.
    """
    modern = version == "3.0"
    root = f"{base}/gbfs/{SYSTEM}" + ("/3.0" if modern else "")
    if name == "gbfs":
        feeds: Any = [{"name": item, "url": f"{root}/{item}.json"} for item in FEEDS]
        data: Any = {"feeds": feeds} if modern else {"sl": {"feeds": feeds}}
    elif name == "gbfs_versions":
        places = (("2.3", f"{base}/gbfs/{SYSTEM}/gbfs.json"), ("3.0", f"{base}/gbfs/{SYSTEM}/3.0/gbfs.json"))
        data = {"versions": [{"version": number, "url": url} for number, url in places]}
    elif name in FEEDS:
        data = {
            "system_information": _system,
            "vehicle_types": _vehicles,
            "station_information": _stations,
            "station_status": _status,
            "system_pricing_plans": _prices,
        }[name](city, modern)
    else:
        return None
    moment = int(time.time()) // SLOT * SLOT if name == "station_status" else STATIC
    return {"last_updated": _moment(moment, modern), "ttl": 60, "version": version, "data": data}


def _moment(seconds: int, modern: bool) -> Any:
    """Seconds in version 2, RFC 3339 in version 3."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if modern else seconds


def _text(modern: bool, slovene: str, english: str | None = None) -> Any:
    """A plain Slovene text in version 2, a list of texts by language in version 3."""
    if not modern:
        return slovene
    return [{"text": slovene, "language": "sl"}, {"text": english or slovene, "language": "en"}]


def _system(_: City, modern: bool) -> dict[str, Any]:
    data = {
        "system_id": SYSTEM,
        "name": _text(modern, "KRsKOLESOM"),
        "operator": _text(modern, "Gorenjska.bike"),
        "url": "https://www.kranj.si/",
        "feed_contact_email": "podatki@kranj.si",
        "timezone": "Europe/Ljubljana",
        "license_id": "CC-BY-4.0",
        "attribution_organization_name": _text(modern, f"Mestna občina Kranj ({NOTICE})"),
    }
    # Version 3 needs opening hours here and a list of languages instead of one.
    return data | ({"languages": ["sl", "en"], "opening_hours": "24/7"} if modern else {"language": "sl"})


def _vehicles(_: City, modern: bool) -> dict[str, Any]:
    kinds = (("kolo", "human", "Mestno kolo", "City bike"), ("e-kolo", "electric_assist", "Električno kolo", "E-bike"))
    return {
        "vehicle_types": [
            {
                "vehicle_type_id": identifier,
                "form_factor": "bicycle",
                "propulsion_type": drive,
                "name": _text(modern, slovene, english),
                **({"max_range_meters": 60000} if drive != "human" else {}),
                "default_pricing_plan_id": "letna-clanarina",
            }
            for identifier, drive, slovene, english in kinds
        ]
    }


def _prices(_: City, modern: bool) -> dict[str, Any]:
    plans = (
        ("letna-clanarina", 25.0, "Letna članarina", "Yearly subscription", "Neomejena izposoja do 14 ur na teden.",
         "Unlimited rides up to 14 hours a week."),
        ("tedenska-clanarina", 5.0, "Tedenska članarina", "Weekly subscription", "Izposoja za obiskovalce, 7 dni.",
         "Rides for visitors, 7 days."),
    )  # fmt: skip
    return {
        "plans": [
            {
                "plan_id": identifier,
                "name": _text(modern, name, english),
                "currency": "EUR",
                "price": price,
                "is_taxable": False,
                "description": _text(modern, text, meaning),
            }
            for identifier, price, name, english, text, meaning in plans
        ]
    }


def _stations(city: City, modern: bool) -> dict[str, Any]:
    return {
        "stations": [
            {
                "station_id": station["id"],
                "name": _text(modern, station["name"]),
                "lat": station["lat"],
                "lon": station["lon"],
                "capacity": station["capacity"],
                "is_virtual_station": False,
            }
            for station in city.stations
        ]
    }


def _status(city: City, modern: bool) -> dict[str, Any]:
    slot = int(time.time()) // SLOT
    vehicles = "num_vehicles_available" if modern else "num_bikes_available"
    found = []
    for station in city.stations:
        draw = hashlib.sha256(f"{station['id']}{slot}".encode()).digest()
        bikes = draw[0] % (station["capacity"] + 1)
        electric = draw[1] % (bikes + 1)
        found.append(
            {
                "station_id": station["id"],
                vehicles: bikes,
                "vehicle_types_available": [
                    {"vehicle_type_id": "kolo", "count": bikes - electric},
                    {"vehicle_type_id": "e-kolo", "count": electric},
                ],
                "num_docks_available": station["capacity"] - bikes,
                "is_installed": True,
                "is_renting": True,
                "is_returning": True,
                "last_reported": _moment(slot * SLOT, modern),
            }
        )
    return {"stations": found}
