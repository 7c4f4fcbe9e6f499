"""``ckan kranj vocabulary``: a value that leaves a list is reported or moved, never silently dropped."""

import json

import pytest
from click.testing import CliRunner

import ckan.plugins.toolkit as tk
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.kranj.catalogue.code_lists import vocabulary_group

from schemas import vocabulary
from schemas.validation import forget_compiled
from schemas.vocabulary import use_folder


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setitem(tk.config, "kranj.vocabularies", str(tmp_path / "lists"))
    yield tmp_path
    use_folder(tmp_path / "none")
    forget_compiled()


@pytest.fixture
def dataset(catalogue, complete_dataset):
    site = {"user": factories.Sysadmin()["name"]}
    return tk.get_action("package_create")(site, complete_dataset)


def run(*arguments):
    return CliRunner().invoke(vocabulary_group, [str(argument) for argument in arguments])


def new_list(folder, **changes):
    """The list of content areas without ``promet``."""
    known = vocabulary("content_area")
    codes = [{"code": code, **known.extra(code)} for code in known.codes if code != "promet"]
    codes.append(
        {
            "code": "mobilnost",
            "uri": "https://podatki.kranj.si/ns/m",
            "sl": "Mobilnost",
            "en": "Mobility",
            "themes": ["TRAN"],
        }
    )
    file = folder / "content_area.json"
    file.write_text(json.dumps({**known.head, "codes": codes, **changes}), encoding="utf-8")
    return file


def test_what_is_in_no_list_is_named(dataset):
    from ckan import model

    assert run("check").exit_code == 0
    package = model.Package.get(dataset["id"])
    package.extras = {**package.extras, "frequency": "zastarelo"}
    model.Session.commit()
    result = run("check")
    assert result.exit_code == 1
    assert f"{dataset['name']}: frequency: zastarelo (frequency)" in result.output


def test_a_list_that_would_lose_a_value_is_refused(folder, dataset):
    file = new_list(folder)
    checked = run("check", file)
    assert checked.exit_code == 1
    assert "content_area: promet" in checked.output
    updated = run("update", file)
    assert updated.exit_code == 1
    assert f"{dataset['name']}: promet" in updated.output
    assert "promet" in vocabulary("content_area").codes


def test_values_move_to_their_successors(folder, dataset):
    file = new_list(folder, remap={"promet": "mobilnost"}, version=2, valid_from="2027-01-01")
    assert run("check", file).exit_code == 0
    updated = run("update", file)
    assert updated.exit_code == 0, updated.output
    assert "1 datasets moved" in updated.output
    assert call_action("package_show", id=dataset["id"])["content_area"] == ["mobilnost"]
    assert run("check").exit_code == 0


def test_a_file_that_is_no_list_is_named(folder, catalogue):
    file = folder / "x.json"
    file.write_text("{", encoding="utf-8")
    assert "x.json" in run("check", file).output
    assert run("update", file).exit_code == 1
