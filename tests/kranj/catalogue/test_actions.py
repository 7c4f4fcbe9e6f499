"""Saving a description over the Action API: the standard in front, the internal block beside."""

import pytest

import ckan.plugins.toolkit as tk
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.kranj.catalogue.complaints import complaints


@pytest.fixture
def site(catalogue):
    """Context of a caller whom CKAN lets do everything."""
    user = factories.Sysadmin()
    return {"user": user["name"], "ignore_auth": False}


def create(context, dataset):
    return tk.get_action("package_create")(dict(context), dataset)


class TestCreate:
    def test_what_is_stored_comes_back_as_it_was_sent(self, site, complete_dataset):
        sent = {key: value for key, value in complete_dataset.items() if key != "internal"}
        shown = tk.get_action("package_show")(dict(site), {"id": create(site, complete_dataset)["id"]})
        for name, value in sent.items():
            if name not in {"resources", "owner_org"}:
                assert shown[name] == value, name
        assert shown["organization"]["name"] == "mestna-obcina-kranj"
        for name, value in sent["resources"][0].items():
            assert shown["resources"][0][name] == value, name
        assert shown["title"] == "Lokacije parkirišč in cene parkiranja"
        assert shown["theme"] == ["TRAN"]
        assert shown["access_rights"] == "PUBLIC"
        assert shown["private"] is False
        assert shown["extras"] == []

    def test_the_name_is_slug_and_id(self, site, complete_dataset):
        dataset = create(site, complete_dataset)
        assert dataset["name"] == "lokacije-parkirisc-in-cene-parkiranja-" + dataset["id"][:8]

    def test_all_problems_come_at_once(self, site):
        with pytest.raises(tk.ValidationError) as caught:
            create(
                site, {"owner_org": "domplan", "frequency": "vsak dan", "naslov": "x", "resources": [{"format": "?"}]}
            )
        errors = caught.value.error_dict
        assert errors["frequency"][0].startswith("[unknown-code]")
        assert errors["naslov"][0].startswith("[unknown-key]")
        assert errors["title_translated"][0].startswith("[missing]")
        assert errors["internal"][0].startswith("[missing] internal.location")
        assert errors["resources"][0]["format"][0].startswith("[unknown-code]")
        assert errors["resources"][0]["name_translated"][0].startswith("[missing]")

    def test_a_resource_that_is_none_stands_among_others_that_lack_something(self, site, complete_dataset):
        with pytest.raises(tk.ValidationError) as caught:
            create(site, {**complete_dataset, "resources": [{"format": "?"}, "x", *complete_dataset["resources"] * 3]})
        first, second = caught.value.error_dict["resources"][:2]
        assert first["format"][0].startswith("[unknown-code]")
        assert second["resource"][0].startswith("[shape]")
        assert [one.label for one in complaints(caught.value.error_dict) if one.code == "shape"] == ["Datoteka 2"]

    @pytest.mark.parametrize("owner", ["ni-take", "x" * 1_000_000])
    def test_an_unknown_organisation_is_one_problem_among_all(self, site, complete_dataset, owner):
        with pytest.raises(tk.ValidationError) as caught:
            create(site, {**complete_dataset, "owner_org": owner, "frequency": "vsak dan"})
        errors = caught.value.error_dict
        assert errors["owner_org"][0].startswith("[unknown-organization]")
        assert len(errors["owner_org"][0]) < 400
        assert errors["frequency"][0].startswith("[unknown-code]")

    @pytest.mark.parametrize(
        "wrong", [{"contact": "x"}, {"resources": "x"}, {"title_translated": []}, {"extras": {"a": 1}}]
    )
    def test_a_wrong_shape_is_answered_by_name(self, site, complete_dataset, wrong):
        with pytest.raises(tk.ValidationError) as caught:
            create(site, {**complete_dataset, **wrong})
        assert next(iter(wrong)) in caught.value.error_dict

    def test_long_texts_are_indexed_and_found(self, site, complete_dataset):
        complete_dataset["notes_translated"]["sl"] = "beseda " * 2500 + "zadnjabeseda"
        dataset = create(site, complete_dataset)
        found = call_action("package_search", q="zadnjabeseda")
        assert [item["id"] for item in found["results"]] == [dataset["id"]]

    def test_fields_of_several_values_are_facets_too(self, site, complete_dataset):
        complete_dataset |= {"content_area": ["okolje-prostor", "zdravstvo-sociala"], "language": ["SLV", "ENG"]}
        create(site, complete_dataset)
        found = call_action("package_search", **{"facet.field": ["vocab_theme", "vocab_language"]})["search_facets"]
        assert {item["name"] for item in found["vocab_theme"]["items"]} == {"ENVI", "ENER", "REGI", "HEAL", "SOCI"}
        assert {item["display_name"] for item in found["vocab_language"]["items"]} == {"slovenščina", "angleščina"}

    def test_content_areas_are_the_groups_of_the_index(self, site, complete_dataset):
        create(site, complete_dataset)
        assert call_action("package_search", fq="groups:promet")["count"] == 1
        facets = call_action("package_search", **{"facet.field": ["groups", "tags", "frequency"]})["search_facets"]
        assert [item["name"] for item in facets["groups"]["items"]] == ["promet"]
        assert {item["name"] for item in facets["tags"]["items"]} == {"parkirišča", "cene", "promet"}


class TestInternalBlock:
    def test_it_is_stored_and_never_returned(self, site, complete_dataset):
        dataset = create(site, complete_dataset)
        assert "internal" not in dataset
        assert "gis01" not in str(tk.get_action("package_show")(dict(site), {"id": dataset["id"]}))
        assert "gis01" not in str(call_action("package_search", q="*:*"))
        block = tk.get_action("kranj_internal_show")(dict(site), {"id": dataset["id"]})
        assert block["internal"] == complete_dataset["internal"]
        assert block["revision"] == 1

    def test_absent_on_update_it_stays(self, site, complete_dataset):
        dataset = create(site, complete_dataset)
        tk.get_action("package_patch")(dict(site), {"id": dataset["id"], "version": "2"})
        assert tk.get_action("kranj_internal_show")(dict(site), {"id": dataset["id"]})["revision"] == 1

    def test_an_update_of_nothing_else_still_writes_it(self, site, complete_dataset):
        dataset = create(site, complete_dataset)
        moved = {"location": {"system": "Nov sistem"}}
        tk.get_action("package_patch")(dict(site), {"id": dataset["id"], "internal": moved})
        block = tk.get_action("kranj_internal_show")(dict(site), {"id": dataset["id"]})
        assert (block["internal"]["location"], block["revision"]) == (moved["location"], 2)
        assert block["internal"]["usage"] == complete_dataset["internal"]["usage"], "what was not sent stays"

    def test_a_refused_update_leaves_it(self, site, complete_dataset):
        dataset = create(site, complete_dataset)
        patch = {"id": dataset["id"], "internal": {"location": {"system": "X"}}, "frequency": "nikoli"}
        with pytest.raises(tk.ValidationError):
            tk.get_action("package_patch")(dict(site), patch)
        assert tk.get_action("kranj_internal_show")(dict(site), {"id": dataset["id"]})["revision"] == 1

    def test_it_may_be_inherited_from_the_organisation(self, site, complete_dataset):
        del complete_dataset["internal"]
        dataset = create(site, complete_dataset)
        block = tk.get_action("kranj_internal_show")(dict(site), {"id": dataset["id"]})
        assert block["internal"]["location"]["system"] == "Dokumentni sistem MO Kranj"

    def test_an_outdated_revision_is_refused(self, site, complete_dataset):
        dataset = create(site, complete_dataset)
        update = {"id": dataset["id"], "internal": {"location": {"system": "A"}}, "revision": 1}
        assert tk.get_action("kranj_internal_update")(dict(site), update)["revision"] == 2
        with pytest.raises(tk.ValidationError) as caught:
            tk.get_action("kranj_internal_update")(dict(site), {**update, "internal": {"location": {"system": "B"}}})
        assert "changed-meanwhile" in str(caught.value.error_dict)

    def test_it_goes_with_a_purged_dataset(self, site, complete_dataset):
        from ckanext.kranj.catalogue.internal import InternalBlock

        complete_dataset["visibility"] = "restricted"
        dataset = create(site, complete_dataset)
        tk.get_action("dataset_purge")(dict(site), {"id": dataset["name"]})
        assert InternalBlock.of(dataset["id"]) is None


def test_identifier_and_address_follow_from_the_id(site, complete_dataset):
    made = create(site, complete_dataset)
    expected = (made["id"], f"http://test.ckan.net/dataset/{made['id']}")
    shown = tk.get_action("package_show")(dict(site), {"id": made["id"]})
    assert (shown["identifier"], shown["uri"]) == expected
    again = tk.get_action("package_update")(dict(site), {**shown, "identifier": "x", "uri": "https://a.si"})
    assert (again["identifier"], again["uri"]) == expected
    (found,) = tk.get_action("package_search")(dict(site), {"q": "*:*", "include_private": True})["results"]
    assert (found["identifier"], found["uri"]) == expected
    from ckan import model

    assert not {"identifier", "uri"} & set(model.Package.get(made["id"]).extras)


class TestUpdate:
    def test_a_patch_keeps_all_else(self, site, complete_dataset):
        before = create(site, complete_dataset)
        after = tk.get_action("package_patch")(dict(site), {"id": before["id"], "version": "2"})
        changed = {key for key in after if after.get(key) != before.get(key)}
        assert changed == {"version", "metadata_modified"}

    def test_the_name_never_changes(self, site, complete_dataset):
        dataset = create(site, complete_dataset)
        patch = {"id": dataset["id"], "title_translated": {"sl": "Povsem nov naziv"}, "name": "drugo-ime"}
        assert tk.get_action("package_patch")(dict(site), patch)["name"] == dataset["name"]

    def test_rules_over_all_resources_hold_when_none_is_sent(self, site, complete_dataset):
        dataset = create(site, complete_dataset)
        patch = {"id": dataset["id"], "url": ""}
        assert "url" not in tk.get_action("package_patch")(dict(site), patch)
        with pytest.raises(tk.ValidationError) as caught:
            tk.get_action("package_patch")(dict(site), {"id": dataset["id"], "resources": []})
        assert "public-leads-nowhere" in str(caught.value.error_dict)

    def test_resources_come_and_go(self, site, complete_dataset):
        dataset = create(site, complete_dataset)
        resource = {**complete_dataset["resources"][0], "package_id": dataset["id"], "format": "JSON", "mimetype": ""}
        created = tk.get_action("resource_create")(dict(site), resource)
        assert created["mimetype"] == "application/json"
        patch = {"id": created["id"], "name_translated": {"sl": "Drugače"}}
        assert tk.get_action("resource_patch")(dict(site), patch)["name"] == "Drugače"
        tk.get_action("resource_delete")(dict(site), {"id": created["id"]})
        assert len(tk.get_action("package_show")(dict(site), {"id": dataset["id"]})["resources"]) == 1

    def test_a_warning_is_told_and_does_not_stop_the_save(self, site, complete_dataset):
        complete_dataset["frequency"] = "NEVER"
        assert [item["code"] for item in create(site, complete_dataset)["kranj_warnings"]] == [
            "in-use-but-never-refreshed"
        ]


class TestDrafts:
    def test_a_draft_may_lack_what_is_mandatory_and_is_private(self, site):
        user = factories.User()
        call_action("organization_member_create", id="domplan", username=user["name"], role="editor")
        context = {"user": user["name"], "ignore_auth": False}
        draft = create(context, {"owner_org": "domplan", "title_translated": {"sl": "Osnutek"}, "state": "draft"})
        assert (draft["state"], draft["private"]) == ("draft", True)
        with pytest.raises(tk.ValidationError) as caught:
            tk.get_action("package_patch")(dict(context), {"id": draft["id"], "state": "active"})
        assert "notes_translated" in caught.value.error_dict

    def test_what_a_draft_says_must_still_be_right(self, site):
        with pytest.raises(tk.ValidationError):
            create(site, {"owner_org": "domplan", "frequency": "vsak dan", "state": "draft"})
