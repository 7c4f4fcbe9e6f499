"""New versions of code lists: read with suspicion, compared, values moved to their successors."""

import json

import pytest

from schemas import vocabulary
from schemas.code_lists import NotAListError, difference, read_list, remapped, used
from schemas.vocabulary import use_folder

pytestmark = pytest.mark.unit


@pytest.fixture
def areas():
    """The list of content areas as a file would hold it, for the test to change."""
    known = vocabulary("content_area")
    codes = [{"code": code, **known.extra(code)} for code in known.codes]
    return {**known.head, "codes": codes, "version": 2, "valid_from": "2027-01-01"}


def test_a_list_that_is_in_force_changes_nothing(areas):
    found = difference(areas)
    assert (found.added, found.removed, found.relabelled) == ([], {}, [])


def test_what_is_added_removed_and_relabelled_is_named(areas):
    areas["codes"] = [entry for entry in areas["codes"] if entry["code"] not in ("novice", "promet")]
    areas["codes"][0] = {**areas["codes"][0], "sl": "Občina"}
    areas["codes"].append(
        {"code": "mobilnost", "uri": "https://podatki.kranj.si/ns/x", "sl": "Mobilnost", "en": "Mobility"}
    )
    areas["remap"] = {"promet": "mobilnost"}
    found = difference(areas)
    assert found.added == ["mobilnost"]
    assert found.removed == {"promet": "mobilnost", "novice": None}
    assert found.relabelled == ["mestna-obcina"]


@pytest.mark.parametrize(
    "change",
    [
        {"codes": []}, {"codes": "x"}, {"name": "../x"}, {"title": {"sl": "x"}}, {"source": None}, {"date": "jutri"},
        {"codes": [{"code": "a"}]}, {"remap": {"promet": "nikamor"}},
        {"codes": [{"code": "a", "uri": "ni naslov", "sl": "a", "en": "a"}]},
        {"codes": [{"code": "a", "uri": "https://a.si", "sl": "a", "en": "a"}] * 2},
    ],
)  # fmt: skip
def test_a_file_that_is_no_list_is_refused_with_a_reason(areas, change, tmp_path):
    file = tmp_path / "a.json"
    file.write_text(json.dumps({**areas, **change}), encoding="utf-8")
    with pytest.raises(NotAListError, match=r"a\.json"):
        read_list(file)


def test_codes_of_a_description_are_found_and_moved(complete_dataset):
    places = {item.path: item.code for item in used(complete_dataset)}
    assert places["content_area"] == "promet"
    assert places["resources[0].format"] == "CSV"
    assert places["internal.users[0].kind"] == "enota"
    moved = remapped({**complete_dataset, "content_area": ["promet", "novice"]}, "content_area", {"promet": "novice"})
    assert moved["content_area"] == ["novice"]
    assert remapped(complete_dataset, "content_area", {}) == complete_dataset


def test_the_operators_version_stands_in_for_ours(areas, tmp_path):
    before = vocabulary("content_area").codes
    areas["codes"] = areas["codes"][:2]
    (tmp_path / "content_area.json").write_text(json.dumps(areas), encoding="utf-8")
    try:
        use_folder(tmp_path)
        assert vocabulary("content_area").codes == before[:2]
        assert vocabulary("frequency").codes
    finally:
        use_folder(tmp_path / "none")
    assert vocabulary("content_area").codes == before
