"""The glossary page: terms, the columns that hold them, and who may write."""

import copy

import pytest

from ckan.tests import factories
from ckan.tests.helpers import call_action

TERM = {
    "code": "naslov-ulice", "title_sl": "Naslov ulice", "title_en": "Street address", "definition_sl": "Ulica in št.",
}  # fmt: skip


@pytest.fixture
def office(catalogue):
    user = factories.User()
    call_action("organization_member_create", id="podatkovna-pisarna", username=user["name"], role="editor")
    return {"Authorization": factories.APIToken(user=user["name"])["token"]}


@pytest.fixture
def columns(catalogue, complete_dataset):
    """A public and an internal dataset, each with a column of the term."""
    call_action("kranj_term_update", **TERM)
    for title, level in (("Javna zbirka", "public"), ("Notranja zbirka", "internal")):
        sent = {**copy.deepcopy(complete_dataset), "title_translated": {"sl": title}, "visibility": level}
        made = call_action("package_create", **sent)
        column = {"name": f"ulica_{level}", "type": "besedilo", "term": TERM["code"]}
        call_action("kranj_columns_update", id=made["resources"][0]["id"], columns=[column])
    return made


def test_a_term_lists_the_columns_that_the_visitor_may_know_of(catalogue, columns, office):
    page = catalogue.get("/glossary").body
    assert 'id="naslov-ulice"' in page
    assert "Naslov ulice" in page
    assert "ulica_public" in page
    assert "ulica_internal" not in page
    assert "Notranja zbirka" not in page
    assert "Street address" in catalogue.get("/en/glossary").body
    assert "ulica_internal" in catalogue.get("/glossary", headers=office).body


def test_columns_lead_to_their_term(catalogue, columns, office):
    resource = f"/dataset/{columns['name']}/resource/{columns['resources'][0]['id']}"
    assert 'href="/glossary#naslov-ulice"' in catalogue.get(resource, headers=office).body


def test_the_data_office_writes_and_nobody_else(catalogue, office, columns):
    new = {**TERM, "code": "ulica", "title_sl": "Ulica"}
    answer = catalogue.post("/glossary", data=new, headers=office, follow_redirects=False)
    assert answer.headers["Location"].endswith("/glossary#ulica")
    assert "Ulica" in catalogue.get("/glossary").body
    refused = catalogue.post("/glossary", data={**new, "code": "Ni Oznaka", "title_sl": ""}, headers=office)
    assert "kranj-problems" in refused.body
    assert 'value="Ni Oznaka"' in refused.body
    user = factories.APIToken(user=factories.User()["name"])["token"]
    assert catalogue.post("/glossary", data=new, headers={"Authorization": user}).status_code == 403
    assert "kranj-form" not in catalogue.get("/glossary").body
