"""Harvesting judges a description once: its verdict is handed over to the catalogue, and nobody else can give one."""

import json

import pytest

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj.catalogue import describe
from ckanext.kranj.catalogue.internal import InternalBlock

NOTHING = {"type": "dataset", "owner_org": "mestna-obcina-kranj", "title_translated": {"sl": "Prazna zbirka"}}


def _validations(monkeypatch):
    asked = []
    real = describe.validate
    monkeypatch.setattr(describe, "validate", lambda *given, **more: asked.append(1) or real(*given, **more))
    return asked


def _stored():
    rows = model.Session.query(model.Package).filter_by(type="dataset").order_by(model.Package.id)
    found = {}
    for package in rows:
        shown = tk.get_action("package_show")({"ignore_auth": True, "use_cache": False}, {"id": package.id})
        times = {"metadata_created", "metadata_modified"}
        shown = {key: value for key, value in shown.items() if key not in times}
        for resource in shown["resources"]:
            for name in ("created", "metadata_modified"):
                resource.pop(name, None)
        found[package.id] = (shown, InternalBlock.of(package.id).data)
    return json.loads(json.dumps(found))


def test_a_new_record_is_judged_once_and_stored_as_if_judged_twice(source, served, turtle, dataset, monkeypatch):
    from ckanext.kranj.harvest.runner import harvest

    extra = 'dct:spatial <http://publications.europa.eu/resource/authority/country/SVN> ; dct:language "sl" ;'
    spec = source(served(turtle(dataset(1), dataset(2, extra=extra), dataset(3, fmt=""))))
    asked = _validations(monkeypatch)
    assert harvest(spec).counts["create"] == 3
    assert asked == []
    once = _stored()

    for identifier in once:
        tk.get_action("dataset_purge")({"ignore_auth": True, "user": site_user()}, {"id": identifier})
    monkeypatch.setattr(describe.Finished, "take", classmethod(lambda *_: False))
    from ckanext.kranj.harvest.model import HarvestRecord, HarvestState

    for table in (HarvestRecord, HarvestState):
        model.Session.query(table).delete()
    model.Session.commit()
    assert harvest(spec).counts["create"] == 3
    assert len(asked) == 3
    assert _stored() == once


def site_user():
    return tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]


def test_a_record_with_words_of_a_steward_is_judged_by_the_catalogue_too(source, served, turtle, dataset, monkeypatch):
    from ckanext.kranj.harvest.runner import harvest

    spec = source(served(turtle(dataset(1))))
    harvest(spec)
    package = model.Session.query(model.Package).filter_by(type="dataset").one()
    patch = {"id": package.id, "content_area": ["okolje-prostor"]}
    tk.get_action("package_patch")({"ignore_auth": True, "user": site_user()}, patch)
    served(turtle(dataset(1, title="Zbirka številka ena, dopolnjena")))
    asked = _validations(monkeypatch)
    assert harvest(spec).counts["update"] == 1
    assert len(asked) == 1
    shown = tk.get_action("package_show")({"ignore_auth": True}, {"id": package.id})
    assert shown["content_area"] == ["okolje-prostor"]


@pytest.mark.parametrize("word", [True, "yes", {}, lambda: True])
def test_nothing_but_the_word_itself_is_believed(catalogue, word):
    context = {"ignore_auth": True, "user": site_user(), describe.FINISHED: word}
    with pytest.raises(tk.ValidationError):
        tk.get_action("package_create")(context, dict(NOTHING))


def test_the_word_holds_for_its_description_only_once_and_never_for_a_person(catalogue):
    user = site_user()
    data = dict(NOTHING)
    word = describe.Finished(data)
    with pytest.raises(tk.ValidationError):
        tk.get_action("package_create")({"ignore_auth": True, "user": user, describe.FINISHED: word}, dict(NOTHING))
    assert not describe.Finished.take({"user": user, describe.FINISHED: word}, data)
    free = {"ignore_auth": True, "user": user}
    assert describe.Finished.take({**free, describe.FINISHED: word}, data)
    assert not describe.Finished.take({**free, describe.FINISHED: word}, data)


@pytest.mark.parametrize("place", ["kranj_finished", "kranj_described", "context", "__kranj_finished"])
def test_the_api_takes_no_word_from_a_caller(catalogue, place):
    from ckan.tests import factories

    admin = factories.SysadminWithToken()
    body = {**NOTHING, place: {"kranj_finished": True, "ignore_auth": True}}
    for payload in (body, {**body, place: True}):
        answer = catalogue.post(
            f"/api/3/action/package_create?{place}=1&ignore_auth=1",
            json=payload,
            headers={"Authorization": admin["token"]},
        )
        assert answer.status_code in {400, 409}
    assert model.Session.query(model.Package).filter_by(type="dataset").count() == 0
