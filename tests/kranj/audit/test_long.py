"""Large numbers: kills at random moments, a hundred thousand entries, saves side by side with and without audit."""

import os
import random
import signal
import statistics
import threading
import time

import pytest
import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories

from ckanext.kranj.audit import chain

pytestmark = pytest.mark.long

RUNS = 200
ENTRIES = 100_000
WATCHED = ("package", "resource", "member", "package_member", "kranj_internal")


@pytest.fixture
def writer(catalogue):
    return factories.Sysadmin()["name"]


@pytest.fixture
def records(writer, complete_dataset):
    made = []
    for number in range(4):
        data = {**complete_dataset, "title_translated": {"sl": f"Zbirka številka {number}"}}
        made.append(tk.get_action("package_create")({"user": writer}, data)["id"])
    return made


def told(identifier):
    """What the entries say happened to ``version``: pairs of before and after, oldest first."""
    statement = sa.text(
        "SELECT r.fields -> 'version' FROM kranj_revision r JOIN kranj_audit a ON a.id = r.audit_id"
        " WHERE r.package_id = :id AND r.fields ? 'version' ORDER BY a.id"
    )
    return [tuple(pair) for pair in model.Session.scalars(statement, {"id": identifier})]


def test_killed_at_random_moments(writer, records, capsys):
    """No change without its entry and no entry without its change: the entries link up to what is stored."""
    chance, one = random.Random(7), records[0]  # noqa: S311 a choice of test data
    tk.get_action("package_patch")({"user": writer}, {"id": one, "version": "0"})
    model.Session.commit()
    interrupted = 0
    for run in range(RUNS):
        model.Session.remove()
        child = os.fork()
        if child == 0:
            model.meta.engine.dispose(close=False)
            for step in range(1000):
                tk.get_action("package_patch")({"user": writer}, {"id": one, "version": f"{run}.{step}"})
        time.sleep(chance.uniform(0.05, 1.2))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        interrupted += 1
        time.sleep(0.02)
        model.Session.rollback()
        pairs = told(one)
        stored = model.Session.scalar(sa.select(model.Package.version).where(model.Package.id == one))
        assert pairs[-1][1] == stored, f"run {run}"
    for before, after in zip(pairs, pairs[1:], strict=False):
        assert before[1] == after[0]
    assert chain.seal() > 0
    assert chain.verify()[1] == []
    with capsys.disabled():
        print(f"\n{interrupted} kills, {len(pairs)} changes, each with its entry")


def test_a_hundred_thousand_entries(catalogue, capsys):
    with model.meta.engine.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO kranj_audit (actor, via, kind, operation, object_type, object_id, package_id, fields)"
                " SELECT 'a' || n % 50, 'api', 'change', 'update', 'package', md5(n::text), md5((n % 900)::text),"
                """ jsonb_build_object('frequency', jsonb_build_array('DAILY', 'WEEKLY'), 'version', """
                " jsonb_build_array('sha256:' || md5(n::text), 'sha256:' || md5((n + 1)::text)))"
                " FROM generate_series(1, :n) n"
            ),
            {"n": ENTRIES},
        )
    started = time.monotonic()
    chain.seal()
    sealed = time.monotonic()
    count, faults = chain.verify()
    took = time.monotonic() - sealed
    with capsys.disabled():
        print(f"\n{count} entries sealed in {sealed - started:.1f} s, verified in {took:.1f} s")
    assert (faults, count >= ENTRIES, took < 30) == ([], True, True)


def saves(writer, records, each):
    """Seconds for ``each`` saves in four threads, each of its own record."""

    def work(identifier):
        for number in range(each):
            tk.get_action("package_patch")(
                {"user": writer}, {"id": identifier, "version": f"{time.monotonic()}{number}"}
            )
        model.Session.remove()

    threads = [threading.Thread(target=work, args=(identifier,)) for identifier in records]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.monotonic() - started


def test_saves_with_and_without_audit(writer, records, capsys):
    def switch(how):
        with model.meta.engine.begin() as connection:
            for table in WATCHED:
                connection.execute(sa.text(f"ALTER TABLE {table} {how} TRIGGER kranj_audit"))

    model.Session.remove()
    times = {"ENABLE": [], "DISABLE": []}
    saves(writer, records, 5)
    try:
        for turn in range(8):
            # In turns of either order, so that whatever else the machine does meets both alike.
            for how in sorted(times, reverse=bool(turn % 2)):
                switch(how)
                times[how].append(saves(writer, records, 20))
    finally:
        switch("ENABLE")
    ratio = statistics.median(times["DISABLE"]) / statistics.median(times["ENABLE"])
    rate = {how: 80 / statistics.median(taken) for how, taken in times.items()}
    with capsys.disabled():
        print(f"\n{rate['ENABLE']:.1f} saves/s with audit, {rate['DISABLE']:.1f} without: {ratio:.2f}")
    assert ratio >= 0.9
