"""What suppliers get: the example, the annex, the observation record, the nearest public station."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import complete, complete_internal, dataset_fields, validate
from schemas.observations import TEMPLATE, check_observation, nearest_station, standing, stations, template_csv
from schemas.suppliers import EXAMPLE, annex_page, supplier_page

pytestmark = pytest.mark.unit


def test_the_example_of_the_page_keeps_the_standard():
    completed = complete(EXAMPLE).dataset
    completed["internal"] = complete_internal(EXAMPLE["internal"], completed).dataset
    assert validate(completed) == []
    assert json.loads(supplier_page().split("```json")[1].split("```")[0]) == EXAMPLE


def test_the_annex_asks_for_every_mandatory_field():
    for field in dataset_fields():
        assert (f"| `{field.name}` |" in annex_page()) == (field.rule in ("M", "P")), field.name


def test_the_template_of_an_observation_is_valid():
    assert check_observation(TEMPLATE) == []
    assert template_csv().splitlines()[0] == ",".join(TEMPLATE)


@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        ({"unit": ""}, "unit", "missing"),
        ({"time": "včeraj"}, "time", "not-a-date"),
        ({"result": "23,5"}, "result", "shape"),
        ({"lat": 146.26}, "lat", "out-of-range"),
        ({"gostota": 1}, "gostota", "unknown-key"),
    ],
)
def test_an_observation_is_refused_by_name(change, path, code):
    assert [(p.path, p.code) for p in check_observation({**TEMPLATE, **change})] == [(path, code)]


@given(
    st.none() | st.text() | st.lists(st.integers()) | st.dictionaries(st.text(), st.none() | st.text() | st.floats())
)
def test_any_observation_is_answered(value):
    assert all(problem.text("sl") for problem in check_observation(value))


def test_the_nearest_station_measures_what_is_asked():
    station, distance = nearest_station(14.36, 46.24, "PM10")
    assert (station["name"], distance) == ("Kranj (zrak)", 0.0)
    assert nearest_station(14.36, 46.24, "vodostaj")[0]["network"] == "ARSO, hidrologija"
    assert nearest_station(14.36, 46.24, "hrup")[0] in stations()["stations"]
    # one degree of latitude is 111.2 km
    assert nearest_station(14.46, 47.22, "veter")[1] == pytest.approx(97.5, abs=5)
    assert stations()["source"]
    assert stations()["date"]


def test_a_station_is_a_proposal_until_an_answer_of_its_owner_confirms_it():
    for station in stations()["stations"]:
        assert station["label"] in ("proposed", "confirmed"), station["name"]
        if station["label"] == "confirmed":
            assert station["source"]
            assert station["date"]
        assert ("predlog" in standing(station)) == (station["label"] == "proposed")
