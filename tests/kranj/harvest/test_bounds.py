"""A source that an editor configured writes for his organisation, and none takes over what another source brought."""

import json

import pytest

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.kranj.harvest import runner, sources

from schemas import dataset_id


def member(organization, role="editor"):
    user = factories.User()
    call_action("organization_member_create", id=organization, username=user["name"], role=role)
    return user["name"]


@pytest.fixture
def made_by(harvest_tables, defaults):
    """A function that has somebody make a source, as an editor does in its form."""

    def make(user, url, name, owner, **more):
        config = {"allowed_hosts": ["localhost", "127.0.0.1"], "defaults": {**defaults, **more},
                  "internal": {"location": {"system": "Sistem"}}}  # fmt: skip
        given = {"name": name, "title": name, "url": url, "source_type": "kranj-dcat", "owner_org": owner,
                 "frequency": "MANUAL", "private": True, "config": json.dumps(config)}  # fmt: skip
        tk.get_action("harvest_source_create")({"user": user, "ignore_auth": False}, given)
        return sources.find(name)

    return make


def owners():
    model.Session.expire_all()
    rows = model.Session.query(model.Package, model.Group).join(model.Group, model.Group.id == model.Package.owner_org)
    return sorted((package.title, group.name) for package, group in rows if package.type == "dataset")


def test_a_source_of_one_organisation_describes_in_no_others_name(dataset, turtle, served, made_by):
    spec = made_by(member("arso"), served(turtle(dataset(1))), "tuj", "arso", owner_org="domplan")
    assert runner.harvest(spec).counts["create"] == 0
    assert owners() == []
    office = member("podatkovna-pisarna")
    tk.get_action("kranj_source_approve")({"user": office, "ignore_auth": False}, {"id": "tuj"})
    runner.harvest(sources.find("tuj"))
    assert [owner for _, owner in owners()] == ["domplan"]


def test_a_name_that_was_given_up_takes_nothing_over(dataset, turtle, served, made_by):
    editor, other = member("domplan"), member("arso")
    url = served(turtle(dataset(1)))
    runner.harvest(made_by(editor, url, "vir-ena", "domplan"))
    assert [owner for _, owner in owners()] == ["domplan"]
    tk.get_action("harvest_source_patch")(
        {"user": editor, "ignore_auth": False}, {"id": sources.find("vir-ena").id, "name": "vir-dve"}
    )
    taker = made_by(other, served(turtle(dataset(1, title="Prevzeta zbirka"))), "vir-ena", "arso", frequency="DAILY")
    for approved in (False, True):
        if approved:
            office = {"user": member("podatkovna-pisarna"), "ignore_auth": False}
            tk.get_action("kranj_source_approve")(office, {"id": "vir-ena"})
        report = runner.harvest(taker)
        assert report.counts["error"] == 1
        assert "not-of-the-source" in str(report)
        assert owners() == [("Zbirka številka 1", "domplan")]
        assert model.Package.get(dataset_id("vir-ena", "https://vir.example/dataset/1")).title == "Zbirka številka 1"
