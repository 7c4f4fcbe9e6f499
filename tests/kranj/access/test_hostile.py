"""A person with an account of one organisation against another one: what the round of test_leaks.py does not try."""

import copy

import pytest

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action

NEVER = "00000000-0000-4000-8000-000000000000"


def person(organization, role="editor"):
    user = factories.User()
    call_action("organization_member_create", id=organization, username=user["name"], role=role)
    return user["name"], {"Authorization": factories.APIToken(user=user["name"])["token"]}


@pytest.fixture
def make(catalogue, complete_dataset):
    """Makes a dataset of an organisation, of a level."""

    def made(owner, level, **more):
        site = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
        given = copy.deepcopy(complete_dataset) | {"owner_org": owner, "visibility": level, **more}
        return tk.get_action("package_create")({"user": site, "ignore_auth": True}, given)

    return made


def post(catalogue, headers, action, **data):
    """Status and error or result of a call."""
    answer = catalogue.post(f"/api/action/{action}", json=data, headers=headers, status=None)
    return answer.status_code, answer.json.get("result", answer.json.get("error"))


@pytest.mark.parametrize("change", [
    {"circle": "uprava"}, {"extras": [{"key": "circle", "value": "uprava"}]},
    {"circle": "drzava", "extras": [{"key": "circle", "value": "javne-sluzbe"}]},
])  # fmt: skip
def test_an_organisation_does_not_make_itself_municipal(catalogue, make, change):
    hidden = make("domplan", "internal")
    _, headers = person("arso", "admin")
    before = model.Group.get("arso").extras["circle"]
    post(catalogue, headers, "organization_patch", id="arso", **change)
    model.Session.expire_all()
    assert model.Group.get("arso").extras["circle"] == before
    assert post(catalogue, headers, "package_show", id=hidden["id"])[0] == 404
    if set(change) == {"circle"}:
        page = catalogue.get("/organization/edit/arso", headers=headers)
        assert page.status_code == 200
        shown = post(catalogue, headers, "organization_show", id="arso")[1]
        assert post(catalogue, headers, "organization_update", **{**shown, "phone": "04 123"})[0] == 200


def test_no_organisation_takes_the_name_of_the_data_office(catalogue, make):
    _, office = person("podatkovna-pisarna", "admin")
    assert post(catalogue, office, "organization_patch", id="podatkovna-pisarna", name="druga")[0] == 409
    call_action("organization_patch", id="podatkovna-pisarna", name="druga")
    _, headers = person("arso", "admin")
    assert post(catalogue, headers, "organization_patch", id="arso", name="podatkovna-pisarna")[0] == 409


@pytest.mark.parametrize("action", ["kranj_defaults_adopt", "kranj_harvest_check"])
def test_hidden_and_unknown_are_one_answer(catalogue, make, action):
    hidden = make("domplan", "organization")["id"]
    _, headers = person("arso")
    if action == "kranj_harvest_check":
        site = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
        hidden = call_action(
            "harvest_source_create", {"user": site, "ignore_auth": True}, name="vir-skrit", title="Vir", private=True,
            url="https://vir.example/x.ttl", source_type="kranj-dcat", owner_org="domplan", frequency="MANUAL",
            config="{}",
        )["name"]  # fmt: skip
    assert post(catalogue, headers, action, id=hidden) == post(catalogue, headers, action, id=NEVER)


def test_what_an_organisation_gives_the_internal_block_is_told_to_its_members(catalogue):
    inner = {"location": {"system": "kanarcekstreznik"}, "notes": "kanarcekopomba"}
    call_action("organization_patch", id="domplan", defaults={"frequency": "ANNUAL", "internal": inner})
    paths = ("/api/action/organization_show?id=domplan", "/api/action/organization_show?id=domplan&include_extras=true",
             "/api/action/organization_list?all_fields=true&include_extras=true")  # fmt: skip
    for path in paths:
        for headers in ({}, person("arso", "admin")[1]):
            body = catalogue.get(path, headers=headers).body
            assert "kanarcek" not in body
            assert "ANNUAL" in body
        for organization in ("domplan", "podatkovna-pisarna"):
            assert "kanarcekstreznik" in catalogue.get(path, headers=person(organization, "member")[1]).body
    _, headers = person("domplan", "admin")
    assert post(catalogue, headers, "organization_patch", id="domplan", phone="04 123")[0] == 200
    assert "kanarcekopomba" in model.Group.get("domplan").extras["defaults"]


def test_a_collaborator_writes_no_internal_block(catalogue, make):
    shared = make("domplan", "restricted")
    user, headers = person("arso")
    call_action("package_collaborator_create", id=shared["id"], user_id=user, capacity="editor")
    before = call_action("kranj_internal_show", id=shared["id"])
    for action in ("package_patch", "package_update"):
        given = post(catalogue, headers, "package_show", id=shared["id"])[1] if action == "package_update" else shared
        given = {**(given if action == "package_update" else {"id": shared["id"]}), "internal": {"notes": "uničeno"}}
        assert post(catalogue, headers, action, **given)[0] == 403
    revised = {"match": {"id": shared["id"]}, "update": {"internal": {"notes": "uničeno"}}}
    assert post(catalogue, headers, "package_revise", **revised)[0] in (403, 409)
    assert post(catalogue, headers, "package_patch", id=shared["id"], version="2")[0] == 200
    shown = post(catalogue, headers, "package_show", id=shared["id"])[1]
    posted = {"id": shared["id"], "version": "3", "internal-notes": "uničeno", "kranj_form": "1"}
    tk.get_action("package_patch")({"user": user, "ignore_auth": False}, posted)
    assert shown["version"] == "2"
    assert call_action("package_show", id=shared["id"])["version"] == "3"
    assert call_action("kranj_internal_show", id=shared["id"]) == before
    _, editor = person("domplan")
    call_action("package_patch", id=shared["id"], visibility="organization")
    assert post(catalogue, editor, "package_patch", id=shared["id"], internal={"notes": "nova"})[0] == 200
    assert call_action("kranj_internal_show", id=shared["id"])["internal"]["notes"] == "nova"


def test_an_id_of_a_resource_tells_nothing_and_takes_nothing(catalogue, make, complete_dataset):
    own = make("domplan", "organization", title_translated={"sl": "Moja zbirka"})
    there = [make("arso", level)["resources"][0]["id"] for level in ("restricted", "public")]
    gone = make("arso", "restricted", title_translated={"sl": "Brez vira"})
    there.append(gone["resources"][0]["id"])
    call_action("package_patch", id=gone["id"], resources=[])
    _, headers = person("domplan")
    told = {}
    for one in (*there, NEVER):
        resource = {**copy.deepcopy(complete_dataset["resources"][0]), "id": one}
        new = {**copy.deepcopy(complete_dataset), "owner_org": "domplan", "visibility": "organization"}
        answers = [
            post(catalogue, headers, "package_patch", id=own["id"], resources=[*own["resources"], resource]),
            post(catalogue, headers, "resource_create", package_id=own["id"], **resource),
            post(catalogue, headers, "package_create", **{**new, "resources": [resource]}),
        ]
        assert [status for status, _ in answers] == [409] * 3
        told[one] = str(answers).replace(one, "IT")
        assert "unknown-resource" in told[one]
    assert len(set(told.values())) == 1
    model.Session.expire_all()
    assert own["id"] not in {model.Resource.get(one).package_id for one in there}
    # What one took away oneself comes back under its id, as an undo does.
    mine = own["resources"]
    assert post(catalogue, headers, "package_patch", id=own["id"], resources=[])[0] == 200
    back = post(catalogue, headers, "package_patch", id=own["id"], resources=mine)[1]
    assert [item["id"] for item in back["resources"]] == [item["id"] for item in mine]


def test_undoing_a_table_destroys_nothing_on_hold(catalogue, complete_dataset):
    import base64
    import csv
    import io

    from schemas.exchange import row_of

    _, headers = person("domplan")
    cells = row_of({**complete_dataset, "owner_org": "domplan", "visibility": "organization"})
    table = io.StringIO()
    csv.writer(table).writerows([list(cells), list(cells.values())])
    content = base64.b64encode(table.getvalue().encode()).decode()
    batch = post(catalogue, headers, "kranj_batch_create", name="a.csv", content=content)[1]["id"]
    made = post(catalogue, headers, "kranj_batch_apply", id=batch, wait=True)[1]["result"][0]["id"]
    assert post(catalogue, headers, "kranj_retention_hold", id=made, reason="sodni postopek")[0] == 200
    undone = post(catalogue, headers, "kranj_batch_undo", id=batch, wait=True)[1]["result"][0]
    assert (undone["state"], [item["code"] for item in undone["problems"]]) == ("failed", ["on-hold"])
    model.Session.expire_all()
    assert model.Package.get(made).state == "active"


def checked(catalogue, headers, **form):
    """What the form says while it is filled in."""
    return catalogue.post("/kranj/form/check", data=form, headers=headers, status=None)


def test_the_form_tells_nothing_of_what_is_named_to_it(catalogue, make):
    """Of a hidden description, of what a public one names, of the defaults of another organisation."""
    hidden, public = make("arso", "restricted"), make("domplan", "public", title_translated={"sl": "Javna zbirka"})
    named = make("arso", "restricted", title_translated={"sl": "Skrit izvirnik"})["id"]
    site = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    tk.get_action("package_patch")({"user": site, "ignore_auth": True}, {"id": public["id"], "authority_of": named})
    _, headers = person("domplan")
    for key in ("id", "pkg_name"):
        answers = [checked(catalogue, headers, **{key: one}) for one in (hidden["id"], hidden["name"], NEVER, "nikoli")]
        assert {answer.status_code for answer in answers} == {403}
    said = {
        guess: checked(catalogue, headers, id=public["id"], authority_of=guess, kranj_form="1").body.replace(
            guess, "IT"
        )
        for guess in (named, NEVER)
    }
    assert len(set(said.values())) == 1
    call_action("organization_patch", id="arso", defaults={"internal": {"location": {"system": "kanarceksistem"}}})
    assert "kanarceksistem" not in checked(catalogue, headers, owner_org="arso", kranj_form="1").body
    assert "kanarceksistem" not in catalogue.get("/dataset/new?group=arso", headers=headers).body
    _, own = person("arso")
    assert "kanarceksistem" in checked(catalogue, own, owner_org="arso", kranj_form="1").body
