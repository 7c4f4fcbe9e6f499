"""A wider level needs a second person; all else of a save goes through at once."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.kranj.approval import checklist, flow
from ckanext.kranj.approval.model import Approval


def member(role, organization):
    user = factories.User()
    call_action("organization_member_create", id=organization, username=user["name"], role=role)
    return user["name"]


@pytest.fixture
def people(catalogue, monkeypatch):
    monkeypatch.setitem(tk.config, "kranj.approval", True)
    return {
        "steward": member("editor", "domplan"),
        "office": member("editor", "podatkovna-pisarna"),
        "second": member("editor", "podatkovna-pisarna"),
        "reader": member("member", "domplan"),
    }


def act(name, user, **data):
    return tk.get_action(name)({"user": user, "ignore_auth": False}, data)


@pytest.fixture
def record(people, complete_dataset):
    """A description that its steward wanted to publish."""
    return act("package_create", people["steward"], **{**complete_dataset, "owner_org": "domplan"})


def level(record):
    model.Session.rollback()
    return model.Package.get(record["id"]).extras["visibility"]


def waiting(record):
    model.Session.rollback()
    found = Approval.open_of(record["id"])
    return (found.wanted, found.status) if found else None


def test_a_new_public_description_is_internal_until_somebody_else_agrees(people, record):
    assert [problem["code"] for problem in record["kranj_warnings"]] == ["needs-approval"]
    assert (level(record), waiting(record)) == ("internal", ("public", "waiting"))
    (proposal,) = act("kranj_approval_list", people["office"])
    done = act("kranj_approval_decide", people["office"], ids=[proposal["id"]], decision="approve")
    assert (done["decided"], done["refused"]) == ([proposal["id"]], {})
    assert (level(record), waiting(record)) == ("public", None)


def test_the_rest_of_a_save_succeeds(people, record):
    act(
        "kranj_approval_decide",
        people["office"],
        id=Approval.open_of(record["id"]).id,
        decision="return",
        comment="Ne še.",
    )
    saved = act("package_patch", people["steward"], id=record["id"], visibility="public", version="2")
    assert (saved["version"], saved["visibility"]) == ("2", "internal")
    assert (level(record), waiting(record)) == ("internal", ("public", "waiting"))


def test_narrowing_acts_at_once_and_takes_the_proposal_back(people, record):
    act("package_patch", people["steward"], id=record["id"], visibility="restricted")
    assert (level(record), waiting(record)) == ("restricted", None)


def test_nobody_decides_about_his_own(people, complete_dataset):
    made = act("package_create", people["office"], **{**complete_dataset, "owner_org": "domplan"})
    proposal = Approval.open_of(made["id"]).id
    assert act("kranj_approval_decide", people["office"], id=proposal, decision="approve")["refused"] == {
        proposal: "own-proposal"
    }
    assert level(made) == "internal"
    assert act("kranj_approval_decide", people["second"], id=proposal, decision="approve")["decided"] == [proposal]


@pytest.mark.parametrize("person", ["steward", "reader"])
def test_only_the_data_office_decides(people, record, person):
    with pytest.raises(tk.NotAuthorized):
        act("kranj_approval_decide", people[person], id=Approval.open_of(record["id"]).id, decision="approve")


def test_a_return_says_why(people, record):
    proposal = Approval.open_of(record["id"]).id
    with pytest.raises(tk.ValidationError):
        act("kranj_approval_decide", people["office"], id=proposal, decision="return")
    act("kranj_approval_decide", people["office"], id=proposal, decision="return", comment="Opišite namen.")
    assert waiting(record) is None
    assert model.Session.get(Approval, proposal).comment == "Opišite namen."


def test_a_day_of_publication(people, record):
    tomorrow = datetime.now(tz=UTC).date() + timedelta(days=1)
    asked = act("kranj_approval_request", people["steward"], id=record["id"], visibility="public",
                publish_on=tomorrow.isoformat())  # fmt: skip
    act("kranj_approval_decide", people["office"], id=asked["id"], decision="approve")
    assert (level(record), waiting(record)) == ("internal", ("public", "approved"))
    assert flow.carry_out_due(tomorrow - timedelta(days=1)) == (0, [])
    assert flow.carry_out_due(tomorrow) == (1, [])
    assert flow.carry_out_due(tomorrow) == (0, [])
    assert level(record) == "public"


def test_what_a_change_would_mean_is_said_before(people, record):
    found = act("kranj_level_preview", people["steward"], id=record["id"], visibility="public")
    assert (found["needs_approval"], found["gain"], found["problems"]) == (True, "everybody", [])
    narrower = act("kranj_level_preview", people["steward"], id=record["id"], visibility="organization")
    assert (narrower["needs_approval"], narrower["gain"], narrower["lose"]) == (False, 0, 2)


def test_a_level_that_the_standard_refuses_is_not_proposed(people, complete_dataset):
    data = {**complete_dataset, "owner_org": "domplan", "visibility": "internal", "owner_status": "predlagan"}
    made = act("package_create", people["steward"], **data)
    with pytest.raises(tk.ValidationError):
        act("kranj_approval_request", people["steward"], id=made["id"], visibility="public")


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("EMŠO 0101006500006", "emso"),
        ("SI56 0110 0600 0005 649", "bank-account"),
        ("ana.novak@kranj.si", "personal-address"),
    ],
)
def test_doubts_about_personal_data(text, doubt):
    assert checklist.doubts({"notes": text}) == [doubt]
    assert checklist.doubts({"notes": "Oznaka 123, telefon 04 2373 000, podatki@kranj.si"}) == []


def test_the_audit_knows_who_proposed_and_who_decided(people, record):
    proposal = Approval.open_of(record["id"]).id
    act("kranj_approval_decide", people["office"], id=proposal, decision="approve")
    statement = sa.text("SELECT actor, operation FROM kranj_audit WHERE object_id = :id ORDER BY id")
    names = [model.User.get(actor).name for actor, _ in model.Session.execute(statement, {"id": proposal})]
    assert names == [people["steward"], people["office"]]


def test_the_page(people, record, catalogue):
    headers = {"Authorization": factories.APIToken(user=people["office"])["token"]}
    assert record["title"] in catalogue.get("/approvals", headers=headers)
    proposal = Approval.open_of(record["id"]).id
    catalogue.post("/approvals", headers=headers, data={"ids": proposal, "decision": "approve"})
    assert level(record) == "public"


def test_administrators_and_harvests_are_not_held(people, complete_dataset):
    admin = factories.Sysadmin()["name"]
    made = tk.get_action("package_create")({"user": admin}, complete_dataset)
    assert level(made) == "public"
