"""A description names other records: who may not see those meets no id of theirs anywhere, and takes none away."""

import copy

import pytest
import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action

SERIES = {
    "type": "dataset_series", "title_translated": {"sl": "Skriti niz kanarcek"}, "owner_org": "arso",
    "notes_translated": {"sl": "Niz, ki ga vidi samo lastnik."}, "frequency": "ANNUAL", "visibility": "organization",
}  # fmt: skip
FIELDS = ("in_series", "authority_of", "related_resource", "source", "is_version_of")


def person(organization, role="editor"):
    user = factories.User()
    call_action("organization_member_create", id=organization, username=user["name"], role=role)
    return user["name"], {"Authorization": factories.APIToken(user=user["name"])["token"]}


@pytest.fixture
def naming(catalogue, complete_dataset):
    """A public dataset that names a hidden series and a hidden dataset in every field that can."""
    portal = {"user": tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"], "ignore_auth": True}
    series = tk.get_action("package_create")(dict(portal), copy.deepcopy(SERIES))
    data = copy.deepcopy(complete_dataset) | {"owner_org": "arso", "visibility": "restricted"}
    data["title_translated"] = {"sl": "Skrita zbirka kanarcek"}
    hidden = tk.get_action("package_create")(dict(portal), data)
    site = tk.config["ckan.site_url"]
    named = copy.deepcopy(complete_dataset) | {
        "owner_org": "domplan", "visibility": "public", "in_series": [series["id"]], "authority_of": hidden["id"],
        "related_resource": [f"{site}/dataset/{hidden['name']}", "https://example.org/related"],
        "source": [f"{site}/sl/dataset/{hidden['id']}.ttl"],
        "is_version_of": [f"{site}/dataset_series/{series['name']}"],
    }  # fmt: skip
    made = tk.get_action("package_create")(dict(portal), named)
    return made, (series["id"], series["name"], hidden["id"], hidden["name"])


@pytest.mark.parametrize("path", [
    "/api/action/package_show?id={id}", "/api/3/action/package_show?id={name}&include_tracking=true",
    "/api/action/package_search?q=*:*&rows=50", "/api/action/package_search?q=*:*&fl=id,name,title,notes",
    "/api/action/current_package_list_with_resources", "/api/action/group_package_show?id=promet",
    "/api/action/organization_show?id=domplan&include_datasets=true", "/dataset/{name}", "/sl/dataset/{name}",
    "/dataset/{name}.ttl", "/dataset/{name}.rdf", "/dataset/{name}.jsonld", "/dataset/{id}.nt", "/catalog.ttl",
    "/catalog.jsonld", "/feeds/dataset.atom", "/api/2/rest/dataset/{id}", "/api/2/rest/package/{id}",
    "/api/rest/dataset/{name}", "/sitemap.xml", "/dataset/", "/systems", "/glossary", "/dataset_series/",
])  # fmt: skip
def test_no_visitor_meets_the_id_of_what_it_names(catalogue, naming, path):
    made, names = naming
    answer = catalogue.get(path.format(**made), status=None)
    assert answer.status_code < 500
    assert [word for word in names if word in answer.body] == []


def test_what_is_of_elsewhere_and_what_is_public_stays(catalogue, naming):
    made, _ = naming
    shown = catalogue.get(f"/api/action/package_show?id={made['id']}").json["result"]
    assert shown["related_resource"] == ["https://example.org/related"]
    assert [name for name in FIELDS if name in shown] == ["related_resource"]
    call_action("package_patch", id=made["in_series"][0], visibility="public")
    shown = catalogue.get(f"/api/action/package_show?id={made['id']}").json["result"]
    assert shown["in_series"] == made["in_series"]
    assert made["in_series"][0] in catalogue.get("/api/action/package_search").body


def test_who_sees_them_is_told(catalogue, naming):
    made, _ = naming
    _, headers = person("podatkovna-pisarna")
    for path in (f"/api/action/package_show?id={made['id']}", "/api/action/package_search?q=*:*"):
        body = catalogue.get(path, headers=headers).body
        assert made["in_series"][0] in body
        assert made["authority_of"] in body


def test_the_feed_follows_when_what_is_named_is_hidden_or_shown(catalogue, naming, complete_dataset):
    made, _ = naming
    portal = {"user": tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"], "ignore_auth": True}
    data = copy.deepcopy(complete_dataset) | {"title_translated": {"sl": "Vir zbirke"}, "owner_org": "domplan"}
    other = tk.get_action("package_create")(dict(portal), data)
    named = f"{tk.config['ckan.site_url']}/dataset/{other['id']}"
    tk.get_action("package_patch")(dict(portal), {"id": made["id"], "source": [named]})
    for level, told in (("public", True), ("organization", False), ("public", True)):
        tk.get_action("package_patch")(dict(portal), {"id": other["id"], "visibility": level})
        assert (f"wasDerivedFrom> <{named}>" in catalogue.get(f"/dataset/{made['id']}.nt").body) is told, level
        assert (named in catalogue.get("/catalog.jsonld").body) is told, level


def test_the_feed_follows_when_what_is_named_comes_after(catalogue, complete_dataset):
    """And no longer follows a description that names something else now."""
    portal = {"user": tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"], "ignore_auth": True}
    given = copy.deepcopy(complete_dataset) | {"owner_org": "domplan", "visibility": "public"}
    later = "5d0c8c5e-8f6c-4f0e-9f43-0d6a1d1a9a11"
    address = f"{tk.config['ckan.site_url']}/dataset/{later}"
    named = given | {"title_translated": {"sl": "Prva"}, "related_resource": [address]}
    made = tk.get_action("package_create")(dict(portal), named)
    told = f"relation> <{address}>"
    assert told not in catalogue.get(f"/dataset/{made['id']}.nt").body
    tk.get_action("package_create")(dict(portal), given | {"title_translated": {"sl": "Druga"}, "id": later})
    assert told in catalogue.get(f"/dataset/{made['id']}.nt").body
    words = sa.text("SELECT word FROM kranj_feed_named WHERE package_id = :id")
    assert model.Session.scalars(words, {"id": made["id"]}).all() == [later]
    tk.get_action("package_patch")(dict(portal), {"id": made["id"], "related_resource": ["https://example.org/x"]})
    catalogue.get(f"/dataset/{made['id']}.nt")
    assert model.Session.scalars(words, {"id": made["id"]}).all() == []


@pytest.mark.parametrize("save", ["package_patch", "package_update", "form"])
def test_who_saves_without_seeing_them_takes_none_away_and_is_told_none(catalogue, naming, save):
    made, names = naming
    user, headers = person("domplan")
    if save == "package_patch":
        answer = catalogue.post("/api/action/package_patch", json={"id": made["id"], "version": "9"}, headers=headers)
    else:
        seen = catalogue.get(f"/api/action/package_show?id={made['id']}", headers=headers).json["result"]
        answer = catalogue.post("/api/action/package_update", json={**seen, "version": "9"}, headers=headers)
    if save == "form":
        answer = catalogue.get(f"/dataset/edit/{made['name']}", headers=headers)
    assert [word for word in names if word in answer.body] == []
    stored = tk.get_action("package_show")({"user": user, "ignore_auth": True}, {"id": made["id"]})
    assert {name: stored[name] for name in FIELDS if name != "related_resource"} == {
        name: made[name] for name in FIELDS if name != "related_resource"
    }
    assert sorted(stored["related_resource"]) == sorted(made["related_resource"])


def test_who_sees_them_takes_them_away(naming):
    made, _ = naming
    office, _ = person("podatkovna-pisarna")
    tk.get_action("package_patch")({"user": office, "ignore_auth": False}, {"id": made["id"], "in_series": []})
    assert "in_series" not in tk.get_action("package_show")({"ignore_auth": True}, {"id": made["id"]})


def test_naming_a_hidden_record_and_one_that_never_was_is_one_answer(naming):
    user, _ = person("domplan")
    portal = {"user": tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"], "ignore_auth": True}
    another = tk.get_action("package_create")(portal, copy.deepcopy(SERIES))
    told = []
    for identifier in (another["id"], "00000000-0000-4000-8000-000000000000"):
        with pytest.raises(tk.ValidationError) as caught:
            tk.get_action("package_patch")(
                {"user": user, "ignore_auth": False}, {"id": naming[0]["id"], "in_series": [identifier]}
            )
        told.append(str(caught.value.error_dict).replace(identifier, "IT"))
    assert told[0] == told[1]


NEVER = "00000000-0000-4000-8000-000000000000"


def saved_by(user, given, action="package_patch"):
    """What an action of an account answers: the description, or its problems."""
    try:
        return tk.get_action(action)({"user": user, "ignore_auth": False}, copy.deepcopy(given))
    except tk.ValidationError as problem:
        return problem.error_dict


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("way", ["package_patch", "package_update", "package_revise"])
def test_who_guesses_what_a_description_names_is_told_what_is_told_of_nothing(naming, field, way):
    made, (_, _, hidden, name) = naming
    user, _ = person("domplan")
    site = tk.config["ckan.site_url"]
    real, nothing = hidden, NEVER
    if field == "in_series":
        real, nothing = made["in_series"][0], NEVER
    elif field == "related_resource":
        real, nothing = f"{site}/dataset/{name}", f"{site}/dataset/ni-je-{name}"
    elif field in ("source", "is_version_of"):
        real, nothing = made[field][0], made[field][0].rpartition("/")[0] + f"/{NEVER}"
    told = []
    for guess in (real, nothing):
        value = guess if field == "authority_of" else [guess]
        given = {"id": made["id"], field: value}
        if way == "package_update":
            seen = tk.get_action("package_show")({"user": user, "ignore_auth": False}, {"id": made["id"]})
            given = {**seen, **given}
        if way == "package_revise":
            given = {"match": {"id": made["id"]}, "update": {field: value}}
        told.append(str(saved_by(user, given, way)).replace(guess, "IT"))
    assert told[0] == told[1]
    assert "unknown-dataset" in told[0]


@pytest.mark.parametrize("field", FIELDS)
def test_a_revision_matches_nothing_that_its_caller_does_not_see(naming, field):
    made, _ = naming
    user, _ = person("domplan")
    value = made[field][0] if isinstance(made[field], list) else made[field]
    told = []
    for guess in (made[field], NEVER if field == "authority_of" else [NEVER]):
        given = {"match": {"id": made["id"], field: guess}, "update": {"version": "7"}}
        told.append(saved_by(user, given, "package_revise"))
    assert set(told[0]) == set(told[1]) == {"match"}
    assert value not in str(told)


def test_a_new_address_of_this_portal_names_what_its_author_sees(naming):
    made, (_, _, _, hidden) = naming
    user, _ = person("domplan")
    site, problems = tk.config["ckan.site_url"], []
    for name in (hidden, "te-zbirke-nikoli-ni-bilo"):
        dataset, action = f"{site}/dataset/{name}", f"{site}/api/action/package_show?id={name}"
        for address in (dataset, dataset.replace("/dataset", "/en/dataset") + ".jsonld?x=1", action):
            given = {"id": made["id"], "related_resource": [address]}
            problems.append(str(saved_by(user, given)).replace(name, "IT"))
    assert problems[:3] == problems[3:]
    assert all("unknown-dataset" in one for one in problems)
    given = [f"{site}/dataset/{made['name']}", f"{site}/dataset/{made['id']}", f"https://example.org/dataset/{hidden}"]
    assert set(given) <= set(saved_by(user, {"id": made["id"], "related_resource": given})["related_resource"])


def test_whether_an_address_of_this_portal_vanishes_tells_nothing(catalogue, complete_dataset, naming):
    """A harvested source may name whatever it likes: what is hidden, gone and never was is left out alike."""
    _, (_, _, _, hidden) = naming
    site = tk.config["ckan.site_url"]
    portal = {"user": tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"], "ignore_auth": True}
    stay = [f"https://example.org/{hidden}", f"{site}/organization/domplan", f"https://example.org/dataset/{hidden}"]
    gone = [f"{site}/dataset/{name}" for name in (hidden, "nikoli")]
    given = copy.deepcopy(complete_dataset) | {"owner_org": "domplan", "visibility": "public"}
    made = tk.get_action("package_create")(
        portal, given | {"title_translated": {"sl": "Naslovi"}, "related_resource": stay + gone}
    )
    shown = catalogue.get(f"/api/action/package_show?id={made['id']}").json["result"]["related_resource"]
    assert sorted(shown) == sorted(stay)
    body = catalogue.get(f"/dataset/{made['id']}.nt").body
    assert all(f"relation> <{one}>" in body for one in stay)
    assert not any(one in body for one in gone)


def test_what_is_not_seen_outlives_a_change_of_a_resource(naming):
    made, _ = naming
    user, _ = person("domplan")
    given = {"id": made["resources"][0]["id"], "description_translated": {"sl": "Druga"}}
    assert saved_by(user, given, "resource_patch")["description"] == "Druga"
    stored = tk.get_action("package_show")({"ignore_auth": True}, {"id": made["id"]})
    assert [sorted(stored[name]) for name in FIELDS] == [sorted(made[name]) for name in FIELDS]
