"""Databases by reflection: SQLite here; PostgreSQL, real, in ``TestPostgreSQL`` (needs the servers of the tests)."""

import getpass
import json
import os
import shutil
import socket
import subprocess
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


def said_of(readings):
    """Everything that comes out, as text."""
    records = [reading.record for reading in readings]
    problems = [problem.as_dict() for reading in readings for problem in reading.problems]
    return json.dumps(
        [[[record.dataset, record.internal, record.columns] for record in records], problems], ensure_ascii=False
    )


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
        assert streets.columns[streets.dataset["resources"][0]["id"]] == [
            {"name": "sifra", "type": "celo-stevilo", "nullable": "ne"},
            {"name": "ime", "type": "besedilo", "nullable": "da"},
        ]
        assert streets.internal["location"] == {"kind": "database", "schema": "main", "table": "ulice"}

    def test_no_row_and_no_default_comes_out(self, sqlite):
        written = said_of(read({"url": "sql://gis", "schemas": ["main"]})[0])
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
        with pytest.raises(ConnectionFailed, match="pip install oracledb"):
            read({"url": "sql://gis", "schemas": ["main"]})

    @pytest.mark.parametrize(
        ("address", "install"),
        [
            ("oracle://bralec:skrito@db/gis", "pip install oracledb"),
            ("mssql://bralec:skrito@db/gis", "pip install pyodbc"),
        ],
    )
    def test_what_to_install_is_said_without_the_address(self, monkeypatch, address, install):
        monkeypatch.setenv("KRANJ_SECRET_GIS", address)
        with pytest.raises(ConnectionFailed, match=install) as failed:
            read({"url": "sql://gis", "schemas": ["main"]})
        assert "skrito" not in str(failed.value)


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
        written = said_of(readings)
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


PROGRAMS = ("mariadbd", "mariadb-install-db")


@pytest.fixture(scope="module")
def mariadb(tmp_path_factory):
    """A MariaDB server of its own, in a folder of its own; its SQLAlchemy address.

    Yields:
        The address.
    """
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
    server, installer = (shutil.which(program, path=path) for program in PROGRAMS)
    if server is None or installer is None:
        pytest.skip("no MariaDB server on this machine; Debian's package is named mariadb-server-core")
    folder = tmp_path_factory.mktemp("maria")
    user = f"--user={getpass.getuser()}"
    data = f"--datadir={folder / 'data'}"
    made = [installer, "--no-defaults", data, "--auth-root-authentication-method=normal", "--skip-test-db", user]
    subprocess.run(made, check=True, capture_output=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    given = [server, "--no-defaults", data, f"--socket={folder / 's'}", f"--port={port}", "--bind-address=127.0.0.1"]
    with subprocess.Popen([*given, user, "--skip-name-resolve"], stderr=subprocess.DEVNULL) as running:
        address = f"mysql://root@127.0.0.1:{port}/"
        try:
            engine = sa.create_engine(address.replace("mysql:", "mysql+pymysql:"))
            for _ in range(100):
                try:
                    engine.connect().close()
                    break
                except sa.exc.OperationalError:
                    time.sleep(0.2)
            with engine.begin() as connection:
                connection.execute(sa.text("CREATE USER bralec IDENTIFIED BY 'Skrito-geslo-1'"))
                connection.execute(sa.text("GRANT ALL ON *.* TO bralec"))
            engine.dispose()
            yield address.replace("root@", "bralec:Skrito-geslo-1@")
        finally:
            running.terminate()
            running.wait()


class TestMariaDB:
    """MySQL's protocol and catalogue, by a real server."""

    @pytest.fixture
    def database(self, mariadb, monkeypatch):
        """An engine on the database ``komunala``.

        Yields:
            The engine.
        """
        monkeypatch.setenv("KRANJ_SECRET_MARIA", mariadb + "komunala")
        server = sa.create_engine(mariadb.replace("mysql:", "mysql+pymysql:"))
        with server.begin() as connection:
            connection.execute(sa.text("CREATE DATABASE komunala CHARACTER SET utf8mb4"))
        engine = sa.create_engine(mariadb.replace("mysql:", "mysql+pymysql:") + "komunala")
        yield engine
        engine.dispose()
        with server.begin() as connection:
            connection.execute(sa.text("DROP DATABASE komunala"))
        server.dispose()

    def test_tables_views_comments_and_types(self, database):
        with database.begin() as connection:
            for statement in (
                "CREATE TABLE vodovod (id INT NOT NULL COMMENT 'Oznaka cevi', pretok DECIMAL(8,2) DEFAULT 42.5,"
                " stanje ENUM('Zaupno1', 'Zaupno2'), opis TEXT COMMENT 'Vprašaj: janez.novak@kranj.si',"
                " merjeno DATETIME, geom POINT) COMMENT 'Cevi vodovodnega omrežja mesta in njihovi pretoki'",
                "CREATE TABLE stranke (emso CHAR(13), priimek VARCHAR(50)) COMMENT 'geslo=Pomlad2024'",
                "INSERT INTO vodovod VALUES (1, 1.5, 'Zaupno1', 'Vrednost1', NOW(), NULL)",
                "INSERT INTO stranke VALUES ('0101006500006', 'Novak')",
                "CREATE VIEW pogled AS SELECT id, 'SKRITO' AS skrivnost FROM vodovod",
                "CREATE TABLE tmp (a INT)",
                "CREATE VIEW podrt AS SELECT a FROM tmp",
                "DROP TABLE tmp",
            ):
                connection.execute(sa.text(statement))
        readings, ctx = read({"url": "sql://maria", "schemas": ["komunala"]})
        found = {reading.guid: reading for reading in readings}
        assert ctx.completed
        assert set(found) == {"komunala.vodovod", "komunala.stranke", "komunala.pogled"}
        pipes = found["komunala.vodovod"].record
        assert pipes.dataset["notes_translated"]["sl"] == "Cevi vodovodnega omrežja mesta in njihovi pretoki"
        assert {key: pipes.internal["location"][key] for key in ("kind", "schema", "table", "database")} == {
            "kind": "database", "schema": "komunala", "table": "vodovod", "database": "komunala",
        }  # fmt: skip
        (columns,) = pipes.columns.values()
        assert columns == [
            {"name": "id", "type": "celo-stevilo", "meaning_sl": "Oznaka cevi", "nullable": "ne"},
            {"name": "pretok", "type": "stevilo", "nullable": "da"},
            {"name": "stanje", "nullable": "da"},
            {"name": "opis", "type": "besedilo", "nullable": "da"},
            {"name": "merjeno", "type": "datum-cas", "nullable": "da"},
            {"name": "geom", "type": "geometrija", "nullable": "da"},
        ]
        assert found["komunala.stranke"].record.dataset["secrecy"] == "osebni-podatki"
        written = said_of(readings)
        for value in (*PLANTED, "SKRITO", "Zaupno", "Vrednost", "Novak", "42.5", "Skrito-geslo"):
            assert value not in written

    def test_it_is_opened_for_reading_only(self, database):
        from harvesters.connectors.support.databases import open_database

        with database.begin() as connection:
            connection.execute(sa.text("CREATE TABLE a (x INT)"))
        with open_database("maria").connect() as connection, pytest.raises(sa.exc.DBAPIError, match="READ ONLY"):
            connection.execute(sa.text("INSERT INTO a VALUES (1)"))

    def test_a_wrong_password_is_not_repeated(self, mariadb, monkeypatch):
        monkeypatch.setenv("KRANJ_SECRET_MARIA", mariadb.replace("Skrito-geslo-1", "Nobeno-geslo-2") + "mysql")
        with pytest.raises(ConnectionFailed) as failed:
            read({"url": "sql://maria", "schemas": ["komunala"]})
        assert "Nobeno" not in str(failed.value)
        assert "Access denied" in str(failed.value)

    def test_system_schemas_are_never_read(self, database):
        readings, ctx = read({"url": "sql://maria", "schemas": ["mysql", "information_schema", "sys"]})
        assert (readings, ctx.completed) == ([], False)
