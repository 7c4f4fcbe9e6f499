"""The internal block on its own tab: who sees it, its form, the history of changes."""

import pytest

import ckan.plugins.toolkit as tk
from ckan.tests import factories
from ckan.tests.helpers import call_action


@pytest.fixture
def people(catalogue):
    """Headers by role: editor and member of the owner, a member of another organisation, nobody."""

    def account(organization, role):
        user = factories.User()
        call_action("organization_member_create", id=organization, username=user["name"], role=role)
        return {"Authorization": factories.APIToken(user=user["name"])["token"]}

    return {
        "editor": account("mestna-obcina-kranj", "editor"),
        "member": account("mestna-obcina-kranj", "member"),
        "office": account("podatkovna-pisarna", "member"),
        "other": account("komunala-kranj", "editor"),
        "nobody": {},
    }


@pytest.fixture
def dataset(catalogue, complete_dataset):
    complete_dataset["internal"]["notes"] = "Pogodba poteče julija."
    return call_action("package_create", **complete_dataset)


@pytest.mark.parametrize(
    "person",
    [("editor", 200, 200), ("member", 200, 403), ("office", 200, 200), ("other", 404, 404), ("nobody", 302, 302)],
)
def test_who_sees_the_tab_and_who_may_edit(catalogue, people, dataset, person):
    who, show, edit = person

    def status(path):
        return catalogue.get(path, headers=people[who], follow_redirects=False).status_code

    page = catalogue.get(f"/dataset/{dataset['name']}", headers=people[who]).body
    assert ("Notranji del" in page) is (show == 200)
    assert "gis01" not in page
    assert status(f"/dataset/{dataset['name']}/internal") == show
    assert status(f"/dataset/{dataset['name']}/internal/edit") == edit


def test_it_is_edited_without_losing_the_rest_and_the_history_says_who_and_what(catalogue, people, dataset):
    before = call_action("kranj_internal_show", id=dataset["id"])
    path = f"/dataset/{dataset['name']}/internal"
    posted = {
        "revision": before["revision"],
        "internal-location-system": "Nov GIS",
        "internal-location-kind": "database",
    }
    answer = catalogue.post(f"{path}/edit", data=posted, headers=people["editor"], follow_redirects=False)
    assert answer.status_code == 302, answer.body
    after = call_action("kranj_internal_show", id=dataset["id"])["internal"]
    assert after["location"] == {"system": "Nov GIS", "kind": "database"}
    assert {**after, "location": 0, "value_origin": 0} == {**before["internal"], "location": 0, "value_origin": 0}
    newest, first = call_action("kranj_internal_history", id=dataset["id"])
    assert [change["field"] for change in newest["changes"]] == ["location"]
    assert newest["changes"][0]["after"] == "Sistem: Nov GIS, Vrsta: Podatkovna baza"
    assert "gis01" in newest["changes"][0]["before"]
    assert newest["changed_by"]
    assert "notes" in [change["field"] for change in first["changes"]]
    assert "Nov GIS" in catalogue.get(path, headers=people["member"]).body


def test_a_refused_block_comes_back_filled(catalogue, people, dataset):
    path = f"/dataset/{dataset['name']}/internal/edit"
    posted = {
        "revision": 1,
        "internal-location-system": "",
        "internal-location-table": "parkirisca",
        "internal-notes": "x",
    }
    page = catalogue.post(path, data=posted, headers=people["editor"]).body
    assert 'href="#box-field-internal-location"' in page
    assert 'value="parkirisca"' in page
    assert call_action("kranj_internal_show", id=dataset["id"])["revision"] == 1


def test_somebody_was_faster(catalogue, people, dataset):
    stored = call_action("kranj_internal_show", id=dataset["id"])
    call_action("kranj_internal_update", id=dataset["id"], internal={**stored["internal"], "notes": "prvi"})
    posted = {"revision": stored["revision"], "internal-notes": "drugi"}
    page = catalogue.post(f"/dataset/{dataset['name']}/internal/edit", data=posted, headers=people["editor"]).body
    assert "drugi" in page
    assert call_action("kranj_internal_show", id=dataset["id"])["internal"]["notes"] == "prvi"


def test_history_is_for_those_who_see_the_block(people, dataset):
    stranger = {"user": factories.User()["name"], "ignore_auth": False}
    with pytest.raises((tk.NotAuthorized, tk.ObjectNotFound)):
        tk.get_action("kranj_internal_history")(stranger, {"id": dataset["id"]})
