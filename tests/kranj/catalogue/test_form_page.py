"""The parts of the form: steps, frames, complaints, and what of the internal block it does not ask for."""

import json

import pytest

from ckanext.kranj.catalogue import rectangle
from ckanext.kranj.catalogue.complaints import complaints, parsed
from ckanext.kranj.catalogue.forms import fold_in_place, folded
from ckanext.kranj.catalogue.map import map_window
from ckanext.kranj.catalogue.steps import conditions, step_of, steps

from schemas import dataset_fields
from schemas.inheritance import site_defaults

FRAME = {"west": 14.25, "south": 46.17, "east": 14.46, "north": 46.34}


@pytest.mark.unit
class TestSteps:
    def test_every_field_of_the_standard_is_asked_exactly_once(self):
        asked = [name for step in steps() for name in (*step.main, *step.more)]
        assert sorted(asked) == sorted(field.name for field in dataset_fields())

    def test_conditions_name_fields_and_codes_that_exist(self):
        fields = {field.name: field for field in dataset_fields()}
        from schemas import vocabulary

        for name, rule in conditions().items():
            codes = vocabulary(fields[rule["field"]].options["vocabulary"]).codes
            assert name in fields
            assert set(rule.get("is", rule.get("isnt"))) <= {*codes, ""}

    def test_internal_block_and_files_have_their_steps(self):
        assert (step_of("internal"), step_of("resources"), step_of("secrecy")) == ("where", "files", "access")


@pytest.mark.unit
class TestFrame:
    def test_there_and_back(self):
        assert rectangle.sides_of(rectangle.text_of(FRAME)) == FRAME

    @pytest.mark.parametrize(
        "text",
        [
            "", None, "x", "[]", '{"coordinates": 5}', '{"type": "Point", "coordinates": [14, 46]}',
            '{"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0.5, 0]]]}',
            '{"type": "Polygon", "coordinates": [[[0, 0], [2, 0], [1, 1], [0, 1], [0, 0]]]}',
        ],
    )  # fmt: skip
    def test_what_is_no_upright_frame_is_none(self, text):
        assert rectangle.sides_of(text) is None

    def test_a_frame_that_was_not_changed_keeps_its_very_text(self):
        text = site_defaults()["spatial_coverage"][0]["bbox"]
        data = {"bbox": text, **{f"bbox-{side}": str(value) for side, value in FRAME.items()}}
        assert rectangle.folded(data, "bbox") is text
        assert data == {}

    def test_changed_cleared_and_half_written(self):
        sides = {"bbox-west": "14,3", "bbox-south": "46.2", "bbox-east": "14.4", "bbox-north": "46.3"}
        assert rectangle.sides_of(rectangle.folded({"bbox": "", **sides}, "bbox"))["west"] == 14.3
        assert rectangle.folded({"bbox": "x", **dict.fromkeys(sides, "")}, "bbox") is None
        assert rectangle.folded({**sides, "bbox-west": ""}, "bbox") == ", 46.2, 14.4, 46.3"

    def test_the_window_holds_what_is_chosen(self):
        far = {"west": 13.4, "south": 45.4, "east": 16.6, "north": 46.9}
        window = map_window(FRAME, far)
        assert window["west"] < 13.4
        assert window["north"] > 46.9
        assert 0 <= window["chosen"]["x"] < window["city"]["x"] < window["width"]
        assert len(window["meridians"]) <= 13


@pytest.mark.unit
class TestInternalBlock:
    def test_what_is_asked_and_left_empty_is_sent_empty_and_nothing_else_is_sent(self):
        data = folded({"kranj_form": "1", "internal-location-system": "DMS", "internal-notes": ""})
        assert data["internal"] == {"location": {"system": "DMS"}, "notes": ""}


@pytest.mark.unit
def test_blank_rows_of_files_are_no_files():
    row = {"kranj_form": "1", "url": "", "format": "", "name_translated-sl": ""}
    data = {"kranj_form": "1", "resources": [{**row}, {**row, "url": "https://example.org/a.csv"}]}
    fold_in_place(data)
    assert data["resources"] == [{"url": "https://example.org/a.csv"}]
    data = {"kranj_form": "1", "resources": [{**row}]}
    fold_in_place(data)
    assert "resources" not in data


@pytest.mark.unit
def test_a_message_is_read_again():
    assert parsed("[missing] contact[0].name: Manjka: ime.") == ("contact[0].name", "Manjka: ime.", "missing")
    assert parsed("[missing] Podatek je obvezen: vnesite ga.") == ("", "Podatek je obvezen: vnesite ga.", "missing")
    assert parsed("Napaka: brez kode") == ("", "Napaka: brez kode", "")


def test_complaints_lead_to_the_controls(catalogue):
    errors = {
        "internal": ["[missing] internal.location.system: Manjka."],
        "resources": [{}, {"url": ["[missing] Manjka."]}],
        "contact": ["[not-an-email] contact[1].email: Ni naslov."],
        "title_translated": ["[slovene-missing] title_translated.sl: Manjka."],
    }
    assert [(item.step, item.box, item.target) for item in complaints(errors)] == [
        ("what", "title_translated", "field-title_translated-sl"),
        ("who", "contact", "field-contact-1-email"),
        ("where", "internal-location", "field-internal-location-system"),
        ("files", "resources", "field-resources-1-url"),
    ]


@pytest.fixture
def editor(catalogue):
    """A browser's posts by an editor of the municipality; without ``headers`` by nobody."""
    from ckan.tests import factories
    from ckan.tests.helpers import call_action

    user = factories.User()
    call_action("organization_member_create", id="mestna-obcina-kranj", username=user["name"], role="editor")
    headers = {"Authorization": factories.APIToken(user=user["name"])["token"]}
    return lambda path, data: catalogue.post(path, data=data, headers=headers)


def test_the_check_tells_what_is_missing_and_from_whom_the_rest_comes(editor):
    from ckan.tests.helpers import call_action

    owner = call_action("organization_show", id="mestna-obcina-kranj")["id"]
    answer = json.loads(editor("/kranj/form/check", {"kranj_form": "1", "owner_org": owner}).body)
    assert {item["label"] for item in answer["problems"]} >= {"Naziv zbirke", "Vsebinsko področje"}
    assert answer["missing"]["what"] == 3
    assert answer["inherited"]["frequency"]["source"] == "privzeto organizacije Mestna občina Kranj"
    assert answer["inherited"]["language"]["source"] == "privzeto za vse zbirke mesta"
    assert answer["inherited"]["retention_kind"]["value"] == "T_MIN"
    assert "po potrebi" in answer["inherited"]["frequency"]["html"]
    assert answer["system"] == "Dokumentni sistem MO Kranj"
    assert "Dokumentni sistem" not in answer["preview"]
    page = editor(
        "/kranj/form/preview", {"kranj_form": "1", "owner_org": owner, "title_translated-sl": "<b>x</b>"}
    ).body
    assert "&lt;b&gt;x&lt;/b&gt;" in page


@pytest.mark.parametrize("path", ["check", "preview"])
def test_nobody_else_is_told_anything(catalogue, path, complete_dataset):
    from ckan.tests import factories
    from ckan.tests.helpers import call_action

    stranger = {"Authorization": factories.APIToken(user=factories.User()["name"])["token"]}
    hidden = call_action("package_create", **{**complete_dataset, "visibility": "organization"})
    for headers in ({}, stranger):
        for data in ({"kranj_form": "1"}, {"kranj_form": "1", "pkg_name": hidden["id"]}):
            assert catalogue.post(f"/kranj/form/{path}", data=data, headers=headers).status_code == 403
