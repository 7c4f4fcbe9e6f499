"""Several hosts on one database: a pace kept together, jobs shared out, a host that dies."""

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from ckan import model
from ckan.common import config

from harvesters import Limits, Session

PAUSE = 0.4


@contextmanager
def process(work):
    """Another process that does some work with connections of its own.

    Yields:
        Its id.
    """
    model.Session.remove()
    model.meta.engine.dispose()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    try:
        yield child
    finally:
        os.waitpid(child, 0)


@pytest.fixture
def asked(harvest_tables, httpserver):
    """The times at which the host was asked."""
    from werkzeug import Response

    times = []

    def answer(_request):
        times.append(time.monotonic())
        return Response("{}", content_type="application/json")

    httpserver.expect_request("/a").respond_with_handler(answer)
    model.Session.execute(sa.text("DELETE FROM kranj_harvest_host"))
    model.Session.commit()
    return times


def ask(url, number):
    from ckanext.kranj.harvest.pace import reserve

    with Session(allowed_hosts=["localhost"], limits=Limits(pause_inside=PAUSE), reserve=reserve) as session:
        for _ in range(number):
            session.get(url)


class TestPace:
    def test_two_jobs_on_one_host_together_keep_to_its_pace(self, asked, httpserver):
        url = httpserver.url_for("/a")
        with process(lambda: ask(url, 4)), process(lambda: ask(url, 4)):
            pass
        gaps = [later - earlier for earlier, later in zip(asked, asked[1:], strict=False)]
        assert len(asked) == 8
        # A turn may be used late, so single gaps may be short; together they never are faster than the pace.
        assert asked[-1] - asked[0] >= 7 * PAUSE - 0.15, gaps

    def test_a_job_that_is_killed_while_it_waits_costs_one_turn(self, asked, httpserver):
        url = httpserver.url_for("/a")
        with process(lambda: ask(url, 50)) as child:
            while len(asked) < 2:
                time.sleep(0.02)
            os.kill(child, signal.SIGKILL)
        count, started = len(asked), time.monotonic()
        ask(url, 2)
        assert len(asked) == count + 2
        assert time.monotonic() - started < 4 * PAUSE + 1

    def test_without_the_database_each_job_keeps_its_own_pace(self, asked, monkeypatch):
        from ckanext.kranj.harvest import pace

        class Away:
            @staticmethod
            def connect():
                raise sa.exc.OperationalError("SELECT 1", {}, Exception("the server is away"))

        monkeypatch.setattr(pace.model.meta, "engine", Away)
        assert pace.reserve("vir.example", 1.0) == 0.0

    def test_runs_keep_it(self, dataset, turtle, served, source):
        from ckanext.kranj.harvest import pace, runner

        session = runner.session_of(source(served(turtle(dataset(1)))))
        assert session._pace.reserve is pace.reserve


def worker(host):
    """A worker as on a machine of that name, in a process group of its own."""
    start = "from ckan.cli.cli import ckan; ckan(prog_name='ckan')"
    given = [sys.executable, "-c", start, "-c", config["__file__"], "kranj", "harvest", "worker", "--once"]
    unshare = shutil.which("unshare")
    if unshare and os.geteuid() == 0:
        given = [unshare, "--uts", "sh", "-c", f'hostname {host} && exec "$@"', "sh", *given]
    environment = {**os.environ, "PYTHONWARNINGS": "default"}
    return subprocess.Popen(given, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True)


@pytest.mark.long
class TestTwoHosts:
    @pytest.fixture
    def due(self, dataset, turtle, source, httpserver):
        """Six sources that are due."""
        names = []
        for number in range(6):
            body = turtle(*(dataset(f"{number}-{item}") for item in range(60)))
            httpserver.expect_request(f"/{number}.ttl").respond_with_data(body, content_type="text/turtle")
            names.append(source(httpserver.url_for(f"/{number}.ttl"), name=f"vir-{number}").id)
        model.Session.commit()
        model.Session.remove()
        return names

    def jobs(self):
        from ckanext.harvest.model import HarvestJob

        model.Session.remove()
        return [(job.source_id, job.status) for job in model.Session.query(HarvestJob)]

    def packages(self):
        model.Session.remove()
        return model.Session.query(model.Package).filter_by(type="dataset").count()

    def test_each_source_is_run_once_by_one_of_them(self, due):
        both = [worker("kranj-a"), worker("kranj-b")]
        said = [one.communicate(timeout=500)[1] for one in both]
        done = [int(text.strip().splitlines()[-1].split()[0]) for text in said]
        assert sum(done) == len(due), said
        assert min(done) >= 1, done
        assert sorted(self.jobs()) == sorted((identifier, "Finished") for identifier in due)
        assert self.packages() == 60 * len(due)

    def test_the_job_of_a_host_that_died_is_taken_over(self, due):
        from ckanext.kranj.harvest.model import HarvestRun
        from ckanext.kranj.harvest.worker import GRACE

        first = worker("kranj-a")
        deadline = time.monotonic() + 200
        while not self.packages() and time.monotonic() < deadline:
            time.sleep(0.1)
        os.killpg(first.pid, signal.SIGKILL)  # the worker and what it started: the whole host
        first.communicate()
        half = self.packages()
        assert half > 0
        (dead,) = [source for source, status in self.jobs() if status == "Running"]
        beats = model.Session.query(HarvestRun).filter_by(source_id=dead).one().heartbeat
        assert beats is not None
        # As if the grace had passed since.
        model.Session.execute(
            sa.text("UPDATE harvest_job SET gather_started = gather_started - :grace * interval '2 s'"),
            {"grace": GRACE.total_seconds()},
        )
        model.Session.commit()
        model.Session.remove()
        second = worker("kranj-b")
        said = second.communicate(timeout=500)[1]
        assert second.returncode == 0, said
        assert {status for _, status in self.jobs()} == {"Finished"}
        assert len([source for source, _ in self.jobs() if source == dead]) == 2
        assert self.packages() == 60 * len(due)
