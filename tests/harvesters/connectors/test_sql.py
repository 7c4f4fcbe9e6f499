"""Databases by reflection: SQLite here; PostgreSQL, real, in ``TestPostgreSQL`` (needs the servers of the tests)."""

import json
import os
import time

import pytest
import sqlalchemy as sa

from harvesters import Context, Defaults, connector_named
from harvesters.conformance import Answering, ConnectorContract
from harvesters.errors import ConnectionFailed, MissingSecret, MissingSetting, WrongSetting

PLANTED = ("0101006500006", "Pomlad2024", "janez.novak@kranj.si", "SI56191000000123438")


def read(settings):
    ctx = Context("vir", Answering({}))
    return list(connector_named("sql").of(settings).records(ctx)), ctx


@pytest.fixture
def sqlite(tmp_path, monkeypatch):
    path = tmp_path / "baza.sqlite"
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE ulice (sifra INTEGER NOT NULL, ime TEXT DEFAULT 'SKRITO')"))
        connection.execute(sa.text("CREATE TABLE prebivalci (emso TEXT, priimek TEXT)"))
        connection.execute(sa.text("INSERT INTO ulice VALUES (1, 'Koroška cesta')"))
        connection.execute(sa.text("INSERT INTO prebivalci VALUES ('0101006500006', 'Novak')"))
    engine.dispose()
    monkeypatch.setenv("KRANJ_SECRET_GIS", f"sqlite:///{path}")
    return path


@pytest.mark.unit
class TestContract(ConnectorContract):
    defaults = Defaults({"title_translated": {"sl": "Tabela baze"}})

    @pytest.fixture
    def connector(self, sqlite):
        return connector_named("sql").of({"url": "sql://gis", "schemas": ["main"]})


@pytest.mark.unit
class TestSqlite:
    def test_tables_are_datasets_and_columns_are_named(self, sqlite):
        readings, ctx = read({"url": "sql://gis", "schemas": ["main"]})
        assert [reading.guid for reading in readings] == ["main.prebivalci", "main.ulice"]
        assert ctx.completed
        streets = readings[1].record
        assert (
            streets.dataset["resources"][0]["description_translated"]["sl"] == "Stolpci: sifra (integer); ime (text)."
        )
        assert streets.internal["location"] == {"kind": "database", "schema": "main", "table": "ulice"}

    def test_no_row_and_no_default_comes_out(self, sqlite):
        written = json.dumps([reading.record.dataset for reading in read({"url": "sql://gis", "schemas": ["main"]})[0]])
        for value in ("Koro", "0101006500006", "Novak", "SKRITO"):
            assert value not in written

    def test_columns_about_people_make_the_data_personal(self, sqlite):
        (people, _), _ = read({"url": "sql://gis", "schemas": ["main"]})
        assert people.record.dataset["secrecy"] == "osebni-podatki"
        assert [problem.code for problem in people.problems] == ["personal-columns"]

    def test_a_table_that_no_dataset_claims_is_a_finding(self, sqlite):
        readings, ctx = read({"url": "sql://gis", "schemas": ["main"], "datasets": {"register-ulic": ["main.ulice"]}})
        assert [reading.guid for reading in readings] == ["register-ulic"]
        assert [(item.code, item.params["table"]) for item in ctx.problems] == [("unclaimed-table", "main.prebivalci")]

    def test_nothing_is_read_that_is_not_listed(self, sqlite):
        with pytest.raises(MissingSetting):
            read({"url": "sql://gis"})
        readings, ctx = read({"url": "sql://gis", "schemas": ["information_schema"]})
        assert (readings, ctx.completed) == ([], False)
        readings, _ = read({"url": "sql://gis", "schemas": ["main"], "tables": ["ul*"]})
        assert [reading.guid for reading in readings] == ["main.ulice"]

    def test_only_an_administrator_names_databases(self, sqlite):
        with pytest.raises(MissingSecret):
            read({"url": "sql://druga", "schemas": ["main"]})
        for url in ("postgresql://10.0.0.1/a", "sql://gis/../b", "sql://gis?x=1"):
            with pytest.raises(WrongSetting):
                read({"url": url, "schemas": ["main"]})

    def test_it_is_opened_for_reading_only(self, sqlite):
        from harvesters.connectors.support.databases import open_database

        with open_database("gis").connect() as connection, pytest.raises(sa.exc.OperationalError, match="readonly"):
            connection.execute(sa.text("INSERT INTO ulice VALUES (2, 'x')"))

    def test_a_database_that_is_gone_ends_the_run_with_a_sentence(self, sqlite):
        sqlite.unlink()
        with pytest.raises(ConnectionFailed, match="unable to open"):
            read({"url": "sql://gis", "schemas": ["main"]})

    def test_an_optional_driver_that_is_not_installed(self, monkeypatch):
        monkeypatch.setenv("KRANJ_SECRET_GIS", "oracle+oracledb://bralec:skrito@db/gis")
        with pytest.raises(ConnectionFailed, match="driver"):
            read({"url": "sql://gis", "schemas": ["main"]})


@pytest.fixture
def postgres(monkeypatch):
    """A function that fills a schema of the tests' PostgreSQL; it is dropped afterwards.

    Yields:
        The function.
    """
    url = os.environ.get("CKAN_SQLALCHEMY_URL")
    if not url:
        pytest.skip("no PostgreSQL")
    monkeypatch.setenv("KRANJ_SECRET_KOMUNALA", url)
    engine = sa.create_engine(url)

    def fill(tables):
        with engine.begin() as connection:
            connection.execute(sa.text("CREATE SCHEMA komunala"))
            connection.execute(sa.text("CREATE TYPE komunala.stanje AS ENUM ('Zaupno1', 'Zaupno2')"))
            for number in range(tables):
                name = f"komunala.tabela_{number:03}"
                connection.execute(
                    sa.text(f"CREATE TABLE {name} (sifra integer, ime text DEFAULT 'SKRITO', stanje komunala.stanje)")
                )
                remark = (
                    PLANTED[number % 10] if number % 10 < len(PLANTED) else "Register vodov in naprav javnega podjetja"
                )
                said = f"geslo={remark}" if remark == "Pomlad2024" else remark
                connection.execute(sa.text(f"COMMENT ON TABLE {name} IS '{said}'"))
                connection.execute(sa.text(f"COMMENT ON COLUMN {name}.ime IS 'Vprašaj: {said}'"))
                connection.execute(sa.text(f"INSERT INTO {name} VALUES (1, 'Vrednost{number}', 'Zaupno1')"))  # noqa: S608 a number

    yield fill
    with engine.begin() as connection:
        connection.execute(sa.text("DROP SCHEMA IF EXISTS komunala CASCADE"))
    engine.dispose()


class TestPostgreSQL:
    @pytest.mark.parametrize("tables", [20, pytest.param(500, marks=pytest.mark.long)])
    def test_reflection(self, postgres, tables):
        postgres(tables)
        started = time.perf_counter()
        readings, ctx = read({"url": "sql://komunala", "schemas": ["komunala"]})
        seconds = time.perf_counter() - started
        print(f"\n{tables} tables: {seconds:.2f} s")
        assert seconds < 30
        assert ctx.completed
        assert len(readings) == tables
        written = json.dumps([[reading.record.dataset, reading.record.internal] for reading in readings])
        for value in (*PLANTED, "SKRITO", "Zaupno", "Vrednost"):
            assert value not in written
        blanked = [problem for reading in readings for problem in reading.problems]
        assert {problem.code for problem in blanked} == {"personal-data-removed"}
        assert len(blanked) == 2 * len(PLANTED) * tables // 10
        assert "Register vodov in naprav" in written

    def test_it_is_opened_for_reading_only(self, postgres):
        from harvesters.connectors.support.databases import open_database

        postgres(1)
        with open_database("komunala").connect() as connection, pytest.raises(sa.exc.InternalError, match="read-only"):
            connection.execute(sa.text("DELETE FROM komunala.tabela_000"))
