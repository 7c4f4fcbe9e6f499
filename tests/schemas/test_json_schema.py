"""The JSON Schemas say the same as validate(), and are made from the same list."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from schemas import complete, dataset_fields, examples, texts, validate, without_empty
from schemas import json_schema as made
from schemas.json_rules import RULES
from schemas.rules import BEYOND

pytestmark = pytest.mark.unit

FOLDER = Path(made.__file__).parent
NUMBERS = st.integers(min_value=0, max_value=2**32)


def refused(description):
    return sorted({(p.path, p.code) for p in validate(description) if p.severity == "error"})


@pytest.mark.parametrize("name", ["record.json", "internal.json"])
def test_the_files_are_up_to_date_and_are_schemas(name):
    content = (FOLDER / name).read_text(encoding="utf-8")
    assert content == made.files()[name], "run: python -m schemas.json_schema"
    Draft202012Validator.check_schema(json.loads(content))


def test_every_rule_across_fields_is_in_the_schema_or_named_as_beyond():
    in_schema = {rule["$comment"] for rule in RULES}
    source = (FOLDER / "rules.py").read_text(encoding="utf-8")
    errors = {code for code, entry in texts().items() if entry["severity"] == "error" and f'"{code}"' in source}
    # the start of a retention period is asked for with the period itself
    assert errors - in_schema - BEYOND == {"retention-start-missing"}


def equal_verdicts(description):
    found = refused(description)
    assert made.validator().is_valid(description) == (not found), found


@settings(max_examples=200, deadline=None)
@given(NUMBERS)
def test_a_valid_description_is_valid_for_both(number):
    description = examples.record(number)
    assert refused(description) == []
    assert [error.message for error in made.validator().iter_errors(without_empty(description))] == []


@settings(max_examples=400, deadline=None)
@given(NUMBERS)
def test_a_broken_description_gets_the_same_verdict(number):
    equal_verdicts(without_empty(examples.broken(number)))


@settings(max_examples=100, deadline=None)
@given(NUMBERS)
def test_so_does_a_completed_one_and_its_internal_block(number):
    description = without_empty(complete(examples.broken(number)).dataset)
    equal_verdicts(description)
    found = refused({"internal": description.get("internal", {})})
    if not {code for _, code in found} & BEYOND:
        own = [path for path, _ in found if path.startswith("internal")]
        assert made.validator("internal").is_valid(description.get("internal", {})) == (not own)


@pytest.mark.long
def test_ten_thousand_broken_descriptions_are_answered_and_judged_alike():
    for number in range(10_000):
        description = examples.broken(number)
        for problem in validate(description):
            assert problem.text("sl")
            assert problem.remedy("en")
        equal_verdicts(without_empty(description))


@pytest.mark.long
def test_a_thousand_valid_descriptions_are_valid():
    for number in range(1000):
        description = examples.record(number)
        assert refused(description) == []
        assert made.validator().is_valid(without_empty(description))


def test_every_field_has_words_for_the_editor():
    properties = made.record_schema()["properties"]
    assert [field.name for field in dataset_fields() if not properties[field.name]["title"]] == []


def test_other_validators_pass_over_our_formats(complete_dataset):
    plain = Draft202012Validator(made.record_schema())
    assert plain.is_valid(complete_dataset)
    assert not plain.is_valid({**complete_dataset, "frequency": "nikoli"})
