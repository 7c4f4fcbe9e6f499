"""Who sees what: seven people, four levels, drafts and deleted ones; over actions, searches and pages."""

import copy

import pytest

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action

LEVELS = ("public", "internal", "organization", "restricted")


def member(role, organization):
    user = factories.User()
    call_action("organization_member_create", id=organization, username=user["name"], role=role)
    return user


@pytest.fixture
def people(catalogue):
    """Names of users; None is the anonymous visitor."""
    return {
        "anonymous": None,
        "without-organisation": factories.User()["name"],
        "state-body": member("editor", "arso")["name"],
        "other-municipal": member("member", "komunala-kranj")["name"],
        "reader": member("member", "domplan")["name"],
        "editor": member("editor", "domplan")["name"],
        "data-office": member("member", "podatkovna-pisarna")["name"],
        "sysadmin": factories.Sysadmin()["name"],
    }


@pytest.fixture
def records(people, complete_dataset):
    """One record of each level, a draft and a deleted one, all made by the owner's editor: name -> id."""
    made = {}
    for level in (*LEVELS, "draft", "deleted"):
        data = copy.deepcopy(complete_dataset) | {"owner_org": "domplan"}
        data["visibility"] = level if level in LEVELS else "public"
        if level == "draft":
            data["state"] = "draft"
        context = {"user": people["editor"], "ignore_auth": False}
        made[level] = tk.get_action("package_create")(context, data)["id"]
    call_action("package_delete", id=made["deleted"])
    return made


SEES = {
    "anonymous": {"public"},
    "without-organisation": {"public"},
    "state-body": {"public"},
    "other-municipal": {"public", "internal"},
    "reader": {"public", "internal", "organization"},
    "editor": {"public", "internal", "organization", "restricted", "draft"},
    "data-office": {"public", "internal", "organization", "restricted", "draft"},
    "sysadmin": {"public", "internal", "organization", "restricted", "draft"},
}


def context_of(name):
    user = model.User.get(name) if name else model.AnonymousUser()
    return {"user": name or "", "auth_user_obj": user, "ignore_auth": False}


def shows(name, identifier):
    try:
        tk.get_action("package_show")(context_of(name), {"id": identifier})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return False
    return True


@pytest.mark.parametrize("person", SEES)
def test_package_show(people, records, person):
    seen = {level for level, identifier in records.items() if level != "deleted" and shows(people[person], identifier)}
    assert seen == SEES[person]


@pytest.mark.parametrize("person", SEES)
def test_package_search(people, records, person):
    found = tk.get_action("package_search")(context_of(people[person]), {"include_drafts": True})
    ids = {item["id"] for item in found["results"]}
    assert {level for level, identifier in records.items() if identifier in ids} == SEES[person]
    assert found["count"] == len(SEES[person])


@pytest.mark.parametrize("person", SEES)
def test_api_and_pages(people, records, person, catalogue):
    headers = {}
    if people[person]:
        headers["Authorization"] = factories.APIToken(user=people[person])["token"]
    for level, identifier in records.items():
        if level == "deleted":
            continue
        visible = level in SEES[person]
        api = catalogue.get(f"/api/action/package_show?id={identifier}", headers=headers, status=None)
        page = catalogue.get(f"/dataset/{identifier}", headers=headers, status=None, follow_redirects=True)
        assert (api.status_code == 200, page.status_code == 200) == (visible, visible), level


def test_only_public_rows_are_not_private(records):
    rows = model.Session.query(model.Package.id, model.Package.private)
    private = dict(tuple(row) for row in rows)
    assert [level for level in records if not private[records[level]]] == ["public", "deleted"]


@pytest.mark.parametrize("change", [{"private": False}, {"private": True}])
def test_private_alone_changes_nothing(people, records, change):
    for level in LEVELS:
        patched = call_action("package_patch", {"user": people["sysadmin"]}, id=records[level], **change)
        assert patched["private"] is (level != "public")


def test_bulk_actions_change_the_level(people, records):
    context = {"user": people["sysadmin"], "ignore_auth": False}
    organization = call_action("organization_show", id="domplan")["id"]
    one = {"datasets": [records["public"]], "org_id": organization}
    tk.get_action("bulk_update_private")(dict(context), dict(one))
    assert not shows(None, records["public"])
    tk.get_action("bulk_update_public")(dict(context), dict(one))
    assert shows(None, records["public"])


def test_a_change_of_level_acts_at_once(people, records):
    call_action("package_patch", {"user": people["sysadmin"]}, id=records["public"], visibility="restricted")
    assert not shows(None, records["public"])
    assert tk.get_action("package_search")(context_of(None), {})["count"] == 0


def test_whoever_cannot_read_cannot_write(people, records, complete_dataset):
    second = member("editor", "domplan")["name"]
    context = {"user": second, "ignore_auth": False}
    for action in ("package_patch", "package_delete"):
        with pytest.raises((tk.NotAuthorized, tk.ObjectNotFound)):
            tk.get_action(action)(dict(context), {"id": records["restricted"], "version": "9"})


def test_the_data_office_edits_everywhere(people, records):
    context = {"user": people["data-office"], "ignore_auth": False}
    for level in LEVELS:
        assert tk.get_action("package_patch")(dict(context), {"id": records[level], "version": "9"})["version"] == "9"


@pytest.mark.parametrize(
    ("person", "allowed"),
    [("anonymous", False), ("other-municipal", False), ("reader", True), ("editor", True), ("data-office", True)],
)
def test_the_internal_block_is_for_the_owner_and_the_data_office(people, records, person, allowed):
    def read():
        return tk.get_action("kranj_internal_show")(context_of(people[person]), {"id": records["public"]})

    if allowed:
        assert read()["internal"]["location"]["server"] == "gis01"
    else:
        with pytest.raises(tk.NotAuthorized):
            read()


def test_a_reader_does_not_write_the_internal_block(people, records):
    with pytest.raises(tk.NotAuthorized):
        tk.get_action("kranj_internal_update")(
            context_of(people["reader"]), {"id": records["public"], "internal": {"location": {"system": "x"}}}
        )
