"""validate(): the standard says what is wrong, all at once, by code."""

import copy
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas import Problem, Record, Source, complete, dataset_fields, resource_fields, texts, validate

pytestmark = pytest.mark.unit

COMPLETE = json.loads((Path(__file__).parents[1] / "data" / "complete_dataset.json").read_text(encoding="utf-8"))


def codes(problems):
    return [(problem.path, problem.code) for problem in problems]


def changed(**changes):
    """The complete description with some top-level values replaced; None removes a value."""
    data = {**copy.deepcopy(COMPLETE), **changes}
    return {key: value for key, value in data.items() if value is not None}


def test_the_complete_description_has_no_problem():
    assert validate(COMPLETE) == []


def test_a_record_is_judged_like_its_json_form(complete_dataset):
    internal = complete_dataset.pop("internal")
    record = Record(Source("demo", "1"), complete_dataset, internal)
    assert validate(record) == []
    assert validate(record.as_dict()) == []


MANDATORY = [field.name for field in dataset_fields() if field.rule == "M"]
FOR_PUBLIC = [field.name for field in dataset_fields() if field.rule == "P"]


@pytest.mark.parametrize("name", MANDATORY)
def test_each_mandatory_field_is_missed(name):
    assert (name, "missing") in codes(validate(changed(**{name: None})))
    assert (name == "visibility") or (name, "missing") not in codes(validate(changed(**{name: None}), draft=True))


@pytest.mark.parametrize("name", FOR_PUBLIC)
def test_what_publication_needs_is_asked_only_of_public_descriptions(name):
    assert (name, "missing-for-public") in codes(validate(changed(**{name: None})))
    assert validate(changed(visibility="internal", **{name: None})) == []


@pytest.mark.parametrize("blank", ["", "   ", [], {}, None, [""], [{}], {"sl": " "}])
def test_blanks_count_as_missing(blank):
    data = {**COMPLETE, "notes_translated": blank}
    assert ("notes_translated", "missing") in codes(validate(data))


def test_the_internal_location_is_mandatory():
    assert ("internal.location", "missing") in codes(validate(changed(internal=None)))
    assert ("internal.location.system", "missing") in codes(validate(changed(internal={"location": {"server": "x"}})))
    assert validate(changed(internal=None), internal=False) == []


@pytest.mark.parametrize(
    ("changes", "path", "code"),
    [
        ({"title_translated": {"en": "Only English"}}, "title_translated.sl", "slovene-missing"),
        ({"title_translated": {"sl": "AB"}}, "title_translated.sl", "too-short"),
        ({"title_translated": {"sl": "PARKIRIŠČA V KRANJU"}}, "title_translated.sl", "only-capitals"),
        ({"title_translated": {"sl": "x" * 201}}, "title_translated.sl", "too-long"),
        ({"title_translated": "Parkirišča"}, "title_translated", "shape"),
        ({"title_translated": {"sl": "Naslov", "xx": "?"}}, "title_translated.xx", "unknown-language"),
        ({"notes_translated": {"sl": "<script>alert(1)</script>" + "a" * 40}}, "notes_translated.sl", "html"),
        ({"notes_translated": {"sl": "a\x0bb" * 40}}, "notes_translated.sl", "control-characters"),
        ({"contact": "podatki@kranj.si"}, "contact", "shape"),
        ({"contact": ["podatki@kranj.si"]}, "contact[0]", "shape"),
        ({"contact": [{"email": "podatki@kranj.si"}]}, "contact[0].name", "missing"),
        ({"contact": [{"name": "A", "email": "nekdo"}]}, "contact[0].email", "not-an-email"),
        ({"contact": [{"name": "A"}]}, "contact[0].email", "contact-unreachable"),
        ({"contact": [{"name": "A", "email": "a@b.si", "fax": "1"}]}, "contact[0].fax", "unknown-key"),
        ({"frequency": "SOMETIMES"}, "frequency", "unknown-code"),
        ({"frequency": ["DAILY"]}, "frequency", "shape"),
        ({"issued": "31. 2. 2026"}, "issued", "not-a-date"),
        ({"issued": "2026-02-31"}, "issued", "not-a-date"),
        ({"modified": "2020-01-01"}, "modified", "reversed-period"),
        ({"temporal_coverage": [{"start": "2026", "end": "2025"}]}, "temporal_coverage[0].end", "reversed-period"),
        ({"temporal_coverage": [{"end": "2025"}]}, "temporal_coverage[0].start", "missing-for-public"),
        ({"temporal_resolution": "5 let"}, "temporal_resolution", "not-a-duration"),
        ({"temporal_resolution": "P"}, "temporal_resolution", "not-a-duration"),
        ({"spatial_resolution_in_meters": 0}, "spatial_resolution_in_meters", "out-of-range"),
        ({"spatial_resolution_in_meters": "5"}, "spatial_resolution_in_meters", "shape"),
        ({"spatial_coverage": [{"bbox": "{}"}]}, "spatial_coverage[0].bbox", "not-geojson"),
        (
            {"spatial_coverage": [{"geom": '{"type":"Point","coordinates":[450319, 122857]}'}]},
            "spatial_coverage[0].geom",
            "outside-the-world",
        ),
        ({"crs": "3794"}, "crs", "wrong-form"),
        ({"classification_sign": "031.1"}, "classification_sign", "wrong-form"),
        ({"url": "kranj.si"}, "url", "not-a-uri"),
        ({"url": "javascript:alert(1)"}, "url", "not-a-uri"),
        ({"content_area": ["promet", "novice", "gospodarstvo", "mestna-obcina"]}, "content_area", "too-many"),
        ({"naslov": "x"}, "naslov", "unknown-key"),
        ({"extras": [{"key": "a", "value": "b"}]}, "extras", "unknown-key"),
        ({"secrecy": "ztp-tajno"}, "secrecy", "classified-refused"),
        ({"secrecy": "ztp-zaupno"}, "visibility", "classified-never-public"),
        ({"secrecy": "osebni-podatki"}, "protection_grounds", "grounds-missing"),
        ({"secrecy": "osebni-podatki"}, "aggregation", "aggregation-missing"),
        ({"secrecy": "poslovna-skrivnost"}, "license_id", "licence-on-protected-data"),
        ({"secrecy": "poslovna-skrivnost"}, "resources[0].url", "address-of-protected-data"),
        ({"protection_grounds": [{"ground": "osebni-podatki"}]}, "protection_grounds", "grounds-without-secrecy"),
        ({"access_rights": "NON_PUBLIC"}, "access_rights", "access-rights-contradict"),
        ({"license_id": None}, "license_id", "missing-for-public"),
        ({"legal_basis": None}, "legal_basis", "missing-for-public"),
        ({"owner_status": "predlagan"}, "owner_status", "owner-not-confirmed"),
        ({"owner_org": "lastnik-ni-dolocen"}, "owner_org", "owner-unknown-in-public"),
        ({"url": None, "resources": []}, "url", "public-leads-nowhere"),
        ({"retention_period": None}, "retention_period", "retention-period-missing"),
        ({"retention_starts": None}, "retention_starts", "retention-start-missing"),
        ({"retention_kind": "T"}, "retention_period", "retention-period-not-here"),
        ({"retention_kind": "NAMEN", "retention_period": None}, "retention_kind", "purpose-needs-personal-data"),
        ({"lifecycle_ended": "2026-01-01"}, "lifecycle_ended", "ended-but-in-use"),
        ({"record_role": "kopija"}, "authority_of", "copy-without-original"),
        ({"dataset_kind": "senzor"}, "accuracy", "sensor-accuracy-missing"),
        ({"hvd_category": ["c_b79e35eb"]}, "resources", "hvd-needs-api"),
        ({"hvd_category": ["c_b79e35eb"], "license_id": "CC_BYNC_4_0"}, "license_id", "hvd-licence"),
        ({"measured_subject": ["vozila"]}, "aggregation", "aggregation-missing"),
        ({"measured_subject": ["ljudje"], "aggregation": "izvorni"}, "aggregation", "aggregation-too-fine"),
        (
            {"measured_subject": ["stevci"], "aggregation": "zdruzeni"},
            "internal.aggregation_proof",
            "aggregation-proof-missing",
        ),
        ({"secrecy": "osebni-podatki"}, "internal.processing", "processing-missing"),
        ({"dataset_kind": "senzor"}, "measurement", "measurement-missing"),
        (
            {
                "measured_subject": ["gospodinjstva"],
                "measurement": [{"observed_property": "voda", "place_name": "Mlaka", "lon": 14.3, "lat": 46.2}],
            },
            "measurement[0].lon",
            "household-as-point",
        ),
        (
            {"measurement": [{"observed_property": "PM10", "place_name": "Kranj", "lon": 14.3}]},
            "measurement[0].lat",
            "missing",
        ),
        (
            {"measurement": [{"observed_property": "vozila", "place_name": "x", "result_type": "stetje-iz-slike"}]},
            "measurement[0].masking",
            "masking-missing",
        ),
        (
            {"internal": {"location": {"system": "x", "path": "postgres://uporabnik:skrivnost@db/gis"}}},
            "internal.location.path",
            "secret-in-location",
        ),
        (
            {"internal": {"location": {"system": "x", "note": "Geslo: kranj"}}},
            "internal.location.note",
            "secret-in-location",
        ),
        (
            {
                "internal": {
                    "location": {"system": "x"},
                    "users_answer": {"status": "se-ni-popisano", "on": "2026-11-01"},
                }
            },
            "internal.users_answer",
            "not-surveyed-in-public",
        ),
        (
            {"internal": {"location": {"system": "x"}, "value_origin": {"url": "?"}}},
            "internal.value_origin.url",
            "unknown-code",
        ),
        ({"tags_translated": {"en": ["parking"]}}, "tags_translated.sl", "slovene-missing"),
        ({"resources": "x"}, "resources", "shape"),
        ({"resources": ["x"]}, "resources[0]", "shape"),
        ({"internal": []}, "internal", "shape"),
        ({"internal": {"location": {"system": "x"}, "geslo": "1"}}, "internal.geslo", "unknown-key"),
    ],
)
def test_each_rule_has_its_code(changes, path, code):
    assert (path, code) in codes(validate(changed(**changes)))


@pytest.mark.parametrize(
    "address",
    [
        r"\\streznik\gis\sloj.shp",
        "file:///srv/gis/sloj.csv",
        "http://10.1.2.3/sloj.csv",
        "http://gis/sloj",
        "https://gis.local/x",
    ],
)
def test_an_internal_address_is_refused_only_in_public(address):
    resource = {**COMPLETE["resources"][0], "url": address}
    assert ("resources[0].url", "internal-address-in-public") in codes(validate(changed(resources=[resource])))
    assert validate(changed(resources=[resource], visibility="internal")) == []


def test_a_host_that_the_operator_declared_reachable_is_allowed():
    resource = {**COMPLETE["resources"][0], "url": "http://127.0.0.1:8001/a.csv"}
    assert validate(changed(resources=[resource]), reachable={"127.0.0.1"}) == []


@pytest.mark.parametrize("key", ["mapa", "location"])
def test_unknown_keys_of_a_resource_are_refused(key):
    resource = {**COMPLETE["resources"][0], key: r"\\srv\share"}
    assert (f"resources[0].{key}", "unknown-key") in codes(validate(changed(resources=[resource])))


def test_a_warning_is_not_an_error():
    problems = validate(changed(frequency="NEVER"))
    assert [(p.code, p.severity) for p in problems] == [("in-use-but-never-refreshed", "warning")]


def test_problems_come_in_the_order_of_the_standard():
    problems = validate({"frequency": "X", "title_translated": {"sl": "a"}, "resources": [{}]})
    fields = [field.name for field in dataset_fields()]
    positions = [fields.index(p.path.split(".")[0]) for p in problems if p.path.split(".")[0] in fields]
    assert positions == sorted(positions)
    assert validate({"b": 1, "a": 2})[-2:] != []


def test_every_code_has_words_in_both_languages():
    for code, entry in texts().items():
        problem = Problem.of("contact[0].email", code)
        for lang in ("sl", "en"):
            assert problem.text(lang).strip(), code
            assert problem.remedy(lang).strip(), code
        assert entry["severity"] in {"error", "warning"}
        assert entry["source"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=10), children, max_size=4),
    max_leaves=12,
)
NAMES = [field.name for field in dataset_fields()] + ["resources", "internal", "extras", "id", "x"]
RESOURCE_NAMES = [field.name for field in resource_fields()] + ["y"]


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(st.sampled_from(NAMES), JSON, max_size=6), st.dictionaries(st.sampled_from(RESOURCE_NAMES), JSON)
)
def test_any_input_gets_problems_and_never_an_exception(mutation, resource):
    data = {**copy.deepcopy(COMPLETE), **mutation}
    if isinstance(data.get("resources"), list):
        data["resources"].append(resource)
    for candidate in (data, complete(data).dataset):
        problems = validate(candidate)
        assert problems == validate(candidate)
        for problem in problems:
            json.dumps(problem.as_dict(), allow_nan=True)


@given(JSON)
def test_even_what_is_no_object_is_answered(value):
    assert isinstance(validate(value), list)
