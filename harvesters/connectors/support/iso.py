"""A record of ISO 19139 to the city's standard, read by OWSLib from bytes; nothing it refers to is fetched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from owslib.iso import MD_Metadata

from harvesters.connector import Context
from harvesters.connectors.support.description import Description
from harvesters.errors import BadRecord
from harvesters.rdf.mapping import Owners
from schemas import vocabulary
from schemas.kinds import is_iri

FREQUENCIES = {
    "continual": "CONT", "daily": "DAILY", "weekly": "WEEKLY", "fortnightly": "BIWEEKLY", "monthly": "MONTHLY",
    "quarterly": "QUARTERLY", "biannually": "ANNUAL_2", "annually": "ANNUAL", "asNeeded": "AS_NEEDED",
    "irregular": "IRREG", "notPlanned": "NOT_PLANNED", "unknown": "UNKNOWN",
}  # fmt: skip
"""MD_MaintenanceFrequencyCode -> EU frequency."""
DATES = {"creation": "issued", "publication": "issued", "revision": "modified"}
SERVICES = {"OGC:WMS": "WMS_SRVC", "OGC:WFS": "WFS_SRVC", "OGC:WCS": "WCS_SRVC", "OGC:WMTS": "WMTS_SRVC"}
_GMD = {"gmd": "http://www.isotc211.org/2005/gmd", "gco": "http://www.isotc211.org/2005/gco"}


def describe(ctx: Context, root: Any, language: str, owners: Mapping[str, str]) -> Description:
    """The description of one record.

    Raises:
        BadRecord: it cannot be read, or has no fileIdentifier.
    """
    try:
        found: Any = MD_Metadata(root)
        about: Any = found.identification[0]
    except Exception as error:
        raise BadRecord("", f"{type(error).__name__}: {error}") from error
    if not found.identifier:
        raise BadRecord("", "no fileIdentifier")
    made = Description(ctx, str(found.identifier), _language(found) or language)
    made.text("title_translated", about.title)
    made.text("notes_translated", about.abstract)
    made.keywords(word.name for group in about.keywords for word in group.keywords)
    made.say(dataset_kind="prostorski-sloj")
    code = _language(about)
    made.say(language=[code] if code else None)
    for date in about.date:
        if date.type in DATES and date.date:
            made.day(DATES[date.type], date.date)
    box = getattr(about, "bbox", None)  # OWSLib leaves out what the record leaves out
    if box:
        made.box(box.minx, box.miny, box.maxx, box.maxy)
    made.period(getattr(about, "temporalextent_start", ""), getattr(about, "temporalextent_end", ""))
    _frequency(made, root)
    _terms(made, about)
    _people(made, found, about, owners)
    crs = getattr(found.referencesystem, "code", None)
    digits = str(crs or "").rpartition("/")[2].rpartition(":")[2]
    made.say(crs=f"EPSG:{digits}" if digits.isdigit() else "")
    _online(made, found)
    return made


def _language(node: Any) -> str:
    """The language as the standard writes it, from ``eng``, ``slv`` or ``eng; CAN``."""
    given = (
        [node.languagecode, node.language]
        if hasattr(node, "languagecode")
        else [*node.resourcelanguagecode, *node.resourcelanguage]
    )
    known = vocabulary("language")
    for item in given:
        code = known.code_of(str(item or "").partition(";")[0].strip())
        if code:
            return code if not hasattr(node, "languagecode") else str(known.extra(code).get("aliases", [code])[0])
    return ""


def _frequency(made: Description, root: Any) -> None:
    for node in root.iterfind(".//gmd:MD_MaintenanceFrequencyCode", _GMD):
        value = str(node.get("codeListValue") or "")
        if value in FREQUENCIES:
            made.say(frequency=FREQUENCIES[value])
        elif value:
            made.report("frequency", "unknown-code", value=value, vocabulary="frequency")


def _terms(made: Description, about: Any) -> None:
    """Conditions of use in the words of the source; a code says nothing that words do not."""
    words = [str(item) for item in [*about.uselimitation, *about.otherconstraints] if item]
    made.text("access_conditions_translated", "\n".join(dict.fromkeys(words)))
    for word in words:
        code = vocabulary("licence").code_of(word)
        if code:
            made.say(license_id=code)


def _people(made: Description, found: Any, about: Any, owners: Mapping[str, str]) -> None:
    for party in [*about.contact, *found.contact]:
        name = str(party.organization or "")
        slug = Owners(owners).of({"name": name, "uri": ""}, [])
        if slug:
            made.say(owner_org=slug)
        if "contact" not in made.dataset:
            made.person("contact", name=name, email=party.email, phone=party.phone)
        if not slug and "creator" not in made.dataset:
            made.person("creator", name=name, email=party.email)
    if "owner_org" not in made.dataset and made.dataset.get("creator"):
        made.report("owner_org", "unknown-owner", value=made.dataset["creator"][0]["name"])


def _online(made: Description, found: Any) -> None:
    for position, item in enumerate(found.distribution.online if found.distribution else ()):
        url = str(item.url or "").strip()
        if not is_iri(url):
            made.report(f"resources[{position}].url", "not-a-uri", value=url)
            continue
        name = str(item.name or item.description or made.dataset.get("title_translated", {}).get("sl", ""))
        protocol = str(item.protocol or "").upper()
        code = next((kind for prefix, kind in SERVICES.items() if protocol.startswith(prefix)), None)
        code = code or vocabulary("file_type").code_of(url.rpartition(".")[2])
        made.resource(url, {"sl": name, "en": name}, url, code or "HTML")
