"""A public description of protected data: no file, no address, and a way to ask."""

import copy

import pytest

import ckan.plugins.toolkit as tk
from ckan.tests import factories
from ckan.tests.helpers import call_action


@pytest.fixture
def described(complete_dataset):
    """A public description of personal data."""
    data = copy.deepcopy(complete_dataset) | {"owner_org": "domplan", "secrecy": "osebni-podatki"}
    data |= {
        "protection_grounds": [{"ground": "osebni-podatki"}],
        "aggregation": "izvorni",
        "access_method": "on-request",
    }
    data["internal"]["processing"] = {"purpose": "Javna naloga", "legal_basis": ["6-1-e"]}
    data.pop("license_id")
    for resource in data["resources"]:
        for name in ("url", "download_url", "license"):
            resource.pop(name)
    return data


@pytest.fixture
def record(catalogue, described):
    return tk.get_action("package_create")({"user": factories.Sysadmin()["name"]}, described)


def member(role, organization):
    user = factories.User()
    call_action("organization_member_create", id=organization, username=user["name"], role=role)
    return user["name"]


def act(name, user, **data):
    return tk.get_action(name)({"user": user, "ignore_auth": False}, data)


@pytest.mark.parametrize("name", ["url", "download_url", "access_url"])
def test_it_exposes_no_address(catalogue, described, name):
    described["resources"][0][name] = "https://podatki.example.org/osebe.csv"
    with pytest.raises(tk.ValidationError, match="address-of-protected-data"):
        tk.get_action("package_create")({"user": factories.Sysadmin()["name"]}, described)


def test_an_old_address_is_gone_when_data_become_protected(catalogue, complete_dataset, described):
    user = factories.Sysadmin()["name"]
    made = tk.get_action("package_create")({"user": user}, {**complete_dataset, "owner_org": "domplan"})
    old = made["resources"][0]["url"]
    tk.get_action("package_update")({"user": user}, {**described, "id": made["id"]})
    for path in (f"/dataset/{made['name']}", f"/api/action/package_show?id={made['id']}", f"/dataset/{made['id']}.ttl",
                 "/api/action/package_search", "/catalog.ttl", "/api/action/resource_search?query=url:po"):  # fmt: skip
        assert old not in catalogue.get(path).body, path


def test_asking_and_answering(record):
    asks, editor = factories.User()["name"], member("editor", "domplan")
    made = act(
        "kranj_access_request_create", asks, id=record["id"], purpose="Raziskava", legal_basis="ZVOP-2, 69. člen"
    )
    assert [row["purpose"] for row in act("kranj_access_request_list", editor, id=record["id"])] == ["Raziskava"]
    with pytest.raises(tk.NotAuthorized):
        act("kranj_access_request_list", asks, id=record["id"])
    answered = act("kranj_access_request_decide", editor, request=made["id"], status="refused", answer="Ni podlage.")
    assert (answered["status"], answered["answer"]) == ("refused", "Ni podlage.")
    with pytest.raises(tk.ValidationError):
        act("kranj_access_request_decide", editor, request=made["id"], status="granted", answer="Vendarle.")


def test_purpose_and_basis_are_needed(record):
    with pytest.raises(tk.ValidationError) as caught:
        act("kranj_access_request_create", factories.User()["name"], id=record["id"])
    assert set(caught.value.error_dict) == {"purpose", "legal_basis"}


def test_nobody_asks_for_what_he_does_not_see(record):
    call_action("package_patch", {"user": factories.Sysadmin()["name"]}, id=record["id"], visibility="organization")
    with pytest.raises(tk.ObjectNotFound):
        act("kranj_access_request_create", factories.User()["name"], id=record["id"], purpose="x", legal_basis="y")


def test_the_page(record, catalogue):
    headers = {"Authorization": factories.APIToken(user=factories.User()["name"])["token"]}
    path = f"/dataset/{record['name']}/request-access"
    assert "Pravna podlaga" in catalogue.get(path, headers=headers).body
    answer = catalogue.post(path, headers=headers, data={"purpose": "Raziskava", "legal_basis": "Zakon"},
                            follow_redirects=False)  # fmt: skip
    assert answer.status_code == 302
