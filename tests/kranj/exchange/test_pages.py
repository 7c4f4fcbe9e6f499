"""The public check, the schemas, the template and the lists that the law asks for."""

import csv
import io
import json

import openpyxl
import pytest
from click.testing import CliRunner

import ckan.plugins.toolkit as tk
from ckan.tests import factories

from schemas import examples
from schemas.rules import PERSONAL
from schemas.suppliers import EXAMPLE


@pytest.fixture
def site(catalogue):
    return {"user": factories.Sysadmin()["name"], "ignore_auth": False}


def rows_of(body):
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig")), delimiter=";"))


class TestCheck:
    def test_a_file_is_checked_without_an_account(self, catalogue):
        import base64

        from ckan import model

        before = model.Session.query(model.Package).count()
        for record, passed in ((EXAMPLE, True), ({**EXAMPLE, "frequency": "nikoli"}, False)):
            content = base64.b64encode(json.dumps(record).encode()).decode()
            body = {"name": "opis.json", "content": content}
            answer = catalogue.post("/api/3/action/kranj_check", json=body)
            assert answer.json["result"]["passed"] is passed
        assert model.Session.query(model.Package).count() == before

    def test_the_page_says_it_in_words(self, catalogue):
        assert "Preveri opis podatkov" in catalogue.get("/standard/preveri").body
        upload = (io.BytesIO(json.dumps({**EXAMPLE, "frequency": "<b>"}).encode()), "opis.json")
        page = catalogue.post("/standard/preveri", data={"file": upload}, content_type="multipart/form-data")
        assert "Ne ustreza" in page.body
        assert "&lt;b&gt;" in page.body

    def test_what_is_no_base64_is_refused(self, catalogue):
        answer = catalogue.post("/api/3/action/kranj_check", json={"name": "a.json", "content": "ž"}, status=409)
        assert "content" in answer.json["error"]

    def test_template_and_schemas(self, catalogue):
        book = openpyxl.load_workbook(io.BytesIO(catalogue.get("/standard/predloga.xlsx").data))
        assert "Zbirke" in book.sheetnames
        assert json.loads(catalogue.get("/standard/record.json").data)["$id"].endswith("/record.json")
        catalogue.get("/standard/dataset.yaml", status=404)


class TestStation:
    def test_the_nearest_station_is_named(self, catalogue):
        found = catalogue.get("/api/3/action/kranj_nearest_station?lon=14.36&lat=46.24&property=PM10").json["result"]
        assert found["station"]["name"] == "Kranj (zrak)"
        assert found["date"]

    @pytest.mark.parametrize("query", ["lon=x&lat=1", "lon=999&lat=1", "lon=nan&lat=1"])
    def test_nonsense_is_refused(self, catalogue, query):
        catalogue.get(f"/api/3/action/kranj_nearest_station?{query}", status=409)


class TestStatutoryLists:
    def test_the_form_has_its_eighteen_columns(self, catalogue, site, complete_dataset):
        tk.get_action("package_create")(dict(site), complete_dataset)
        header, row = rows_of(catalogue.get("/standard/izvoz/uredba.csv").data)
        assert len(header) == len(row) == 18
        told = dict(zip(header, row, strict=True))
        assert told["Naziv institucije"] == "Mestna občina Kranj"
        assert told["Področje"] == "Transport"
        assert told["Jezik zapisa"] == "slv"
        assert told["Oblika zapisa"] == "csv"
        assert told["Internetni naslov do odprtih podatkov"] == "https://podatki.example.org/parkirisca.csv"
        assert told["Odgovorna oseba"].endswith("podatki@kranj.si")
        book = openpyxl.load_workbook(io.BytesIO(catalogue.get("/standard/izvoz/uredba.xlsx").data))
        assert [cell.value for cell in book.active[1]] == header
        catalogue.get("/standard/izvoz/vse.csv", status=404)

    def test_lists_hold_what_the_caller_may_see(self, catalogue, site):
        for number in range(12):
            tk.get_action("package_create")(dict(site), examples.record(number))
        everybody = len(rows_of(catalogue.get("/standard/izvoz/kijz.csv").data)) - 1
        token = factories.SysadminWithToken()["token"]
        headers = {"Authorization": token}
        assert 0 < everybody < len(rows_of(catalogue.get("/standard/izvoz/kijz.csv", headers=headers).data)) - 1 == 12
        records = [examples.record(number) for number in range(12)]
        personal = [record for record in records if record["secrecy"] in PERSONAL]
        assert rows_of(catalogue.get("/standard/izvoz/obdelave.csv").data)[1:] == []
        told = rows_of(catalogue.get("/standard/izvoz/obdelave.csv", headers=headers).data)[1:]
        assert len(told) == len(personal) > 0
        assert {row[2] for row in told} == {record["internal"]["processing"]["purpose"] for record in personal}

    def test_a_formula_in_a_title_does_not_run(self, catalogue, site, complete_dataset):
        complete_dataset["title_translated"] = {"sl": "=HYPERLINK(1)"}
        tk.get_action("package_create")(dict(site), complete_dataset)
        assert rows_of(catalogue.get("/standard/izvoz/uredba.csv").data)[1][1] == "'=HYPERLINK(1)"


class TestCommands:
    def test_there_and_back_on_the_command_line(self, catalogue, site, complete_dataset, tmp_path):
        from ckanext.kranj.exchange.cli import excel

        tk.get_action("package_create")(dict(site), complete_dataset)
        file = tmp_path / "zbirke.xlsx"
        assert CliRunner().invoke(excel, ["export", str(file)]).exit_code == 0
        result = CliRunner().invoke(excel, ["import", str(file), "--json"])
        assert json.loads(result.output)["rows"] == {"unchanged": 1}
        book = openpyxl.load_workbook(file)
        names = [cell.value for cell in book["Zbirke"][1]]
        book["Zbirke"].cell(3, names.index("version") + 1).value = "2"
        book.save(file)
        result = CliRunner().invoke(excel, ["import", str(file), "--apply", "--json"])
        batch = json.loads(result.output)
        assert batch["progress"] == {"done": 1}
        assert "undone" in CliRunner().invoke(excel, ["undo", batch["id"]]).output
        assert CliRunner().invoke(excel, ["template", str(tmp_path / "t.xlsx")]).exit_code == 0

    def test_a_statutory_list_becomes_a_file(self, catalogue, site, complete_dataset, tmp_path):
        from ckanext.kranj.exchange.cli import export, station

        tk.get_action("package_create")(dict(site), complete_dataset)
        file = tmp_path / "uredba.csv"
        with catalogue.flask_app.app_context():
            assert CliRunner().invoke(export, ["uredba", str(file)]).exit_code == 0
        assert len(rows_of(file.read_bytes())) == 2
        assert "Kranj (zrak)" in CliRunner().invoke(station, ["14.36", "46.24", "PM10"]).output
