"""kranj-validate: every file gets a verdict, in both languages, and nothing trips it over."""

import io
import json
import zipfile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from harvesters.checking import check_file
from harvesters.checking.cli import main
from schemas import examples, texts
from schemas.exchange import columns, row_of, write_template, write_workbook

pytestmark = pytest.mark.unit


def codes(found):
    return {(problem.path, problem.code) for item in found for problem in item.problems}


def workbook(change, records=None):
    """The bytes of a workbook of records after ``change(book)``."""
    book = openpyxl.load_workbook(io.BytesIO(write_workbook(records or [{**examples.record(1), "id": "a"}])))
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def csv_of(record, encoding="utf-8", delimiter=";"):
    import csv

    out = io.StringIO()
    cells = row_of(record) | {"resources": json.dumps(record["resources"])}
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerows([list(cells), list(cells.values())])
    return out.getvalue().encode(encoding)


class TestFormats:
    def test_json_of_one_and_of_many(self, complete_dataset):
        (one,) = check_file("a.json", json.dumps(complete_dataset).encode())
        assert (one.passed, one.title) == (True, "Lokacije parkirišč in cene parkiranja")
        wrong = {**complete_dataset, "frequency": "nikoli"}
        many = check_file("a.json", json.dumps({"datasets": [complete_dataset, wrong]}).encode())
        assert [item.passed for item in many] == [True, False]
        assert codes(many) == {("frequency", "unknown-code")}

    @pytest.mark.parametrize("number", range(20))
    def test_a_workbook_says_what_json_says(self, number):
        record = {**examples.record(number), "id": "a"}
        (found,) = check_file("a.xlsx", write_workbook([record]))
        assert found.problems == check_file("a.json", json.dumps(record).encode())[0].problems

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1250"])
    @pytest.mark.parametrize("delimiter", [";", ",", "\t"])
    def test_csv_in_the_encodings_that_people_have(self, complete_dataset, encoding, delimiter):
        *whole, found = check_file("a.csv", csv_of(complete_dataset, encoding, delimiter))
        assert codes(whole) == ({("", "source-charset")} if encoding == "cp1250" else set())  # what was guessed is told
        assert (found.problems, found.title) == ((), "Lokacije parkirišč in cene parkiranja")

    def test_turtle_and_json_ld(self):
        from rdflib import Graph

        body = """
        @prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
        @prefix kranj: <https://podatki.kranj.si/ns#> . @prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
        <https://d.example/1> a dcat:Dataset ; dct:title "Meritve zraka"@sl ;
          dct:description "Urne meritve kakovosti zraka na postaji v Kranju, z enotami in natančnostjo."@sl ;
          kranj:contentArea "okolje-prostor" ; kranj:secrecy "javno" ; kranj:accessMethod "download" ;
          kranj:retentionKind "T" ; kranj:system "Zrak" ; dct:accrualPeriodicity
          <http://publications.europa.eu/resource/authority/frequency/HOURLY> ;
          dcat:contactPoint [ a vcard:Organization ; vcard:fn "Skrbnik" ; vcard:hasEmail <mailto:a@b.si> ] ;
          dcat:distribution [ a dcat:Distribution ; dct:title "CSV"@sl ; dcat:accessURL <https://d.example/1.csv> ] .
        """
        (found,) = check_file("a.ttl", body.encode())
        assert (found.place, found.problems) == ("https://d.example/1", ())
        ld = Graph().parse(data=body, format="turtle").serialize(format="json-ld").encode()
        assert check_file("a.jsonld", ld)[0].problems == check_file("a.json", ld)[0].problems == ()
        (worse,) = check_file("a.ttl", body.replace('kranj:secrecy "javno" ;', "").encode())
        assert ("secrecy", "missing") in codes([worse])


BAD = [
    ("wrong code", {"frequency": "nikoli"}, "frequency", "unknown-code"),
    ("wrong shape", {"contact": "podatki@kranj.si"}, "contact", "shape"),
    ("unknown key", {"naslov": "x"}, "naslov", "unknown-key"),
    ("unknown key of a resource", {"resources": [{"mapa": "x"}]}, "resources[0].mapa", "unknown-key"),
    ("unknown key of a subfield", {"contact": [{"name": "A", "url": "https://a.si", "fax": "1"}]}, "contact[0].fax", "unknown-key"),
    ("HTML", {"notes_translated": {"sl": "<script>alert(1)</script>" * 4}}, "notes_translated.sl", "html"),
    ("1 MB title", {"title_translated": {"sl": "x" * 1_000_000}}, "title_translated.sl", "too-long"),
    ("100 kB description", {"notes_translated": {"sl": "a b " * 25_000}}, "notes_translated.sl", "too-long"),
    ("control characters", {"provenance": "a\x00b"}, "provenance", "control-characters"),
    ("a date that is none", {"issued": "31. 2. 2026"}, "issued", "not-a-date"),
    ("reversed period", {"temporal_coverage": [{"start": "2026-02-01", "end": "2026-01-01"}]}, "temporal_coverage[0].end", "reversed-period"),
    ("outside the world", {"spatial_coverage": [{"geom": '{"type":"Point","coordinates":[450319,122857]}'}]}, "spatial_coverage[0].geom", "outside-the-world"),
    ("secrecy against rights", {"access_rights": "NON_PUBLIC"}, "access_rights", "access-rights-contradict"),
    ("TAJNO", {"secrecy": "ztp-tajno"}, "secrecy", "classified-refused"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "path", "code"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_bad_input_is_named_in_both_languages(complete_dataset, changes, path, code):
    found = check_file("a.json", json.dumps({**complete_dataset, **changes}).encode())
    assert (path, code) in codes(found)
    for problem in found[0].problems:
        assert problem.text("sl") != problem.text("en")
        assert problem.remedy("sl") != problem.remedy("en")


class TestWorkbooks:
    def test_a_formula_is_refused(self):
        def change(book):
            book["Zbirke"]["E3"] = "=1+1"

        assert "formula" in {code for _, code in codes(check_file("a.xlsx", workbook(change)))}

    def test_merged_cells_are_refused(self):
        found = check_file("a.xlsx", workbook(lambda book: book["Zbirke"].merge_cells("D3:E3")))
        assert "merged-cells" in {code for _, code in codes(found)}

    def test_an_unknown_column_and_one_that_is_there_twice_are_named(self):
        def change(book):
            book["Zbirke"]["D1"], book["Zbirke"]["E1"] = "naslov", "frequency"

        assert {("naslov", "unknown-key"), ("frequency", "duplicate-table-column")} <= codes(
            check_file("a.xlsx", workbook(change))
        )

    def test_a_zip_bomb_is_not_unpacked(self):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/worksheets/sheet1.xml", b"0" * 300_000_000)
        assert codes(check_file("a.xlsx", out.getvalue())) == {("", "zip-bomb")}

    @pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x00" * 100, b"{", b"[[[[", b"\xff\xfe\x00"])
    @pytest.mark.parametrize("name", ["a.xlsx", "a.json", "a.ttl", "a.rdf", "a.jsonld", "a.csv", "a"])
    def test_broken_files_are_answered(self, name, content):
        found = check_file(name, content)
        assert not all(item.passed for item in found)

    def test_the_template_has_drop_downs_and_explanations(self):
        book = openpyxl.load_workbook(io.BytesIO(write_template()))
        assert book.sheetnames == ["Zbirke", "Viri", "Navodila", "Sifranti"]
        names = [cell.value for cell in book["Zbirke"][1]]
        assert names == ["#", "id", "name", *(column.name for column in columns())]
        lists = [rule for rule in book["Zbirke"].data_validations.dataValidation if rule.type == "list"]
        assert len(lists) == sum(column.field.kind == "choice" for column in columns())
        assert book["Zbirke"].cell(1, names.index("frequency") + 1).comment.text.startswith("Pogostost osveževanja")

    def test_a_text_that_starts_like_a_formula_stays_a_text(self):
        record = {**examples.record(1), "id": "a", "version": "=cmd|' /C calc'!A0"}
        (found,) = check_file("a.xlsx", write_workbook([record]))
        assert "formula" not in {code for _, code in codes([found])}

    def test_a_choice_from_the_drop_down_is_its_code(self):
        def change(book):
            names = [cell.value for cell in book["Zbirke"][1]]
            book["Zbirke"].cell(3, names.index("frequency") + 1).value = "DAILY – dnevno"
            book["Zbirke"].cell(3, names.index("owner_status") + 1).value = "Potrjen"

        assert check_file("a.xlsx", workbook(change))[0].passed


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.binary(max_size=40), st.integers(0, 5000))
def test_damaged_files_are_answered(number, rubbish, at):
    for name, content in (
        ("a.json", json.dumps(examples.broken(number)).encode()),
        ("a.csv", csv_of(examples.record(number))),
    ):
        for item in check_file(name, content[:at] + rubbish + content[at:]):
            assert {problem.code for problem in item.problems} <= set(texts())


class TestCommand:
    @pytest.fixture
    def files(self, tmp_path, complete_dataset):
        good, bad = tmp_path / "dobro.json", tmp_path / "slabo.json"
        good.write_text(json.dumps(complete_dataset), encoding="utf-8")
        bad.write_text(json.dumps({**complete_dataset, "frequency": "nikoli"}), encoding="utf-8")
        return str(good), str(bad)

    def test_it_says_what_is_wrong_and_how_it_ended(self, files, capsys):
        good, bad = files
        assert main([good]) == 0
        assert "Ustreza 1 od 1 opisov." in capsys.readouterr().out
        assert main([good, bad]) == 1
        out = capsys.readouterr().out
        assert "frequency: Vrednosti »nikoli« ni v šifrantu frequency." in out
        assert main(["--lang", "en", bad]) == 1
        assert 'The value "nikoli" is not in the code list' in capsys.readouterr().out
        assert main([good + ".ni"]) == 2

    def test_json_and_sarif(self, files, capsys):
        main(["--format", "json", *files])
        found = json.loads(capsys.readouterr().out)
        assert [entry[0]["passed"] for entry in found.values()] == [True, False]
        main(["--format", "sarif", *files])
        sarif = json.loads(capsys.readouterr().out)
        (result,) = sarif["runs"][0]["results"]
        assert (sarif["version"], result["ruleId"], result["level"]) == ("2.1.0", "unknown-code", "error")

    def test_it_is_installed(self):
        from importlib.metadata import entry_points

        (found,) = [point for point in entry_points(group="console_scripts") if point.name == "kranj-validate"]
        assert found.load() is main

    def test_it_needs_no_catalogue(self):
        import subprocess
        import sys

        code = "import sys, harvesters.checking.cli; print([m for m in sys.modules if m == 'ckan' or m.startswith('ckan.')])"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "[]"


def test_the_published_schema_accepts_the_complete_example(complete_dataset):
    from importlib.resources import files

    schema = json.loads((files("schemas") / "record.json").read_text(encoding="utf-8"))
    assert Draft202012Validator(schema).is_valid(complete_dataset)
