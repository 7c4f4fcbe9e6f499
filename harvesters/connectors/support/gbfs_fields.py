"""What the files of a GBFS system say, in the words of the standard."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from harvesters.errors import BadRecord
from harvesters.rdf.values import day_of
from schemas import Problem, vocabulary

SPECIFICATION = "https://github.com/MobilityData/gbfs"

FEEDS: dict[str, tuple[str, str]] = {
    "gbfs_versions": ("Različice vira", "Versions of the feed"),
    "system_information": ("Podatki o sistemu", "System information"),
    "vehicle_types": ("Vrste vozil", "Vehicle types"),
    "station_information": ("Postaje", "Stations"),
    "station_status": ("Stanje postaj", "Station status"),
    "free_bike_status": ("Prosta vozila", "Free vehicles"),
    "vehicle_status": ("Stanje vozil", "Vehicle status"),
    "vehicle_availability": ("Razpoložljivost vozil", "Vehicle availability"),
    "system_hours": ("Obratovalni čas", "Opening hours"),
    "system_calendar": ("Koledar obratovanja", "Operating calendar"),
    "system_regions": ("Območja sistema", "Regions"),
    "system_pricing_plans": ("Cenik", "Pricing plans"),
    "system_alerts": ("Obvestila", "Alerts"),
    "geofencing_zones": ("Omejena območja", "Geofencing zones"),
}
"""What people call each feed of the specification (sl, en)."""

FREQUENCIES = (
    (60, "1MIN"),
    (300, "5MIN"),
    (600, "10MIN"),
    (900, "15MIN"),
    (1800, "30MIN"),
    (3600, "HOURLY"),
    (86400, "DAILY"),
)
"""Seconds a feed may be kept (``ttl``) -> EU frequency; 0 means it changes all the time."""


def texts(infos: Mapping[str, Mapping[str, Any]], name: str) -> dict[str, str]:
    """{language: text} of a property: version 3 lists them, version 2 has one file for each language."""
    found: dict[str, str] = {}
    for language, info in infos.items():
        value = info["data"].get(name)
        if isinstance(value, str) and value.strip():
            found[str(info["data"].get("language") or language)] = value.strip()
        for item in value if isinstance(value, list) else ():
            if isinstance(item, dict) and isinstance(item.get("text"), str) and item["text"].strip():
                found[str(item.get("language"))] = item["text"].strip()
    return found


def description(
    guid: str, infos: Mapping[str, Any], root: Mapping[str, Any], info: Mapping[str, Any], problems: list[Problem]
) -> dict[str, Any]:
    """What a system is, who runs it, how fresh it is."""
    names = texts(infos, "name") or {"sl": guid}
    name = names.get("sl") or names.get("en") or next(iter(names.values()))
    operators = texts(infos, "operator")
    operator = operators.get("sl") or operators.get("en") or next(iter(operators.values()), "")
    version = str(root.get("version") or "")
    run_by = (f" Upravlja ga {operator}.", f" It is run by {operator}.") if operator else ("", "")
    dataset: dict[str, Any] = {
        # A proper name is the same in every language; the sentence around it is ours.
        "title_translated": {
            "sl": f"{name}: izposoja vozil v souporabi",
            "en": f"{names.get('en', name)}: shared vehicles",
        },
        "notes_translated": {
            "sl": f"Sistem izposoje koles ali drugih vozil {name}.{run_by[0]} "
            f"Podatki o postajah, vozilih in cenah so na voljo sproti po standardu GBFS {version}.".strip(),
            "en": f"Bike or vehicle share system {name}.{run_by[1]} "
            f"Data on stations, vehicles and prices are available live by the GBFS {version} standard.".strip(),
        },
        "dataset_kind": "tok",
        "access_method": "api",
        "alternate_identifier": [guid],
        "conforms_to": [SPECIFICATION],
    }
    url = info.get("url")
    if isinstance(url, str) and url:
        dataset["url"] = url
    if operator:
        dataset["operator"] = [{"name": operator}]
    email = info.get("feed_contact_email") or info.get("email")
    if email:
        phone = info.get("phone_number")
        dataset["contact"] = [
            {"name": operator or name, "email": str(email), **({"phone": str(phone)} if phone else {})}
        ]
    frequency = frequency_of(root.get("ttl"))
    if frequency:
        dataset["frequency"] = frequency
    elif root.get("ttl") is not None:
        problems.append(Problem("frequency", "not-a-number", "warning", {"value": str(root["ttl"])[:100]}))
    return dataset


def licence(info: Mapping[str, Any], problems: list[Problem]) -> dict[str, Any]:
    """The licence: an SPDX name or an address; what the standard does not know is kept among the conditions."""
    given = info.get("license_id") or info.get("license_url")
    if not given:
        return {}
    code = vocabulary("licence").code_of(str(given))
    if code:
        return {"license_id": code}
    problems.append(
        Problem("license_id", "unknown-code", "warning", {"value": str(given)[:200], "vocabulary": "licence"})
    )
    return {"access_conditions_translated": {"sl": f"Licenca vira: {given}", "en": f"Licence of the source: {given}"}}


def frequency_of(ttl: Any) -> str | None:
    """Seconds that data may be kept, as an EU frequency."""
    if isinstance(ttl, bool) or not isinstance(ttl, int | float) or ttl < 0:
        return None
    if ttl == 0:
        return "CONT"
    return next((code for seconds, code in FREQUENCIES if ttl <= seconds), "IRREG")


def day(value: Any) -> str | None:
    """The day of ``last_updated``: seconds since 1970 in version 2, RFC 3339 in version 3."""
    if isinstance(value, str):
        return day_of(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, tz=UTC).date().isoformat()
    except (OverflowError, OSError, ValueError):
        return None


def newest(guid: str, system: Any) -> str:
    """The address of the newest version that we read (2.x, 3.x)."""
    if not guid:
        raise BadRecord("manifest", "a system without system_id")
    usable = []
    versions = system.get("versions")
    for item in versions if isinstance(versions, list) else ():
        number, url = (str(item.get("version")), item.get("url")) if isinstance(item, dict) else ("", None)
        if number[:2] in {"2.", "3."} and isinstance(url, str):
            usable.append((tuple(int(part) for part in number.split(".") if part.isdigit()), url))
    if not usable:
        raise BadRecord(guid, "no version 2.x or 3.x")
    return max(usable)[1]


def feeds(data: Mapping[str, Any], default: str) -> dict[str, list[tuple[str, str]]]:
    """{language: [(name, url)]}: version 3 has one list for all languages, version 2 one list for each."""
    if isinstance(data.get("feeds"), list):
        return {default: _pairs(data["feeds"])}
    return {
        str(language): _pairs(part["feeds"])
        for language, part in data.items()
        if isinstance(part, dict) and isinstance(part.get("feeds"), list)
    }


def _pairs(feeds: list[Any]) -> list[tuple[str, str]]:
    return [
        (str(item["name"]), item["url"])
        for item in feeds
        if isinstance(item, dict) and item.get("name") and isinstance(item.get("url"), str)
    ]
