"""Large numbers: how fast a run is, and ``kill -9`` at many moments (``deployment/test long``)."""

import os
import random
import signal
import subprocess
import time

import pytest

from ckan import model

pytestmark = pytest.mark.long

RECORDS = 1000
KILLS = 20


def packages():
    model.Session.expire_all()
    return model.Session.query(model.Package).filter_by(type="dataset").count()


def test_a_thousand_records(dataset, turtle, served, source, counted):
    from ckanext.kranj.harvest.runner import harvest

    spec = source(served(turtle(*(dataset(n) for n in range(RECORDS)))))
    first = harvest(spec)
    assert first.counts["create"] == RECORDS
    with counted() as writes:
        second = harvest(spec)
    assert (writes.packages, writes.index) == (0, 0)
    served(turtle(*(dataset(n, title="Nov naslov" if n % 10 == 0 else None) for n in range(RECORDS))))
    third = harvest(spec)
    assert third.counts["update"] == RECORDS // 10
    for name, report in (("first load", first), ("unchanged", second), ("a tenth changed", third)):
        rate = RECORDS / report.seconds
        print(f"{name}: {report.seconds:.1f} s, {rate:.0f} records/s, {1000 / rate:.1f} ms a record")  # noqa: T201
    assert second.seconds < first.seconds / 5


def test_killed_at_many_moments(dataset, turtle, served, source):
    from ckan.tests import helpers

    from ckanext.kranj.harvest import jobs
    from ckanext.kranj.harvest.runner import harvest
    from ckanext.kranj.harvest.worker import command

    number = 300
    spec = source(served(turtle(*(dataset(n) for n in range(number)))))
    chance = random.Random(52)  # noqa: S311  moments, not secrets
    for _ in range(KILLS):
        job = jobs.HarvestJob(source_id=spec.id)
        job.save()
        line = command(job.id, spec.id)
        model.Session.remove()
        child = subprocess.Popen(line, env={**os.environ, "PYTHONWARNINGS": "default"}, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(2.5, 7))
        child.send_signal(signal.SIGKILL)
        child.wait(10)
        assert packages() % 50 == 0
        while jobs.is_locked(spec.id):
            time.sleep(0.05)
    report = harvest(spec)
    assert report.complete
    assert packages() == number
    assert helpers.call_action("package_search", include_private=True, rows=0)["count"] == number
