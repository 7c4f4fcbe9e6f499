"""The report of the standard: descriptions read in bulk are the ones that package_show gives, and each sees his own."""

import copy

import pytest

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.kranj.catalogue import city, report, stored

from schemas import without_empty


def member(role, organization):
    user = factories.User()
    call_action("organization_member_create", id=organization, username=user["name"], role=role)
    return {"name": user["name"], "headers": {"Authorization": factories.APIToken(user=user["name"])["token"]}}


@pytest.fixture
def made(catalogue, complete_dataset):
    """Two organisations, three levels, one draft."""

    def make(organization, **changes):
        data = copy.deepcopy(complete_dataset) | {"owner_org": organization, **changes}
        return call_action("package_create", **data)

    return {
        "public": make("domplan"),
        "restricted": make("domplan", visibility="restricted"),
        "draft": make("domplan", state="draft", notes_translated={}),
        "other": make("arso", visibility="internal"),
    }


@pytest.fixture
def broken(made):
    """A stored description that today's standard refuses: the frequency went past every check."""
    model.Session.execute(
        model.Package.__table__.update()
        .where(model.Package.id == made["restricted"]["id"])
        .values(extras={**model.Package.get(made["restricted"]["id"]).extras, "frequency": "SOMETIMES"})
    )
    model.Session.commit()
    return made["restricted"]


def told(person, **asked):
    found = tk.get_action("kranj_report")({"user": person["name"], "ignore_auth": False}, asked)
    return {
        (rule["code"], item["name"]) for rule in found["rules"] for item in rule["datasets"]
    }  # fmt: skip


def test_in_bulk_is_what_package_show_gives(made):
    names = set(stored.storage.names("dataset")) | {"resources", "owner_org"}
    read = {item["id"]: item for item in stored.descriptions()}
    assert set(read) == {item["id"] for item in made.values()}
    for identifier, item in read.items():
        shown = city.judged(tk.get_action("package_show")({"ignore_auth": True}, {"id": identifier}))
        for resource in shown["resources"]:
            for name in set(resource) - set(stored.storage.resource_names()):
                resource.pop(name)
        expected = without_empty({name: value for name, value in shown.items() if name in names})
        assert without_empty({name: item[name] for name in item if name in names}) == expected
        assert bool(item["internal"]) == (item["state"] != "draft" or bool(item["internal"]))


def test_batches_lose_nobody(made, monkeypatch):
    everyone = [item["id"] for item in stored.descriptions()]
    monkeypatch.setattr(stored, "BATCH", 1)
    assert [item["id"] for item in stored.descriptions()] == everyone
    assert len(everyone) == len(made)


def test_each_is_told_of_what_he_edits_and_sees(made, broken):
    owner, office, other = member("editor", "domplan"), member("editor", "podatkovna-pisarna"), member("editor", "arso")
    assert ("unknown-code", broken["name"]) in told(office)
    assert ("unknown-code", broken["name"]) not in told(owner)  # restricted to named people, of whom he is none
    call_action("package_collaborator_create", id=broken["id"], user_id=owner["name"], capacity="editor")
    assert ("unknown-code", broken["name"]) in told(owner, code="unknown-code", organization="domplan")
    assert {name for _, name in told(other)} <= {made["other"]["name"]}
    assert told(member("member", "domplan")) == set()
    assert ("missing", made["draft"]["name"]) in told(office)  # a draft is told what it lacks
    with pytest.raises(tk.ObjectNotFound):
        told(other, organization="domplan")
    with pytest.raises(tk.ObjectNotFound):
        told(owner, code="no-such-rule")


def test_the_page_says_what_helps_and_leads_to_the_form(catalogue, broken):
    office = member("editor", "podatkovna-pisarna")
    page = catalogue.get("/report", headers=office["headers"]).body
    assert "Izberite eno od vrednosti šifranta." in page
    assert f"/dataset/edit/{broken['name']}" in page
    assert "Choose a value of the code list." in catalogue.get("/en/report", headers=office["headers"]).body
    assert catalogue.get("/report?code=none", headers=office["headers"], expect_errors=True).status_code == 404
    assert catalogue.get("/report", follow_redirects=False).status_code in (302, 404)


def test_errors_come_first_and_long_lists_are_cut(monkeypatch):
    monkeypatch.setattr(report, "SHOWN", 1)
    words = {"remedy": {"sl": "Popravi.", "en": "Mend."}, "text": {"sl": "Ni.", "en": "Is not."}}
    about = {"name": "a", "title": "A", "state": "active", "path": "x", "organization": "o"}
    rules = report.by_rule(
        [
            {"code": "b", "severity": "warning", **words, **about},
            {"code": "b", "severity": "warning", **words, **about},
            {"code": "a", "severity": "error", **words, **about},
        ],
        "en",
    )
    assert [(rule["code"], rule["count"], len(rule["datasets"]), rule["remedy"]) for rule in rules] == [
        ("a", 1, 1, "Mend."), ("b", 2, 1, "Mend."),
    ]  # fmt: skip
