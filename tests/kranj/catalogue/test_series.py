"""Series of datasets: form, API, page, who sees and publishes them, and that in_series names one."""

import copy

import pytest

import ckan.plugins.toolkit as tk
from ckan.tests import factories
from ckan.tests.helpers import call_action

SERIES = {
    "type": "dataset_series", "title_translated": {"sl": "Letni proračuni", "en": "Yearly budgets"},
    "notes_translated": {"sl": "Proračuni občine po letih."}, "owner_org": "mestna-obcina-kranj", "frequency": "ANNUAL",
}  # fmt: skip


def person(organization):
    user = factories.User()
    call_action("organization_member_create", id=organization, username=user["name"], role="editor")
    token = factories.APIToken(user=user["name"])["token"]
    return {"user": user["name"], "ignore_auth": False}, {"Authorization": token}


@pytest.fixture
def editor(catalogue):
    return person("mestna-obcina-kranj")


@pytest.fixture
def office(catalogue):
    return person("podatkovna-pisarna")


def test_it_is_entered_by_form_and_shown(catalogue, editor):
    _, headers = editor
    owner = call_action("organization_show", id="mestna-obcina-kranj")["id"]
    posted = {
        "kranj_form": "1", "_ckan_phase": "", "save": "", "state": "active", "title_translated-sl": "Letni proračuni",
        "notes_translated-sl": "Proračuni občine po letih.", "owner_org": owner, "frequency": "ANNUAL",
        "visibility": "internal",
    }  # fmt: skip
    assert "Nov niz zbirk" in catalogue.get("/dataset_series/new", headers=headers).body
    answer = catalogue.post("/dataset_series/new", data=posted, headers=headers, follow_redirects=False)
    assert answer.status_code == 302, answer.body
    page = catalogue.get(answer.headers["Location"], headers=headers).body
    assert "Letni proračuni" in page
    assert "Zbirke v tem nizu" in page
    refused = catalogue.post("/dataset_series/new", data={**posted, "frequency": "vsak dan"}, headers=headers)
    assert "Ni še shranjeno" in refused.body


def test_all_that_is_missing_is_told_at_once(editor):
    with pytest.raises(tk.ValidationError) as caught:
        tk.get_action("package_create")(dict(editor[0]), {"type": "dataset_series", "owner_org": "mestna-obcina-kranj"})
    assert set(caught.value.error_dict) == {"title_translated", "notes_translated", "frequency"}


def test_only_the_data_office_publishes_it(catalogue, editor, office):
    made = tk.get_action("package_create")(dict(editor[0]), copy.deepcopy(SERIES))
    assert (made["visibility"], made["private"]) == ("internal", True)
    catalogue.get(f"/dataset_series/{made['name']}", status=404)
    with pytest.raises(tk.ValidationError) as caught:
        tk.get_action("package_patch")(dict(editor[0]), {"id": made["id"], "visibility": "public"})
    assert "series-public-by-office" in str(caught.value.error_dict)
    shown = tk.get_action("package_patch")(dict(office[0]), {"id": made["id"], "visibility": "public"})
    assert (shown["visibility"], shown["private"]) == ("public", False)
    assert "Letni proračuni" in catalogue.get(f"/dataset_series/{made['name']}").body
    tk.get_action("package_patch")(dict(editor[0]), {"id": made["id"], "frequency": "BIENNIAL"})  # stays public


def test_datasets_name_it_and_both_pages_lead_to_each_other(catalogue, editor, complete_dataset):
    site = {"user": factories.Sysadmin()["name"], "ignore_auth": False}
    series = tk.get_action("package_create")(dict(site), {**copy.deepcopy(SERIES), "visibility": "public"})
    for title, level in (("Proračun 2025", "public"), ("Proračun 2026", "internal")):
        sent = {**copy.deepcopy(complete_dataset), "title_translated": {"sl": title}, "visibility": level}
        dataset = tk.get_action("package_create")(dict(site), {**sent, "in_series": [series["id"]]})
        assert dataset["in_series"] == [series["id"]]
        if level == "public":
            assert "Letni proračuni" in catalogue.get(f"/dataset/{dataset['name']}").body
    page = catalogue.get(f"/dataset_series/{series['name']}").body
    assert "Proračun 2025" in page
    assert "Proračun 2026" not in page
    assert "Proračun 2026" in catalogue.get(f"/dataset_series/{series['name']}", headers=editor[1]).body
    with pytest.raises(tk.ValidationError) as caught:
        tk.get_action("package_patch")(dict(site), {"id": dataset["id"], "in_series": [dataset["id"]]})
    assert "unknown-dataset" in str(caught.value.error_dict)
