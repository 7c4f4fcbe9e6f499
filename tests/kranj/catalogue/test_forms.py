"""A steward's form: from what a browser posts to a stored description, and back into the form."""

import pytest
from bs4 import BeautifulSoup

import ckan.plugins.toolkit as tk
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.kranj.catalogue.forms import folded

FORM = {
    "kranj_form": "1",
    "title_translated-sl": "Zbiralnice odpadkov",
    "title_translated-en": "",
    "notes_translated-sl": "Lokacije zbiralnic ločenih frakcij s seznamom zabojnikov in datumom praznjenja.",
    "content_area": "okolje-prostor",
    "owner_org": "komunala-kranj",
    "owner_status": "potrjen",
    "contact-0-name": "Komunala Kranj",
    "contact-0-email": "info@example.si",
    "contact-1-name": "",
    "contact-1-email": "",
    "frequency": "WEEKLY",
    "issued": "2026-11-24",
    "secrecy": "javno",
    "access_method": "download",
    "retention_kind": "LETA",
    "retention_period": "P5Y",
    "retention_starts": "year-end",
    "tags_translated-sl": "odpadki\r\nzbiralnice\r\n",
    "spatial_resolution_in_meters": "0,5",
    "language": ["SLV", "ENG"],
    "internal-location-system": "GIS komunale",
    "internal-location-kind": "database",
    "save": "",
}


class TestFolding:
    pytestmark = pytest.mark.unit

    def test_values_take_the_shape_of_the_standard(self):
        data = folded(FORM)
        assert data["title_translated"] == {"sl": "Zbiralnice odpadkov"}
        assert data["contact"] == [{"name": "Komunala Kranj", "email": "info@example.si"}]
        assert data["content_area"] == ["okolje-prostor"]
        assert data["language"] == ["SLV", "ENG"]
        assert data["tags_translated"] == {"sl": ["odpadki", "zbiralnice"]}
        assert data["spatial_resolution_in_meters"] == 0.5
        assert data["internal"] == {"location": {"system": "GIS komunale", "kind": "database"}}
        assert not [key for key in data if "-" in key or key in {"save", "kranj_form"}]

    def test_what_comes_over_the_api_is_left_alone(self):
        sent = {"title_translated-sl": "x", "content_area": "promet"}
        assert folded(sent) is sent

    def test_more_than_ten_rows_keep_their_order(self):
        rows = {f"contact-{number}-name": str(number) for number in range(12)}
        assert [row["name"] for row in folded({"kranj_form": "1", **rows})["contact"]] == [str(n) for n in range(12)]

    def test_a_number_that_is_none_is_kept_to_be_refused_by_name(self):
        assert (
            folded({"kranj_form": "1", "spatial_resolution_in_meters": "pet"})["spatial_resolution_in_meters"] == "pet"
        )


@pytest.fixture
def steward(catalogue):
    """A browser of an editor of Komunala."""
    user = factories.User()
    call_action("organization_member_create", id="komunala-kranj", username=user["name"], role="editor")
    headers = {"Authorization": factories.APIToken(user=user["name"])["token"]}

    class Browser:
        name = user["name"]

        @staticmethod
        def get(url):
            return catalogue.get(url, headers=headers)

        @staticmethod
        def post(url, data):
            return catalogue.post(url, headers=headers, data=data, follow_redirects=False)

    return Browser


def problems(answer):
    """What a page that came back complains of."""
    return BeautifulSoup(answer.body, "html.parser").select(".kranj-problems, .error-explanation")


def organization():
    return call_action("organization_show", id="komunala-kranj")["id"]


def stored():
    return call_action("package_search", include_private=True, include_drafts=True)["results"]


def test_a_posted_form_becomes_a_dataset(steward):
    answer = steward.post("/dataset/new", {**FORM, "owner_org": organization(), "_ckan_phase": ""})
    assert answer.status_code in {302, 303}, problems(answer)
    (dataset,) = stored()
    assert dataset["title"] == "Zbiralnice odpadkov"
    assert (dataset["visibility"], dataset["private"]) == ("internal", True)
    block = call_action("kranj_internal_show", {"user": steward.name, "ignore_auth": False}, id=dataset["id"])[
        "internal"
    ]
    assert block["location"] == {"system": "GIS komunale", "kind": "database"}
    assert block["usage_answer"]["status"] == block["users_answer"]["status"] == "se-ni-popisano"
    assert block["value_origin"]["usage_answer"] == block["value_origin"]["charging_terms_translated"] == "default"
    assert "title_translated" not in block["value_origin"]


def test_a_refused_form_comes_back_filled_with_all_problems(steward):
    data = {**FORM, "owner_org": organization(), "frequency": "", "notes_translated-sl": "prekratko", "_ckan_phase": ""}
    page = BeautifulSoup(steward.post("/dataset/new", data).body, "html.parser")
    assert page.select_one("#field-title_translated-sl")["value"] == "Zbiralnice odpadkov"
    assert page.select_one("input[name=contact-0-email]")["value"] == "info@example.si"
    assert page.select_one("input[name=internal-location-system]")["value"] == "GIS komunale"
    assert "prekratko" in page.select_one("#field-notes_translated-sl").text
    assert page.select("#field-notes_translated-problems li")
    assert page.select("#field-frequency-problems li")
    assert stored() == []


def test_the_edit_form_shows_what_is_stored_and_saves_it_unchanged(steward):
    steward.post("/dataset/new", {**FORM, "owner_org": organization(), "_ckan_phase": ""})
    (before,) = stored()
    page = BeautifulSoup(steward.get(f"/dataset/edit/{before['id']}").body, "html.parser")
    form = page.select_one("form#dataset-edit")
    posted = {}
    for element in form.select("input[name], select[name], textarea[name]"):
        if element.name == "select":
            value = [option["value"] for option in element.select("option[selected]")]
        elif element.get("type") in {"checkbox", "radio"}:
            value = [element["value"]] if element.has_attr("checked") else []
        else:
            value = [element.text if element.name == "textarea" else element.get("value", "")]
        posted.setdefault(element["name"], []).extend(value)
    posted["save"] = [""]
    answer = steward.post(f"/dataset/edit/{before['id']}", {key: value for key, value in posted.items() if value})
    assert answer.status_code in {302, 303}, problems(answer)
    (after,) = stored()
    assert {**after, "metadata_modified": ""} == {**before, "metadata_modified": ""}


def test_a_resource_is_added_by_form(steward):
    steward.post("/dataset/new", {**FORM, "owner_org": organization(), "_ckan_phase": ""})
    (dataset,) = stored()
    data = {
        "kranj_form": "1", "id": "", "save": "go-dataset-complete", "name_translated-sl": "Zbiralnice (CSV)",
        "url": "https://example.org/zbiralnice.csv", "url_type": "", "format": "",
    }  # fmt: skip
    answer = steward.post(f"/dataset/{dataset['id']}/resource/new", data)
    assert answer.status_code in {302, 303}, problems(answer)
    (resource,) = stored()[0]["resources"]
    assert (resource["name"], resource["format"], resource["mimetype"]) == ("Zbiralnice (CSV)", "CSV", "text/csv")


@pytest.mark.parametrize("lang", ["", "/en"])
def test_every_page_of_a_dataset_answers(steward, lang, complete_dataset):
    complete_dataset["owner_org"] = "komunala-kranj"
    dataset = tk.get_action("package_create")({"user": steward.name, "ignore_auth": False}, complete_dataset)
    page, resource = f"/dataset/{dataset['id']}", dataset["resources"][0]["id"]
    for path in (
        "/", "/dataset/", page, f"{page}/resource/{resource}", f"/dataset/edit/{dataset['id']}",
        f"{page}/resource/{resource}/edit", "/organization/", "/organization/komunala-kranj", "/group/",
        "/group/promet", "/about",
    ):  # fmt: skip
        assert steward.get(lang + path).status_code == 200, path
