"""Columns that a source describes, in the data dictionary: beside the words of stewards, never over them."""

import json
import os
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from ckan import model
from ckan.tests import factories, helpers

SECRET = ("Koroška 12", "0101006500006")


def put(path: Path, text):
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    old = time.time() - 3600
    os.utime(path, (old, old))


@pytest.fixture
def drop(tmp_path, monkeypatch):
    """A folder with one table and one map."""
    root = tmp_path / "odlozisce"
    root.mkdir()
    monkeypatch.setenv("KRANJ_FOLDER_ODLOZISCE", str(root))
    put(root / "stetje.csv", "ura;vozila;naslov\n8;140;Koroška 12\n")
    feature = {"type": "Feature", "geometry": None, "properties": {"ime": "Koroška 12", "emso": "0101006500006"}}
    put(root / "stavbe.geojson", json.dumps({"type": "FeatureCollection", "features": [feature]}))
    return root


@pytest.fixture
def run(drop, source):
    """A function that harvests the folder."""
    from ckanext.kranj.harvest.runner import harvest

    made = {}

    def go():
        if "spec" not in made:
            made["spec"] = source("folder://odlozisce", kind="folder")
        report = harvest(made["spec"])
        assert report.complete, report.reason
        return report

    return go


def resource(title):
    model.Session.expire_all()
    package = model.Session.query(model.Package).filter_by(type="dataset", title=title).one()
    return helpers.call_action("package_show", id=package.id)["resources"][0]["id"]


def shown(title="stetje"):
    return helpers.call_action("kranj_columns_show", id=resource(title))


def names(title="stetje"):
    return [column["name"] for column in shown(title)["columns"]]


def test_columns_of_files_come_into_the_dictionary_without_a_value(run):
    run()
    assert names() == ["ura", "vozila", "naslov"]
    found = {column["name"]: column for column in shown("stavbe")["columns"]}
    assert found["emso"]["personal"] == "osebni"
    rows = model.Session.execute(sa.text("SELECT data::text, written::text FROM kranj_column")).all()
    assert rows
    for value in SECRET:
        assert value not in str(rows)
    hits = helpers.call_action("package_search", q="vozila", include_private=True, include_drafts=True)
    assert hits["count"] == 1


def test_an_unchanged_source_writes_no_column(run, counted):
    run()
    before = model.Session.execute(sa.text("SELECT max(xmin::text::bigint) FROM kranj_column")).scalar()
    with counted() as writes:
        assert run().writes == 0
    assert writes.packages == 0
    after = model.Session.execute(sa.text("SELECT max(xmin::text::bigint) FROM kranj_column")).scalar()
    assert before == after


def test_words_of_a_steward_stay_when_the_source_changes(run, drop):
    run()
    helpers.call_action(
        "kranj_term_update", code="stevilo-vozil", title_sl="Število vozil", definition_sl="Vozila v eni uri."
    )
    columns = shown()["columns"]
    columns[1] |= {
        "title_sl": "Vozila", "meaning_sl": "Vozila v uri", "term": "stevilo-vozil", "type": "celo-stevilo",
    }  # fmt: skip
    columns[2] |= {"personal": "ni"}
    columns.append({"name": "dodan-rocno", "meaning_sl": "Tega vir ne pozna."})
    helpers.call_action("kranj_columns_update", id=resource("stetje"), columns=columns)
    put(drop / "stetje.csv", "smer;ura;vozila\nS;8;140\n")
    run()
    found = {column["name"]: column for column in shown()["columns"]}
    assert list(found) == ["smer", "ura", "vozila", "naslov", "dodan-rocno"]
    assert found["vozila"]["meaning_sl"] == "Vozila v uri"
    assert (found["vozila"]["term"], found["vozila"]["type"]) == ("stevilo-vozil", "celo-stevilo")
    assert found["naslov"]["personal"] == "ni"
    assert list(shown()["gone"]) == ["naslov"]


def test_a_column_that_disappears_is_marked_and_unmarked_when_it_is_back(run, drop, harvest_tables):
    run()
    put(drop / "stetje.csv", "ura;vozila\n8;140\n")
    run()
    assert names() == ["ura", "vozila", "naslov"]
    assert list(shown()["gone"]) == ["naslov"]
    package = model.Session.query(model.Package).filter_by(type="dataset", title="stetje").one()
    address = f"/dataset/{package.name}/resource/{resource('stetje')}"
    for page in (address, f"{address}/columns"):
        shown_page = harvest_tables.get(page, headers={"Authorization": factories.SysadminWithToken()["token"]})
        assert "vir ga nima več od" in shown_page.body
    put(drop / "stetje.csv", "ura;vozila;naslov;vreme\n8;140;x;y\n")
    run()
    assert names() == ["ura", "vozila", "naslov", "vreme"]
    assert shown()["gone"] == {}


def test_saving_the_dictionary_keeps_what_harvesting_knows(run, drop):
    run()
    columns = shown()["columns"]
    helpers.call_action("kranj_columns_update", id=resource("stetje"), columns=columns)
    put(drop / "stetje.csv", "ura;vozila\n8;140\n")
    run()
    assert list(shown()["gone"]) == ["naslov"]


def test_columns_that_break_the_standard_are_left_out_and_said():
    from datetime import date

    from harvesters import Context, Defaults
    from harvesters.plan import judge

    ctx = Context("vir", None)
    given = {"a": [{"name": "x"}, {"name": "x"}], "b": [{"name": "y", "sample": "Novak"}], "c": [{"name": "z"}]}
    reading = ctx.reading("1", {"title_translated": {"sl": "Zbirka"}, "resources": []}, columns=given)
    judged = judge(reading, Defaults(), version=1, first_seen=date(2026, 1, 1))
    assert judged.record.columns == {"c": [{"name": "z"}]}
    assert {"duplicate-column", "unknown-key"} <= {problem.code for problem in judged.problems}
    assert "Novak" not in str([problem.text("sl") for problem in judged.problems])
