"""The worker and the command line: jobs are found, run once, and survive whatever is killed."""

import json
import os
import signal
import subprocess
import time
from datetime import timedelta

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from ckan import model


@pytest.fixture
def cli():
    """A function that runs ``ckan kranj harvest …`` in this process."""
    from ckanext.kranj.harvest.cli import harvest

    return lambda *arguments: CliRunner().invoke(harvest, arguments)


def packages():
    model.Session.expire_all()
    return model.Session.query(model.Package).filter_by(type="dataset").count()


class TestWorker:
    def test_due_sources_are_run_once(self, dataset, turtle, served, source):
        from ckanext.kranj.harvest import runner, sources
        from ckanext.kranj.harvest.worker import Worker

        source(served(turtle(dataset(1))))
        started = []

        def start(job, source_id):
            started.append(source_id)
            return 0 if runner.harvest(sources.find(source_id), job).ok else 1

        assert Worker(start).once() == 1
        assert Worker(start).once() == 0
        assert packages() == 1

    def test_a_job_asked_for_on_the_page_is_run(self, dataset, turtle, served, source):
        from ckan.tests import helpers

        from ckanext.harvest.model import HarvestJob, HarvestSource
        from ckanext.kranj.harvest import runner, sources
        from ckanext.kranj.harvest.worker import Worker

        spec = source(served(turtle(dataset(1))))
        HarvestSource.get(spec.id).frequency = "MANUAL"
        model.Session.commit()
        worker = Worker(lambda job, source_id: runner.harvest(sources.find(source_id), job).ok and 0)
        assert worker.once() == 0
        job = helpers.call_action("harvest_job_create", source_id=spec.id)
        assert worker.once() == 1
        assert HarvestJob.get(job["id"]).status == "Finished"
        assert model.Session.query(HarvestJob).count() == 1

    def test_a_dead_job_is_closed_and_run_again(self, dataset, turtle, served, source):
        from ckanext.harvest.model import HarvestJob, HarvestSource
        from ckanext.kranj.harvest import jobs
        from ckanext.kranj.harvest.worker import Worker

        spec = source(served(turtle(dataset(1))))
        HarvestSource.get(spec.id).next_run = jobs.utcnow() + timedelta(days=1)
        dead = HarvestJob(source_id=spec.id, status="Running", gather_started=jobs.utcnow() - timedelta(minutes=5))
        dead.save()
        identifier = dead.id
        Worker.end_dead_jobs()
        assert HarvestJob.get(identifier).status == "Finished"
        assert Worker.claim() is not None
        assert Worker.claim() is None

    def test_a_living_job_is_left_alone(self, dataset, turtle, served, source):
        from ckanext.harvest.model import HarvestJob
        from ckanext.kranj.harvest import jobs
        from ckanext.kranj.harvest.worker import Worker

        spec = source(served(turtle(dataset(1))))
        HarvestJob(source_id=spec.id, status="Running", gather_started=jobs.utcnow() - timedelta(minutes=5)).save()
        with jobs.locked(spec.id, spec.slug):
            Worker.end_dead_jobs()
        assert model.Session.query(HarvestJob).one().status == "Running"

    def test_two_runs_of_one_source_at_once_are_impossible(self, dataset, turtle, served, source):
        from ckanext.kranj.harvest import jobs
        from ckanext.kranj.harvest.runner import harvest

        spec = source(served(turtle(dataset(1))))
        with jobs.locked(spec.id, spec.slug), pytest.raises(jobs.AlreadyRunning):
            harvest(spec)
        assert packages() == 0
        assert harvest(spec).complete

    def test_a_database_that_was_away_is_waited_for(self, harvest_tables):
        from ckanext.kranj.harvest.worker import Worker

        class Stop(Exception):  # noqa: N818
            pass

        rounds = []

        class Flaky(Worker):
            def once(self):
                rounds.append(1)
                if len(rounds) == 1:
                    # What a restart of the server does to open connections.
                    pid = model.Session.execute(sa.text("SELECT pg_backend_pid()")).scalar()
                    with model.meta.engine.connect() as other:
                        other.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
                if len(rounds) == 3:
                    raise Stop
                return super().once()

        with pytest.raises(Stop):
            Flaky(sleep=lambda _: None).forever()
        assert model.Session.execute(sa.text("SELECT 1")).scalar() == 1


class TestCommands:
    def test_run_preview_and_list(self, dataset, turtle, served, source, cli):
        source(served(turtle(dataset(1), dataset(2, fmt=""))))
        preview = cli("preview", "vir")
        assert preview.exit_code == 0, preview.output
        assert "[missing] resources[0].format" in preview.output
        assert packages() == 0
        run = cli("run", "vir", "--json")
        assert run.exit_code == 0, run.output
        (report,) = json.loads(run.stdout)
        assert report["counts"]["create"] == 2
        assert "vir: read 2" in run.stderr
        (row,) = json.loads(cli("list", "--json").stdout)
        assert (row["name"], row["complete"], row["counts"]["draft"]) == ("vir", True, 1)
        assert "vir" in cli("list").output

    def test_a_source_that_fails_gives_exit_status_1_and_a_sentence(self, served, source, cli):
        source(served("<html>", content_type="text/html"))
        run = cli("run", "--all")
        assert run.exit_code == 1
        assert "web page" in run.output
        assert cli("preview", "vir").exit_code == 1

    @pytest.mark.usefixtures("harvest_tables")
    def test_an_unknown_source_is_a_sentence(self, cli):
        run = cli("run", "ni-je")
        assert run.exit_code == 1
        assert "there is no harvest source 'ni-je'" in run.stderr
        assert cli("run").exit_code == 2
        assert cli("add-presets", "ni-je").exit_code == 1


class TestKill:
    """``kill -9`` of the process that runs a job: what was committed stays, the next run continues, nothing doubles."""

    def child(self, spec):
        from ckanext.kranj.harvest import jobs
        from ckanext.kranj.harvest.worker import command

        job = jobs.HarvestJob(source_id=spec.id)
        job.save()
        identifier = job.id
        model.Session.remove()
        environment = {**os.environ, "PYTHONWARNINGS": "default"}
        return subprocess.Popen(command(identifier, spec.id), env=environment, stderr=subprocess.PIPE, text=True)

    def test_a_killed_run_is_continued(self, dataset, turtle, served, source):
        from ckanext.harvest.model import HarvestJob
        from ckanext.kranj.harvest.runner import harvest

        spec = source(served(turtle(*(dataset(n) for n in range(200)))))
        child = self.child(spec)
        try:
            for line in child.stderr:
                if "create 50" in line or "create 100" in line:
                    break
        finally:
            child.send_signal(signal.SIGKILL)
            child.wait(10)
            child.stderr.close()
        after_kill = packages()
        assert 50 <= after_kill < 200
        assert after_kill % 50 == 0
        deadline = time.monotonic() + 10
        from ckanext.kranj.harvest import jobs

        while jobs.is_locked(spec.id) and time.monotonic() < deadline:
            time.sleep(0.1)
        report = harvest(spec)
        assert report.complete
        assert report.counts["create"] == 200 - after_kill
        assert report.counts["unchanged"] == after_kill
        assert packages() == 200
        from ckan.tests import helpers

        found = helpers.call_action("package_search", include_private=True, rows=0)
        assert found["count"] == 200
        model.Session.expire_all()
        assert {job.status for job in model.Session.query(HarvestJob)} == {"Finished"}
