"""A harvest source is approved once: what it brings follows, what is wider waits, a new configuration waits again."""

import json

import pytest
import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.kranj.approval import flow


def member(role, organization):
    user = factories.User()
    call_action("organization_member_create", id=organization, username=user["name"], role=role)
    return user["name"]


def act(name, user, /, **data):
    return tk.get_action(name)({"user": user, "ignore_auth": False}, data)


@pytest.fixture
def people(catalogue, monkeypatch):
    monkeypatch.setitem(tk.config, "kranj.approval", True)
    return {
        "editor": member("editor", "domplan"),
        "office": member("editor", "podatkovna-pisarna"),
        "second": member("editor", "podatkovna-pisarna"),
    }


def source_of(user, **more):
    given = {"name": "vir", "title": "Vir", "url": "https://vir.example/k.ttl", "source_type": "kranj-dcat",
             "owner_org": "domplan", "frequency": "MANUAL", "config": json.dumps({"defaults": {}})}  # fmt: skip
    return act("harvest_source_create", user, **{**given, **more})


@pytest.fixture
def source(people):
    """A source that an editor made."""
    return source_of(people["editor"])


def brings(source, complete_dataset, level):
    """As the sink stores a record of the source, with its row of what harvesting remembers."""
    site = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    context = {"user": site, "ignore_auth": True, flow.SOURCE: source["id"]}
    data = {**complete_dataset, "owner_org": "domplan", "visibility": level}
    made = tk.get_action("package_create")(context, data)
    model.Session.execute(
        sa.text(
            "INSERT INTO kranj_harvest_record (source_id, guid, package_id, hash, draft, problems, indexed, first_seen,"
            " changed_at, missing_runs, fingerprint, failures, likeness, title_key, written_internal, kept, proposals)"
            " VALUES (:source, :id, :id, '', false, '[]', true, now(), now(), 0, '', 0, '', '', '{}', '{}', '[]')"
        ),
        {"source": source["id"], "id": made["id"]},
    )
    model.repo.commit()
    return made["id"]


def level(package_id):
    model.Session.rollback()
    return model.Package.get(package_id).extras["visibility"]


def test_until_it_is_approved_its_datasets_stay_internal_and_then_follow(people, source, complete_dataset):
    held = brings(source, complete_dataset, "public")
    assert level(held) == "internal"
    (waiting,) = act("kranj_source_approval_list", people["office"])
    assert (waiting["name"], waiting["held"]) == ("vir", 1)
    done = act("kranj_source_approve", people["office"], id="vir")
    assert (done["followed"], done["refused"]) == (1, {})
    assert level(held) == "public"
    assert level(brings(source, complete_dataset, "public")) == "public"
    assert act("kranj_source_approval_list", people["office"]) == []


def test_what_is_wider_than_what_was_approved_waits_on(people, source, complete_dataset):
    held = brings(source, complete_dataset, "public")
    assert act("kranj_source_approve", people["office"], id="vir", level="internal")["followed"] == 0
    assert level(held) == "internal"
    assert level(brings(source, complete_dataset, "public")) == "internal"
    assert level(brings(source, complete_dataset, "organization")) == "organization"


def test_another_configuration_waits_again_and_another_title_does_not(people, source, complete_dataset):
    act("kranj_source_approve", people["office"], id="vir")
    shown = act("harvest_source_show", people["editor"], id=source["id"])
    keys = ("id", "name", "url", "source_type", "owner_org", "frequency", "config")
    same = {key: shown[key] for key in keys}
    act("harvest_source_update", people["editor"], **same, title="Drug naslov")
    assert level(brings(source, complete_dataset, "public")) == "public"
    act("harvest_source_update", people["editor"], **{**same, "url": "https://drug.example/k.ttl"}, title="Vir")
    assert level(brings(source, complete_dataset, "public")) == "internal"


def test_nobody_approves_what_he_configured_and_only_the_office_approves(people, complete_dataset):
    call_action("organization_member_create", id="domplan", username=people["office"], role="editor")
    source_of(people["office"])
    for name in ("office", "editor"):
        with pytest.raises(tk.NotAuthorized):
            act("kranj_source_approve", people[name], id="vir")
    assert act("kranj_source_approve", people["second"], id="vir")["level"] == "public"


def test_what_an_administrator_configures_needs_no_second_word(people, complete_dataset):
    source = source_of(factories.Sysadmin()["name"])
    assert level(brings(source, complete_dataset, "public")) == "public"


def test_users_of_the_data_are_told_of_a_level_that_changes(people, complete_dataset, monkeypatch):
    from ckan.lib import mailer

    sent = []
    monkeypatch.setitem(tk.config, "smtp.mail_from", "katalog@kranj.si")
    monkeypatch.setattr(
        mailer, "mail_recipient", lambda _name, email, subject, body: sent.append((email, subject, body))
    )
    made = act("package_create", people["editor"], **{**complete_dataset, "owner_org": "domplan"})
    reader = factories.User()
    call_action("organization_member_create", id="domplan", username=reader["name"], role="member")
    act("follow_dataset", reader["name"], id=made["id"])
    sent.clear()
    act("package_patch", people["editor"], id=made["id"], version="2")
    assert sent == []
    act("package_patch", people["editor"], id=made["id"], visibility="organization")
    ((email, subject, body),) = sent
    assert email == model.User.get(reader["id"]).email
    assert "level of data you use has changed" in subject
    assert complete_dataset["title_translated"]["sl"] not in subject + body


def test_users_that_the_internal_block_names_are_told_or_named(people, complete_dataset, monkeypatch, catalogue):
    from ckan.lib import mailer

    sent = []
    monkeypatch.setitem(tk.config, "smtp.mail_from", "katalog@kranj.si")
    monkeypatch.setattr(mailer, "mail_recipient", lambda _name, email, *_said: sent.append(email))
    person, keeper, reader = factories.User(fullname="Ana Novak"), factories.User(), factories.User()
    call_action("organization_member_create", id="komunala-kranj", username=keeper["name"], role="editor")
    call_action("organization_member_create", id="komunala-kranj", username=reader["name"], role="member")
    company = model.Group.get("komunala-kranj").title
    users = [{"who": who} for who in ("ana novak ", company, "Neznano podjetje")]
    users.append({"who": "Prejšnji najemnik", "until": "2020-01-01"})
    block = {**complete_dataset["internal"], "users": users}
    made = act("package_create", people["editor"], **{**complete_dataset, "owner_org": "domplan", "internal": block})
    shown = act("kranj_level_preview", people["editor"], id=made["id"], visibility="organization")
    assert (shown["told"], shown["unreached"]) == (2, ["Neznano podjetje"])
    headers = {"Authorization": factories.APIToken(user=people["editor"])["token"]}
    page = catalogue.get(f"/en/dataset/{made['id']}/level?visibility=organization", headers=headers).body
    assert "Tell them yourself" in page
    assert "Neznano podjetje" in page
    assert "Prejšnji najemnik" not in page
    sent.clear()
    act("package_patch", people["editor"], id=made["id"], visibility="organization")
    assert sorted(sent) == sorted(model.User.get(one["id"]).email for one in (person, keeper))


def test_the_page_of_the_data_office_lists_and_approves(people, source, complete_dataset, catalogue):
    held = brings(source, complete_dataset, "public")
    client = catalogue.test_client(use_cookies=False)
    headers = {name: {"Authorization": factories.APIToken(user=people[name])["token"]} for name in people}
    assert "Odobri vir" not in client.get("/approvals", headers=headers["editor"]).get_data(as_text=True)
    assert "Odobri vir" in client.get("/approvals", headers=headers["office"]).get_data(as_text=True)
    client.post("/approvals", data={"source": source["id"]}, headers=headers["office"], follow_redirects=False)
    assert level(held) == "public"
    assert "Odobri vir" not in client.get("/approvals", headers=headers["office"]).get_data(as_text=True)
