"""Folders where people put files."""

import os
import time

import pytest
from openpyxl import Workbook

from harvesters import Context, Defaults, connector_named
from harvesters.conformance import Answering, ConnectorContract
from harvesters.errors import ConnectionFailed, MissingSetting, Unreadable

pytestmark = pytest.mark.unit


@pytest.fixture
def drop(tmp_path, monkeypatch):
    root = tmp_path / "odlozisce"
    (root / "promet").mkdir(parents=True)
    monkeypatch.setenv("KRANJ_FOLDER_ODLOZISCE", str(root))
    put(root / "promet" / "stetje_prometa.csv", "ura;vozila\n8;140\n")
    put(
        root / "promet" / "stetje_prometa.meta.yaml",
        "title_translated sl: Štetje prometa\nPogostost osveževanja: DAILY\nbarva: rdeča\n",
    )
    return root


def put(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    aged(path)


def aged(path):
    old = time.time() - 3600
    os.utime(path, (old, old))


def read(**settings):
    ctx = Context("vir", Answering({}))
    return list(connector_named("folder").of({"url": "folder://odlozisce", **settings}).records(ctx)), ctx


class TestContract(ConnectorContract):
    defaults = Defaults()

    @pytest.fixture
    def connector(self, drop):
        return connector_named("folder").of({"url": "folder://odlozisce"})


class TestFiles:
    def test_a_file_is_a_dataset_and_its_meta_file_describes_it(self, drop):
        (reading,), ctx = read()
        made = reading.record.dataset
        assert reading.guid == "promet/stetje_prometa.csv"
        assert (made["title_translated"]["sl"], made["frequency"]) == ("Štetje prometa", "DAILY")
        assert made["resources"][0]["description_translated"]["sl"] == "Stolpci: ura; vozila."
        assert reading.record.internal["location"] == {
            "kind": "file-share", "share": "odlozisce", "path": "promet/stetje_prometa.csv",
        }  # fmt: skip
        assert [(item.code, item.params["key"]) for item in reading.problems] == [("unknown-key", "barva")]
        assert ctx.completed

    def test_a_file_that_may_still_be_written_waits(self, drop):
        (drop / "nova.csv").write_text("a;b\n", encoding="utf-8")
        readings, ctx = read()
        assert [reading.guid for reading in readings] == ["promet/stetje_prometa.csv"]
        assert not ctx.completed
        assert "nova.csv" in ctx.reason

    def test_no_link_leads_out(self, drop, tmp_path):
        put(tmp_path / "tuja.csv", "ime;priimek\n")
        (drop / "tuja.csv").symlink_to(tmp_path / "tuja.csv")
        (drop / "tuje").symlink_to(tmp_path)
        assert [reading.guid for reading in read()[0]] == ["promet/stetje_prometa.csv"]

    def test_an_empty_folder_is_a_share_that_is_not_mounted(self, tmp_path, monkeypatch):
        (tmp_path / "prazno").mkdir()
        monkeypatch.setenv("KRANJ_FOLDER_ODLOZISCE", str(tmp_path / "prazno"))
        with pytest.raises(ConnectionFailed, match="empty"):
            read()
        monkeypatch.setenv("KRANJ_FOLDER_ODLOZISCE", str(tmp_path / "ni"))
        with pytest.raises(ConnectionFailed, match="no such folder"):
            read()
        monkeypatch.delenv("KRANJ_FOLDER_ODLOZISCE")
        with pytest.raises(MissingSetting):
            read()

    def test_a_broken_file_costs_itself_only(self, drop):
        put(drop / "zlomljena.xlsx", b"PK\x03\x04 ni zip")
        readings, ctx = read()
        assert [(reading.guid, reading.record is not None) for reading in readings] == [
            ("promet/stetje_prometa.csv", True), ("zlomljena.xlsx", False),
        ]  # fmt: skip
        assert not ctx.completed


class TestInventory:
    def save(self, drop, *rows):
        book = Workbook()
        for row in rows:
            book.active.append(row)
        book.save(drop / "popis.xlsx")
        aged(drop / "popis.xlsx")

    def test_rows_are_descriptions(self, drop):
        self.save(
            drop,
            ["Oznaka", "Naziv zbirke", "Naziv zbirke en", "Vsebinsko področje", "Pogostost osveževanja", "Barva"],
            ["k-1", "Evidenca drevja", "Trees", "okolje-prostor", "letno", "zelena"],
            [None, "Brez oznake", None, None, None, None],
        )
        readings, ctx = read(inventory="popis.xlsx")
        made = readings[0].record.dataset
        assert made["title_translated"] == {"sl": "Evidenca drevja", "en": "Trees"}
        assert made["content_area"] == ["okolje-prostor"]
        assert {item.code for item in readings[0].problems} <= {"unknown-key", "unknown-code"}
        assert readings[1].record is None
        assert not ctx.completed

    def test_without_identifiers_it_is_refused(self, drop):
        self.save(drop, ["Naziv"], ["A"])
        with pytest.raises(Unreadable):
            read(inventory="popis.xlsx")
        with pytest.raises(Unreadable):
            read(inventory="drugi.xlsx")


class TestUnclaimed:
    def test_a_folder_of_which_no_file_is_read_is_a_finding_once(self, drop):
        for name in ("arhiv/2019/staro.bak", "arhiv/2019/x/staro.bak", "arhiv/opis.doc", "promet/opombe.txt"):
            (drop / name).parent.mkdir(parents=True, exist_ok=True)
            put(drop / name, "x")
        _, ctx = read()
        assert [(item.code, item.params["share"]) for item in ctx.problems] == [("unclaimed-share", "odlozisce/arhiv")]

    def test_a_folder_beside_one_that_is_read_is_told_by_itself(self, drop):
        (drop / "promet" / "surovo").mkdir()
        put(drop / "promet" / "surovo" / "zapis.bin", "x")
        _, ctx = read()
        assert [item.params["share"] for item in ctx.problems] == ["odlozisce/promet/surovo"]

    def test_hidden_folders_links_and_files_still_being_written_are_none(self, drop):
        for name in (".sistem", "novo", "drugam"):
            (drop / name).mkdir()
        put(drop / ".sistem" / "x.bin", "x")
        (drop / "novo" / "ravnokar.csv").write_text("a;b\n", encoding="utf-8")
        (drop / "drugam" / "povezava.csv").symlink_to("/etc/hostname")
        assert read()[1].problems == []
