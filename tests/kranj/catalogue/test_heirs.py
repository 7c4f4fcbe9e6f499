"""A changed default of an organisation reaches the datasets that inherit it, and nothing else."""

import copy
import json

import pytest
import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import jobs
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.kranj.catalogue import heirs

OWNER = "komunala-kranj"
FIRST = {
    "contact": [{"name": "Vložišče", "email": "stara@komunala.example"}],
    "frequency": "MONTHLY",
    "license_id": "CC0",
    "retention_kind": "LETA",
    "retention_period": "P5Y",
    "retention_starts": "record",
    "internal": {"location": {"system": "Stari sistem", "kind": "database"}},
}
SECOND = {
    **FIRST,
    "contact": [{"name": "Podatkovna pisarna", "email": "nova@komunala.example"}],
    "license_id": "CC_BY_4_0",
    "retention_period": "P10Y",
    "internal": {"location": {"system": "Novi sistem", "kind": "cloud-service"}},
}
INHERITED = ("contact", "frequency", "license_id", "retention_kind", "retention_period", "retention_starts")


@pytest.fixture
def site(catalogue):
    return {"user": factories.Sysadmin()["name"], "ignore_auth": False}


def act(site, name, **data):
    return tk.get_action(name)(dict(site), copy.deepcopy(data))


def defaults(site, values):
    act(site, "organization_patch", id=OWNER, defaults=values)


def create(site, description, title, **own):
    """A dataset of the owner that leaves to it what can be inherited."""
    sent = {name: value for name, value in copy.deepcopy(description).items() if name not in INHERITED}
    del sent["internal"]["location"]
    for resource in sent["resources"]:
        resource.pop("license", None)
    sent |= {"owner_org": OWNER, **own}
    sent["title_translated"] = {"sl": title}
    return act(site, "package_create", **sent)["id"]


def queued():
    """Do what waits in the queue of jobs, as the worker does."""
    done = []
    for job in jobs.get_queue().jobs:
        done.append(job.func_name)
        job.func(*job.args)
        job.delete()
    return done


@pytest.fixture(autouse=True)
def empty_queue(catalogue):
    jobs.get_queue().empty()
    yield
    jobs.get_queue().empty()


def test_page_search_and_feed_say_the_new_value(site, complete_dataset, catalogue):
    defaults(site, FIRST)
    assert queued() == ["ckanext.kranj.catalogue.heirs.work"]
    heir = create(site, complete_dataset, "Odvoz odpadkov")
    own = create(
        site, complete_dataset, "Vodna zajetja", license_id="CC0",
        contact=[{"name": "Ana Novak", "email": "ana@komunala.example"}],
    )  # fmt: skip
    assert "stara@komunala.example" in catalogue.get(f"/dataset/{heir}.ttl").body
    before = act(site, "package_show", id=own)
    defaults(site, SECOND)
    assert act(site, "kranj_heirs_show", id=OWNER)["state"] == "waiting"
    assert queued() == ["ckanext.kranj.catalogue.heirs.work"]
    progress = act(site, "kranj_heirs_show", id=OWNER)
    assert progress == {"state": "done", "looked_at": 2, "renewed": 2, "refused": {}}
    shown = act(site, "package_show", id=heir)
    assert shown["contact"] == SECOND["contact"]
    assert shown["license_id"] == shown["resources"][0]["license"] == "CC_BY_4_0"
    assert shown["retention_period"] == "P10Y"
    assert shown["frequency"] == "MONTHLY"
    block = act(site, "kranj_internal_show", id=heir)["internal"]
    assert block["location"] == SECOND["internal"]["location"]
    assert {name: block["value_origin"][name] for name in INHERITED} == dict.fromkeys(INHERITED, "default")
    (found,) = act(site, "package_search", q="Odvoz odpadkov", fq=f"id:{heir}")["results"]
    assert found["contact"] == SECOND["contact"]
    assert act(site, "package_search", fq='license_id:"CC_BY_4_0"')["count"] == 1
    page = catalogue.get(f"/dataset/{heir}.ttl").body
    assert "nova@komunala.example" in page
    assert "stara@komunala.example" not in page
    assert "nova@komunala.example" in catalogue.get("/catalog.ttl").body
    # What was typed stays; what that dataset inherits follows too.
    after = act(site, "package_show", id=own)
    assert after["contact"] == before["contact"]
    assert after["license_id"] == "CC0"
    assert after["retention_period"] == "P10Y"


def test_the_audit_says_who_and_how_many(site, complete_dataset):
    defaults(site, FIRST)
    queued()
    create(site, complete_dataset, "Odvoz odpadkov")
    defaults(site, SECOND)
    queued()
    asked = "SELECT actor, fields FROM kranj_audit WHERE operation = 'renew_heirs' ORDER BY id DESC LIMIT 1"
    row = model.Session.execute(sa.text(asked)).one()
    assert row.actor == model.User.get(site["user"]).id
    assert row.fields == {"looked_at": 1, "renewed": 1, "refused": []}


def test_a_default_that_does_not_fit_leaves_the_dataset_as_it_was(site, complete_dataset):
    """The only source of a mandatory value goes: the dataset keeps it, and the answer says why."""
    defaults(site, FIRST)
    queued()
    heir = create(site, complete_dataset, "Odvoz odpadkov")
    defaults(site, {name: value for name, value in SECOND.items() if name != "frequency"})
    queued()
    progress = act(site, "kranj_heirs_show", id=OWNER)
    assert (progress["state"], progress["renewed"], list(progress["refused"])) == ("done", 0, [heir])
    assert "missing" in progress["refused"][heir]
    shown = act(site, "package_show", id=heir)
    assert (shown["frequency"], shown["contact"]) == ("MONTHLY", FIRST["contact"])


def test_the_level_never_follows(site, complete_dataset):
    """A default that shows more people more is for new datasets only."""
    defaults(site, {**FIRST, "visibility": "organization"})
    queued()
    del complete_dataset["visibility"]
    heir = create(site, complete_dataset, "Odvoz odpadkov")
    assert act(site, "package_show", id=heir)["visibility"] == "organization"
    defaults(site, {**SECOND, "visibility": "public"})
    queued()
    shown = act(site, "package_show", id=heir)
    assert (shown["visibility"], shown["private"], shown["contact"]) == ("organization", True, SECOND["contact"])


def test_a_job_that_was_lost_is_made_up_for(site, complete_dataset):
    """Two changes, both jobs lost: the command brings the datasets up to date, whichever default they hold."""
    defaults(site, FIRST)
    queued()
    heir = create(site, complete_dataset, "Odvoz odpadkov")
    defaults(site, {**FIRST, "frequency": "WEEKLY"})
    later = create(site, complete_dataset, "Vodna zajetja")
    defaults(site, {**SECOND, "frequency": "DAILY"})
    jobs.get_queue().empty()
    from click.testing import CliRunner

    from ckanext.kranj.cli import kranj

    found = CliRunner().invoke(kranj, ["heirs"])
    assert found.exit_code == 0, found.output
    assert found.output.endswith("2 of 2 datasets renewed\n")
    for identifier in (heir, later):
        shown = act(site, "package_show", id=identifier)
        assert (shown["frequency"], shown["contact"]) == ("DAILY", SECOND["contact"])
    assert heirs.waiting() == []
    assert CliRunner().invoke(kranj, ["heirs"]).output == ""


def test_nothing_is_saved_for_nothing(site, complete_dataset):
    """A change of another field queues nothing; a job without work leaves the datasets untouched."""
    defaults(site, FIRST)
    queued()
    heir = create(site, complete_dataset, "Odvoz odpadkov")
    stored = json.dumps(act(site, "package_show", id=heir), sort_keys=True)
    act(site, "organization_patch", id=OWNER, url="https://www.komunala-kranj.example/")
    assert queued() == []
    heirs.wait_for(model.Group.get(OWNER).id, FIRST, site["user"])
    queued()
    shown = act(site, "package_show", id=heir)
    shown["organization"] = json.loads(stored)["organization"]
    assert json.dumps(shown, sort_keys=True) == stored


def test_progress_is_for_whoever_looks_after_the_organisation(site):
    stranger = {"user": factories.User()["name"], "ignore_auth": False}
    with pytest.raises(tk.NotAuthorized):
        act(stranger, "kranj_heirs_show", id=OWNER)
    assert call_action("kranj_heirs_show", {"ignore_auth": True}, id=OWNER)["state"] == "done"


def test_the_page_of_the_organisation_says_how_far_it_is(site, complete_dataset, catalogue, monkeypatch):
    headers = {"Authorization": factories.APIToken(user=site["user"])["token"]}
    page, said = f"/organization/{OWNER}", "Privzete vrednosti organizacije so se spremenile"
    defaults(site, FIRST)
    queued()
    assert "se ni spremenila nobena" in catalogue.get(page, headers=headers).body
    heir = create(site, complete_dataset, "Odvoz odpadkov")
    defaults(site, {name: value for name, value in SECOND.items() if name != "frequency"})
    assert "se shranjujejo na novo" in catalogue.get(page, headers=headers).body
    queued()
    body = catalogue.get(page, headers=headers).body
    assert said in body
    assert "Pregledanih: 1. Na novo shranjenih: 0." in " ".join(body.split())
    assert body.index("so obdržale prejšnjo vrednost") < body.index("Odvoz odpadkov</a></li>")
    assert "The defaults of the organisation have changed" in catalogue.get(f"/en{page}", headers=headers).body
    assert said not in catalogue.get(page).body
    defaults(site, SECOND)
    queued()
    body = catalogue.get(page, headers=headers).body
    assert "imajo nove vrednosti" in body
    assert act(site, "package_show", id=heir)["contact"] == SECOND["contact"], (
        "what was refused once follows the next time"
    )
    assert "so obdržale" not in body
    monkeypatch.setattr(heirs, "SAID_FOR", heirs.SAID_FOR * 0)
    assert said not in catalogue.get(page, headers=headers).body
