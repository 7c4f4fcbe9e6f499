"""What stewards see and do while a source runs and afterwards: progress, stopping, quiet hours, report, history."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.harvest.model import HarvestJob, HarvestSource
from ckanext.kranj.harvest import decisions, health, jobs, progress, schedule, state, words, worker
from ckanext.kranj.harvest.model import HarvestRun
from ckanext.kranj.harvest.runner import harvest


def person(organization="mestna-obcina-kranj", role="editor"):
    user = factories.UserWithToken()
    call_action("organization_member_create", id=organization, username=user["name"], role=role)
    return user


@pytest.fixture
def steward(catalogue):
    return person()


@pytest.fixture
def spec(source, served, turtle, dataset):
    return source(served(turtle(*(dataset(n) for n in range(3)))))


@pytest.fixture
def long_source(source, served, turtle, dataset):
    return source(served(turtle(*(dataset(n) for n in range(120)))))


def ask(action, user, **data):
    return call_action(action, {"user": user["name"], "ignore_auth": False}, **data)


class TestProgress:
    def test_counts_rate_and_time_left_while_it_runs(self, long_source):
        seen = []

        def look(_report):
            run = model.Session.query(HarvestRun).populate_existing().filter_by(finished=None).one()
            seen.append(progress.of_source(long_source.id, run.started + timedelta(seconds=10)))

        harvest(long_source)
        state.of(long_source.id).marks = []  # or the source is only asked whether anything changed
        model.Session.commit()
        harvest(long_source, progress=look)
        second = seen[1]  # after the account of the first batch was written
        assert (second["phase"], second["read"], second["expected"]) == ("running", 50, 120)
        assert (second["rate"], second["left"], second["counts"]["unchanged"]) == (5.0, 14, 50)
        model.Session.expire_all()
        assert progress.of_source(long_source.id)["phase"] == "idle"

    def test_it_says_when_the_source_is_next(self, spec, steward):
        found = ask("kranj_harvest_progress", steward, source=spec.slug)
        assert (found["phase"], found["next_run"], found["frequency"]) == ("idle", None, "DAILY")
        ask("harvest_job_create", steward, source_id=spec.id)
        assert ask("kranj_harvest_progress", steward, source=spec.slug)["phase"] == "waiting"


class TestStopping:
    def test_a_run_that_is_stopped_ends_after_its_batch_and_keeps_what_it_did(self, long_source, steward):
        def stop(report):
            if report.counts["read"] == 50:
                ask("harvest_job_abort", steward, source_id=long_source.id)

        report = harvest(long_source, progress=stop)
        assert (report.reason_code, report.counts["create"], report.complete) == ("cancelled", 50, False)
        model.Session.expire_all()
        run = model.Session.query(HarvestRun).one()
        assert (run.reason_code, run.finished is not None, run.complete) == ("cancelled", True, False)
        assert call_action("package_search", include_private=True, fq="dataset_type:dataset")["count"] == 50
        again = harvest(long_source)
        assert (again.complete, again.counts["create"], again.counts["unchanged"]) == (True, 70, 50)

    def test_one_that_has_not_begun_is_over_at_once(self, spec, steward):
        job = ask("harvest_job_create", steward, source_id=spec.id)
        ask("harvest_job_abort", steward, source_id=spec.id)
        assert progress.of_source(spec.id)["phase"] == "idle"
        assert HarvestJob.get(job["id"]).finished is not None
        assert worker.Worker(start=lambda *_: 0).once() == 0 or HarvestSource.get(spec.id).next_run

    def test_one_that_hangs_is_ended_by_the_worker(self, spec, steward, monkeypatch):
        monkeypatch.setattr(worker, "command", lambda *_: ["sleep", "60"])
        monkeypatch.setattr(worker, "LOOK", 0.1)
        monkeypatch.setattr(worker, "PATIENCE", 0.3)
        job = jobs.begin(spec.id, None)
        ask("harvest_job_abort", steward, source_id=spec.id)
        started = datetime.now(tz=UTC)
        assert worker.in_process(job, spec.id) == -1
        assert datetime.now(tz=UTC) - started < timedelta(seconds=5)
        jobs.close_cancelled(job)
        assert model.Session.get(HarvestRun, job).reason_code == "cancelled"


class TestQuietHours:
    def test_the_schedule_leaves_a_source_alone_in_its_hours(self, spec, steward):
        hour = datetime.now(tz=schedule.zone()).hour
        given = f"{hour}-{(hour + 2) % 24}"
        assert ask("kranj_harvest_quiet_hours", steward, source=spec.slug, hours=given)["hours"] == given
        started = []
        work = worker.Worker(start=lambda job, source: started.append(source) or 0)
        work.once()
        assert started == []
        ask("kranj_harvest_quiet_hours", steward, source=spec.slug, hours="")
        work.once()
        assert started == [spec.id]

    @pytest.mark.parametrize("hours", ["noč", "7", "7-99"])
    def test_other_forms_are_refused_in_words(self, spec, steward, hours):
        with pytest.raises(tk.ValidationError) as caught:
            ask("kranj_harvest_quiet_hours", steward, source=spec.slug, hours=hours)
        assert caught.value.error_dict == {"hours": ["Ure napišite kot 07-18."]}


class TestReport:
    def test_what_came_and_what_to_ask_the_supplier(self, source, served, turtle, dataset, steward):
        url = served(turtle(dataset(1), dataset(2, title="=Formula", extra='dct:language "tlh" ;')))
        spec = source(url, defaults={})
        harvest(spec)
        job = HarvestJob.filter(source_id=spec.id).one()
        report = ask("kranj_harvest_report", steward, id=job.id)
        assert (report["complete"], report["counts"]["create"], report["counts"]["draft"]) == (True, 2, 2)
        assert {record["title"] for record in report["records"]} == {"Zbirka številka 1", "=Formula"}
        group = next(group for group in report["groups"] if group["code"] == "missing")
        assert group["examples"]
        assert group["remedy"]["sl"]
        assert report["groups"][0]["severity"] == "error"

    def test_as_a_file(self, spec, steward, harvest_tables):
        harvest(spec)
        job = HarvestJob.filter(source_id=spec.id).one()
        headers = {"Authorization": steward["token"]}
        table = harvest_tables.get(f"/harvest/report/{job.id}.csv", headers=headers)
        rows = list(csv.reader(io.StringIO(table.get_data(as_text=True).lstrip("\ufeff"))))
        assert rows[0][:3] == ["zapis", "naziv", "kaj se je zgodilo"]
        assert {row[2] for row in rows[1:]} == {"novo"}
        whole = harvest_tables.get(f"/en/harvest/report/{job.id}.json", headers=headers)
        assert json.loads(whole.get_data(as_text=True))["counts"]["create"] == 3
        assert harvest_tables.get(f"/harvest/report/{job.id}.exe", headers=headers, status=None).status_code == 404

    def test_cells_never_start_a_formula(self):
        from ckanext.kranj.harvest import reports

        record = {"guid": "=1", "title": "+x", "action": "create", "problems": []}
        assert "'=1,'+x" in reports.as_csv({"records": [record]})

    def test_a_restricted_description_is_counted_and_not_named(self, source, served, turtle, dataset, steward):
        extra = '<https://podatki.kranj.si/ns#visibility> "restricted" ;'
        spec = source(served(turtle(dataset(1), dataset(2, title="Skrivna zbirka", extra=extra))))
        harvest(spec)
        job = HarvestJob.filter(source_id=spec.id).one()
        report = ask("kranj_harvest_report", steward, id=job.id)
        assert (report["counts"]["create"], report["hidden"]) == (2, 1)
        assert "Skrivna" not in json.dumps(report, ensure_ascii=False)
        whole = call_action("kranj_harvest_report", id=job.id)
        assert "Skrivna zbirka" in {record["title"] for record in whole["records"]}

    def test_why_a_run_ended_early_is_said_in_words(self, source, httpserver, steward):
        httpserver.expect_request("/catalog.ttl").respond_with_data("gone", status=410)
        spec = source(httpserver.url_for("/catalog.ttl"))
        harvest(spec)
        job = HarvestJob.filter(source_id=spec.id).one()
        report = ask("kranj_harvest_report", steward, id=job.id)
        assert (report["reason"]["code"], report["reason"]["supplier"]) == ("bad-status", True)
        assert health.of_source(spec.id)["sentence"].startswith("Vir je zahtevo zavrnil")


class TestHistory:
    def test_who_did_what(self, spec, steward):
        from ckanext.kranj.harvest import history

        ask("harvest_job_create", steward, source_id=spec.id)
        ask("harvest_job_abort", steward, source_id=spec.id)
        decisions.pause(spec.id, steward["name"], on=True)
        decisions.pause(spec.id, steward["name"], on=False)
        found = [(line["who"], line["what"]) for line in history.of_source(spec.id)]
        assert found == [(steward["name"], what) for what in ("resumed", "paused", "cancelled", "asked")]


class TestWords:
    @pytest.mark.parametrize(
        ("seconds", "said"),
        [(0, "0 s"), (0.31, "0,3 s"), (45, "45 s"), (180, "3 min"), (7500, "2 h 5 min"), (None, "")],
    )
    def test_durations(self, catalogue, seconds, said):
        assert words.duration(seconds) == said

    def test_every_code_has_two_words(self):
        for codes in words.WORDS.values():
            for sl, en in codes.values():
                assert sl
                assert en
        assert set(words.SENTENCES) == set(words.WORDS["state"]) == set(health.STATES)


def test_another_fact_about_a_source_is_reason_to_read_it_again(spec):
    """Its facts are part of every description: a source that says that nothing changed is read all the same."""
    import json

    from ckanext.kranj.harvest import sources

    harvest(spec)
    config = {**json.loads(HarvestSource.get(spec.id).config), "facts": {"owner_unit": "Drug urad"}}
    context = {"user": factories.Sysadmin()["name"]}
    call_action("harvest_source_patch", context, id=spec.id, config=json.dumps(config))
    report = harvest(sources.find(spec.id))
    assert (report.unchanged_source, report.counts["update"]) == (False, 3)
