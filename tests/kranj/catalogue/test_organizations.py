"""Organisations and content areas, and what an organisation gives to its datasets."""

import json

import pytest
from click.testing import CliRunner

import ckan.plugins.toolkit as tk
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.kranj.catalogue import city
from ckanext.kranj.catalogue.licences import as_ckan_list

from schemas import vocabulary


@pytest.fixture
def site(catalogue):
    return {"user": factories.Sysadmin()["name"]}


def test_the_city_is_set_up_once(catalogue):
    assert city.set_up()["created"] == 0
    areas = call_action("group_list")
    assert sorted(areas) == sorted(vocabulary("content_area").codes)
    shown = call_action("organization_show", id="domplan")
    assert (shown["title"], shown["circle"], shown["title_translated"]["en"]) == ("Domplan", "javne-sluzbe", "Domplan")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"organization_kind": "zadruga"}, "unknown-code"),
        ({"title_translated": {"en": "No Slovene"}}, "slovene-missing"),
        ({"registration_number": "123"}, "wrong-form"),
        ({"circle": ""}, "missing"),
    ],
)
def test_an_organisation_keeps_the_standard(site, change, code):
    data = {
        "name": "nova", "title_translated": {"sl": "Nova"}, "organization_kind": "nvo", "circle": "ostali",
        "duty": "prostovoljno", **change,
    }  # fmt: skip
    with pytest.raises(tk.ValidationError) as caught:
        tk.get_action("organization_create")(dict(site), data)
    assert f"[{code}]" in str(caught.value.error_dict)


def test_datasets_inherit_what_they_leave_empty(site, complete_dataset):
    shown = call_action("organization_show", id="domplan")
    defaults = {"frequency": "DAILY", "internal": {"location": {"system": "Toplarna"}}}
    tk.get_action("organization_patch")(dict(site), {"id": shown["id"], "defaults": defaults})
    for name in ("frequency", "internal", "license_id", "language", "charging_terms_translated"):
        complete_dataset.pop(name)
    dataset = tk.get_action("package_create")(dict(site), {**complete_dataset, "owner_org": "domplan"})
    assert (dataset["frequency"], dataset["license_id"], dataset["language"]) == ("DAILY", "CC_BY_4_0", ["SLV"])
    assert dataset["charging_terms_translated"]["sl"] == "Brezplačno."
    block = tk.get_action("kranj_internal_show")(dict(site), {"id": dataset["id"]})
    assert block["internal"]["location"]["system"] == "Toplarna"


@pytest.mark.unit
def test_the_licence_list_of_ckan_is_the_vocabulary():
    from importlib.resources import files

    packaged = files("ckanext.kranj.catalogue") / "licences.json"
    assert json.loads(packaged.read_text(encoding="utf-8")) == as_ckan_list()


def test_licences_are_known_to_ckan(site, complete_dataset):
    assert {item["id"] for item in call_action("license_list")} == set(vocabulary("licence").codes)
    dataset = tk.get_action("package_create")(dict(site), complete_dataset)
    assert dataset["license_title"].startswith("Creative Commons Priznanje avtorstva 4.0")
    assert dataset["isopen"] is True


class TestCommands:
    def test_setup_says_what_it_did(self, catalogue):
        from ckanext.kranj.cli import kranj

        result = CliRunner().invoke(kranj, ["setup", "--json"])
        assert json.loads(result.output) == {"created": 0, "existing": 22}

    def test_check_judges_what_is_stored(self, site, complete_dataset):
        from ckan import model

        from ckanext.kranj.cli import kranj

        dataset = tk.get_action("package_create")(dict(site), complete_dataset)
        result = CliRunner().invoke(kranj, ["check"])
        assert (result.exit_code, result.output.strip()) == (0, "0 problems, 0 of them errors")
        package = model.Package.get(dataset["id"])
        package.extras = {**package.extras, "frequency": "nikoli"}
        model.Session.commit()
        result = CliRunner().invoke(kranj, ["check", "--json"])
        assert result.exit_code == 1
        assert [(item["path"], item["code"]) for item in json.loads(result.output)] == [("frequency", "unknown-code")]
        counted = CliRunner().invoke(kranj, ["check", "--by-organization"]).output
        assert counted.split("\n")[0].split() == ["error", "unknown-code", "mestna-obcina-kranj", "1"]
