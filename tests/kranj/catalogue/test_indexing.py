"""Many datasets in one request: the same documents that CKAN itself would send, one after the other."""

import json

import pysolr
import pytest

import ckan.plugins.toolkit as tk
from ckan import logic, model
from ckan.lib import search
from ckan.tests import helpers

from ckanext.kranj.catalogue import indexing


@pytest.fixture
def sent(monkeypatch):
    """Every document that goes to Solr, by request."""
    requests = []
    original = pysolr.Solr.add

    def add(self, docs, *args, **kwargs):
        requests.append(docs)
        return original(self, docs, *args, **kwargs)

    monkeypatch.setattr(pysolr.Solr, "add", add)
    return requests


@pytest.fixture
def several(catalogue, complete_dataset):
    """Ids of datasets that differ in what the index treats in its own way."""
    made = [
        complete_dataset,
        {**complete_dataset, "visibility": "internal"},
        {**complete_dataset, "visibility": "restricted", "title_translated": {"sl": "  Zbirka ž", "en": "Set"}},
        {key: value for key, value in complete_dataset.items() if key != "frequency"} | {"state": "draft"},
        {**complete_dataset, "resources": []},
        {
            **complete_dataset,
            "content_area": ["promet", "okolje-prostor"],
            "license_id": "CC0",
            "version": "2",
            "tags_translated": {"sl": ["promet", "zrak"], "en": ["traffic"]},
        },
    ]
    return [helpers.call_action("package_create", **item)["id"] for item in made]


def read(document):
    """A document with the two forms in it as values: the order of their keys is nobody's business."""
    return {**document, **{name: json.loads(document[name]) for name in ("data_dict", "validated_data_dict")}}


def test_documents_are_those_of_ckan(several, sent):
    model.Session.expire_all()  # the order of what has just been written is not yet the database's
    for package_id in several:
        logic.index_update_package({"ignore_auth": True, "user": ""}, package_id, defer_commit=True)
    assert [len(docs) for docs in sent] == [1] * len(several)
    by_ckan = {docs[0]["id"]: docs[0] for docs in sent}
    sent.clear()
    assert indexing.send(several, "") == len(several)
    assert [len(docs) for docs in sent] == [len(several)]
    for document in sent[0]:
        assert read(document) == read(by_ckan[document["id"]])


def test_what_ckan_treats_in_its_own_way_is_left_to_it(several, sent):
    helpers.call_action("package_delete", id=several[2])
    sent.clear()
    assert indexing.send(several, "") == len(several)
    search.commit()
    assert sorted(len(docs) for docs in sent) == [len(several) - 1]
    found = helpers.call_action("package_search", include_private=True, include_drafts=True, rows=20)
    assert {item["id"] for item in found["results"]} == set(several) - {several[2]}


def test_one_document_that_solr_refuses_costs_itself_only(several, sent, monkeypatch):
    original = indexing.document

    def spoilt(forms, package):
        made = original(forms, package)
        return {**made, "metadata_modified": "kdaj?"} if made["id"] == several[0] else made

    search.clear_all()
    monkeypatch.setattr(indexing, "document", spoilt)
    indexing.send(several, "")
    search.commit()
    assert [len(docs) for docs in sent] == [len(several)] + [1] * len(several)
    found = helpers.call_action("package_search", include_private=True, include_drafts=True, rows=20)
    assert {item["id"] for item in found["results"]} == set(several)


def test_an_index_that_is_away_is_said(several, monkeypatch):
    monkeypatch.setitem(tk.config, "solr_url", "http://127.0.0.1:1/solr/nobody")
    with pytest.raises(search.SearchIndexError):
        indexing.send(several, "")


def test_what_is_not_there_is_left_out(catalogue, sent):
    assert indexing.send(["nobody"], "") == 0
    assert sent == []
    assert model.Package.get("nobody") is None
