"""The import page: sent, compared by a job, looked at, stored, result taken home, undone. The worker is CKAN's own."""

import csv
import io

import openpyxl
import pytest

import ckan.plugins.toolkit as tk
from ckan.lib import jobs
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.kranj.exchange import files

from schemas import examples


class Visitor:
    """An editor of the municipality at the import page."""

    def __init__(self, app):
        self.app = app
        user = factories.User()
        self.name = user["name"]
        call_action("organization_member_create", id="domplan", username=user["name"], role="editor")
        self.headers = {"Authorization": factories.APIToken(user=user["name"])["token"]}

    def send(self, content, name="zbirke.xlsx", lang=""):
        """Upload a file; the address of its page."""
        answer = self.app.post(
            f"{lang}/standard/uvoz", data={"file": (io.BytesIO(content), name)}, headers=self.headers,
            content_type="multipart/form-data", follow_redirects=False,
        )  # fmt: skip
        assert answer.status_code == 302, answer.body
        return answer.headers["Location"].split("/standard/uvoz/")[1]

    def page(self, batch, query="", lang=""):
        """The page of a batch."""
        return self.app.get(f"{lang}/standard/uvoz/{batch}{query}", headers=self.headers).body

    def step(self, batch, step):
        """Press a button."""
        self.app.post(f"/standard/uvoz/{batch}", data={"step": step}, headers=self.headers)

    def exported(self):
        """Everything that he sees, as a workbook."""
        return openpyxl.load_workbook(io.BytesIO(files.workbook({"user": self.name, "ignore_auth": False})))


@pytest.fixture
def editor(catalogue):
    jobs.get_queue().empty()
    return Visitor(catalogue)


@pytest.fixture
def datasets(catalogue):
    """Three datasets of domplan."""
    site = {"user": factories.Sysadmin()["name"], "ignore_auth": False}
    made = []
    for number in range(3):
        record = {**examples.record(number), "owner_org": "domplan", "visibility": "internal"}
        record["title_translated"]["sl"] = f"Zbirka {number}"
        made.append(tk.get_action("package_create")(dict(site), record))
    return made


def work():
    jobs.Worker().work(burst=True)


def saved(book):
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def shown(dataset):
    return call_action("package_show", {"ignore_auth": True, "use_cache": False}, id=dataset["id"])


def test_from_the_upload_to_the_undo(editor, datasets):
    book = editor.exported()
    sheet = book["Zbirke"]
    at = [cell.value for cell in sheet[1]].index("provenance") + 1
    sheet.cell(3, at).value = "Popis <b>2026</b>".replace("<b>", "").replace("</b>", "")
    sheet.cell(4, [cell.value for cell in sheet[1]].index("frequency") + 1).value = "včasih"
    before = [shown(item) for item in datasets]
    batch = editor.send(saved(book))
    assert "preglednica se primerja s katalogom" in editor.page(batch)
    assert 'http-equiv="refresh"' in editor.page(batch)
    work()
    page = editor.page(batch)
    assert 'http-equiv="refresh"' not in page
    assert "spremenjena (1)" in page and "zavrnjena (1)" in page  # noqa: PT018 one page
    assert "<ins>Popis 2026</ins>" in page
    assert "Shrani spremembe" in page
    assert "waits for your consent" in editor.page(batch, lang="/en")
    assert "Popis 2026" not in editor.page(batch, "?action=refused")
    assert [shown(item) for item in datasets] == before, "nothing is written before consent"
    editor.step(batch, "apply")
    work()
    page = editor.page(batch)
    assert "spremembe so shranjene" in page
    assert [shown(item).get("provenance") for item in datasets].count("Popis 2026") == 1
    result = editor.app.get(f"/standard/uvoz/{batch}/rezultat.csv", headers=editor.headers).data.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(result), delimiter=";"))
    assert ["spremenjena", "shranjeno", "provenance"] in [row[3:6] for row in rows]
    assert ["zavrnjena", "", "frequency"] in [row[3:6] for row in rows]
    book = editor.app.get(f"/standard/uvoz/{batch}/rezultat.xlsx", headers=editor.headers).data
    assert [cell.value for cell in openpyxl.load_workbook(io.BytesIO(book)).active[1]] == rows[0]
    editor.step(batch, "undo")
    work()
    assert "spremembe so razveljavljene" in editor.page(batch)
    for old, new in zip(before, map(shown, datasets), strict=True):
        assert {k: v for k, v in new.items() if k not in ("metadata_modified", "resources")} == {
            k: v for k, v in old.items() if k not in ("metadata_modified", "resources")
        }


def test_a_table_belongs_to_whoever_sent_it(catalogue, editor, datasets):
    batch = editor.send(saved(editor.exported()))
    other = Visitor(catalogue)
    for path in ("", "/rezultat.csv"):
        catalogue.get(f"/standard/uvoz/{batch}{path}", headers=other.headers, status=404)
    catalogue.post(f"/standard/uvoz/{batch}", data={"step": "apply"}, headers=other.headers, status=404)
    assert batch not in catalogue.get("/standard/uvoz", headers=other.headers).body
    assert batch in catalogue.get("/standard/uvoz", headers=editor.headers).body
    nobody = factories.APIToken(user=factories.User()["name"])["token"]
    assert catalogue.get("/standard/uvoz", headers={"Authorization": nobody}).status_code in (403, 404)


def test_no_file_and_a_wrong_button(editor):
    answer = editor.app.post("/en/standard/uvoz", data={}, headers=editor.headers)
    assert "Choose an XLSX or CSV file." in answer.body
    batch = editor.send(b"id\n", "a.csv")
    editor.app.post(f"/standard/uvoz/{batch}", data={"step": "x"}, headers=editor.headers, status=400)


def test_two_workers_do_a_batch_once(editor, datasets):
    from ckanext.kranj.exchange import batches

    batch = editor.send(saved(editor.exported()))
    with batches._alone(batch) as alone:
        assert alone
        assert batches.work(batch) == {}
    assert batches.work(batch)["rows"] == {"unchanged": 3}


def test_rows_that_say_the_same_dataset_twice(editor, datasets):
    book = editor.exported()
    sheet = book["Zbirke"]
    sheet.append([cell.value for cell in sheet[3]])
    batch = editor.send(saved(book))
    work()
    assert "je v preglednici dvakrat" in editor.page(batch) or "dvakrat" in editor.page(batch)
    assert "duplicate-row" in editor.page(batch, lang="/en")
    assert "twice" in editor.page(batch, lang="/en")


@pytest.mark.parametrize(
    ("fault", "code"),
    [("merged", "merged-cells"), ("formula", "formula"), ("bomb", "zip-bomb"), ("text", "unreadable-file")],
)
def test_a_table_that_cannot_be_used_is_told_in_both_languages(editor, datasets, fault, code):
    from schemas.problem import texts

    book = editor.exported()
    sheet = book["Zbirke"]
    if fault == "merged":
        sheet.merge_cells(start_row=3, end_row=4, start_column=5, end_column=5)
    if fault == "formula":
        sheet.cell(3, 5).value = "=1+1"
    content = {"bomb": bomb(), "text": b"PK nothing"}.get(fault) or saved(book)
    before = [shown(item) for item in datasets]
    batch = editor.send(content)
    work()
    for lang, prefix in (("sl", ""), ("en", "/en")):
        page = editor.page(batch, lang=prefix)
        assert f"<code>{code}</code>" in page
        assert texts()[code]["remedy"][lang].split("{")[0].strip() in page
    assert [shown(item) for item in datasets] == before


def bomb():
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b"<Types/>" + b" " * 300_000_000)
    return out.getvalue()
