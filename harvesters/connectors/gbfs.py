"""Bike and scooter share systems: GBFS 2.x and 3.0, one dataset per system, one resource per feed and language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from harvesters.connector import Connector, Context, Reading
from harvesters.errors import BadRecord, SourceUnavailable, Unreadable
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


class Gbfs(Connector):
    """Reads ``gbfs.json`` of one system, or a ``manifest.json`` of several."""

    name = "gbfs"
    title: ClassVar[dict[str, str]] = {"sl": "Izposoja koles in skirojev (GBFS)", "en": "Bike and scooter share (GBFS)"}

    def records(self, ctx: Context) -> Iterator[Reading]:
        """Read the systems one after another; one that fails does not stop the others."""
        root = _data(ctx, self.settings.url)
        systems = root["data"].get("datasets")
        if not isinstance(systems, list):
            yield self._system(ctx, root)
            ctx.complete()
            return
        failed = 0
        for number, system in enumerate(systems):
            guid = str(system.get("system_id") or "") if isinstance(system, dict) else ""
            try:
                yield self._system(ctx, _data(ctx, _newest(guid, system)), guid)
            except (SourceUnavailable, BadRecord) as error:
                failed += 1
                yield ctx.rejected(guid, "unreadable-record", path=f"datasets[{number}]", reason=str(error))
        if failed:
            ctx.incomplete(f"{failed} of {len(systems)} systems could not be read")
        else:
            ctx.complete()

    def _system(self, ctx: Context, root: Mapping[str, Any], expected: str = "") -> Reading:
        feeds = _feeds(root["data"], self.settings.default_language)
        languages = {language: dict(items) for language, items in feeds.items()}
        infos = {}
        for language, items in languages.items():
            if "system_information" in items:
                infos[language] = _data(ctx, items["system_information"])
        if not infos:
            raise BadRecord(expected or self.settings.url, "no system_information feed")
        first = infos.get(self.settings.default_language) or next(iter(infos.values()))
        info = first["data"]
        guid = str(info.get("system_id") or expected)
        if not guid:
            raise BadRecord(self.settings.url, "system_information has no system_id")
        problems: list[Problem] = []
        dataset = _description(guid, infos, root, info, problems)
        dataset |= _licence(info, problems)
        modified = _day(first.get("last_updated"))
        if modified:
            dataset["modified"] = modified
        elif first.get("last_updated") is not None:
            problems.append(Problem("modified", "not-a-date", "warning", {"value": str(first["last_updated"])[:100]}))
        dataset["resources"] = [
            {
                **self._resource(language, feed, url, len(languages) > 1),
                "id": ctx.resource_id(guid, f"{language}:{feed}"),
            }
            for language, items in languages.items()
            for feed, url in items.items()
        ]
        return ctx.reading(guid, dataset, problems=problems)

    def _resource(self, language: str, feed: str, url: str, several: bool) -> dict[str, Any]:
        slovene, english = FEEDS.get(feed, (feed, feed))
        suffix = f" ({language})" if several else ""
        code = vocabulary("language").code_of(language)
        return {
            "name_translated": {"sl": slovene + suffix, "en": english + suffix},
            "url": url,
            "access_url": url,
            "format": "JSON",
            "conforms_to": [SPECIFICATION],
            **({"language": [code]} if code else {}),
        }


def _data(ctx: Context, url: str) -> dict[str, Any]:
    """A GBFS file: an object with an object under ``data``.

    Raises:
        Unreadable: it is not.
    """
    found = ctx.session.get(url, accept="application/json").json()
    if not isinstance(found, dict) or not isinstance(found.get("data"), dict):
        raise Unreadable(url, "GBFS", "no object under 'data'")
    return found


def _newest(guid: str, system: Any) -> str:
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


def _feeds(data: Mapping[str, Any], default: str) -> dict[str, list[tuple[str, str]]]:
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


def _texts(infos: Mapping[str, Mapping[str, Any]], name: str) -> dict[str, str]:
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


def _description(
    guid: str, infos: Mapping[str, Any], root: Mapping[str, Any], info: Mapping[str, Any], problems: list[Problem]
) -> dict[str, Any]:
    names = _texts(infos, "name") or {"sl": guid}
    name = names.get("sl") or names.get("en") or next(iter(names.values()))
    operators = _texts(infos, "operator")
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


def _licence(info: Mapping[str, Any], problems: list[Problem]) -> dict[str, Any]:
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
    if isinstance(ttl, bool) or not isinstance(ttl, int | float) or ttl < 0:
        return None
    if ttl == 0:
        return "CONT"
    return next((code for seconds, code in FREQUENCIES if ttl <= seconds), "IRREG")


def _day(value: Any) -> str | None:
    """The day of ``last_updated``: seconds since 1970 in version 2, RFC 3339 in version 3."""
    if isinstance(value, str):
        return day_of(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, tz=UTC).date().isoformat()
    except (OverflowError, OSError, ValueError):
        return None
