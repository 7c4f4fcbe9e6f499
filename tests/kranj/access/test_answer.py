"""Long answers of the API take a quicker way into JSON and say the same."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import simplejson
from hypothesis import given
from hypothesis import strategies as st

from ckan.views.api import _json_serial

from ckanext.kranj.access.answer import Answer

pytestmark = pytest.mark.unit

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters()) | st.datetimes(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


def written(value):
    """As CKAN's API writes it."""
    return simplejson.dumps({"success": True, "result": value}, default=_json_serial, for_json=True)


@given(st.dictionaries(st.text(st.characters()), VALUES, max_size=5))
def test_it_says_what_a_plain_dictionary_says(value):
    assert json.loads(written(Answer(value))) == json.loads(written(value))


def test_what_was_changed_after_it_was_made_is_written_as_it_is_then():
    answer = Answer(results=[{"title": "Skrivno", "notes": "č"}])
    del answer["results"][0]["title"]
    assert written(answer) == '{"success": true, "result": {"results":[{"notes":"č"}]}}'


@pytest.mark.parametrize("value", ["\ud800", Decimal("1.50"), {1: 2}, (1, 2)])
def test_odd_values_are_written_as_ckan_writes_them(value):
    assert json.loads(written(Answer(value=value))) == json.loads(written({"value": value}))


def test_a_time_with_a_zone_is_the_same_moment():
    moment = datetime(2026, 11, 27, 8, 30, tzinfo=UTC)
    assert datetime.fromisoformat(json.loads(written(Answer(value=moment)))["result"]["value"]) == moment


def test_what_nobody_can_write_is_refused_as_ever():
    with pytest.raises(TypeError):
        written(Answer(value=object()))
