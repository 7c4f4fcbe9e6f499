"""The rules across fields (schemas/rules.py) as JSON Schema; each carries the code of its Problem as ``$comment``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from schemas.rules import (
    ADDRESSES,
    AT_HOME,
    CLASSIFIED,
    HUMAN_FORMATS,
    NOT_SURVEYED,
    OPEN_LICENCES,
    PEOPLE,
    PERSONAL,
    RESERVED_OWNER,
    SURVEYS,
    UNRECOGNISABLE,
    access_right_of,
)
from schemas.vocabulary import vocabulary

Schema = dict[str, Any]


def _is(name: str, *values: str) -> Schema:
    """A field has one of these values."""
    return {"properties": {name: {"enum": sorted(values)}}, "required": [name]}


def _both(*parts: Schema) -> Schema:
    return {"allOf": list(parts)}


def _either(*parts: Schema) -> Schema:
    return {"anyOf": list(parts)}


def _has(*names: str) -> Schema:
    return {"required": list(names)}


def _lacks(*names: str) -> Schema:
    return {"not": _either(*(_has(name) for name in names))}


def _no(part: Schema) -> Schema:
    return {"not": part}


def _in(name: str, part: Schema) -> Schema:
    """Inside a field that is an object."""
    return {"properties": {name: part}}


def _each(name: str, part: Schema) -> Schema:
    """Every entry of a list."""
    return {"properties": {name: {"items": part}}}


def _some(name: str, part: Schema) -> Schema:
    """At least one entry of a list."""
    return {"properties": {name: {"contains": part}}, "required": [name]}


def _rule(code: str, condition: Schema, consequence: Schema) -> Schema:
    return {"$comment": code, "if": condition, "then": consequence}


PUBLIC = _is("visibility", "public")
OPEN = _is("secrecy", "javno")
CLOSED = _both(_has("secrecy"), _no(OPEN))
PROTECTED = _is("secrecy", *PERSONAL)
ABOUT_PEOPLE = _some("measured_subject", {"enum": sorted(PEOPLE)})
ANY_ADDRESS = _either(*(_has(name) for name in ADDRESSES))


def _rights() -> Iterable[Schema]:
    for code in vocabulary("secrecy").codes:
        on_request = _is("access_method", "on-request")
        for condition, right in (
            (on_request, access_right_of(code, "on-request")),
            (_no(on_request), access_right_of(code, None)),
        ):
            if right:
                stated = _both(_is("secrecy", code), condition, _has("access_rights"))
                yield _rule("access-rights-contradict", stated, _is("access_rights", right))


def _surveys() -> Iterable[Schema]:
    for name, answer in SURVEYS.items():
        unknown = _both(_lacks(name), _has(answer), _in(answer, _is("status", NOT_SURVEYED)))
        yield _rule("not-surveyed-in-public", PUBLIC, _in("internal", _no(unknown)))


RULES: tuple[Schema, ...] = (
    _rule("owner-unknown-in-public", PUBLIC, _no(_is("owner_org", RESERVED_OWNER))),
    _rule(
        "owner-not-confirmed",
        _both(PUBLIC, _no(_is("owner_org", RESERVED_OWNER))),
        _is("owner_status", "potrjen"),
    ),
    _rule("contact-unreachable", _has("contact"), _each("contact", _either(_has("email"), _has("url")))),
    _rule("classified-never-public", _is("secrecy", *CLASSIFIED), _no(PUBLIC)),
    _rule("grounds-without-secrecy", OPEN, _lacks("protection_grounds")),
    _rule("grounds-missing", CLOSED, _has("protection_grounds")),
    *_rights(),
    _rule("missing-for-public", _both(PUBLIC, OPEN), _has("license_id")),
    _rule("licence-on-protected-data", CLOSED, _both(_lacks("license_id"), _each("resources", _lacks("license")))),
    _rule("missing-for-public", PUBLIC, _either(_has("legal_basis"), _has("applicable_legislation"))),
    _rule("public-leads-nowhere", _both(PUBLIC, OPEN), _either(_has("url"), _some("resources", ANY_ADDRESS))),
    _rule("missing", OPEN, _each("resources", ANY_ADDRESS)),
    _rule("upload-of-protected-data", _no(OPEN), _each("resources", _no(_is("url_type", "upload")))),
    _rule("address-of-protected-data", _both(PUBLIC, _no(OPEN)), _each("resources", _lacks(*ADDRESSES))),
    _rule("missing-for-public", PUBLIC, _each("temporal_coverage", _has("start"))),
    _rule(
        "retention-period-missing", _is("retention_kind", "LETA", "T_MIN"), _has("retention_period", "retention_starts")
    ),
    _rule("retention-period-not-here", _no(_is("retention_kind", "LETA", "T_MIN")), _lacks("retention_period")),
    _rule("purpose-needs-personal-data", _is("retention_kind", "NAMEN"), PROTECTED),
    _rule("permanent-personal-data", _both(_is("retention_kind", "T"), PROTECTED), _has("retention_legal_basis")),
    _rule("aggregation-missing", _either(PROTECTED, _has("measured_subject")), _has("aggregation")),
    _rule("aggregation-too-fine", _both(PUBLIC, OPEN, ABOUT_PEOPLE), _is("aggregation", *UNRECOGNISABLE)),
    _rule("aggregation-proof-missing", _both(PUBLIC, OPEN, ABOUT_PEOPLE), _in("internal", _has("aggregation_proof"))),
    _rule("processing-missing", PROTECTED, _in("internal", _has("processing"))),
    *_surveys(),
    _rule("hvd-licence", _has("hvd_category"), _is("license_id", *OPEN_LICENCES)),
    _rule(
        "hvd-needs-api",
        _both(PUBLIC, _has("hvd_category")),
        _either(_is("access_method", "api"), _some("resources", _has("access_services"))),
    ),
    _rule(
        "hvd-machine-readable",
        _both(PUBLIC, _has("hvd_category", "resources")),
        _some("resources", _either(_no(_is("format", *HUMAN_FORMATS)), _has("access_services"))),
    ),
    _rule("ended-but-in-use", _has("lifecycle_ended"), _is("lifecycle", "ukinjen")),
    _rule("copy-without-original", _is("record_role", "kopija"), _has("authority_of")),
    _rule("sensor-accuracy-missing", _is("dataset_kind", "senzor"), _has("accuracy")),
    _rule("measurement-missing", _is("dataset_kind", "senzor"), _has("measurement")),
    _rule(
        "missing", _has("measurement"), _each("measurement", {"dependentRequired": {"lon": ["lat"], "lat": ["lon"]}})
    ),
    _rule(
        "household-as-point",
        _some("measured_subject", {"enum": sorted(AT_HOME)}),
        _each("measurement", _lacks("lon", "lat")),
    ),
    _rule(
        "masking-missing",
        _has("measurement"),
        _each("measurement", _rule("masking-missing", _is("result_type", "stetje-iz-slike"), _has("masking"))),
    ),
)
