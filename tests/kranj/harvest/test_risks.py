"""The risks of harvesting that concern the catalogue; the others: tests/harvesters/test_risks.py."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from ckan import model


@pytest.fixture
def spec(dataset, turtle, served, source):
    return source(served(turtle(*(dataset(number) for number in range(4)))))


def test_r22_a_run_that_dies_is_closed_and_continued(spec):
    """The kills themselves: tests/kranj/harvest/test_worker.py and, in numbers, test_long.py."""
    from ckanext.harvest.model import HarvestJob
    from ckanext.kranj.harvest import jobs
    from ckanext.kranj.harvest.worker import Worker

    HarvestJob(source_id=spec.id, status="Running", gather_started=jobs.utcnow() - timedelta(minutes=5)).save()
    Worker.end_dead_jobs()
    assert sorted(job.status for job in model.Session.query(HarvestJob)) == ["Finished", "New"]


def test_r23_two_runs_of_one_source_are_impossible(spec):
    from ckanext.kranj.harvest import jobs
    from ckanext.kranj.harvest.runner import harvest

    with jobs.locked(spec.id, spec.slug), pytest.raises(jobs.AlreadyRunning):
        harvest(spec)


def test_r25_a_lost_connection_is_taken_up_again(spec):
    """In the middle of a batch: tests/kranj/harvest/test_schedule.py."""
    from ckanext.kranj.harvest import jobs

    with jobs.locked(spec.id, spec.slug) as lock:
        pid = lock._connection.connection.dbapi_connection.info.backend_pid
        model.Session.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        model.Session.commit()
        lock.again()
        assert jobs.is_locked(spec.id)
    assert not jobs.is_locked(spec.id)


def test_r26_what_the_index_missed_is_noted_until_it_has_it(spec, monkeypatch):
    from ckanext.kranj.harvest.model import HarvestRecord
    from ckanext.kranj.harvest.runner import harvest
    from ckanext.kranj.harvest.sink import CkanSink

    with monkeypatch.context() as patch:
        patch.setattr(CkanSink, "_index", lambda self, ids: None)
        harvest(spec)
    assert model.Session.query(HarvestRecord).filter_by(indexed=False).count() == 4
    harvest(spec)
    model.Session.expire_all()
    assert model.Session.query(HarvestRecord).filter_by(indexed=False).count() == 0


def test_r36_a_source_that_falls_silent_is_noticed(spec):
    from ckanext.kranj.harvest import health
    from ckanext.kranj.harvest.model import HarvestRun
    from ckanext.kranj.harvest.runner import harvest

    harvest(spec)
    assert [row["state"] for row in health.rows()] == ["good"]
    run = model.Session.query(HarvestRun).one()
    run.started -= timedelta(days=3)
    model.Session.commit()
    (row,) = health.rows()
    assert row["state"] == "stale"
    assert "Brez popolnega prevzema od" in row["sentence"]
