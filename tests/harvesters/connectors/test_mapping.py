"""The connector for whatever has no standard: it checks that the file still is the one that was described."""

import json
from dataclasses import dataclass, field

import pytest

from harvesters import Context, connector_named
from harvesters.conformance import Answering
from harvesters.connectors.mapping import File, Mapped, MappingSettings
from harvesters.errors import MissingSetting, Unreadable, WrongSetting
from harvesters.hostile import ATTACKS, Hostile, play

pytestmark = pytest.mark.unit

U = "https://vir.example"


def read(files, answers):
    ctx = Context("vir", Answering({f"{U}/{name}": ("", body) for name, body in answers.items()}))
    return list(connector_named("mapping").of({"url": U, "files": files}).records(ctx)), ctx


class TestFiles:
    def test_what_the_document_says_goes_before_what_the_mapping_says(self):
        body = json.dumps(
            {"meta": {"updated": "2026-03-01T10:00:00Z", "naziv": "Točke"}, "items": [{"a": 1, "b": 2}]}
        ).encode()
        file = {
            "guid": "tocke", "path": "t.json", "rows": "items", "says": {"dataset_kind": "prostorski-sloj"},
            "reads": {"modified": "meta.updated", "title_translated": "meta.naziv"},
        }  # fmt: skip
        (reading,), ctx = read([file], {"t.json": body})
        made = reading.record.dataset
        assert ctx.completed
        assert (made["title_translated"]["sl"], made["modified"]) == ("Točke", "2026-03-01")
        assert made["dataset_kind"] == "prostorski-sloj"
        assert made["resources"][0]["description_translated"]["sl"] == "Stolpci: a; b."

    def test_a_file_that_changed_its_columns_is_not_the_one_that_was_described(self):
        file = {"guid": "t", "path": "t.csv", "format": "CSV", "expects": ["naselje"]}
        with pytest.raises(Unreadable, match="no column naselje"):
            read([file], {"t.csv": b"kraj;poraba\nMlaka;3\n"})

    def test_one_of_several_files_that_fails_costs_itself_only(self):
        files = [{"guid": "a", "path": "a.csv", "format": "CSV"}, {"guid": "b", "path": "b.csv", "format": "CSV"}]
        readings, ctx = read(files, {"a.csv": b"x;y\n1;2\n"})
        assert [(item.guid, item.record is not None) for item in readings] == [("a", True), ("b", False)]
        assert not ctx.completed

    def test_names_of_columns_with_personal_data_are_left_out(self):
        file = {"guid": "t", "path": "t.csv", "format": "CSV"}
        (reading,), _ = read([file], {"t.csv": b"leto;janez.novak@kranj.si;vrednost\n"})
        assert "novak" not in json.dumps(reading.record.dataset)
        assert [item.code for item in reading.problems] == ["personal-data-removed"]

    def test_settings(self):
        with pytest.raises(MissingSetting):
            read([], {})
        with pytest.raises(WrongSetting):
            connector_named("mapping").of({"url": U, "files": [{"path": "a"}]})


@dataclass(frozen=True)
class OneFile(MappingSettings):
    files: list[File] = field(default_factory=lambda: [File("a"), File("b", format="CSV")])


class Attacked(Mapped):
    settings_class = OneFile


def test_a_hostile_source_gets_nowhere():
    """The suite of all connectors cannot make up files; here are some."""
    with Hostile() as server:
        found = [play(server, Attacked, name) for name in ATTACKS]
    assert [(item.attack, item.faults) for item in found if item.faults] == []


def test_connectors_are_small():
    """A connector is one page: the tables and readers that several share stand in ``support``."""
    from pathlib import Path

    import harvesters.connectors

    folder = Path(harvesters.connectors.__file__).parent
    lines = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in folder.glob("*.py")}
    assert {name: count for name, count in lines.items() if count > 120} == {}
