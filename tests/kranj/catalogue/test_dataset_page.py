"""The page of a dataset: everything known once, in the order in which a steward was asked for it."""

import pytest

from ckanext.kranj.catalogue.dataset_page import ABOVE, first_facts, is_known, sections
from ckanext.kranj.catalogue.steps import steps

from schemas import dataset_fields
from schemas.examples import record

RECORDS = [record(number) for number in range(20)]
FIELDS = [{"field_name": field.name, "label": field.label} for field in dataset_fields()]


@pytest.mark.parametrize("dataset", RECORDS)
def test_every_known_field_is_shown_exactly_once(dataset):
    shown = [field["field_name"] for section in sections(FIELDS, dataset, "sl") for field in section["fields"]]
    assert sorted(shown) == sorted(
        field.name for field in dataset_fields() if is_known(dataset.get(field.name)) and field.name not in ABOVE
    )


def test_sections_follow_the_form_and_empty_ones_are_left_out():
    titles = [step.title["en"] for step in steps()]
    shown = [section["title"] for section in sections(FIELDS, RECORDS[0], "en")]
    assert shown == [title for title in titles if title in shown]
    assert sections(FIELDS, {"frequency": "DAILY", "contact": []}, "sl") == [
        {"name": "when", "title": "Kdaj in za kje", "fields": [_field("frequency")]}
    ]


def test_the_first_facts_are_those_that_are_known():
    assert first_facts(FIELDS, {"license_id": "", "frequency": "DAILY", "contact": [{"name": "Ana"}]}) == [
        _field("frequency"),
        _field("contact"),
    ]


def _field(name):
    return next(field for field in FIELDS if field["field_name"] == name)
