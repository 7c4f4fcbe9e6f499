"""The risks of harvesting that concern the catalogue; the others: tests/harvesters/test_risks.py."""

import csv
import io
import time
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


def test_r30_reflection_reads_catalogues_only_and_waits_for_nobody(harvest_tables, monkeypatch):
    from harvesters import Context, connector_named
    from harvesters.connectors.support.databases import open_database

    monkeypatch.setenv("KRANJ_SECRET_R30", model.meta.engine.url.render_as_string(hide_password=False))
    said = []

    def opener(name):
        engine = open_database(name)
        sa.event.listen(engine, "before_cursor_execute", lambda _c, _u, statement, *_: said.append(statement))
        return engine

    with model.meta.engine.begin() as connection:
        connection.execute(sa.text("CREATE SCHEMA r30"))
        connection.execute(sa.text("CREATE TABLE r30.zaklenjena (sifra integer, opis text)"))
    try:
        with model.meta.engine.connect() as busy:
            busy.execute(sa.text("LOCK TABLE r30.zaklenjena IN ACCESS EXCLUSIVE MODE"))
            started = time.monotonic()
            connector = connector_named("sql")(
                connector_named("sql").of({"url": "sql://r30", "schemas": ["r30"]}).settings
            )
            connector._open = opener
            ctx = Context("vir", None)
            (reading,) = connector.records(ctx)
            assert time.monotonic() - started < 10
            assert reading.guid == "r30.zaklenjena"
            assert ctx.completed
            busy.rollback()
        assert said
        assert [statement for statement in said if "zaklenjena" in statement] == []
        for statement in said:
            assert "pg_catalog" in statement or statement.split()[0] in {"SHOW", "show", "ROLLBACK", "COMMIT"}, (
                statement
            )
        with open_database("r30").connect() as connection:
            asked = {name: connection.execute(sa.text(f"SHOW {name}")).scalar() for name in (
                "default_transaction_read_only", "statement_timeout", "lock_timeout", "application_name")}  # fmt: skip
            assert asked == {
                "default_transaction_read_only": "on", "statement_timeout": "20s", "lock_timeout": "2s",
                "application_name": "kranj-catalogue",
            }  # fmt: skip
            with pytest.raises(sa.exc.DBAPIError, match="read-only"):
                connection.execute(sa.text("CREATE TABLE r30.nova (a integer)"))
    finally:
        with model.meta.engine.begin() as connection:
            connection.execute(sa.text("DROP SCHEMA r30 CASCADE"))


def test_r33_what_looks_like_a_formula_leaves_as_text(harvest_tables, dataset, turtle, served, source, tmp_path):  # noqa: PLR0917
    """Out of every table that a spreadsheet opens: the statutory lists, the workbook, the data dictionary."""
    from click.testing import CliRunner
    from openpyxl import load_workbook

    from ckanext.kranj.exchange.cli import excel, export
    from ckanext.kranj.harvest.runner import harvest

    from schemas.dictionary import from_csv, to_csv

    title = "=1+2 zbirka mesta"
    harvest(source(served(turtle(dataset(1, title=title)))))
    assert model.Session.query(model.Package).filter_by(type="dataset").one().title == title

    lists = tmp_path / "uredba.csv", tmp_path / "uredba.xlsx", tmp_path / "zbirke.xlsx"
    for command, given in (
        (export, ["uredba", lists[0]]),
        (export, ["uredba", lists[1]]),
        (excel, ["export", lists[2]]),
    ):
        with harvest_tables.flask_app.app_context():
            done = CliRunner().invoke(command, [str(item) for item in given])
        assert done.exit_code == 0, done.output
    text = lists[0].read_text(encoding="utf-8-sig")
    assert f"'{title}" in text
    assert f";{title}" not in text
    for path in lists[1:]:
        cells = [cell for sheet in load_workbook(path) for row in sheet.iter_rows() for cell in row]
        assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []
        assert [cell for cell in cells if title in str(cell.value)]

    columns = [{"name": "=cmd|' /C calc'!A0", "meaning_sl": "@SUM(1)"}, {"name": "-1", "meaning_sl": "'narekovaj"}]
    written = to_csv(columns)
    rows = list(csv.reader(io.StringIO(written)))
    assert [cell for row in rows for cell in row if cell[:1] in {"=", "+", "-", "@", "\t", "\r"}] == []
    assert from_csv(written) == columns


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
