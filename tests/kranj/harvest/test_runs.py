"""A run in the real catalogue: create, nothing, update, draft, restore, missing, broken sources."""

import json

import pytest

from ckan import model


def shown(package_id):
    import ckan.plugins.toolkit as tk

    return tk.get_action("package_show")({"ignore_auth": True, "use_cache": False}, {"id": package_id})


def held():
    model.Session.expire_all()
    return model.Session.query(model.Package).filter_by(type="dataset").order_by(model.Package.title).all()


def found(query="*:*"):
    import ckan.plugins.toolkit as tk

    asked = {"q": query, "include_private": True, "include_drafts": True, "rows": 500}
    return tk.get_action("package_search")({"ignore_auth": True}, asked)["count"]


class TestFirstAndSecondRun:
    def test_records_become_datasets_with_derived_ids_and_their_internal_block(self, dataset, turtle, served, source):
        from ckanext.kranj.catalogue.internal import InternalBlock
        from ckanext.kranj.harvest.runner import harvest

        from schemas import dataset_id

        report = harvest(source(served(turtle(*(dataset(n) for n in range(60))))))
        assert report.complete
        assert report.counts["create"] == 60
        assert len(held()) == 60
        assert found() == 60
        first = shown(dataset_id("vir", "https://vir.example/dataset/7"))
        assert first["title_translated"]["sl"] == "Zbirka številka 7"
        assert first["resources"][0]["format"] == "CSV"
        assert first["private"] is True
        assert first["organization"]["name"] == "mestna-obcina-kranj"
        assert InternalBlock.of(first["id"]).data["location"] == {"system": "Sistem vira"}
        assert "harvest_source_id" not in json.dumps(first)

    def test_second_run_over_an_unchanged_source_writes_nothing(self, dataset, turtle, served, source, counted):
        from ckanext.kranj.harvest.runner import harvest

        spec = source(served(turtle(*(dataset(n) for n in range(55)), dataset(99, fmt=""))))
        harvest(spec)
        with counted() as writes:
            report = harvest(spec)
        assert report.counts["unchanged"] == 56
        assert report.writes == 0
        assert (writes.packages, writes.index) == (0, 0)

    def test_only_what_changed_is_written_and_names_stay(self, dataset, turtle, served, source, counted):
        from ckanext.kranj.harvest.runner import harvest

        from schemas import dataset_id

        url = served(turtle(*(dataset(n) for n in range(5))))
        spec = source(url)
        harvest(spec)
        identifier = dataset_id("vir", "https://vir.example/dataset/3")
        before = shown(identifier)
        served(turtle(*(dataset(n, title="Novi naslov" if n == 3 else None) for n in range(5))))
        with counted() as writes:
            report = harvest(spec)
        after = shown(identifier)
        assert (report.counts["update"], report.counts["unchanged"]) == (1, 4)
        assert writes.index == 1
        assert after["title"] == "Novi naslov"
        assert after["name"] == before["name"]
        assert [item["id"] for item in after["resources"]] == [item["id"] for item in before["resources"]]
        assert found("title:Novi") == 1

    def test_lost_memory_makes_no_duplicates(self, dataset, turtle, served, source):
        from ckanext.kranj.harvest.model import HarvestRecord
        from ckanext.kranj.harvest.runner import harvest

        spec = source(served(turtle(*(dataset(n) for n in range(5)))))
        harvest(spec)
        model.Session.query(HarvestRecord).delete()
        model.Session.commit()
        report = harvest(spec)
        assert (report.counts["update"], report.counts["create"]) == (5, 0)
        assert len(held()) == 5


class TestDrafts:
    def test_a_record_that_lacks_a_mandatory_value_is_a_draft_with_its_problems(self, dataset, turtle, served, source):
        from ckanext.kranj.harvest.model import HarvestRecord
        from ckanext.kranj.harvest.runner import harvest

        report = harvest(source(served(turtle(dataset(1), dataset(2, fmt="")))))
        assert (report.counts["create"], report.counts["draft"]) == (2, 1)
        draft = next(package for package in held() if package.state == "draft")
        assert draft.private
        row = model.Session.query(HarvestRecord).filter_by(package_id=draft.id).one()
        assert row.draft
        assert ("resources[0].format", "missing") in [(item["path"], item["code"]) for item in row.problems]

    def test_a_mended_draft_becomes_active(self, dataset, turtle, served, source):
        from ckanext.kranj.harvest.runner import harvest

        spec = source(served(turtle(dataset(2, fmt=""))))
        harvest(spec)
        served(turtle(dataset(2)))
        report = harvest(spec)
        assert report.counts["update"] == 1
        assert [package.state for package in held()] == ["active"]

    def test_an_active_dataset_is_not_made_a_draft(self, dataset, turtle, served, source):
        from ckanext.kranj.harvest.runner import harvest

        spec = source(served(turtle(dataset(2))))
        harvest(spec)
        served(turtle(dataset(2, fmt="", title="Nepopoln zapis")))
        report = harvest(spec)
        assert report.counts["error"] == 1
        assert "kept-active" in report.codes()
        assert [(package.state, package.title) for package in held()] == [("active", "Zbirka številka 2")]


class TestTroubles:
    def test_what_disappears_is_noted_and_stays(self, dataset, turtle, served, source):
        from ckanext.kranj.harvest.model import HarvestRecord
        from ckanext.kranj.harvest.runner import harvest

        spec = source(served(turtle(*(dataset(n) for n in range(5)))))
        harvest(spec)
        served(turtle(dataset(0)))
        report = harvest(spec)
        assert report.counts["missing"] == 4
        assert all(package.state == "active" for package in held())
        assert len(held()) == 5
        served(turtle(*(dataset(n) for n in range(5))))
        assert harvest(spec).counts["missing"] == 0
        assert model.Session.query(HarvestRecord).filter(HarvestRecord.missing_since.isnot(None)).count() == 0

    def test_an_empty_source_removes_nothing(self, dataset, turtle, served, source):
        from ckanext.kranj.harvest.runner import harvest

        spec = source(served(turtle(*(dataset(n) for n in range(3)))))
        harvest(spec)
        served(turtle())
        report = harvest(spec)
        assert report.counts["missing"] == 3
        assert [package.state for package in held()] == ["active"] * 3

    def test_a_source_that_breaks_halfway_keeps_what_was_read(self, dataset, turtle, served, source, httpserver):
        from ckanext.harvest.model import HarvestGatherError, HarvestJob
        from ckanext.kranj.harvest.runner import harvest

        following = httpserver.url_for("/page2.ttl")
        paged = f"""<> a <http://www.w3.org/ns/hydra/core#PagedCollection> ;
            <http://www.w3.org/ns/hydra/core#nextPage> <{following}> ."""
        url = served(turtle(dataset(1), dataset(2), paged))
        httpserver.expect_request("/page2.ttl").respond_with_data("gone", status=404)
        report = harvest(source(url))
        assert not report.complete
        assert report.reason_code == "bad-status"
        assert report.missing == []
        assert len(held()) == 2
        job = model.Session.query(HarvestJob).one()
        assert job.status == "Finished"
        assert "404" in model.Session.query(HarvestGatherError).one().message

    def test_a_deleted_dataset_that_the_source_still_has_is_restored(self, dataset, turtle, served, source):
        import ckan.plugins.toolkit as tk

        from ckanext.kranj.harvest import sources
        from ckanext.kranj.harvest.runner import harvest

        spec = source(served(turtle(dataset(1), dataset(2))))
        harvest(spec)
        identifier = held()[0].id
        tk.get_action("package_delete")(sources.context(), {"id": identifier})
        report = harvest(spec)
        assert report.counts["restore"] == 1
        assert [package.state for package in held()] == ["active", "active"]

    def test_a_purged_dataset_is_created_again_with_its_id(self, dataset, turtle, served, source):
        import ckan.plugins.toolkit as tk

        from ckanext.kranj.harvest import sources
        from ckanext.kranj.harvest.runner import harvest

        spec = source(served(turtle(dataset(1))))
        harvest(spec)
        identifier = held()[0].id
        tk.get_action("dataset_purge")(sources.context(), {"id": identifier})
        report = harvest(spec)
        assert report.counts["create"] == 1
        assert held()[0].id == identifier

    def test_one_record_that_the_catalogue_refuses_costs_itself_only(self, dataset, turtle, served, source):
        from ckanext.kranj.harvest.runner import harvest

        bad = dataset(2, extra='dct:publisher [ foaf:name "Tuji" ] ;')
        spec = source(served(turtle(dataset(1), bad, dataset(3))), settings={"owners": {"Tuji": "ni-je"}})
        report = harvest(spec)
        assert (report.counts["create"], report.counts["error"]) == (2, 1)
        assert "unknown-organization" in report.codes()
        assert len(held()) == 2

    def test_a_record_that_only_the_catalogue_itself_refuses_costs_itself_only(
        self, dataset, turtle, served, source, monkeypatch
    ):
        """Its ValidationError rolls the whole batch back (traps B); the batch is then done again without it."""
        import ckan.plugins.toolkit as tk

        from ckanext.kranj.catalogue import describe
        from ckanext.kranj.harvest.runner import harvest

        from schemas import dataset_id

        spec = source(served(turtle(*(dataset(n) for n in range(4)))))
        original, refused = describe.describe, dataset_id("vir", "https://vir.example/dataset/2")

        def stricter(context, data_dict, *rest):
            if data_dict.get("id") == refused:
                raise tk.ValidationError({"title": ["[test] ne gre"]})
            return original(context, data_dict, *rest)

        monkeypatch.setattr(describe, "describe", stricter)
        report = harvest(spec)
        assert (report.counts["create"], report.counts["error"]) == (3, 1)
        assert len(held()) == 3
        assert found() == 3

    def test_a_record_that_breaks_the_transaction_costs_itself_only(self, dataset, turtle, served, source, monkeypatch):
        import ckan.plugins.toolkit as tk

        from ckanext.kranj.harvest import sink
        from ckanext.kranj.harvest.runner import harvest

        spec = source(served(turtle(*(dataset(n) for n in range(4)))))
        original = sink.CkanSink._data

        def poisoned(self, change):
            data = original(self, change)
            return {**data, "owner_org": "ni-je"} if change.guid.endswith("/2") else data

        monkeypatch.setattr(sink.CkanSink, "_refusal", lambda self, change, states, asked: None)
        monkeypatch.setattr(sink.CkanSink, "_data", poisoned)
        report = harvest(spec)
        assert (report.counts["create"], report.counts["error"]) == (3, 1)
        assert len(held()) == 3
        assert found() == 3
        assert tk.get_action("harvest_source_show_status")({"ignore_auth": True, "model": model}, {"id": spec.id})[
            "last_job"
        ]["stats"] == {"added": 3, "updated": 0, "not modified": 0, "errored": 1, "deleted": 0}


class TestPreview:
    def test_preview_writes_nothing_at_all(self, dataset, turtle, served, source, counted):
        from ckanext.harvest.model import HarvestJob
        from ckanext.kranj.harvest.model import HarvestRecord, HarvestRun
        from ckanext.kranj.harvest.runner import preview

        spec = source(served(turtle(dataset(1), dataset(2, fmt=""))))
        with counted() as writes:
            report = preview(spec)
        assert (report.counts["create"], report.counts["draft"]) == (2, 1)
        assert (writes.packages, writes.index) == (0, 0)
        for table in (HarvestRecord, HarvestRun, HarvestJob):
            assert model.Session.query(table).count() == 0


class TestMemoryOfTheIndex:
    def test_a_run_that_died_before_indexing_is_finished_by_the_next(
        self, dataset, turtle, served, source, monkeypatch
    ):
        from ckanext.kranj.harvest import sink
        from ckanext.kranj.harvest.runner import harvest

        spec = source(served(turtle(*(dataset(n) for n in range(4)))))
        with monkeypatch.context() as patch:
            patch.setattr(sink.CkanSink, "_index", lambda self, ids: None)
            patch.setattr(sink.CkanSink, "_settle", lambda self: None)
            harvest(spec)
        assert found() == 0
        report = harvest(spec)
        assert report.counts["unchanged"] == 4
        assert found() == 4


@pytest.mark.usefixtures("harvest_tables")
def test_presets_of_the_demonstration_become_sources_once():
    from ckanext.kranj.harvest import sources

    first = sources.add_presets("http://127.0.0.1:9/")
    assert set(first.values()) == {"created"}
    assert all(slug.startswith("demo-") for slug in first)
    assert set(sources.add_presets("http://127.0.0.1:9/").values()) == {"unchanged"}
    assert set(sources.add_presets("http://127.0.0.1:10/").values()) == {"updated"}
    assert sources.find("demo-mlaka").url == "http://127.0.0.1:10/mlaka/catalog.ttl"
    assert sources.find("demo-mlaka").allowed_hosts == ("127.0.0.1",)
