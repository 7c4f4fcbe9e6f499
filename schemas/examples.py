"""Descriptions made from a number: valid ones that use every field, and broken ones.

The same number gives the same description in every process. Tests, benchmarks and whoever writes a supplier's export
try their code on them: ``record(1)``, ``broken(1)``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from copy import deepcopy
from datetime import date, timedelta
from random import Random
from typing import Any

from schemas.fields import Field, dataset_fields, internal_fields, resource_fields
from schemas.inheritance import complete, complete_internal
from schemas.rules import OPEN_LICENCES, PEOPLE, PERSONAL, access_right_of
from schemas.vocabulary import vocabulary

WORDS = (
    "parkirišče", "čistilna naprava", "žičnica", "šola", "poraba vode", "meritve zraka", "kolesarska steza", "odlok",
    "zemljevid", "javna razsvetljava", "knjižnica", "promet", "občan", "naselje", "proračun", "ulica & trg", "5 > 3",
    "Škofjeloška cesta 12", "„narekovaji“", "emoji 🚲", "vrstica",
)  # fmt: skip
FIRST = date(2015, 1, 1)
_PATTERNS = {"crs": "EPSG:3794", "classification_sign": "371", "mimetype": "text/csv"}
_MADE_BY_RULES = frozenset({
    "owner_org", "owner_status", "visibility", "secrecy", "protection_grounds", "access_rights", "aggregation",
    "measured_subject", "measurement", "license_id", "license", "retention_kind", "retention_period",
    "retention_starts", "retention_legal_basis", "retention_review_on", "hvd_category", "lifecycle",
    "lifecycle_ended", "record_role", "authority_of", "in_series", "temporal_coverage", "issued", "modified", "theme",
    "dataset_kind", "accuracy", "access_services", "url", "access_url", "download_url", "usage", "usage_answer",
    "users", "users_answer", "processing", "aggregation_proof", "value_origin", "steward", "location", "contact",
})  # fmt: skip
"""Fields whose value follows from others: they are set by the functions below."""


def _text(rng: Random, field: Field) -> str:
    longest = min(field.options.get("max_length", 500), 300)
    shortest = field.options.get("min_length", 1)
    text = rng.choice(WORDS)
    while len(text) < shortest or (len(text) < longest // 2 and rng.random() < 0.4):
        text += " " + rng.choice(WORDS)
    return text[:longest].strip().capitalize()


def _iri(rng: Random) -> str:
    return f"https://www.kranj.si/{rng.choice(('zbirke', 'opisi', 'č', 'api'))}/{rng.randrange(10**6)}?a=1&b=2"


def _day(rng: Random) -> str:
    return (FIRST + timedelta(days=rng.randrange(3650))).isoformat()


def _number(rng: Random, field: Field) -> float | int:
    low = field.options.get("above", field.options.get("at_least", -100))
    high = min(field.options.get("at_most", 10_000), 10_000)
    if field.options.get("integer"):
        return rng.randint(int(low) + 1, int(high))
    return round(rng.uniform(low, high), 3) or 1


def _shape(rng: Random) -> str:
    lon, lat = round(rng.uniform(14.2, 14.5), 4), round(rng.uniform(46.1, 46.4), 4)
    if rng.random() < 0.5:
        return json.dumps({"type": "Point", "coordinates": [lon, lat]})
    ring = [[lon, lat], [lon + 0.1, lat], [lon + 0.1, lat + 0.1], [lon, lat]]
    return json.dumps({"type": "Polygon", "coordinates": [[[round(x, 4), round(y, 4)] for x, y in ring]]})


def _several(rng: Random, field: Field, make: Callable[[], Any]) -> list[Any]:
    found = [make() for _ in range(rng.randint(1, min(3, field.options.get("max_items", 3))))]
    return [item for index, item in enumerate(found) if item not in found[:index]]


def _by_language(rng: Random, make: Callable[[], Any]) -> dict[str, Any]:
    return {"sl": make(), **({"en": make()} if rng.random() < 0.5 else {})}


def _object(rng: Random, field: Field) -> dict[str, Any]:
    kept = rng.choice(field.subfields).name  # an object of nothing counts as left empty
    return {
        sub.name: value(rng, sub)
        for sub in field.subfields
        if sub.rule == "M" or sub.name == kept or rng.random() < 0.5
    }


_MAKERS: dict[str, Callable[[Random, Field], Any]] = {
    "text": _text,
    "texts": lambda rng, field: _several(rng, field, lambda: _text(rng, field)),
    "translated": lambda rng, field: _by_language(rng, lambda: _text(rng, field)),
    "translated_list": lambda rng, field: _by_language(rng, lambda: _several(rng, field, lambda: _text(rng, field))),
    "choice": lambda rng, field: rng.choice(vocabulary(field.options["vocabulary"]).codes),
    "choices": lambda rng, field: _several(
        rng, field, lambda: rng.choice(vocabulary(field.options["vocabulary"]).codes)
    ),
    "date": lambda rng, _field: _day(rng),
    "duration": lambda rng, _field: rng.choice(("P1Y", "P5Y", "P30D", "PT15M", "P1DT12H", "P1Y6M")),
    "number": _number,
    "uri": lambda rng, _field: _iri(rng),
    "uris": lambda rng, field: _several(rng, field, lambda: _iri(rng)),
    "place": lambda rng, _field: _iri(rng),
    "email": lambda rng, _field: f"predal{rng.randrange(100)}@kranj.si",
    "pattern": lambda _rng, field: _PATTERNS.get(field.name, field.options["example"]),
    "geometry": lambda rng, _field: _shape(rng),
    "object": _object,
    "objects": lambda rng, field: _several(rng, field, lambda: _object(rng, field)),
    "organization": lambda _rng, _field: "mestna-obcina-kranj",
}


def value(rng: Random, field: Field) -> Any:
    """A value that its field accepts; what follows from other fields is not asked here."""
    return _MAKERS[field.kind](rng, field)


def _some(rng: Random, fields: Iterable[Field]) -> dict[str, Any]:
    """The mandatory fields and a share of the others, in the order of the standard."""
    made = {}
    for field in fields:
        if field.name not in _MADE_BY_RULES and (field.rule in ("M", "P") or rng.random() < 0.6):
            made[field.name] = value(rng, field)
    return made


def record(number: int) -> dict[str, Any]:
    """A valid description with its internal block, as a supplier would send it."""
    rng = Random(number)
    found = {**_some(rng, dataset_fields()), **_levels(rng), **_times(rng), **_retention(rng)}
    public, secrecy = found["visibility"] == "public", found["secrecy"]
    found["owner_org"], found["legal_basis"] = "mestna-obcina-kranj", "Odlok o mestnem prometu"
    found["owner_status"] = "potrjen" if public else rng.choice(vocabulary("owner_status").codes)
    found["contact"] = [{"name": "Skrbnik", "email": "podatki@kranj.si"}]
    if rng.random() < 0.3:
        found["contact"].append({"name": "Spletna pisarna", "url": _iri(rng), "phone": "+386 4 237 30 00"})
    if secrecy == "javno":
        found["license_id"] = rng.choice([code for code in vocabulary("licence").codes if code in OPEN_LICENCES])
        found["url"] = _iri(rng)
        if rng.random() < 0.2:
            found["hvd_category"] = [rng.choice(vocabulary("hvd_category").codes)]
            found["access_method"] = "api"
    else:
        found["protection_grounds"] = [{"ground": "poslovna-skrivnost", "note": "Pogodba"}]
        found["access_rights"] = access_right_of(secrecy, found.get("access_method"))
    found["lifecycle"] = rng.choice(vocabulary("lifecycle").codes)
    if found["lifecycle"] == "ukinjen":
        found["lifecycle_ended"] = _day(rng)
    found["record_role"] = rng.choice(("pravi-vir", "ni-odloceno"))
    _measured(rng, found)
    found["resources"] = [_resource(rng, found) for _ in range(rng.randint(1, 3))]
    found["internal"] = _internal(rng, found)
    return found


def _levels(rng: Random) -> dict[str, Any]:
    secrecy = rng.choice([*vocabulary("secrecy").codes, "javno", "javno", "javno"])
    levels = [level for level in vocabulary("visibility").codes if level != "public" or not secrecy.startswith("ztp")]
    return {"secrecy": secrecy, "visibility": rng.choice([*levels, levels[0]])}


def _times(rng: Random) -> dict[str, Any]:
    days = sorted(_day(rng) for _ in range(4))
    return {"issued": days[0], "modified": days[3], "temporal_coverage": [{"start": days[1], "end": days[2]}]}


def _retention(rng: Random) -> dict[str, Any]:
    kind = rng.choice(("A", "A_VZORCNO", "T", "T_MIN", "LETA", "NE_HRANI"))
    found: dict[str, Any] = {"retention_kind": kind, "retention_legal_basis": "ZVDAGA, 2. člen"}
    if kind in {"T_MIN", "LETA"}:
        found["retention_period"] = rng.choice(("P2Y", "P5Y", "P10Y"))
        found["retention_starts"] = rng.choice(vocabulary("retention_starts").codes)
    return found


def _measured(rng: Random, found: dict[str, Any]) -> None:
    """Sensors and data about people."""
    found["dataset_kind"] = rng.choice(vocabulary("dataset_kind").codes)
    if rng.random() < 0.3:
        found["measured_subject"] = [rng.choice(vocabulary("measured_subject").codes)]
    if found["secrecy"] in PERSONAL or "measured_subject" in found:
        found["aggregation"] = "zdruzeni"
    if found["dataset_kind"] == "senzor":
        field = next(item for item in dataset_fields() if item.name == "measurement")
        points = _several(rng, field, lambda: _object(rng, field))
        for point in points:
            point.pop("lon", None)
            point.pop("lat", None)
            if "Point" in point.get("place_geom", ""):
                del point["place_geom"]
            if "measured_subject" not in found and "place_geom" not in point:
                point |= {"lon": round(rng.uniform(14.2, 14.5), 4), "lat": round(rng.uniform(46.1, 46.4), 4)}
            point["masking"] = "Obrazi so zakriti, območje je označeno."
        found |= {"measurement": points, "accuracy": "± 2 %"}


def _resource(rng: Random, dataset: dict[str, Any]) -> dict[str, Any]:
    found = {**_some(rng, resource_fields()), "format": rng.choice(("CSV", "JSON", "GEOJSON", "XLSX"))}
    if dataset["secrecy"] == "javno":
        address = _iri(rng)
        found |= {"url": address, "download_url": address, "license": dataset["license_id"]}
        if rng.random() < 0.4:
            field = next(item for item in resource_fields() if item.name == "access_services")
            found["access_services"] = [_object(rng, field)]
    return found


def _internal(rng: Random, dataset: dict[str, Any]) -> dict[str, Any]:
    fields = {field.name: field for field in internal_fields()}
    found = _some(rng, internal_fields())
    found["location"] = {"system": "GIS Mestne občine Kranj", "kind": "database", "server": "gis01"}
    for name, answer in (("usage", "usage_answer"), ("users", "users_answer")):
        if rng.random() < 0.5:
            found[name] = value(rng, fields[name])
        else:
            found[answer] = {"status": "ni-znane-uporabe", "on": _day(rng)}
    if dataset["secrecy"] in PERSONAL:
        found["processing"] = value(rng, fields["processing"])
    if PEOPLE & set(dataset.get("measured_subject", ())):
        found["aggregation_proof"] = value(rng, fields["aggregation_proof"])
    return found


RUBBISH: tuple[Any, ...] = (
    None, "", "  ", "x", "x" * 30_000, "<b>krepko</b>", "a\x00b", "31. 2. 2026", "2026-02-31", -1, 0, 1e19, 3.5, True,
    [], [[]], {}, {"x": 1}, ["x"], [{"x": "y"}], {"sl": "besedilo"}, {"en": "text"}, {"sl": ["x"]}, "ztp-tajno",
    "https://", "javascript:alert(1)", "\\\\server\\share", "P", "P1Y", '{"type": "Point", "coordinates": [999, 1]}',
)  # fmt: skip
"""Values of every shape that some field refuses."""


def broken(number: int) -> dict[str, Any]:
    """A valid description with one to four places changed at random; some still are valid."""
    rng = Random(number)
    found = record(rng.randrange(10**9))
    for _ in range(rng.randint(1, 4)):
        holder, key = rng.choice(list(_places(found)))
        if rng.random() < 0.2:
            if isinstance(holder, dict):
                holder[rng.choice(("naslov", "x", "extras", "visibility", "dataset_kind"))] = deepcopy(
                    rng.choice(RUBBISH)
                )
        elif rng.random() < 0.3 and isinstance(holder, dict):
            holder.pop(key, None)
        else:
            holder[key] = deepcopy(rng.choice(RUBBISH))
    return found


def _places(value_: Any) -> Iterable[tuple[Any, Any]]:
    """Every place of a description that can be changed: its container and the key in it."""
    items: Iterable[tuple[Any, Any]] = value_.items() if isinstance(value_, dict) else enumerate(value_)
    for key, item in items:
        yield value_, key
        if isinstance(item, dict | list):
            yield from _places(item)


def stored(number: int) -> dict[str, Any]:
    """The description as the catalogue holds it: inherited and derived values filled in."""
    found = record(number)
    completed = complete(found).dataset
    return {**completed, "internal": complete_internal(found["internal"], completed).dataset}
