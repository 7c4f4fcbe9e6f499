"""Rules across fields (docs/fields.md): one small function each; words and legal basis are in problems.yaml."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from schemas.kinds import is_empty, is_point, parse_date
from schemas.problem import Problem
from schemas.vocabulary import vocabulary

Data = Mapping[str, Any]
Resources = Sequence[Mapping[str, Any]]
Rule = Callable[[Data, Resources], Iterator[Problem]]

RESERVED_OWNER = "lastnik-ni-dolocen"
"""The organisation that owns what has no owner yet: allowed, but never public."""

PERSONAL = frozenset({"osebni-podatki", "posebne-vrste-op"})
CLASSIFIED = frozenset({"ztp-interno", "ztp-zaupno"})
OPEN_LICENCES = frozenset({"CC_BY_4_0", "CC0", "CC_BY", "ODC_PDDL", "ODC_BY"})
ADDRESSES = ("url", "access_url", "download_url")

PEOPLE = frozenset({"ljudje", "gospodinjstva", "stevci"})
"""Measured subjects behind which a person stands."""
AT_HOME = frozenset({"gospodinjstva", "stevci"})
"""Measured subjects whose place is somebody's home: never a point."""
UNRECOGNISABLE = frozenset({"zdruzeni", "anonimizirani"})
HUMAN_FORMATS = frozenset({"PDF", "DOCX", "ODT", "HTML", "TXT", "JPEG", "PNG", "TIFF", "SVG", "MP3", "MPEG4"})
"""Formats made for eyes and ears; everything else counts as machine-readable."""

INTERNAL = "internal"
SURVEYS = {"usage": "usage_answer", "users": "users_answer"}
"""What may honestly be unknown, and the field that then says so."""
NOT_SURVEYED = "se-ni-popisano"
NO_KNOWN_USE = "ni-znane-uporabe"

SECRET = re.compile(
    r"://[^/@ :]+:[^/@ ]+@|(?:^|[^a-z])(?:password|passwd|pwd|geslo|token|api[_-]?key|secret|uid|username|user id"
    r"|uporabni[sš]ko ime)[ ]*[=:]",
    re.IGNORECASE,
)
"""User names, passwords and tokens, as they stand in connection strings."""


def access_right_of(secrecy: str, access_method: str | None) -> str | None:
    """The EU access right that follows from secrecy (DESIGN 5: levels).

    Personal data with lawful access on request are RESTRICTED; every other protected kind is NON_PUBLIC.
    """
    entry = vocabulary("secrecy").extra(secrecy)
    if access_method == "on-request" and "on_request" in entry:
        return str(entry["on_request"])
    right = entry.get("access_right")
    return None if right is None else str(right)


def _owner(data: Data, _: Resources) -> Iterator[Problem]:
    if data.get("visibility") == "public":
        if data.get("owner_org") == RESERVED_OWNER:
            yield Problem.of("owner_org", "owner-unknown-in-public")
        elif data.get("owner_status") != "potrjen":
            yield Problem.of("owner_status", "owner-not-confirmed")


def _contact(data: Data, _: Resources) -> Iterator[Problem]:
    for index, contact in enumerate(data.get("contact") or ()):
        if isinstance(contact, dict) and not is_empty(contact) and not (contact.get("email") or contact.get("url")):
            yield Problem.of(f"contact[{index}].email", "contact-unreachable")


def _classified(data: Data, _: Resources) -> Iterator[Problem]:
    if data.get("secrecy") in CLASSIFIED and data.get("visibility") == "public":
        yield Problem.of("visibility", "classified-never-public")


def _grounds(data: Data, _: Resources) -> Iterator[Problem]:
    secrecy, grounds = data.get("secrecy"), data.get("protection_grounds")
    if not secrecy:
        return
    if secrecy == "javno" and not is_empty(grounds):
        yield Problem.of("protection_grounds", "grounds-without-secrecy")
    elif secrecy != "javno" and is_empty(grounds):
        yield Problem.of("protection_grounds", "grounds-missing")


def _access_rights(data: Data, _: Resources) -> Iterator[Problem]:
    stated, secrecy = data.get("access_rights"), data.get("secrecy")
    if isinstance(stated, str) and isinstance(secrecy, str):
        derived = access_right_of(secrecy, data.get("access_method"))
        if derived and stated != derived:
            yield Problem.of("access_rights", "access-rights-contradict", stated=stated, derived=derived)


def _licence(data: Data, resources: Resources) -> Iterator[Problem]:
    secrecy = data.get("secrecy")
    if secrecy == "javno":
        if data.get("visibility") == "public" and is_empty(data.get("license_id")):
            yield Problem.of("license_id", "missing-for-public")
    elif isinstance(secrecy, str):
        if not is_empty(data.get("license_id")):
            yield Problem.of("license_id", "licence-on-protected-data")
        for index, resource in enumerate(resources):
            if not is_empty(resource.get("license")):
                yield Problem.of(f"resources[{index}].license", "licence-on-protected-data")


def _legal_basis(data: Data, _: Resources) -> Iterator[Problem]:
    if (
        data.get("visibility") == "public"
        and is_empty(data.get("legal_basis"))
        and is_empty(data.get("applicable_legislation"))
    ):
        yield Problem.of("legal_basis", "missing-for-public")


def _view(data: Data, resources: Resources) -> Iterator[Problem]:
    """A public description of public data leads somewhere: a landing page or a resource (statutory fields 11, 12)."""
    if data.get("visibility") != "public" or data.get("secrecy") != "javno":
        return
    if is_empty(data.get("url")) and not any(resource.get(name) for resource in resources for name in ADDRESSES):
        yield Problem.of("url", "public-leads-nowhere")


def _addresses(data: Data, resources: Resources, reachable: Collection[str]) -> Iterator[Problem]:
    public, open_data = data.get("visibility") == "public", data.get("secrecy") == "javno"
    for index, resource in enumerate(resources):
        path = f"resources[{index}]"
        addresses = [(name, resource[name]) for name in ADDRESSES if isinstance(resource.get(name), str)]
        if open_data and not any(value.strip() for _, value in addresses):
            yield Problem.of(f"{path}.url", "missing")
        if not open_data and resource.get("url_type") == "upload":
            yield Problem.of(f"{path}.url", "upload-of-protected-data")
        for name, value in addresses:
            if public and value.strip():
                if not open_data:
                    yield Problem.of(f"{path}.{name}", "address-of-protected-data")
                elif resource.get("url_type") != "upload" and is_internal(value, reachable):
                    yield Problem.of(f"{path}.{name}", "internal-address-in-public")


def is_internal(address: str, reachable: Collection[str] = ()) -> bool:
    """Whether an address leads into an internal network: a share, a file, a private or nameless host.

    Args:
        address: as written in a resource.
        reachable: hosts that the operator declared reachable for the public.
    """
    if address.startswith("\\\\") or not address.lower().startswith(("http://", "https://", "ftp://", "ftps://")):
        return True
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return True
    return host not in reachable and _is_internal_host(host)


@lru_cache(maxsize=10_000)
def _is_internal_host(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith((".local", ".lan", ".internal", ".intranet", ".localhost"))


def _period(data: Data, _: Resources) -> Iterator[Problem]:
    for index, period in enumerate(data.get("temporal_coverage") or ()):
        if not isinstance(period, dict):
            continue
        start, end = period.get("start"), period.get("end")
        if is_empty(start) and is_empty(end):
            continue
        if data.get("visibility") == "public" and is_empty(start):
            yield Problem.of(f"temporal_coverage[{index}].start", "missing-for-public")
        if isinstance(start, str) and isinstance(end, str):
            first, last = parse_date(start), parse_date(end)
            if (first and last and first > last) or start[:4] > end[:4]:
                yield Problem.of(f"temporal_coverage[{index}].end", "reversed-period", start=start, end=end)


def _dates(data: Data, _: Resources) -> Iterator[Problem]:
    issued, modified = data.get("issued"), data.get("modified")
    if isinstance(issued, str) and isinstance(modified, str):
        first, last = parse_date(issued), parse_date(modified)
        if first and last and first > last:
            yield Problem.of("modified", "reversed-period", start=issued, end=modified)


def _retention(data: Data, _: Resources) -> Iterator[Problem]:
    kind, period = data.get("retention_kind"), data.get("retention_period")
    if kind in {"LETA", "T_MIN"}:
        if is_empty(period):
            yield Problem.of("retention_period", "retention-period-missing")
        elif is_empty(data.get("retention_starts")):
            yield Problem.of("retention_starts", "retention-start-missing")
    elif not is_empty(period):
        yield Problem.of("retention_period", "retention-period-not-here", kind=kind)
    if kind == "NAMEN" and data.get("secrecy") not in PERSONAL:
        yield Problem.of("retention_kind", "purpose-needs-personal-data")
    if kind == "T" and data.get("secrecy") in PERSONAL and is_empty(data.get("retention_legal_basis")):
        yield Problem.of("retention_legal_basis", "permanent-personal-data")


def _aggregation(data: Data, _: Resources) -> Iterator[Problem]:
    """Data about people, households or meters are public only when nobody can be recognised, with a proof."""
    subjects = set(_texts(data.get("measured_subject")))
    if (data.get("secrecy") in PERSONAL or subjects) and is_empty(data.get("aggregation")):
        yield Problem.of("aggregation", "aggregation-missing")
    if subjects & PEOPLE and data.get("visibility") == "public" and data.get("secrecy") == "javno":
        stated = data.get("aggregation")
        if not is_empty(stated) and stated not in UNRECOGNISABLE:
            yield Problem.of("aggregation", "aggregation-too-fine", stated=stated)
        if INTERNAL in data and is_empty(_part(data, "aggregation_proof")):
            yield Problem.of("internal.aggregation_proof", "aggregation-proof-missing")


def _processing(data: Data, _: Resources) -> Iterator[Problem]:
    if INTERNAL in data and data.get("secrecy") in PERSONAL and is_empty(_part(data, "processing")):
        yield Problem.of("internal.processing", "processing-missing")


def _survey(data: Data, _: Resources) -> Iterator[Problem]:
    """Who uses the data and how may be unknown, but a public description says that somebody asked."""
    if INTERNAL not in data or data.get("visibility") != "public":
        return
    for name, answer in SURVEYS.items():
        said = _part(data, answer)
        if is_empty(_part(data, name)) and isinstance(said, dict) and said.get("status") == NOT_SURVEYED:
            yield Problem.of(f"internal.{answer}", "not-surveyed-in-public")


def _secrets(data: Data, _: Resources) -> Iterator[Problem]:
    location = _part(data, "location")
    for name, value in (location if isinstance(location, dict) else {}).items():
        if isinstance(value, str) and SECRET.search(value):
            yield Problem.of(f"internal.location.{str(name)[:100]}", "secret-in-location")


def _part(data: Data, name: str) -> Any:
    return (data.get(INTERNAL) or {}).get(name)


def _texts(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _hvd(data: Data, resources: Resources) -> Iterator[Problem]:
    if is_empty(data.get("hvd_category")):
        return
    if data.get("license_id") not in OPEN_LICENCES:
        yield Problem.of("license_id", "hvd-licence")
    if data.get("visibility") != "public":
        return
    if data.get("access_method") != "api" and not any(resource.get("access_services") for resource in resources):
        yield Problem.of("resources", "hvd-needs-api")
    if resources and not any(_machine_readable(resource) for resource in resources):
        yield Problem.of("resources", "hvd-machine-readable")
    if not any(resource.get("download_url") for resource in resources):
        yield Problem.of("resources", "hvd-bulk-download")


def _machine_readable(resource: Mapping[str, Any]) -> bool:
    return str(resource.get("format")) not in HUMAN_FORMATS or not is_empty(resource.get("access_services"))


def _lifecycle(data: Data, _: Resources) -> Iterator[Problem]:
    lifecycle, ended = data.get("lifecycle"), data.get("lifecycle_ended")
    if not is_empty(ended) and lifecycle != "ukinjen":
        yield Problem.of("lifecycle_ended", "ended-but-in-use")
    if lifecycle == "v-uporabi" and data.get("frequency") in {"NEVER", "NOT_PLANNED"}:
        yield Problem.of("frequency", "in-use-but-never-refreshed")


def _copy(data: Data, _: Resources) -> Iterator[Problem]:
    if data.get("record_role") == "kopija" and is_empty(data.get("authority_of")):
        yield Problem.of("authority_of", "copy-without-original")


def _sensor(data: Data, _: Resources) -> Iterator[Problem]:
    if data.get("dataset_kind") == "senzor":
        if is_empty(data.get("accuracy")):
            yield Problem.of("accuracy", "sensor-accuracy-missing")
        if is_empty(data.get("measurement")):
            yield Problem.of("measurement", "measurement-missing")
    at_home = bool(set(_texts(data.get("measured_subject"))) & AT_HOME)
    for index, point in enumerate(data.get("measurement") or ()):
        if not isinstance(point, dict):
            continue
        path = f"measurement[{index}]"
        placed = not is_empty(point.get("lon")) or not is_empty(point.get("lat"))
        if placed and (is_empty(point.get("lon")) or is_empty(point.get("lat"))):
            yield Problem.of(f"{path}.{'lon' if is_empty(point.get('lon')) else 'lat'}", "missing")
        if placed and at_home:
            yield Problem.of(f"{path}.lon", "household-as-point")
        if at_home and is_point(point.get("place_geom")):
            yield Problem.of(f"{path}.place_geom", "household-as-point")
        if point.get("result_type") == "stetje-iz-slike" and is_empty(point.get("masking")):
            yield Problem.of(f"{path}.masking", "masking-missing")


RULES: tuple[Rule, ...] = (
    _owner, _contact, _classified, _grounds, _access_rights, _licence, _legal_basis, _view, _period,
    _dates, _retention, _aggregation, _hvd, _lifecycle, _copy, _sensor, _processing, _survey, _secrets,
)  # fmt: skip


def check(data: Data, resources: Resources, out: list[Problem], reachable: Collection[str] = ()) -> None:
    """Append what the rules across fields find; values of a wrong shape are passed over (they are reported already)."""
    sound = _sound_part(data)
    for rule in RULES:
        out.extend(rule(sound, resources))
    out.extend(_addresses(sound, resources, reachable))


def check_beyond(data: Data, out: list[Problem]) -> None:
    """Append what the rules find that JSON Schema cannot express (schemas/json_rules.py, ``BEYOND``)."""
    sound = _sound_part(data)
    listed = data.get("resources")
    resources = [item for item in listed if isinstance(item, Mapping)] if isinstance(listed, list) else []
    found = [*_period(sound, ()), *_dates(sound, ()), *_secrets(sound, ()), *_addresses(sound, resources, ())]
    out.extend(item for item in found if item.code in BEYOND)
    out.extend(item for item in _sensor(sound, ()) if item.path.endswith(".place_geom"))


BEYOND = frozenset({"reversed-period", "internal-address-in-public", "secret-in-location"})
"""Codes of rules that JSON Schema cannot express; the format ``kranj-consistent`` checks them."""

_LISTS = frozenset({
    "contact", "temporal_coverage", "protection_grounds", "hvd_category", "applicable_legislation", "measurement",
})  # fmt: skip
_TEXTS = frozenset({
    "visibility", "secrecy", "owner_org", "owner_status", "access_method", "access_rights", "license_id",
    "retention_kind", "retention_period", "lifecycle", "frequency", "record_role", "dataset_kind", "aggregation",
})  # fmt: skip


def _sound_part(data: Data) -> Data:
    """The values that have the shape the rules rely on; mostly all of them."""
    unsound = {key for key in (*_LISTS, *_TEXTS, INTERNAL) if key in data and not _sound(key, data[key])}
    return {key: value for key, value in data.items() if key not in unsound} if unsound else data


def _sound(key: str, value: Any) -> bool:
    if key in _LISTS:
        return isinstance(value, list)
    if key == INTERNAL:
        return isinstance(value, Mapping | None)
    return isinstance(value, str) if key in _TEXTS else True
