"""A description walks through every way in and out and comes back whole (docs/fields.md: without loss)."""

import copy
import json

import pytest

from schemas import complete, dataset_fields, examples, internal_fields, resource_fields, texts


@pytest.mark.unit
def test_the_examples_use_every_field():
    seen = {"dataset": set(), "resource": set(), "internal": set()}
    for number in range(300):
        found = examples.record(number)
        seen["dataset"] |= set(found)
        seen["internal"] |= set(found["internal"])
        seen["resource"] |= {name for resource in found["resources"] for name in resource}
    left = {"theme", "retention_review_on", "authority_of", "in_series", "issued"}  # derived, or name other datasets
    assert {field.name for field in dataset_fields()} - seen["dataset"] <= left
    # access_url stands in for url; the others are set by rules
    assert {field.name for field in resource_fields()} - seen["resource"] <= {
        "access_url", "mimetype", "issued", "modified",
    }  # fmt: skip
    assert {field.name for field in internal_fields()} - seen["internal"] <= {"steward", "value_origin"}


def walk(site, number):
    """Create, show, send back what was shown: nothing is lost, nothing changes."""
    import ckan.plugins.toolkit as tk

    sent = examples.record(number)
    made = tk.get_action("package_create")(dict(site), copy.deepcopy(sent))
    shown = tk.get_action("package_show")(dict(site), {"id": made["id"]})
    internal = tk.get_action("kranj_internal_show")(dict(site), {"id": made["id"]})
    expected = complete(sent).dataset
    for field in dataset_fields():
        if field.name != "owner_org" and field.name in expected:
            assert shown[field.name] == expected[field.name], (number, field.name)
    for resource, wanted in zip(shown["resources"], expected["resources"], strict=True):
        for name, value in wanted.items():
            assert resource[name] == value, (number, name)
    for name, value in sent["internal"].items():
        assert internal["internal"][name] == value, (number, name)
    again = tk.get_action("package_update")(dict(site), {**copy.deepcopy(shown), "internal": internal["internal"]})
    assert {**again, "metadata_modified": ""} == {**shown, "metadata_modified": ""} | _warnings(again)
    assert tk.get_action("kranj_internal_show")(dict(site), {"id": made["id"]}) == internal


def _warnings(answer):
    return {key: answer[key] for key in answer if key == "kranj_warnings"}


@pytest.fixture
def site(catalogue):
    from ckan.tests import factories

    return {"user": factories.Sysadmin()["name"], "ignore_auth": False}


def test_descriptions_walk_through_the_api(site):
    for number in range(25):
        walk(site, number)


@pytest.mark.long
def test_a_thousand_descriptions_walk_through_the_api(site):
    for number in range(1000):
        walk(site, number)


def answered(site, number):
    """A broken description is stored, or refused with known codes; never anything else."""
    import re

    import ckan.plugins.toolkit as tk

    from ckanext.kranj.catalogue import organizations

    sent = examples.broken(number)
    refusal = None
    try:
        made = tk.get_action("package_create")(dict(site), copy.deepcopy(sent))
    except tk.ValidationError as error:
        refusal = json.dumps(error.error_dict, ensure_ascii=False)
    if refusal is not None:
        codes = set(re.findall(r"\[([a-z]+(?:-[a-z]+)*)\]", refusal))
        assert codes, (number, refusal)
        assert codes <= set(texts()), (number, codes)
        return
    shown = tk.get_action("package_show")(dict(site), {"id": made["id"]})
    inherited = organizations.defaults_of(organizations.find(made["owner_org"]))  # of what the breaking took away
    kept = complete({key: value for key, value in sent.items() if key != "internal"}, inherited).dataset
    for field in dataset_fields():
        if field.name != "owner_org":
            assert shown.get(field.name) == kept.get(field.name), (number, field.name)


def test_broken_descriptions_are_answered_by_the_api(site):
    for number in range(150):
        answered(site, number)


@pytest.mark.long
def test_ten_thousand_broken_descriptions_are_answered_by_the_api(site):
    for number in range(10_000):
        answered(site, number)
