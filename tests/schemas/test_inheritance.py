"""complete(): what is left empty is inherited or derived, and says so."""

from datetime import date

import pytest

from schemas import complete, validate, vocabulary

pytestmark = pytest.mark.unit

FIVE_FIELDS = {
    "title_translated": {"sl": "Drevesa na javnih površinah"},
    "notes_translated": {
        "sl": "Kataster dreves na javnih površinah z vrsto, obsegom debla in datumom zadnjega pregleda."
    },
    "content_area": ["okolje-prostor"],
    "owner_org": "komunala-kranj",
    "secrecy": "javno",
}
ORGANIZATION = {
    "contact": [{"name": "Komunala Kranj", "email": "info@example.org"}],
    "frequency": "ANNUAL",
    "retention_kind": "T",
    "access_method": "download",
}


def test_five_typed_fields_make_an_internal_description():
    completed = complete(FIVE_FIELDS, ORGANIZATION, today=date(2026, 11, 24))
    assert validate({**completed.dataset, "internal": {"location": {"system": "GIS"}}}) == []
    assert completed.dataset["visibility"] == "internal"
    assert completed.dataset["issued"] == "2026-11-24"
    assert completed.origins["frequency"] == "default"
    assert completed.origins["theme"] == "derived"
    assert "title_translated" not in completed.origins


def test_the_nearest_layer_wins_and_the_typed_value_wins_over_all():
    near, far = {"frequency": "DAILY"}, {"frequency": "ANNUAL", "retention_kind": "A"}
    assert complete(FIVE_FIELDS, near, far).dataset["frequency"] == "DAILY"
    assert complete({**FIVE_FIELDS, "frequency": "HOURLY"}, near, far).dataset["frequency"] == "HOURLY"
    assert complete(FIVE_FIELDS, near, far).dataset["retention_kind"] == "A"


def test_a_licence_is_not_inherited_by_protected_data():
    protected = {**FIVE_FIELDS, "secrecy": "osebni-podatki"}
    assert "license_id" not in complete(protected).dataset
    assert complete(FIVE_FIELDS).dataset["license_id"] == "CC_BY_4_0"


@pytest.mark.parametrize(
    ("secrecy", "method", "right"),
    [
        ("javno", "download", "PUBLIC"),
        ("osebni-podatki", "on-request", "RESTRICTED"),
        ("osebni-podatki", "none", "NON_PUBLIC"),
        ("poslovna-skrivnost", "on-request", "NON_PUBLIC"),
    ],
)
def test_access_right_follows_from_secrecy(secrecy, method, right):
    filled = complete({**FIVE_FIELDS, "secrecy": secrecy, "access_method": method}).dataset
    assert filled["access_rights"] == right


def test_format_and_media_type_are_derived_from_the_address():
    filled = complete({**FIVE_FIELDS, "resources": [{"url": "https://example.org/a/drevesa.geojson?v=1"}]}).dataset
    assert filled["resources"][0]["format"] == "GEOJSON"
    assert filled["resources"][0]["mimetype"] == "application/geo+json"
    assert filled["resources"][0]["license"] == "CC_BY_4_0"


def test_completing_twice_changes_nothing():
    once = complete(FIVE_FIELDS, ORGANIZATION).dataset
    assert complete(once, ORGANIZATION).dataset == once


def test_the_input_is_not_changed():
    given = {"content_area": ["promet"], "resources": [{"url": "https://example.org/a.csv"}]}
    complete(given)
    assert given == {"content_area": ["promet"], "resources": [{"url": "https://example.org/a.csv"}]}


def test_every_content_area_has_a_theme():
    for code in vocabulary("content_area").codes:
        themes = vocabulary("content_area").extra(code)["themes"]
        assert all(theme in vocabulary("data_theme") for theme in themes)


def test_retention_is_inherited_by_classification_sign():
    layer = {
        "retention_kind": "T",
        "retention_by_sign": {
            "03": {"retention_kind": "LETA", "retention_period": "P5Y", "retention_starts": "year-end"},
            "031": {"retention_kind": "A"},
        },
    }
    five = {**FIVE_FIELDS, "issued": "2026-03-01"}
    assert complete({**five, "classification_sign": "0312"}, layer).dataset["retention_kind"] == "A"
    found = complete({**five, "classification_sign": "032"}, layer).dataset
    assert (found["retention_kind"], found["retention_period"]) == ("LETA", "P5Y")
    assert found["retention_review_on"] == "2031-12-31"
    assert complete({**five, "classification_sign": "9"}, layer).dataset["retention_kind"] == "T"
