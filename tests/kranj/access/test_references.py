"""A description names other records: who may not see those meets no id of theirs anywhere, and takes none away."""

import copy

import pytest

import ckan.plugins.toolkit as tk
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
