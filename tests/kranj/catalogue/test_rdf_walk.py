"""RDF as a way in and out: what our feed writes our harvester reads (tests/data/rdf_walk.yaml, docs/feed.md)."""

import pytest

from schemas import complete, dataset_fields, examples, resource_fields

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(("part", "fields"), [("dataset", dataset_fields()), ("resource", resource_fields())])
def test_every_field_is_decided(over_rdf, part, fields):
    known = [
        name for field in fields for name in (field.name, *(f"{field.name}.{sub.name}" for sub in field.subfields))
    ]
    assert list(over_rdf.decisions[part]) == known
    for name, decided in over_rdf.decisions[part].items():
        if decided != "same":
            what, why = decided
            assert what in ("changed", "open only", "kept back"), name
            assert len(why) > 5, name


@pytest.mark.parametrize(("part", "fields"), [("dataset", dataset_fields()), ("resource", resource_fields())])
def test_what_has_a_property_is_told(over_rdf, part, fields):
    """Only series, which stand on their own, have a property and do not come back."""
    back = {name for name, said in over_rdf.decisions[part].items() if said[0] == "kept back"}
    assert {field.name for field in fields if "dcat" in field.options} & back <= {"in_series"}


def test_what_the_feed_writes_the_harvester_reads(over_rdf):
    seen, told = set(), 0
    for number in range(200):
        dataset = {**examples.stored(number), "id": f"id-{number}", "name": f"zbirka-{number}"}
        told += dataset["visibility"] == "public"
        seen |= set(dataset) | {f"r.{name}" for resource in dataset["resources"] for name in resource}
        assert over_rdf.differences(dataset) == {}, number
    assert told > 25
    never = {"authority_of", "in_series"}  # name other datasets
    assert {field.name for field in dataset_fields()} - seen <= never


def test_a_complete_description_comes_back(over_rdf, complete_dataset):
    dataset = {**complete(complete_dataset).dataset, "id": "id-1", "name": "zbirka-1"}
    assert over_rdf.differences(dataset) == {}
    read = over_rdf.read_again(dataset)
    assert read["eurovoc"] == dataset["eurovoc"]
    assert read["operator"][0]["name"] == dataset["operator"][0]["name"]


def test_a_value_that_is_lost_is_noticed(over_rdf, monkeypatch):
    """The comparison is no yes-man: a property less in the feed is a difference."""
    from ckanext.kranj.feed import mapping

    dataset = {**examples.stored(3), "id": "id-3", "name": "zbirka-3"}
    lines = tuple(line for line in mapping.DATASET if line[1] not in ("frequency", "contact"))
    monkeypatch.setattr(mapping, "DATASET", lines)
    assert set(over_rdf.differences(dataset)) == {"frequency", "contact"}


@pytest.mark.parametrize("given", ["PT86M", "P18M", "PT36H", "P1Y", "PT15M"])
def test_a_duration_comes_back_as_long_as_it_was(over_rdf, given):
    dataset = {**examples.stored(1), "id": "id-1", "name": "zbirka-1", "visibility": "public"}
    assert over_rdf.differences({**dataset, "temporal_resolution": given}) == {}
    assert over_rdf.read_again({**dataset, "temporal_resolution": given})["temporal_resolution"]
