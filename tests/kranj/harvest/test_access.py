"""Nobody reads of harvesting what is not his: the doors that stock ckanext-harvest leaves open are closed."""

import json

import pytest

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories, helpers

READS = {
    "harvest_source_show": lambda spec, job, obj: {"id": spec.id},
    "harvest_source_show_status": lambda spec, job, obj: {"id": spec.id},
    "harvest_source_list": lambda spec, job, obj: {},
    "harvest_job_show": lambda spec, job, obj: {"id": job},
    "harvest_job_report": lambda spec, job, obj: {"id": job},
    "harvest_job_list": lambda spec, job, obj: {"source_id": spec.id},
    "harvest_object_show": lambda spec, job, obj: {"id": obj},
    "harvest_object_list": lambda spec, job, obj: {"source_id": spec.id},
    "harvesters_info_show": lambda spec, job, obj: {},
    "harvest_log_list": lambda spec, job, obj: {},
}
ALL_SOURCES = {"harvest_job_list": {}, "harvest_object_list": {}, "harvest_log_list": {}}


@pytest.fixture
def harvested(dataset, turtle, served, source):
    """A source with a run, its job and one of its objects."""
    from ckanext.harvest.model import HarvestJob, HarvestObject
    from ckanext.kranj.harvest.runner import harvest

    spec = source(served(turtle(dataset(1))))
    harvest(spec)
    return spec, model.Session.query(HarvestJob).one().id, model.Session.query(HarvestObject).one().id


def person(organization=None, capacity="editor"):
    user = factories.User()
    if organization:
        helpers.call_action(
            "member_create",
            id=model.Group.get(organization).id,
            object=user["name"],
            object_type="user",
            capacity=capacity,
        )
    return user["name"]


def ask(action, user, data):
    return tk.get_action(action)({"user": user, "ignore_auth": False}, dict(data))


class TestActions:
    @pytest.mark.parametrize("action", READS)
    def test_anonymous_and_strangers_get_nothing(self, harvested, action):
        for user in ("", person(), person("komunala-kranj", "member")):
            with pytest.raises((tk.NotAuthorized, tk.ObjectNotFound)):
                ask(action, user, READS[action](*harvested))

    @pytest.mark.parametrize("action", sorted(set(READS) - {"harvest_log_list", "harvest_source_list"}))
    def test_an_editor_of_the_organisation_of_the_source_reads(self, harvested, action):
        ask(action, person("mestna-obcina-kranj"), READS[action](*harvested))

    @pytest.mark.parametrize("action", sorted(set(READS) - {"harvest_source_list", "harvesters_info_show"}))
    def test_an_editor_of_another_organisation_does_not(self, harvested, action):
        with pytest.raises((tk.NotAuthorized, tk.ObjectNotFound)):
            ask(action, person("komunala-kranj"), READS[action](*harvested))

    @pytest.mark.parametrize("action", ALL_SOURCES)
    def test_lists_over_all_sources_are_for_administrators(self, harvested, action):
        with pytest.raises(tk.NotAuthorized):
            ask(action, person("mestna-obcina-kranj"), ALL_SOURCES[action])
        ask(action, factories.Sysadmin()["name"], ALL_SOURCES[action])

    def test_objects_cannot_be_looked_up_by_other_columns(self, harvested):
        spec, _, _ = harvested
        with pytest.raises(tk.NotAuthorized):
            ask("harvest_object_show", person("mestna-obcina-kranj"), {"id": spec.id, "attr": "harvest_source_id"})

    def test_the_configuration_is_for_those_who_may_edit(self, harvested):
        spec, _, _ = harvested
        for action in ("harvest_source_show", "package_show"):
            reader = ask(action, person("mestna-obcina-kranj", "member"), {"id": spec.id})
            assert "allowed_hosts" not in json.dumps(reader)
            assert "Sistem vira" not in json.dumps(reader)
            editor = ask(action, person("mestna-obcina-kranj"), {"id": spec.id})
            assert "allowed_hosts" in editor["config"]

    def test_search_and_lists_do_not_name_sources_to_others(self, harvested):
        spec, _, _ = harvested
        for user in ("", person()):
            found = ask("package_search", user, {"fq": "dataset_type:harvest", "include_private": True})
            assert found["count"] == 0
        with pytest.raises((tk.NotAuthorized, tk.ObjectNotFound)):
            ask("package_show", "", {"id": spec.id})

    def test_objects_hold_no_content_and_are_never_current(self, harvested):
        from ckanext.harvest.model import HarvestObject

        found = model.Session.query(HarvestObject).one()
        assert found.content is None
        assert not found.current


class TestPages:
    @pytest.mark.parametrize(
        "path", ["", "/vir", "/about/vir", "/admin/vir", "/vir/job", "/vir/job/last", "/object/{obj}"]
    )
    def test_anonymous_visitors_see_the_login(self, harvested, harvest_tables, path):
        answer = harvest_tables.get("/harvest" + path.format(obj=harvested[2]), follow_redirects=False)
        assert answer.status_code == 302
        assert "/user/login" in answer.headers["Location"]

    def test_no_variant_of_the_address_gets_round_the_guard(self, harvested, harvest_tables):
        for path in (
            "/harvest/",
            "/en/harvest",
            "/en/harvest/vir",
            "//harvest/vir",
            "/dataset/harvest_object/x",
            "/dataset/vir",
        ):
            answer = harvest_tables.get(path, follow_redirects=False)
            assert "127.0.0.1" not in answer.get_data(as_text=True)
            assert answer.status_code in {302, 308, 403, 404}, path

    def test_pages_of_a_run_work_for_an_administrator(self, harvested, harvest_tables):
        token = factories.SysadminWithToken()["token"]
        for path in ("", "/vir", "/about/vir", "/admin/vir", "/vir/job", "/vir/job/last"):
            answer = harvest_tables.get("/harvest" + path, headers={"Authorization": token})
            assert answer.status_code == 200, path


class TestInternalHosts:
    def test_only_an_administrator_allows_internal_hosts(self, harvest_tables):
        from ckanext.kranj.harvest import kinds

        kind = next(
            item for item in kinds.core._PLUGINS_SERVICE.values() if getattr(item, "name", "") == "kranj_harvest_dcat"
        )
        config = json.dumps({"allowed_hosts": ["127.0.0.1"]})
        with harvest_tables.flask_app.test_request_context("/"), pytest.raises(Exception, match="administrator"):
            kind.validate_config(config)
        assert kind.validate_config(config) == config

    @pytest.mark.parametrize(
        "config",
        ["nonsense", "[]", '{"colour": 1}', '{"preset": "ni-je"}', '{"settings": {"colour": 1}}', '{"defaults": []}'],
    )
    @pytest.mark.usefixtures("harvest_tables")
    def test_a_wrong_configuration_is_refused_when_it_is_saved(self, config):
        from ckanext.kranj.harvest import sources

        with pytest.raises(tk.ValidationError) as caught:
            tk.get_action("harvest_source_create")(
                sources.context(),
                {
                    "name": "vir",
                    "url": "https://vir.example/",
                    "source_type": "kranj-dcat",
                    "owner_org": "mestna-obcina-kranj",
                    "config": config,
                },
            )
        assert list(caught.value.error_dict) == ["config"]


class TestKinds:
    @pytest.mark.usefixtures("harvest_tables")
    def test_every_connector_is_a_type_of_source(self):
        found = {item["name"]: item["title"] for item in helpers.call_action("harvesters_info_show")}
        assert {"kranj-dcat", "kranj-gbfs"} <= set(found)
        assert "kranj-memory" not in found


class TestRepairs:
    def test_reindexing_a_source_keeps_its_type_and_configuration(self, harvested):
        """H2: stock loses them from the cache, and saving the form then erases them."""
        spec, _, _ = harvested
        before = helpers.call_action("harvest_source_show", id=spec.id)
        assert helpers.call_action("harvest_source_reindex", id=spec.id)
        after = helpers.call_action("harvest_source_show", id=spec.id)
        for key in ("source_type", "frequency", "config"):
            assert after[key] == before[key]
            assert after[key]
        helpers.call_action("harvest_source_patch", id=spec.id, title="Nov naslov")
        assert helpers.call_action("harvest_source_show", id=spec.id)["source_type"] == "kranj-dcat"

    def test_a_job_of_ours_waits_in_the_database_and_not_in_redis(self, harvested, monkeypatch):
        from ckanext.harvest.logic.action import update

        def never():
            raise AssertionError("no queue is needed")

        monkeypatch.setattr(update, "get_gather_publisher", never)
        spec, _, _ = harvested
        job = helpers.call_action("harvest_job_create", source_id=spec.id)
        assert job["gather_started"] is None
        assert helpers.call_action("harvest_job_show", id=job["id"])["status"] == "Running"
