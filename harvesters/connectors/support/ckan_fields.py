"""A package of CKAN to the city's standard: core's fields, ckanext-dcat's, and the extras that catalogues add."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from harvesters.connector import Context
from harvesters.connectors.support.description import Description
from harvesters.connectors.support.documents import objects
from harvesters.rdf.mapping import Owners
from schemas import vocabulary

LISTS = {"theme": "data_theme", "language": "language", "hvd_category": "hvd_category"}
"""Fields that hold codes -> their code list."""
AS_THEY_ARE = (
    "version", "version_notes", "provenance", "conforms_to", "documentation", "applicable_legislation",
    "alternate_identifier", "temporal_resolution", "spatial_resolution_in_meters",
)  # fmt: skip
OF_RESOURCE = ("availability", "status")
_RESOURCE_LISTS = {"availability": "planned_availability", "status": "distribution_status"}


def describe(
    ctx: Context, guid: str, package: Mapping[str, Any], language: str, owners: Mapping[str, str]
) -> Description:
    """The description of one package."""
    item = {**_extras(package), **{key: value for key, value in package.items() if value not in (None, "", [])}}
    made = Description(ctx, guid, language)
    made.texts("title_translated", _translated(item, "title", language))
    made.texts("notes_translated", _translated(item, "notes", language))
    made.keywords(tag.get("name") if isinstance(tag, dict) else tag for tag in item.get("tags") or ())
    made.day("issued", item.get("issued") or item.get("metadata_created"))
    made.day("modified", item.get("modified") or item.get("metadata_modified"))
    made.code("frequency", "frequency", item.get("frequency") or item.get("accrual_periodicity"))
    made.licence(item.get("license_id") or item.get("license_url") or item.get("license_title"))
    made.uri("url", item.get("url") or item.get("landing_page"))
    for name, vocabulary_name in LISTS.items():
        _codes(made, name, vocabulary_name, item.get(name))
    _secrecy(made, item.get("access_rights"))
    made.say(**{name: item.get(name) for name in AS_THEY_ARE})
    _people(made, item, owners)
    for period in objects(item.get("temporal_coverage"))[:1]:
        made.period(period.get("start"), period.get("end"))
    _places(made, item.get("spatial_coverage"))
    for position, resource in enumerate(objects(item.get("resources"))):
        _resource(made, position, resource, language)
    return made


def _extras(package: Mapping[str, Any]) -> dict[str, Any]:
    """Extras: a list of keys and values, in the old API an object; lists are JSON text."""
    extras = package.get("extras")
    pairs = extras.items() if isinstance(extras, dict) else [(e.get("key"), e.get("value")) for e in objects(extras)]
    found: dict[str, Any] = {}
    for key, value in pairs:
        if isinstance(value, str) and value[:1] in "[{" and value:
            with suppress(ValueError, RecursionError):
                value = json.loads(value)  # noqa: PLW2901 the same value, read
        found[str(key)] = value
    return found


def _translated(item: Mapping[str, Any], name: str, language: str) -> dict[str, Any]:
    several = item.get(f"{name}_translated")
    return several if isinstance(several, dict) and several else {language: item.get(name)}


def _codes(made: Description, field: str, name: str, given: Any) -> None:
    known = vocabulary(name)
    found = []
    for value in given if isinstance(given, list) else [given] if given else []:
        code = known.code_of(str(value))
        if code:
            found.append(code)
        else:
            made.report(field, "unknown-code", value=str(value), vocabulary=name)
    made.say(**{field: list(dict.fromkeys(found))})


def _secrecy(made: Description, given: Any) -> None:
    """As in the RDF mapping: less than public without a reason must never fall back on a preset's ``javno``."""
    right = vocabulary("access_right").code_of(str(given)) if given else None
    if right:
        made.say(secrecy="javno" if right == "PUBLIC" else "interno-poslovno")


def _people(made: Description, item: Mapping[str, Any], owners: Mapping[str, str]) -> None:
    organization = item.get("organization")
    named = [organization] if isinstance(organization, dict) else objects(item.get("publisher"))
    for publisher in named:
        name = str(publisher.get("title") or publisher.get("name") or "")
        slug = Owners(owners).of({"name": name, "uri": ""}, [str(publisher.get("name") or "")])
        if slug:
            made.say(owner_org=slug)
        else:
            made.report("owner_org", "unknown-owner", value=name)
            made.person("creator", name=name, email=publisher.get("email"), url=publisher.get("url"))
    for contact in objects(item.get("contact")):
        made.person("contact", name=contact.get("name"), email=contact.get("email"))
    if "contact" not in made.dataset:
        made.person("contact", name=item.get("maintainer"), email=item.get("maintainer_email"))
    for creator in objects(item.get("creator")):
        made.person("creator", name=creator.get("name"), email=creator.get("email"), url=creator.get("url"))
    if "creator" not in made.dataset:
        made.person("creator", name=item.get("author"), email=item.get("author_email"))


def _places(made: Description, given: Any) -> None:
    places = []
    for place in objects(given):
        kept = {key: place[key] for key in ("uri", "text") if place.get(key)}
        for key in ("bbox", "centroid", "geom"):
            if isinstance(place.get(key), dict):
                kept[key] = json.dumps(place[key])
        places += [kept] if kept else []
    made.say(spatial_coverage=places)


def _resource(made: Description, position: int, item: Mapping[str, Any], language: str) -> None:
    path = f"resources[{position}]"
    url = item.get("url") or item.get("download_url") or item.get("access_url")
    known = vocabulary("file_type")
    given = str(item.get("format") or item.get("mimetype") or "")
    code = known.code_of(given) or known.code_of(str(item.get("mimetype") or ""))
    title = made.translated(f"{path}.name_translated", _translated(item, "name", language))
    extra: dict[str, Any] = {
        "description_translated": made.translated(
            f"{path}.description_translated", _translated(item, "description", language)
        ),
        **{name: item.get(name) for name in ("access_url", "download_url", "conforms_to", "hash_algorithm")},
        "hash": item.get("hash") if item.get("hash_algorithm") else None,
        "size": item.get("size") if isinstance(item.get("size"), int) else None,
        "license": vocabulary("licence").code_of(str(item.get("license") or "")),
    }
    wanted = ("title", "description", "endpoint_url", "endpoint_description", "conforms_to")
    extra["access_services"] = [
        {name: offer[name] for name in wanted if offer.get(name)}
        for offer in objects(item.get("access_services"))
        if offer.get("title") and offer.get("endpoint_url")
    ]
    for name in OF_RESOURCE:
        extra[name] = vocabulary(_RESOURCE_LISTS[name]).code_of(str(item.get(name) or ""))
    if given and not code:
        made.report(f"{path}.format", "unknown-code", value=given, vocabulary="file_type")
    key = str(item.get("id") or url or position)
    made.resource(key, title or made.dataset.get("title_translated", {}), str(url or ""), code or "", **extra)
