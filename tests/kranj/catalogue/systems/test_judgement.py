"""Findings and the lock-in scorecard, from entries and a day."""

from datetime import date

import pytest

from ckanext.kranj.catalogue.systems.entries import Dataset, System
from ckanext.kranj.catalogue.systems.judgement import CRITERIA, findings, scorecard

from schemas import complete_system, system_fields, validate_system

pytestmark = pytest.mark.unit

TODAY = date(2026, 11, 26)
FREE = {
    "supplier": "Podjetje", "contract_end": "2028-01-01", "data_exit": "api", "description_independent": "da",
    "interfaces": [{"title": "REST", "standard": "OGC API"}],
    "exit_tests": [{"on": "2026-01-10", "result": "popolno"}],
}  # fmt: skip


def system(name="s", datasets=(), **data):
    return System(name, name, name, "org", {"hosting_country": "SI", **data}, list(datasets))


def dataset(secrecy="javno"):
    return Dataset("d", "d", "Zbirka", "org", secrecy, "s")


def codes(systems, unknown=()):
    return [found.problem.code for found in findings(systems, unknown, TODAY)]


def test_a_system_without_datasets_is_a_finding_unless_it_is_gone():
    assert codes([system()]) == ["system-without-datasets"]
    assert codes([system(lifecycle="ukinjen")]) == []
    assert codes([system(datasets=[dataset()])]) == []


@pytest.mark.parametrize(
    ("country", "secrecy", "found"),
    [
        ("SI", "osebni-podatki", []),
        ("DE", "osebni-podatki", ["personal-data-outside-slovenia"]),
        ("US", "osebni-podatki", ["personal-data-outside-eea"]),
        ("US", "posebne-vrste-op", ["personal-data-outside-eea"]),
        ("US", "javno", []),
    ],
)
def test_personal_data_abroad(country, secrecy, found):
    assert codes([system(datasets=[dataset(secrecy)], hosting_country=country)]) == found


@pytest.mark.parametrize(
    ("end", "test", "found"),
    [
        ("2027-01-31", None, ["contract-ends-untested"]),
        ("2026-01-31", None, ["contract-ends-untested"]),
        ("2028-01-31", None, []),
        ("2027-01-31", {"on": "2026-05-01", "result": "popolno"}, []),
        ("2027-01-31", {"on": "2026-05-01", "result": "delno"}, ["contract-ends-untested"]),
        ("2027-01-31", {"on": "2023-05-01", "result": "popolno"}, ["contract-ends-untested"]),
    ],
)
def test_a_contract_that_ends_asks_for_a_tested_exit(end, test, found):
    assert codes([system(datasets=[dataset()], contract_end=end, exit_tests=[test] if test else [])]) == found


def test_a_location_outside_the_register_is_a_finding_of_the_dataset():
    (found,) = findings([], [dataset()], TODAY)
    assert (found.system, found.dataset.name, found.problem.code) == (None, "d", "location-not-registered")


def test_each_criterion_gives_one_point():
    assert scorecard([system(**FREE)], TODAY)["systems"][0]["points"] == len(CRITERIA)
    for name, criterion in (
        ("data_exit", "exit"), ("exit_tests", "tested"), ("description_independent", "described"),
        ("interfaces", "interfaces"), ("contract_end", "contract"),
    ):  # fmt: skip
        row = scorecard([system(**{key: value for key, value in FREE.items() if key != name})], TODAY)["systems"][0]
        assert criterion not in row["met"]
        assert row["points"] == len(CRITERIA) - 1


def test_a_supplier_has_the_points_of_its_worst_system_and_the_worst_comes_first():
    systems = [
        system("a", [dataset()], **FREE),
        system("b", **{**FREE, "data_exit": "brez"}),
        system("c", **{**FREE, "supplier": "Drugo", "data_exit": "brez", "exit_tests": []}),
        system("own", data_exit="api"),
    ]
    assert scorecard(systems, TODAY)["suppliers"] == [
        {"supplier": "Drugo", "systems": 1, "datasets": 0, "points": 3},
        {"supplier": "Podjetje", "systems": 2, "datasets": 1, "points": 4},
    ]


def test_the_entry_itself_is_judged():
    entry = complete_system({"title_translated": {"sl": "GIS"}, "owner_org": "x", "hosting": "oblak", "supplier": " "})
    assert (entry["visibility"], entry["hosting_country"], "supplier" in entry) == ("internal", "SI", False)
    assert validate_system(entry) == []
    wrong = {**entry, "visibility": "public", "hosting_country": "Slovenija", "hosting": "x", "unknown": 1}
    assert sorted(item.code for item in validate_system(wrong)) == [
        "system-never-public", "unknown-code", "unknown-key", "wrong-form",
    ]  # fmt: skip
    assert {item.path for item in validate_system({})} == {field.name for field in system_fields() if field.rule == "M"}
