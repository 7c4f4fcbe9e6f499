"""Excel there and back: a plan before anything is written, a job, and an undo that puts back exactly what was there."""

import base64
import io
import json

import openpyxl
import pytest

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.kranj.exchange import files

from schemas import examples


@pytest.fixture
def site(catalogue):
    return {"user": factories.Sysadmin()["name"], "ignore_auth": False}


@pytest.fixture
def filled(site):
    """Create that many descriptions."""

    def fill(count):
        ids = []
        for number in range(count):
            record = examples.record(number)
            record["title_translated"]["sl"] = f"Zbirka {number:05}"
            ids.append(tk.get_action("package_create")(dict(site), record)["id"])
        return ids

    return fill


def exported(site):
    return openpyxl.load_workbook(io.BytesIO(files.workbook(dict(site))))


def column(sheet, name):
    return [cell.value for cell in sheet[1]].index(name) + 1


def planned(site, book, name="a.xlsx"):
    out = io.BytesIO()
    book.save(out)
    content = base64.b64encode(out.getvalue()).decode()
    return tk.get_action("kranj_batch_create")(dict(site), {"name": name, "content": content})


def worked(site, action, batch):
    return tk.get_action(action)(dict(site), {"id": batch["id"], "wait": True})


def canonical():
    """Every record and internal block as the database holds them, without the time of change."""
    model.Session.expire_all()
    packages = model.Session.query(model.Package).filter_by(type="dataset", state="active").order_by(model.Package.id)
    site = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    found = []
    for package in packages:
        shown = call_action("package_show", {"user": site}, id=package.id)
        block = call_action("kranj_internal_show", {"user": site}, id=package.id)["internal"]
        for resource in shown["resources"]:
            resource.pop("metadata_modified")
        found.append({**shown, "metadata_modified": "", "internal": block})
    return json.dumps(found, sort_keys=True, ensure_ascii=False)


def fifty(site, count, changes):
    """Export, change some cells, plan, apply, undo; counts of rows changed."""
    before = canonical()
    book = exported(site)
    sheet = book["Zbirke"]
    at = column(sheet, "provenance")
    for row in range(3, 3 + changes):
        sheet.cell(row, at).value = f"Spremenjeno v vrstici {row}"
    batch = planned(site, book)
    assert batch["rows"] == {"unchanged": count - changes, "changed": changes}, batch["rows"]
    assert [len(row["changes"]) for row in batch["result"] if row["action"] == "changed"] == [1] * changes
    assert canonical() == before, "a plan writes nothing"
    done = worked(site, "kranj_batch_apply", batch)
    assert (done["state"], done["progress"]) == ("applied", {"done": changes})
    assert canonical() != before
    undone = worked(site, "kranj_batch_undo", batch)
    assert (undone["state"], undone["progress"]) == ("undone", {"undone": changes})
    assert canonical() == before


def test_five_of_twelve_there_and_back(site, filled):
    filled(12)
    fifty(site, 12, 5)


@pytest.mark.long
def test_fifty_of_five_thousand_there_and_back(site, filled):
    filled(5000)
    fifty(site, 5000, 50)


def test_a_plan_names_new_changed_unchanged_and_refused(site, filled):
    filled(4)
    book = exported(site)
    sheet = book["Zbirke"]
    sheet.cell(3, column(sheet, "frequency")).value = "včasih"
    sheet.cell(4, column(sheet, "version")).value = "2.0"
    sheet.cell(5, column(sheet, "id")).value = "ni-take-zbirke"
    for at in range(1, sheet.max_column + 1):  # a new one: a copy of the last row under another title
        sheet.cell(7, at).value = sheet.cell(6, at).value
    sheet.cell(7, 1).value, sheet.cell(7, column(sheet, "id")).value = "n1", None
    sheet.cell(7, column(sheet, "title_translated.sl")).value = "Povsem nova zbirka"
    viri = book["Viri"]
    source = next(row for row in viri.iter_rows(min_row=3) if row[1].value == sheet.cell(6, 2).value)
    viri.append(["", "n1", "", *(cell.value for cell in source[3:])])
    batch = planned(site, book)
    actions = [row["action"] for row in batch["result"]]
    assert actions == ["refused", "changed", "refused", "unchanged", "new"], batch["result"]
    codes = [[problem["code"] for problem in row["problems"]] for row in batch["result"]]
    assert "unknown-code" in codes[0]
    assert codes[2] == ["unknown-dataset"]
    assert worked(site, "kranj_batch_apply", batch)["progress"] == {"done": 2}
    assert call_action("package_search", {"user": site["user"]}, q="Povsem nova zbirka")["count"] == 1
    assert worked(site, "kranj_batch_undo", batch)["progress"] == {"undone": 2}
    assert model.Session.query(model.Package).filter_by(title="Povsem nova zbirka").count() == 0


def test_nothing_is_reset_by_omission(site, complete_dataset):
    dataset = tk.get_action("package_create")(dict(site), complete_dataset)
    book = exported(site)
    sheet = book["Zbirke"]
    for name in ("visibility", "owner_status", "internal.location.server", "license_id", "contact"):
        sheet.cell(3, column(sheet, name)).value = None
    sheet.delete_cols(column(sheet, "secrecy"))
    sheet.cell(3, column(sheet, "version")).value = "-"
    sheet.cell(3, column(sheet, "internal.location.table")).value = "-"
    batch = planned(site, book)
    assert [change["column"] for change in batch["result"][0]["changes"]] == ["internal.location.table"]
    worked(site, "kranj_batch_apply", batch)
    shown = call_action("package_show", {"user": site["user"]}, id=dataset["id"])
    assert (shown["visibility"], shown["owner_status"], shown["secrecy"]) == ("public", "potrjen", "javno")
    block = tk.get_action("kranj_internal_show")(dict(site), {"id": dataset["id"]})["internal"]
    assert block["location"] == {"system": "GIS Mestne občine Kranj", "kind": "database", "server": "gis01"}


def test_a_dataset_that_changed_meanwhile_is_left(site, complete_dataset):
    dataset = tk.get_action("package_create")(dict(site), complete_dataset)
    book = exported(site)
    book["Zbirke"].cell(3, column(book["Zbirke"], "version")).value = "2"
    batch = planned(site, book)
    tk.get_action("package_patch")(dict(site), {"id": dataset["id"], "provenance": "Popravljeno na strani"})
    done = worked(site, "kranj_batch_apply", batch)
    assert done["progress"] == {"failed": 1}
    assert done["result"][0]["problems"][-1]["code"] == "changed-meanwhile"
    assert "version" not in call_action("package_show", {"user": site["user"]}, id=dataset["id"])


def test_a_stopped_job_goes_on(site, filled, monkeypatch):
    from ckanext.kranj.exchange import batches

    filled(4)
    book = exported(site)
    sheet = book["Zbirke"]
    for row in range(3, 7):
        sheet.cell(row, column(sheet, "version")).value = "7"
    batch = planned(site, book)
    real, calls = batches._guarded, []

    def killed(*arguments):
        calls.append(arguments)
        if len(calls) > 2:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(batches, "_guarded", killed)
    with pytest.raises(KeyboardInterrupt):
        worked(site, "kranj_batch_apply", batch)
    monkeypatch.setattr(batches, "_guarded", real)
    model.Session.rollback()
    assert batches.work(batch["id"])["progress"] == {"done": 4}


def test_an_editor_changes_only_what_he_may(site, filled):
    filled(2)
    owner = call_action("organization_show", id="domplan")
    user = factories.User()
    call_action("organization_member_create", id=owner["id"], username=user["name"], role="editor")
    mine = {**examples.record(9), "owner_org": "domplan"}
    mine["title_translated"]["sl"] = "Moja zbirka"
    tk.get_action("package_create")(dict(site), mine)
    book = exported(site)
    sheet = book["Zbirke"]
    for row in range(3, 6):
        sheet.cell(row, column(sheet, "version")).value = "7"
    context = {"user": user["name"], "ignore_auth": False}
    batch = planned(context, book)
    assert sorted((row["action"], row["title"] == "Moja zbirka") for row in batch["result"]) == [
        ("changed", True), ("refused", False), ("refused", False),
    ]  # fmt: skip
    stranger = {"user": factories.User()["name"], "ignore_auth": False}
    for action in ("kranj_batch_show", "kranj_batch_apply", "kranj_batch_undo"):
        with pytest.raises(tk.ObjectNotFound):
            tk.get_action(action)(dict(stranger), {"id": batch["id"]})
    with pytest.raises(tk.NotAuthorized):
        planned(stranger, book)


def test_the_result_tells_what_its_sender_may_see_now(site):
    """Whoever left the owner no longer reads its internal block in an old result, nor anything of what is hidden."""
    user = factories.User()["name"]
    call_action("organization_member_create", id="domplan", username=user, role="editor")
    data = {**examples.record(9), "owner_org": "domplan", "visibility": "public"}
    data["title_translated"]["sl"] = "Moja zbirka"
    made = tk.get_action("package_create")(dict(site), data)
    context = {"user": user, "ignore_auth": False}
    book = openpyxl.load_workbook(io.BytesIO(files.workbook(dict(context))))
    sheet = book["Zbirke"]
    for name in ("version", "internal.location.system"):
        sheet.cell(3, column(sheet, name)).value = "Novo"
    batch = planned(context, book)

    def told():
        (row,) = tk.get_action("kranj_batch_show")(dict(context), {"id": batch["id"]})["result"]
        return row["id"], row["title"], sorted(one["column"] for one in row["changes"])

    assert told() == (made["id"], "Moja zbirka", ["internal.location.system", "version"])
    tk.get_action("organization_member_delete")(dict(site), {"id": "domplan", "username": user})
    assert told() == (made["id"], "Moja zbirka", ["version"])
    tk.get_action("package_patch")(dict(site), {"id": made["id"], "visibility": "restricted"})
    assert told() == (None, "", [])
    tk.get_action("dataset_purge")(dict(site), {"id": made["id"]})
    assert told() == (None, "", [])


def test_a_workbook_shows_no_more_than_the_caller_may_see(site, filled):
    filled(6)
    stranger = factories.User()["name"]
    rows = list(openpyxl.load_workbook(io.BytesIO(files.workbook({"user": stranger})))["Zbirke"].iter_rows(min_row=3))
    names = [cell.value for cell in exported(site)["Zbirke"][1]]
    public = call_action("package_search", {"user": stranger, "ignore_auth": False}, q="*:*")["count"]
    assert len(rows) == public < 6
    internal = [index for index, name in enumerate(names) if name.startswith("internal.")]
    assert not any(row[index].value for row in rows for index in internal)


@pytest.mark.parametrize("name", ["a.xlsx", "a.csv"])
def test_a_broken_file_is_answered_and_nothing_is_planned(site, name):
    content = base64.b64encode(b"\x00PK broken").decode()
    batch = tk.get_action("kranj_batch_create")(dict(site), {"name": name, "content": content})
    assert batch["problems"]
    assert batch["rows"] == {}
