"""When sources are due, what a job may take, and what several workers and a restarted server do to each other."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import helpers


class TestSchedule:
    @pytest.mark.parametrize("frequency", ["ALWAYS", "DAILY", "WEEKLY", "BIWEEKLY", "MONTHLY"])
    def test_a_little_scattered_and_never_early(self, harvest_tables, frequency):
        from ckanext.harvest.logic.action.update import _calculate_next_run
        from ckanext.kranj.harvest import jobs, schedule

        now = jobs.utcnow()
        plain = _calculate_next_run(frequency)
        early, late = (schedule.next_run(frequency, now, lambda value=value: value) for value in (0.0, 1.0))
        assert abs(early - plain) < timedelta(seconds=5)
        assert timedelta() <= late - early <= timedelta(minutes=31)
        if frequency != "ALWAYS":
            assert late > early

    @pytest.mark.parametrize(
        ("hours", "hour", "quiet"),
        [("", 12, False), ("07-18", 12, True), ("07-18", 18, False), ("07-18", 3, False), ("22-06", 23, True),
         ("22-06", 5, True), ("22-06", 12, False)],
    )  # fmt: skip
    def test_quiet_hours_are_local(self, harvest_tables, hours, hour, quiet):
        from ckanext.kranj.harvest import schedule

        with helpers.changed_config("kranj.harvest.quiet_hours", hours):
            # 2026-01-01: Ljubljana is an hour ahead of UTC.
            assert schedule.is_quiet(datetime(2026, 1, 1, (hour - 1) % 24, 30, tzinfo=UTC)) == quiet

    def test_a_wrong_option_is_a_sentence(self, harvest_tables):
        from ckanext.kranj.harvest import schedule

        from harvesters.errors import WrongSetting

        with helpers.changed_config("kranj.harvest.quiet_hours", "ponoči"), pytest.raises(WrongSetting):
            schedule.is_quiet()

    def test_nothing_is_started_in_quiet_hours_or_while_paused(self, dataset, turtle, served, source):
        from ckanext.kranj.harvest import decisions
        from ckanext.kranj.harvest.worker import Worker

        spec = source(served(turtle(dataset(1))))
        worker = Worker(lambda job, source_id: 0)
        with helpers.changed_config("kranj.harvest.quiet_hours", "00-24"):
            assert worker.once() == 0
        decisions.pause(spec.id, "ana", on=True)
        assert worker.once() == 0
        decisions.pause(spec.id, "ana", on=False)
        assert worker.once() == 1


def child(code):
    """Run Python in a process of its own, with the portal's configuration."""
    start = f"""
from ckan.cli import CKANConfigLoader
from ckan.config.middleware import make_app
make_app(CKANConfigLoader({str(helpers.config["__file__"])!r}).get_config())
{code}
"""
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    given = [sys.executable, "-c", start]
    return subprocess.run(given, capture_output=True, check=False, text=True, env=environment, timeout=120)


class TestLimits:
    def test_a_job_that_wants_all_memory_ends_with_a_sentence(self, harvest_tables):
        done = child(
            "from ckanext.kranj.harvest.worker import limit_memory\n"
            "from harvesters import Connector, Context, MemorySink, Session, run, Settings\n"
            "class Greedy(Connector):\n"
            "    name, title = 'greedy', {'sl': 'x', 'en': 'x'}\n"
            "    def records(self, ctx):\n"
            "        yield ctx.rejected('a', 'unreadable-record')\n"
            "        yield bytearray(4_000_000_000)\n"
            "limit_memory()\n"
            "report = run(Greedy(Settings('x')), Context('vir', Session()), MemorySink())\n"
            "print(report.reason_code, report.counts['read'])\n"
        )
        assert done.stdout.split() == ["out-of-memory", "1"], done.stderr

    def test_a_job_that_takes_too_long_is_ended(self, harvest_tables, monkeypatch):
        from ckanext.kranj.harvest import worker

        monkeypatch.setattr(
            worker, "command", lambda job, source: [sys.executable, "-c", "import time; time.sleep(60)"]
        )
        with helpers.changed_config("kranj.harvest.timeout", 1):
            assert worker.in_process("job", "source") == -1


class TestSeveralWorkers:
    def test_one_job_is_claimed_by_one_of_many(self, dataset, turtle, served, source):
        """Two hosts at the same moment: SKIP LOCKED gives the row to one of them."""
        from ckanext.harvest.model import HarvestJob
        from ckanext.kranj.harvest import jobs, worker

        spec = source(served(turtle(dataset(1))))
        HarvestJob(source_id=spec.id).save()
        first = model.meta.engine.connect()
        second = model.meta.engine.connect()
        try:
            got = first.execute(worker._CLAIM, {"now": jobs.utcnow()}).first()
            assert got.source_id == spec.id
            assert second.execute(worker._CLAIM, {"now": jobs.utcnow()}).first() is None
            first.commit()
            assert second.execute(worker._CLAIM, {"now": jobs.utcnow()}).first() is None
        finally:
            first.close()
            second.close()

    def test_stock_types_of_others_are_left_to_the_stock_queue(self, harvest_tables, served, monkeypatch):
        from ckan.plugins import core

        from ckanext.harvest.harvesters import CKANHarvester
        from ckanext.harvest.logic.action import update
        from ckanext.kranj.harvest import sources
        from ckanext.kranj.harvest.worker import Worker

        sent = []

        class Publisher:
            def send(self, body):
                sent.append(body)

            def close(self):
                pass

        monkeypatch.setitem(core._PLUGINS_SERVICE, "ckan_harvester", CKANHarvester(name="ckan_harvester"))
        monkeypatch.setattr(update, "get_gather_publisher", Publisher)
        made = helpers.call_action(
            "harvest_source_create",
            sources.context(),
            name="drug-katalog",
            title="Drug katalog",
            url=served("{}"),
            source_type="ckan",
            owner_org="mestna-obcina-kranj",
            frequency="DAILY",
        )
        job = helpers.call_action("harvest_job_create", source_id=made["id"])
        assert [body["harvest_job_id"] for body in sent] == [job["id"]]
        assert Worker(lambda *_: 1 / 0).once() == 0


class TestServersThatGoAway:
    def test_a_database_that_breaks_the_connection_costs_no_record(self, dataset, turtle, served, source, monkeypatch):
        """As a restart does: every connection of the run is cut in the middle of a batch."""
        from ckanext.kranj.harvest import runner, sink

        spec = source(served(turtle(*(dataset(number) for number in range(120)))))
        original = sink.CkanSink._remember
        cuts = []

        def cut(self, changes, refusals, failed):
            if len(cuts) < 2:
                cuts.append(1)
                mine = model.Session.execute(sa.text("SELECT pg_backend_pid()")).scalar()
                with model.meta.engine.connect() as other:
                    lock = self.lock._connection.connection.dbapi_connection.info.backend_pid
                    for pid in (mine, lock):
                        other.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
            return original(self, changes, refusals, failed)

        monkeypatch.setattr(sink.CkanSink, "_remember", cut)
        monkeypatch.setattr(sink.CkanSink, "sleep", staticmethod(lambda seconds: None), raising=False)
        report = runner.harvest(spec)
        assert report.complete
        assert (report.counts["create"], report.counts["error"]) == (120, 0)
        assert model.Session.query(model.Package).filter_by(type="dataset").count() == 120
        assert helpers.call_action("package_search", include_private=True, rows=0)["count"] >= 20
        again = runner.harvest(spec)
        assert again.counts["unchanged"] == 120
        assert helpers.call_action("package_search", include_private=True, rows=0)["count"] == 120

    def test_an_index_that_is_away_is_completed_by_the_next_run(self, dataset, turtle, served, source, monkeypatch):
        from ckanext.kranj.harvest import runner

        spec = source(served(turtle(*(dataset(number) for number in range(5)))))
        with monkeypatch.context() as away:
            away.setitem(tk.config, "solr_url", "http://127.0.0.1:1/solr/nobody")
            report = runner.harvest(spec)
        assert report.complete
        assert report.counts["create"] == 5
        assert "index-behind" in report.codes()
        assert helpers.call_action("package_search", include_private=True, rows=0)["count"] == 0
        again = runner.harvest(spec)
        assert (again.counts["unchanged"], again.unchanged_source) == (5, False)
        assert helpers.call_action("package_search", include_private=True, rows=0)["count"] == 5
