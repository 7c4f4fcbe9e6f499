"""The risks of harvesting that concern the catalogue; the others: tests/harvesters/test_risks.py."""

import csv
import io
import time
from datetime import timedelta

import pytest
import sqlalchemy as sa

from ckan import model

STARTS = {"=", "+", "-", "@", "\t", "\r"}
"""With these a cell becomes a formula."""


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


@pytest.fixture
def locked_table(harvest_tables, monkeypatch):
    """A table that somebody holds so that nobody else may even look at it."""
    monkeypatch.setenv("KRANJ_SECRET_R30", model.meta.engine.url.render_as_string(hide_password=False))
    with model.meta.engine.begin() as connection:
        connection.execute(sa.text("CREATE SCHEMA r30"))
        connection.execute(sa.text("CREATE TABLE r30.zaklenjena (sifra integer, opis text)"))
    try:
        with model.meta.engine.connect() as busy:
            busy.execute(sa.text("LOCK TABLE r30.zaklenjena IN ACCESS EXCLUSIVE MODE"))
            yield "r30.zaklenjena"
            busy.rollback()
    finally:
        with model.meta.engine.begin() as connection:
            connection.execute(sa.text("DROP SCHEMA r30 CASCADE"))


def test_r30_reflection_reads_catalogues_only_and_waits_for_nobody(locked_table):
    from harvesters import Context, connector_named
    from harvesters.connectors.support.databases import open_database

    said = []

    def opener(name):
        engine = open_database(name)
        sa.event.listen(engine, "before_cursor_execute", lambda _c, _u, statement, *_: said.append(statement))
        return engine

    connector = connector_named("sql").of({"url": "sql://r30", "schemas": ["r30"]})
    connector._open = opener
    ctx, started = Context("vir", None), time.monotonic()
    (reading,) = connector.records(ctx)
    assert time.monotonic() - started < 10
    assert reading.guid == locked_table
    assert ctx.completed
    assert said
    assert [statement for statement in said if "zaklenjena" in statement] == []
    for statement in said:
        assert "pg_catalog" in statement or statement.split()[0] in {"SHOW", "show", "ROLLBACK", "COMMIT"}, statement


def test_r30_a_look_is_read_only_gives_up_and_leaves_no_connection(locked_table, monkeypatch):
    from harvesters.connectors.support import databases

    with databases.open_database("r30").connect() as looking:
        names = ("default_transaction_read_only", "statement_timeout", "lock_timeout", "application_name")
        asked = {name: looking.execute(sa.text(f"SHOW {name}")).scalar() for name in names}
        assert asked == {
            "default_transaction_read_only": "on", "statement_timeout": "20s", "lock_timeout": "2s",
            "application_name": "kranj-catalogue",
        }  # fmt: skip
        with pytest.raises(sa.exc.DBAPIError, match="read-only"):
            looking.execute(sa.text("CREATE TABLE r30.nova (a integer)"))
        looking.rollback()
        started = time.monotonic()
        with pytest.raises(sa.exc.OperationalError, match="lock timeout"):
            looking.execute(sa.text("SELECT count(*) FROM r30.zaklenjena"))
        assert 1 < time.monotonic() - started < 10
    # What is slow is cut by the database itself; with one second, so that nobody waits for twenty.
    given = databases._ARGUMENTS["postgresql"]
    shorter = given["options"].replace(f"statement_timeout={databases.STATEMENT}s", "statement_timeout=1s")
    assert shorter != given["options"]
    monkeypatch.setitem(given, "options", shorter)
    with databases.open_database("r30").connect() as looking:
        started = time.monotonic()
        with pytest.raises(sa.exc.OperationalError, match="statement timeout"):
            looking.execute(sa.text("SELECT pg_sleep(20)"))
        assert time.monotonic() - started < 10
    count = sa.text("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'kranj-catalogue'")
    with model.meta.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        deadline = time.monotonic() + 5
        while connection.scalar(count) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert connection.scalar(count) == 0


def test_r33_what_looks_like_a_formula_leaves_as_text(harvest_tables, dataset, turtle, served, source, tmp_path):  # noqa: PLR0917
    """Out of every table that a spreadsheet opens: the statutory lists, the workbook, the data dictionary."""
    from click.testing import CliRunner
    from openpyxl import load_workbook

    from ckan.tests import factories

    from ckanext.harvest.model import HarvestJob
    from ckanext.kranj.exchange.cli import excel, export
    from ckanext.kranj.harvest import reports
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

    # The report of the run: what a source says is in every column of it.
    wrong = {"guid": "@SUM(1)", "title": "=2+3", "action": "error"}
    said = {"code": "missing", "path": "-1", "text": {"sl": "+4", "en": "+4"}, "remedy": {"sl": "\t=5", "en": ""}}
    whole = reports.of_job(model.Session.query(HarvestJob).one(), {"ignore_auth": True})
    assert [item["title"] for item in whole["records"]] == [title]
    for found in (whole, {"records": [wrong | {"problems": [said]}]}):
        cells = [cell for row in csv.reader(io.StringIO(reports.as_csv(found).lstrip("\ufeff"))) for cell in row]
        assert [cell for cell in cells if cell[:1] in STARTS] == []
    assert {"'@SUM(1)", "'=2+3", "'-1", "'+4"} <= set(cells)

    # The list of periods that end.
    steward = factories.SysadminWithToken()
    periods = harvest_tables.get("/retention.csv", headers={"Authorization": steward["token"]}).body
    assert [
        c for row in csv.reader(io.StringIO(periods.lstrip("\ufeff")), delimiter=";") for c in row if c[:1] in STARTS
    ] == []

    columns = [{"name": "=cmd|' /C calc'!A0", "meaning_sl": "@SUM(1)"}, {"name": "-1", "meaning_sl": "'narekovaj"}]
    written = to_csv(columns)
    rows = list(csv.reader(io.StringIO(written)))
    assert [cell for row in rows for cell in row if cell[:1] in STARTS] == []
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
