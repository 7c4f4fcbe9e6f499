"""Preview with differences, health of many sources, and that others see nothing of harvesting."""

import json
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.harvest.model import HarvestJob, HarvestObject
from ckanext.kranj.harvest import health, sources, words
from ckanext.kranj.harvest.model import HarvestRecord, HarvestRun
from ckanext.kranj.harvest.runner import harvest

SECRET = "skrivnost-vira-4711"


def person(organization=None, role="editor"):
    user = factories.UserWithToken()
    if organization:
        call_action("organization_member_create", id=organization, username=user["name"], role=role)
    return user


def ask(action, user, **data):
    return call_action(action, {"user": user["name"] if user else "", "ignore_auth": False}, **data)


def edit(spec, number, user, **values):
    guid = f"https://vir.example/dataset/{number}"
    row = model.Session.query(HarvestRecord).filter_by(source_id=spec.id, guid=guid).one()
    call_action("package_patch", {"user": user["name"]}, id=row.package_id, **values)
    return row.package_id


class TestPreview:
    def test_new_changed_kept_and_missing_field_by_field(self, source, served, turtle, dataset, catalogue):
        steward = person("mestna-obcina-kranj")
        spec = source(served(turtle(dataset(1), dataset(2), dataset(3))))
        harvest(spec)
        package_id = edit(spec, 1, steward, title_translated={"sl": "Skrbnikov naslov"})
        served(turtle(dataset(1, title="Nov naslov vira"), dataset(2, title="Drugače"), dataset(4)))
        found = ask("kranj_harvest_preview", steward, source=spec.slug)
        by_guid = {record["guid"].rpartition("/")[2]: record for record in found["records"]}
        assert (by_guid["2"]["action"], by_guid["4"]["action"]) == ("update", "create")
        kept = next(item for item in by_guid["1"]["fields"] if item["path"] == "title_translated")
        assert (kept["state"], kept["value"]["sl"], kept["source_value"]["sl"]) == (
            "kept", "Skrbnikov naslov", "Nov naslov vira"
        )  # fmt: skip
        changed = next(item for item in by_guid["2"]["fields"] if item["path"] == "title_translated")
        assert (changed["state"], changed["value"]["sl"], changed["source_value"]["sl"]) == (
            "changed", "Zbirka številka 2", "Drugače"
        )  # fmt: skip
        assert {item["state"] for item in by_guid["4"]["fields"]} == {"new"}
        assert [item["title"] for item in found["missing"]] == ["Zbirka številka 3"]
        assert call_action("package_show", id=package_id)["title"] == "Skrbnikov naslov"

    def test_a_field_is_taken_or_kept_and_that_is_remembered(self, source, served, turtle, dataset, harvest_tables):
        steward = person("mestna-obcina-kranj")
        spec = source(served(turtle(dataset(1))))
        harvest(spec)
        package_id = edit(spec, 1, steward, title_translated={"sl": "Skrbnikov naslov"})
        served(turtle(dataset(1, title="Nov naslov vira")))
        harvest(spec)
        headers = {"Authorization": steward["token"]}
        typed = {"package_id": package_id, "field": "title_translated"}
        page = f"/harvest/preview/{spec.slug}"
        harvest_tables.post(page, data={**typed, "decision": "keep"}, headers=headers, follow_redirects=False)
        assert ask("kranj_harvest_finding_list", steward, source=spec.slug, kind="conflict") == []
        harvest_tables.post(page, data={**typed, "decision": "source"}, headers=headers, follow_redirects=False)
        harvest(spec)
        assert call_action("package_show", id=package_id)["title"] == "Nov naslov vira"

    def test_looking_locks_nothing(self, source, served, turtle, dataset, catalogue):
        """A preview reads its source for up to 25 seconds; nobody may wait for it with his own save."""
        steward = person("mestna-obcina-kranj")
        spec = source(served(turtle(dataset(1))))
        harvest(spec)
        edit(spec, 1, steward, title_translated={"sl": "Skrbnikov naslov"})
        served(turtle(dataset(1, title="Nov naslov vira")))
        harvest(spec)
        with counted() as statements:
            ask("kranj_harvest_finding_list", steward, source=spec.slug)
            ask("kranj_harvest_preview", steward, source=spec.slug)
        assert [item for item in statements if "FOR UPDATE" in item] == []

    def test_a_restricted_description_is_not_shown(self, source, served, turtle, dataset, catalogue):
        steward = person("mestna-obcina-kranj")
        extra = '<https://podatki.kranj.si/ns#visibility> "restricted" ;'
        spec = source(served(turtle(dataset(1), dataset(2, title="Skrivna zbirka", extra=extra))))
        found = ask("kranj_harvest_preview", steward, source=spec.slug)
        assert (found["hidden"], len(found["records"])) == (1, 1)
        assert "Skrivna" not in json.dumps(found, ensure_ascii=False)


class TestFindings:
    def test_a_halted_run_is_confirmed_on_the_page(self, source, served, turtle, dataset, harvest_tables):
        steward = person("mestna-obcina-kranj")
        headers = {"Authorization": steward["token"]}
        spec = source(served(turtle(*(dataset(n) for n in range(12)))))
        harvest(spec)
        served(turtle(dataset(0)))
        harvest(spec)
        page = harvest_tables.get(f"/harvest/admin/{spec.slug}", headers=headers).body
        assert "Umiki čakajo na potrditev" in page
        (finding,) = ask("kranj_harvest_finding_list", steward, source=spec.slug, kind="halted")
        form = {
            "action": finding["answer"]["action"],
            "data": json.dumps(finding["answer"]["data"]),
            "decision": "approve",
            "back": f"/harvest/admin/{spec.slug}",
        }
        other = {"Authorization": person("komunala-kranj")["token"]}
        harvest_tables.post("/harvest/answer", data=form, headers=other, follow_redirects=False)
        assert health.of_source(spec.id)["state"] == "halted"
        done = harvest_tables.post("/harvest/answer", data=form, headers=headers, follow_redirects=False)
        assert done.headers["Location"].endswith(f"/harvest/admin/{spec.slug}")
        assert model.Session.query(HarvestRecord).filter(HarvestRecord.archived_at.isnot(None)).count() == 11

    @pytest.mark.parametrize("action", ["package_delete", "harvest_source_clear", ""])
    def test_the_button_calls_nothing_else(self, harvest_tables, action):
        headers = {"Authorization": person("mestna-obcina-kranj")["token"]}
        form = {"action": action, "data": "{}", "decision": "approve"}
        assert harvest_tables.post("/harvest/answer", data=form, headers=headers, status=None).status_code == 404

    @pytest.mark.parametrize("back", ["https://drugje.example/harvest/x", "//drugje.example/harvest/x", "/user/me"])
    def test_it_goes_back_to_pages_of_harvesting_only(self, harvest_tables, back):
        headers = {"Authorization": person("mestna-obcina-kranj")["token"]}
        form = {"action": "kranj_harvest_run_decide", "data": "nonsense", "decision": "approve", "back": back}
        answer = harvest_tables.post("/harvest/answer", data=form, headers=headers, follow_redirects=False)
        assert answer.headers["Location"].endswith("/harvest/findings")


@contextmanager
def counted():
    statements = []

    def saw(_connection, _cursor, statement, *_):
        statements.append(statement)

    sa.event.listen(model.meta.engine, "before_cursor_execute", saw)
    try:
        yield statements
    finally:
        sa.event.remove(model.meta.engine, "before_cursor_execute", saw)


def run_of(spec, ago, *, complete=True, records=10, seconds=5, **more):
    started = datetime.now(tz=UTC) - ago
    model.Session.add(
        HarvestRun(
            id=str(uuid4()), source_id=spec.id, started=started, heartbeat=started, complete=complete,
            finished=started + timedelta(seconds=seconds), counts={"read": records}, seen=records, **more,
        )
    )  # fmt: skip
    model.Session.commit()


class TestHealth:
    DAY = timedelta(days=1)

    def test_states(self, source, catalogue):
        spec = source("https://vir.example/")

        def state():
            return health.of_source(spec.id)["state"]

        assert state() == "new"
        for day in range(6, 1, -1):
            run_of(spec, self.DAY * day)
        assert state() == "stale"
        run_of(spec, self.DAY * 0.5)
        assert state() == "good"
        run_of(spec, self.DAY * 0.4, seconds=100)
        assert state() == "slow"
        run_of(spec, self.DAY * 0.3, records=3)
        assert state() == "shrinking"
        run_of(spec, self.DAY * 0.2, complete=False, reason_code="timed-out", reason="x")
        assert health.of_source(spec.id)["sentence"] == "Vir ne odgovori dovolj hitro."
        held = sources.HarvestSource.get(spec.id)
        held.next_run = datetime.now(tz=UTC).replace(tzinfo=None) - timedelta(hours=2)
        run_of(spec, self.DAY * 0.1)
        assert state() == "late"

    def test_the_number_of_questions_does_not_grow_with_sources_or_runs(self, source, catalogue):
        def questions():
            with counted() as statements:
                health.rows()
            return len(statements)

        specs = [source(f"https://vir{number}.example/", name=f"vir{number}") for number in range(2)]
        few = questions()
        specs += [source(f"https://vir{number}.example/", name=f"vir{number}") for number in range(2, 8)]
        for spec in specs:
            for day in range(30):
                run_of(spec, self.DAY * (day + 1))
        assert questions() == few <= 5
        assert {len(row["line"]) for row in health.rows()} == {health.RUNS}

    def test_everybody_sees_the_sources_that_he_edits(self, source, harvest_tables):
        source("https://vir.example/")
        mine, other = person("mestna-obcina-kranj"), person("komunala-kranj")
        assert [row["name"] for row in ask("kranj_harvest_health", mine)] == ["vir"]
        assert ask("kranj_harvest_health", other) == []
        page = harvest_tables.get("/harvest/health", headers={"Authorization": mine["token"]}).body
        assert "<svg" in page
        with pytest.raises(tk.NotAuthorized):
            ask("kranj_harvest_health", None)

    def test_lines_in_small_are_said_in_words(self, catalogue):
        line = [{"records": 10, "seconds": 1.0}, {"records": 20, "seconds": 2.0}]
        found = words.spark(line)
        assert found["records"] == "0.0,14.0 120.0,2.0"
        assert found["text"].startswith("Zadnjih prevzemov 2: zapisov 10 do 20, zadnjič 20")
        assert words.spark([])["records"] == ""


ACTIONS = {
    "kranj_harvest_gallery": lambda spec, job: {},
    "kranj_harvest_check": lambda spec, job: {"id": spec.id},
    "kranj_harvest_progress": lambda spec, job: {"source": spec.id},
    "kranj_harvest_report": lambda spec, job: {"id": job},
    "kranj_harvest_preview": lambda spec, job: {"source": spec.id},
    "kranj_harvest_health": lambda spec, job: {},
    "kranj_harvest_quiet_hours": lambda spec, job: {"source": spec.id, "hours": "1-2"},
    "kranj_harvest_restore": lambda spec, job: {"source": spec.id, "guids": ["1"]},
    "kranj_harvest_finding_list": lambda spec, job: {"source": spec.id},
    "kranj_harvest_status": lambda spec, job: {},
    "kranj_harvest_history": lambda spec, job: {"source": spec.id},
    "kranj_harvest_digest": lambda spec, job: {},
    "harvest_source_show": lambda spec, job: {"id": spec.id},
    "harvest_source_list": lambda spec, job: {},
    "harvest_job_list": lambda spec, job: {"source_id": spec.id},
    "harvest_job_show": lambda spec, job: {"id": job},
    "harvest_job_report": lambda spec, job: {"id": job},
    "harvest_object_list": lambda spec, job: {"source_id": spec.id},
    "package_search": lambda spec, job: {"fq": "dataset_type:harvest", "include_private": True},
}
PAGES = (
    "/harvest", "/harvest/new", "/harvest/vir", "/harvest/about/vir", "/harvest/admin/vir", "/harvest/edit/vir",
    "/harvest/settings/vir", "/harvest/preview/vir", "/harvest/progress/vir", "/harvest/health", "/harvest/findings",
    "/harvest/findings?source=vir", "/harvest/vir/job", "/harvest/vir/job/last", "/harvest/vir/job/{job}",
    "/harvest/report/{job}.json", "/harvest/report/{job}.csv", "/harvest/object/{obj}", "/harvest/add/kind/gbfs",
    "/dataset/{package}",
)  # fmt: skip
FORBIDDEN = (
    SECRET,
    "skrivni-podpis",
    "127.0.0.1",
    "localhost",
    "notranji.kranj.local",
    "Sistem vira",
    "Skrivna zbirka",
)
"""A secret, its name, internal hosts, the internal block, a restricted title."""


@pytest.fixture
def harvested(source, served, turtle, dataset, monkeypatch):
    """A source with everything that must not get out."""
    monkeypatch.setenv("KRANJ_SECRET_SKRIVNI_PODPIS", SECRET)
    extra = '<https://podatki.kranj.si/ns#visibility> "restricted" ;'
    url = served(turtle(dataset(1), dataset(2, title="Skrivna zbirka", extra=extra)))
    spec = source(
        url,
        auth={"type": "bearer", "secret": "skrivni-podpis"},
        allowed_hosts=["localhost", "127.0.0.1", "notranji.kranj.local"],
    )
    harvest(spec)
    obj = model.Session.query(HarvestObject).first()
    return spec, HarvestJob.filter(source_id=spec.id).one().id, obj.id, obj.package_id


class TestOthersSeeNothing:
    @pytest.mark.parametrize("who", ["anonymous", "outsider", "account"])
    def test_no_page_shows_credentials_raw_records_or_internal_hosts(self, harvested, harvest_tables, who):
        _, job, obj, package = harvested
        user = {"outsider": lambda: person("komunala-kranj"), "account": person, "anonymous": lambda: None}[who]()
        headers = {"Authorization": user["token"]} if user else {}
        found = []
        for path in PAGES:
            address = path.format(job=job, obj=obj, package=package)
            answer = harvest_tables.get(address, headers=headers, follow_redirects=False, status=None)
            body = answer.get_data(as_text=True)
            found += [(address, word) for word in FORBIDDEN if word in body and not _is_own_address(body, word)]
        assert found == []

    @pytest.mark.parametrize("action", ACTIONS)
    @pytest.mark.parametrize("who", ["anonymous", "outsider", "account"])
    def test_no_action_does(self, harvested, who, action):
        spec, job, _, _ = harvested
        user = {"outsider": lambda: person("komunala-kranj"), "account": person, "anonymous": lambda: None}[who]()
        try:
            told = json.dumps(ask(action, user, **ACTIONS[action](spec, job)), ensure_ascii=False, default=str)
        except (tk.NotAuthorized, tk.ObjectNotFound):
            return
        except tk.ValidationError as error:
            told = str(error)
        assert [word for word in FORBIDDEN if word in told] == []

    def test_every_action_of_harvesting_is_asked(self):
        from ckan import logic

        logic.get_action("status_show")
        ours = {name for name in logic._actions if name.startswith("kranj_harvest_")}
        of_datasets_and_answers = {name for name in ours if name.endswith(("_decide", "_release", "_pause"))}
        lists = {"kranj_harvest_value_list", "kranj_harvest_proposal_list"}
        assert ours - set(ACTIONS) - of_datasets_and_answers - lists == set()

    def test_whoever_edits_does_not_see_the_secret_either(self, harvested, harvest_tables):
        _, job, obj, _ = harvested
        headers = {"Authorization": person("mestna-obcina-kranj")["token"]}
        for path in PAGES[:-1]:
            body = harvest_tables.get(path.format(job=job, obj=obj), headers=headers, status=None).get_data(
                as_text=True
            )
            assert SECRET not in body
            assert "Skrivna zbirka" not in body, path


def _is_own_address(body, word):
    """The login redirect and the page itself may name the address of the test portal."""
    return word in {"localhost", "127.0.0.1"} and f"//{word}" not in body
