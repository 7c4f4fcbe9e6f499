"""The data office writes as docs/roles.md says: descriptions of all organisations, and nothing technical."""

import pytest

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action


@pytest.fixture
def office(catalogue):
    """A member of the data office who belongs to no other organisation, over the API."""
    user = factories.User()["name"]
    call_action("organization_member_create", id="podatkovna-pisarna", username=user, role="editor")
    headers = {"Authorization": factories.APIToken(user=user)["token"]}

    def posts(action, **data):
        answer = catalogue.test_client(use_cookies=False).post(f"/api/action/{action}", json=data, headers=headers)
        return answer.status_code, answer.json.get("result")

    return posts


@pytest.mark.parametrize("level", ["public", "internal", "organization", "restricted"])
def test_it_writes_descriptions_of_all_organisations(office, complete_dataset, level):
    data = {**complete_dataset, "owner_org": "domplan", "visibility": level}
    made = tk.get_action("package_create")({"user": factories.Sysadmin()["name"]}, data)
    resource = made["resources"][0]
    new = {"name_translated": {"sl": "Drugi"}, "format": "CSV", "url": "https://podatki.example.org/d.csv",
           "license": resource["license"]}  # fmt: skip
    steps = [
        ("package_patch", {"id": made["id"], "version": "2"}),
        ("resource_patch", {"id": resource["id"], "description_translated": {"sl": "Opis vira."}}),
        ("kranj_internal_update", {"id": made["id"], "internal": complete_dataset["internal"]}),
        (
            "kranj_columns_update",
            {"id": resource["id"], "columns": [{"name": "a", "type": "besedilo", "title_sl": "A"}]},
        ),
        ("package_collaborator_create", {"id": made["id"], "user_id": factories.User()["id"], "capacity": "member"}),
        ("resource_create", {"package_id": made["id"], **new}),
        ("package_delete", {"id": made["id"]}),
    ]
    assert [(action, office(action, **given)[0]) for action, given in steps] == [(action, 200) for action, _ in steps]
    model.Session.rollback()
    package = model.Package.get(made["id"])
    assert (package.state, package.version) == ("deleted", "2")


def test_it_creates_descriptions_in_every_organisation(office, complete_dataset):
    status, made = office("package_create", **{**complete_dataset, "owner_org": "domplan"})
    assert status == 200
    assert made["organization"]["name"] == "domplan"


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("organization_create", {"name": "nova", "title_translated": {"sl": "Nova"}}),
        ("organization_patch", {"id": "domplan", "title_translated": {"sl": "Druga"}}),
        ("organization_delete", {"id": "domplan"}),
        ("organization_member_create", {"id": "domplan", "username": "admin", "role": "admin"}),
        ("user_create", {"name": "nov", "email": "nov@kranj.si", "password": "Zelo-dolgo-geslo-1"}),
        ("user_list", {}),
        ("config_option_show", {"key": "ckan.site_title"}),
        ("dataset_purge", {"id": "x"}),
        ("job_list", {}),
    ],
)
def test_it_has_no_technical_right(office, action, data):
    status = office(action, **data)[0]
    assert status == (200 if action == "user_list" else 403), "it finds colleagues to invite, nothing more"
