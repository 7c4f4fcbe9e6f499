"""The parts of the standard that only the catalogue can keep: links, members, origins, what is append-only."""

import pytest

import ckan.plugins.toolkit as tk
from ckan.tests import factories
from ckan.tests.helpers import call_action


@pytest.fixture
def site(catalogue):
    return {"user": factories.Sysadmin()["name"], "ignore_auth": False}


@pytest.fixture
def save(site, complete_dataset):
    """Create a dataset from the complete one with some values replaced."""
    return lambda **changes: tk.get_action("package_create")(dict(site), {**complete_dataset, **changes})


def block_of(site, dataset):
    return tk.get_action("kranj_internal_show")(dict(site), {"id": dataset["id"]})["internal"]


def errors(action, site, data):
    with pytest.raises(tk.ValidationError) as caught:
        tk.get_action(action)(dict(site), data)
    return caught.value.error_dict


def test_a_copy_names_a_dataset_of_ours(site, save):
    original = save()
    copy = save(title_translated={"sl": "Kopija parkirišč"}, record_role="kopija", authority_of=original["id"])
    assert copy["authority_of"] == original["id"]
    found = errors("package_patch", site, {"id": copy["id"], "authority_of": "ni-je"})
    assert found["authority_of"][0].startswith("[unknown-dataset]")


def test_a_title_of_the_same_owner_twice_is_mentioned(save):
    assert "kranj_warnings" not in save()
    again = save()
    assert [item["code"] for item in again["kranj_warnings"]] == ["title-not-unique"]


def test_the_steward_belongs_to_the_owner(site, save, complete_dataset):
    user = factories.User()
    internal = {**complete_dataset["internal"], "steward": user["name"]}
    data = {**complete_dataset, "internal": internal}
    assert "[not-a-member]" in errors("package_create", site, data)["internal"][0]
    owner = call_action("organization_show", id="mestna-obcina-kranj")
    call_action("organization_member_create", id=owner["id"], username=user["name"], role="editor")
    assert block_of(site, save(internal=internal))["steward"] == user["name"]


def test_decisions_on_retention_are_only_added(site, save, complete_dataset):
    first = {"decision": "zadrzi", "on": "2026-11-01", "by": "Skrbnik"}
    dataset = save(internal={**complete_dataset["internal"], "disposal": [first]})
    second = {"decision": "unici", "on": "2026-11-20", "by": "Skrbnik"}
    changed = {"id": dataset["id"], "internal": {"disposal": [second]}}
    assert "[append-only]" in errors("package_patch", site, changed)["internal"][0]
    assert (
        "[append-only]"
        in errors("kranj_internal_update", site, {**changed, "internal": {**block_of(site, dataset), "disposal": []}})[
            "internal"
        ][0]
    )
    tk.get_action("package_patch")(dict(site), {"id": dataset["id"], "internal": {"disposal": [first, second]}})
    assert block_of(site, dataset)["disposal"] == [first, second]


def test_publication_answers_what_nobody_asked(site, save, complete_dataset):
    internal = {"location": complete_dataset["internal"]["location"]}
    dataset = save(visibility="internal", internal=internal)
    assert block_of(site, dataset)["users_answer"]["status"] == "se-ni-popisano"
    tk.get_action("package_patch")(dict(site), {"id": dataset["id"], "visibility": "public"})
    assert block_of(site, dataset)["users_answer"]["status"] == "ni-znane-uporabe"
    stated = {**internal, "usage_answer": {"status": "se-ni-popisano", "on": "2026-11-01"}}
    found = errors("package_create", site, {**complete_dataset, "internal": stated})
    assert "[not-surveyed-in-public]" in found["internal"][0]


def test_what_is_inherited_stays_inherited_until_somebody_types(site, save, complete_dataset):
    del complete_dataset["license_id"]
    dataset = save()
    assert block_of(site, dataset)["value_origin"] == {"license_id": "default"}
    tk.get_action("package_patch")(dict(site), {"id": dataset["id"], "version": "2"})
    assert block_of(site, dataset)["value_origin"] == {"license_id": "default"}
    tk.get_action("package_patch")(dict(site), {"id": dataset["id"], "license_id": "CC0"})
    assert block_of(site, dataset)["value_origin"] == {"license_id": "steward"}
    tk.get_action("package_patch")(dict(site), {"id": dataset["id"], "version": "3"})
    assert block_of(site, dataset)["value_origin"] == {"license_id": "steward"}
    tk.get_action("package_patch")(dict(site), {"id": dataset["id"], "license_id": ""})
    assert block_of(site, dataset)["value_origin"] == {"license_id": "default"}


def test_what_the_portal_itself_saves_is_nobody_s_word(site, save, complete_dataset):
    del complete_dataset["license_id"]
    dataset = save()
    portal = {"user": site["user"], "ignore_auth": True}
    tk.get_action("package_patch")(portal, {"id": dataset["id"], "license_id": "CC0"})
    assert "value_origin" not in block_of(site, dataset)


def test_what_was_derived_follows_a_change(site, save):
    dataset = save(visibility="internal", access_method="on-request")
    assert (dataset["access_rights"], dataset["theme"]) == ("PUBLIC", ["TRAN"])
    assert dataset["retention_review_on"] == "2029-12-31"
    changed = {
        "secrecy": "osebni-podatki", "protection_grounds": [{"ground": "osebni-podatki"}], "aggregation": "izvorni",
        "license_id": "", "content_area": ["gospodarstvo"], "retention_period": "P2Y",
        "resources": [{"name_translated": {"sl": "Opis"}, "format": "CSV"}],
        "internal": {"processing": {"purpose": "Javna naloga", "legal_basis": ["6-1-e"]}},
    }  # fmt: skip
    shown = tk.get_action("package_patch")(dict(site), {"id": dataset["id"], **changed})
    assert (shown["access_rights"], shown["theme"]) == ("RESTRICTED", ["ECON"])
    assert shown["retention_review_on"] == "2026-12-31"


def test_personal_data_need_a_record_of_processing(site, complete_dataset):
    data = {
        **complete_dataset, "visibility": "internal", "secrecy": "osebni-podatki", "license_id": "",
        "protection_grounds": [{"ground": "osebni-podatki"}], "aggregation": "izvorni", "resources": [],
    }  # fmt: skip
    assert "[processing-missing]" in errors("package_create", site, data)["internal"][0]
    owner = call_action("organization_show", id="mestna-obcina-kranj")
    processing = {"purpose": "Javna naloga", "legal_basis": ["6-1-e"]}
    defaults = {"internal": {"processing": processing}}
    tk.get_action("organization_patch")(dict(site), {"id": owner["id"], "defaults": defaults})
    dataset = tk.get_action("package_create")(dict(site), data)
    assert block_of(site, dataset)["processing"] == processing
    assert block_of(site, dataset)["value_origin"]["processing"] == "default"


def test_a_page_with_the_whole_internal_block_opens(catalogue, site, save, complete_dataset):
    internal = {
        **complete_dataset["internal"],
        "processing": {"purpose": "Javna naloga", "legal_basis": ["6-1-e"], "recipients": ["Občina"]},
        "discovery": [{"finding": "Podvojena zbirka", "on": "2026-11-01"}],
    }
    dataset = save(internal=internal)
    user = factories.SysadminWithToken()
    page = catalogue.get(f"/dataset/{dataset['name']}/internal", headers={"Authorization": user["token"]})
    assert "Podvojena zbirka" in page.body
