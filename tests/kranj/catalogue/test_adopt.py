"""The first dataset of an organisation without defaults teaches it what the next ones take over."""

import copy

import pytest
from bs4 import BeautifulSoup

import ckan.plugins.toolkit as tk
from ckan.tests import factories
from ckan.tests.helpers import call_action

OWNER = "komunala-kranj"
"""An organisation without defaults."""


def member(role, organization=OWNER):
    user = factories.User()["name"]
    call_action("organization_member_create", id=organization, username=user, role=role)
    return user


@pytest.fixture
def dataset(catalogue, complete_dataset):
    """The first dataset of the organisation, made by its editor: (id, editor)."""
    editor = member("editor")
    sent = {**copy.deepcopy(complete_dataset), "owner_org": OWNER, "visibility": "internal"}
    return tk.get_action("package_create")({"user": editor}, sent)["id"], editor


def adopt(user, identifier):
    return tk.get_action("kranj_defaults_adopt")({"user": user, "ignore_auth": False}, {"id": identifier})


def defaults():
    return call_action("organization_show", id=OWNER).get("defaults") or {}


def test_the_next_dataset_takes_over_what_the_first_one_taught(dataset, complete_dataset):
    identifier, editor = dataset
    members = call_action("member_list", id=OWNER)
    answer = adopt(editor, identifier)
    assert answer["organization"] == OWNER
    assert set(answer["adopted"]) == {
        "contact", "frequency", "retention_kind", "retention_period", "retention_starts", "internal",
    }  # fmt: skip
    assert defaults()["internal"] == {"location": {"system": "GIS Mestne občine Kranj", "kind": "database"}}
    assert call_action("member_list", id=OWNER) == members
    five = {
        "title_translated": {"sl": "Drevoredi v Kranju"},
        "notes_translated": complete_dataset["notes_translated"],
        "content_area": ["okolje-prostor"],
        "secrecy": "javno",
        "access_method": "on-site",
        "owner_org": OWNER,
    }
    made = tk.get_action("package_create")({"user": editor}, five)
    assert made["contact"] == complete_dataset["contact"]
    assert made["retention_period"] == complete_dataset["retention_period"]


def test_what_is_set_is_never_replaced(dataset):
    identifier, editor = dataset
    kept = {
        "contact": [{"name": "Vložišče", "email": "vlozisce@komunala.example"}],
        "retention_by_sign": {"371": {"retention_kind": "T"}},
        "internal": {"location": {"system": "Dokumentni sistem"}, "notes": "Ostane"},
    }
    call_action("organization_patch", id=OWNER, defaults=kept)
    assert set(adopt(editor, identifier)["adopted"]) == {"frequency"}
    assert {name: value for name, value in defaults().items() if name != "frequency"} == kept
    assert adopt(editor, identifier)["adopted"] == {}


@pytest.mark.parametrize(("role", "organization"), [("member", OWNER), ("admin", "domplan"), ("editor", "domplan")])
def test_others_may_not(dataset, role, organization):
    user = member(role, organization)
    with pytest.raises((tk.NotAuthorized, tk.ObjectNotFound)):
        adopt(user, dataset[0])
    assert defaults() == {}


def test_an_unknown_dataset_is_not_there(dataset):
    with pytest.raises(tk.ObjectNotFound):
        adopt(dataset[1], "ni-take")


def test_the_page_offers_it_to_editors_until_it_is_done(catalogue, dataset):
    identifier, editor = dataset

    def offer(user, lang=""):
        headers = {"Authorization": factories.APIToken(user=user)["token"]}
        page = BeautifulSoup(catalogue.get(f"{lang}/dataset/{identifier}", headers=headers).body, "html.parser")
        return page.select_one(".kranj-adopt")

    assert "Pogostost osveževanja" in offer(editor).text
    assert "Save as defaults of the organisation" in offer(editor, "/en").text
    assert offer(member("member")) is None
    headers = {"Authorization": factories.APIToken(user=editor)["token"]}
    done = catalogue.post(f"/dataset/{identifier}/adopt", headers=headers, follow_redirects=False)
    assert done.status_code == 302
    assert "frequency" in defaults()
    assert offer(editor) is None
    other = {"Authorization": factories.APIToken(user=member("admin", "domplan"))["token"]}
    assert catalogue.post(f"/dataset/{identifier}/adopt", headers=other).status_code in (403, 404)
