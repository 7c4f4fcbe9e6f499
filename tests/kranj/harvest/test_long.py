"""Large numbers: how fast a run is, and ``kill -9`` at many moments (``deployment/test long``)."""

import os
import random
import signal
import time

import pytest

from ckan import model

pytestmark = pytest.mark.long

RECORDS = 1000
KILLS = int(os.environ.get("KRANJ_KILLS", "300"))
NUMBER = 120


def test_a_thousand_records(dataset, turtle, served, source, counted):
    from ckanext.kranj.harvest.runner import harvest

    spec = source(served(turtle(*(dataset(n) for n in range(RECORDS)))))
    first = harvest(spec)
    assert first.counts["create"] == RECORDS
    with counted() as writes:
        second = harvest(spec)
    assert (writes.packages, writes.index) == (0, 0)
    served(turtle(*(dataset(n, title=f"Nov naslov {n}" if n % 10 == 0 else None) for n in range(RECORDS))))
    third = harvest(spec)
    assert third.counts["update"] == RECORDS // 10
    for name, report in (("first load", first), ("unchanged", second), ("a tenth changed", third)):
        rate = RECORDS / report.seconds
        print(f"{name}: {report.seconds:.1f} s, {rate:.0f} records/s, {1000 / rate:.1f} ms a record")  # noqa: T201
    assert second.seconds < first.seconds / 5


def test_killed_at_many_moments(dataset, turtle, served, source):
    """A process that runs a job is killed at random moments while the source keeps changing."""
    from ckan.tests import helpers

    from ckanext.kranj.harvest import jobs
    from ckanext.kranj.harvest.runner import harvest

    chance = random.Random(52)  # noqa: S311  moments, not secrets
    titles = {number: f"Zbirka številka {number}" for number in range(NUMBER)}

    def serve():
        return served(turtle(*(dataset(number, title=title) for number, title in titles.items())))

    spec = source(serve())
    in_the_middle, longest, measured = 0, 3.0, False
    for kill in range(KILLS):
        for number in chance.sample(range(NUMBER), 60):
            titles[number] = f"Zbirka številka {number}, različica {kill}"
        serve()
        if not measured and len(stored()) == NUMBER:
            # All are loaded: from now on a kill may fall anywhere from the start of a run to just behind its end.
            started = time.monotonic()
            os.waitpid(forked(lambda: harvest(spec)), 0)
            longest, measured = 1.1 * (time.monotonic() - started), True
        child = forked(lambda: harvest(spec))
        time.sleep(chance.uniform(0.02, longest))
        ended, _ = os.waitpid(child, os.WNOHANG)
        if not ended:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            in_the_middle += 1
        while jobs.is_locked(spec.id):
            time.sleep(0.02)
        # Whatever was committed was committed whole: a record and its memory never differ.
        assert remembered() == stored()
        assert len(stored()) in {0, 50, 100, NUMBER}
    assert in_the_middle > KILLS / 3
    model.Session.remove()
    report = harvest(spec)
    assert report.complete
    assert sorted(stored().values()) == sorted(titles.values())
    found = helpers.call_action("package_search", include_private=True, rows=500)
    assert sorted(item["title"] for item in found["results"]) == sorted(titles.values())
    print(f"{KILLS} runs, {in_the_middle} killed in the middle: 0 lost, 0 double")  # noqa: T201


def forked(work):
    """Do something in a process of its own, with connections of its own.

    Returns:
        Its process id.
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
    return child


def stored():
    """Title of every dataset in the catalogue, by id."""
    model.Session.remove()
    rows = model.Session.query(model.Package.id, model.Package.title).filter_by(type="dataset", state="active")
    return dict(rows.all())


def remembered():
    """Title that harvesting remembers to have written, by id."""
    from ckanext.kranj.harvest.model import HarvestRecord

    rows = model.Session.query(HarvestRecord).filter(HarvestRecord.package_id.isnot(None))
    return {row.package_id: row.written["title_translated"]["sl"] for row in rows}
