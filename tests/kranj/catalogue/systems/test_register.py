"""The register in the portal: its form, who sees what, and that it is never public."""

import json

import pytest

import ckan.plugins.toolkit as tk
from ckan.tests import factories
from ckan.tests.helpers import call_action


def account(organization, role="editor"):
    user = factories.User()
    call_action("organization_member_create", id=organization, username=user["name"], role=role)
    return {"name": user["name"], "headers": {"Authorization": factories.APIToken(user=user["name"])["token"]}}


@pytest.fixture
def editor(catalogue):
    return account("mestna-obcina-kranj")


def as_(person):
    return {"user": person["name"], "ignore_auth": False}


@pytest.fixture
def system(editor):
    """An entry abroad with a supplier, as an editor of the municipality enters it over the API."""
    return tk.get_action("package_create")(
        as_(editor),
        {
            "type": "system", "title_translated": {"sl": "Oblačni sistem"}, "owner_org": "mestna-obcina-kranj",
            "hosting": "oblak", "hosting_country": "US", "supplier": "Podjetje d.o.o.", "data_exit": "api",
            "exit_tests": [{"on": "2026-10-01", "result": "delno", "by": "Urad"}],
        },
    )  # fmt: skip


FORM = {
    "kranj_form": "1", "_ckan_phase": "", "save": "", "state": "active", "title_translated-sl": "Dokumentni sistem",
    "hosting": "lastni-prostori", "hosting_country": "SI", "visibility": "internal", "lifecycle": "v-uporabi",
    "interfaces-0-title": "CMIS", "interfaces-0-standard": "OASIS CMIS", "interfaces-1-title": "",
    "exit_tests-0-on": "2026-03-01", "exit_tests-0-result": "popolno",
}  # fmt: skip


def test_it_is_entered_and_changed_by_form(catalogue, editor):
    owner = call_action("organization_show", id="mestna-obcina-kranj")["id"]
    assert catalogue.get("/system/new", headers=editor["headers"]).status_code == 200
    posted = {**FORM, "owner_org": owner}
    answer = catalogue.post("/system/new", data=posted, headers=editor["headers"], follow_redirects=False)
    assert answer.status_code == 302, answer.body
    (entry,) = call_action("package_search", fq="dataset_type:system", include_private=True)["results"]
    assert (entry["type"], entry["private"], entry["title"]) == ("system", True, "Dokumentni sistem")
    assert entry["interfaces"] == [{"title": "CMIS", "standard": "OASIS CMIS"}]
    page = catalogue.get(f"/system/edit/{entry['id']}", headers=editor["headers"]).body
    assert "OASIS CMIS" in page
    posted["supplier"] = "Drugo podjetje"
    answer = catalogue.post(
        f"/system/edit/{entry['id']}", data=posted, headers=editor["headers"], follow_redirects=False
    )
    assert answer.status_code == 302, answer.body
    changed = call_action("package_show", id=entry["id"])
    assert (changed["supplier"], changed["exit_tests"]) == ("Drugo podjetje", entry["exit_tests"])


def test_a_refused_entry_comes_back_filled_with_all_problems(catalogue, editor):
    posted = {**FORM, "hosting": "", "hosting_country": "Slovenija", "visibility": "public"}
    page = catalogue.post("/system/new", data=posted, headers=editor["headers"]).body
    for name in ("hosting", "hosting_country", "visibility", "owner_org"):
        assert f'href="#box-field-{name}"' in page, name
    assert 'value="Dokumentni sistem"' in page


def test_it_is_seen_by_municipal_users_only_and_never_in_the_feed(catalogue, system, editor):
    colleague, outsider = account("komunala-kranj"), account("elektro-gorenjska")
    statuses = {
        who: catalogue.get(f"/system/{system['name']}", headers=headers, follow_redirects=False).status_code
        for who, headers in (("colleague", colleague["headers"]), ("outsider", outsider["headers"]))
    }
    assert statuses == {"colleague": 200, "outsider": 404}
    with pytest.raises(tk.ObjectNotFound):
        tk.get_action("package_show")({"user": "", "ignore_auth": False}, {"id": system["id"]})
    assert "Oblačni" not in catalogue.get("/catalog.ttl").body
    assert call_action("package_search", {"user": "", "ignore_auth": False})["count"] == 0
    found = tk.get_action("package_search")(as_(colleague), {"fq": "dataset_type:system"})
    assert [item["name"] for item in found["results"]] == [system["name"]]
    assert "Oblačni" not in catalogue.get("/dataset/", headers=colleague["headers"]).body
    narrow = tk.get_action("package_patch")(as_(editor), {"id": system["id"], "visibility": "organization"})
    assert narrow["private"] is True
    assert catalogue.get(f"/system/{system['name']}", headers=colleague["headers"]).status_code == 404
    with pytest.raises(tk.ValidationError):
        tk.get_action("package_patch")(as_(editor), {"id": system["id"], "visibility": "public"})


def test_datasets_findings_and_points_come_together(catalogue, system, editor, complete_dataset):
    complete_dataset.update(
        visibility="internal", secrecy="osebni-podatki", aggregation="izvorni", resources=[],
        protection_grounds=[{"ground": "tajni-podatki"}],
    )  # fmt: skip
    complete_dataset.pop("license_id")
    complete_dataset["internal"]["location"] = {"system": "oblačni SISTEM"}
    complete_dataset["internal"]["processing"] = {"purpose": "Javna naloga", "legal_basis": ["6-1-e"]}
    call_action("package_create", **complete_dataset)
    elsewhere = {**complete_dataset, "internal": {**complete_dataset["internal"], "location": {"system": "Neznan"}}}
    call_action("package_create", **{**elsewhere, "title_translated": {"sl": "Druga zbirka"}})
    found = tk.get_action("kranj_system_findings")(as_(editor), {})
    assert [item["code"] for item in found] == ["personal-data-outside-eea", "location-not-registered"]
    assert "US" in found[0]["message"]
    colleague = account("komunala-kranj")
    assert tk.get_action("kranj_system_findings")(as_(colleague), {}) == []
    office = account("podatkovna-pisarna", "member")
    assert len(tk.get_action("kranj_system_findings")(as_(office), {})) == 2
    (row,) = tk.get_action("kranj_system_scorecard")(as_(editor), {})["systems"]
    assert (row["points"], row["datasets"], row["met"]) == (1, 1, ["exit"])
    (row,) = tk.get_action("kranj_system_scorecard")(as_(colleague), {})["systems"]
    assert row["datasets"] == 0  # where the datasets of others lie is in their internal block
    page = catalogue.get(f"/system/{system['name']}", headers=editor["headers"]).body
    assert complete_dataset["title_translated"]["sl"] in page
    page = catalogue.get("/systems", headers=editor["headers"]).body
    assert "Podjetje d.o.o." in page
    assert found[1]["location"] == "Neznan"
    assert "/system/new?title_translated-sl=Neznan" in page
    page = catalogue.get("/system/new?title_translated-sl=Neznan", headers=editor["headers"]).body
    assert 'value="Neznan"' in page
    assert "Create System" not in page


@pytest.mark.parametrize("name", ["kranj_system_findings", "kranj_system_scorecard"])
def test_nobody_else_reads_the_register(catalogue, system, name):
    for user in ("", factories.User()["name"]):
        with pytest.raises(tk.NotAuthorized):
            tk.get_action(name)({"user": user, "ignore_auth": False}, {})
    assert catalogue.get("/systems", follow_redirects=False).status_code == 302


def test_a_registered_system_is_offered_as_a_location(catalogue, system, editor):
    assert '<option value="Oblačni sistem">' in catalogue.get("/dataset/new", headers=editor["headers"]).body


def test_findings_on_the_command_line(catalogue, system):
    from click.testing import CliRunner

    from ckanext.kranj.cli import systems

    with catalogue.flask_app.app_context():
        told = CliRunner().invoke(systems, [])
        listed = CliRunner().invoke(systems, ["--json"])
    assert told.exit_code == listed.exit_code == 1
    assert "Oblačni sistem" in told.output
    assert system["name"] in {item["system"] for item in json.loads(listed.output)}
