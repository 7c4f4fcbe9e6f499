"""In the real catalogue: what is missing, renamed, written by stewards, refused again and again, doubled."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from ckan import model
from ckan.tests import factories, helpers

NUMBERS = range(12)


@pytest.fixture
def cli():
    """A function that runs ``ckan kranj harvest …`` in this process."""
    from ckanext.kranj.harvest.cli import harvest

    return lambda *arguments: CliRunner().invoke(harvest, arguments)


@pytest.fixture
def run(dataset, turtle, served, source):
    """A function that serves these datasets and harvests them; numbers, or Turtle."""
    from ckanext.kranj.harvest.runner import harvest

    made = {}

    def go(*items):
        url = served(turtle(*(item if isinstance(item, str) else dataset(item) for item in items)))
        made.setdefault("spec", None)
        if made["spec"] is None:
            made["spec"] = source(url)
        return harvest(made["spec"])

    go.spec = lambda: made["spec"]
    return go


def rows():
    from ckanext.kranj.harvest.model import HarvestRecord

    model.Session.expire_all()
    return {row.guid.rpartition("/")[2]: row for row in model.Session.query(HarvestRecord)}


def days_pass(days):
    """Let what is noted as missing be older."""
    from ckanext.kranj.harvest.model import HarvestRecord

    for row in model.Session.query(HarvestRecord).filter(HarvestRecord.missing_since.isnot(None)):
        row.missing_since -= timedelta(days=days)
    model.Session.commit()


def search(**asked):
    return helpers.call_action("package_search", include_private=True, include_drafts=True, rows=100, **asked)["count"]


def held():
    model.Session.expire_all()
    return model.Session.query(model.Package).filter_by(type="dataset").all()


class TestRemovals:
    def test_the_page_of_a_dataset_says_that_its_source_has_it_no_longer(self, run, harvest_tables):
        headers = {"Authorization": factories.SysadminWithToken()["token"]}
        run(*NUMBERS)

        def page():
            package = model.Package.get(rows()["0"].package_id)
            return harvest_tables.get(f"/dataset/{package.name}", headers=headers).body

        assert "Zbirka številka 0" in page()
        assert "kranj-withdrawn" not in page()
        run(*NUMBERS[1:])
        assert "umaknjeno pri viru" in page()
        for _ in range(2):
            run(*NUMBERS[1:])
        days_pass(8)
        run(*NUMBERS[1:])
        assert ">arhivirano<" in page()
        run(*NUMBERS)
        assert "kranj-withdrawn" not in page()

    def test_what_a_run_missed_that_nobody_believed_is_not_withdrawn(self, run):
        from ckanext.kranj.harvest.archive import withdrawn

        run(*NUMBERS)
        assert run(0).halted
        assert withdrawn(rows()["5"].package_id) is None

    def test_grace_then_archive_then_restore_under_the_same_address(self, run):
        run(*NUMBERS)
        for _ in range(3):
            assert run(*NUMBERS[1:]).archived == []
        days_pass(8)
        report = run(*NUMBERS[1:])
        assert len(report.archived) == 1
        assert (search(), search(fq="kranj_archived:true")) == (11, 1)
        identifier = rows()["0"].package_id
        shown = helpers.call_action("package_show", id=identifier)
        assert shown["state"] == "active"
        assert len(held()) == 12
        assert run(*NUMBERS).counts["restore"] == 1
        assert rows()["0"].archived_at is None
        assert helpers.call_action("package_show", id=identifier)["name"] == shown["name"]
        assert search() == 12

    @pytest.mark.parametrize("left", [0, 3])
    def test_a_source_that_shrinks_waits_for_a_person(self, run, cli, left):
        run(*NUMBERS)
        for _ in range(4):
            report = run(*NUMBERS[:left])
            days_pass(8)
        assert report.halted in {"source-empty", "too-many-missing"}
        assert search() == 12
        assert cli("status").exit_code == 1
        assert "wait for a decision" in cli("status", "vir").output
        assert f"{12 - left} archived" in cli("approve", "vir", "--user", "ana").output
        assert search() == left
        assert all(package.state == "active" for package in held())
        assert "nothing waits" in cli("approve", "vir").output
        after = run(*NUMBERS[:left])
        assert (after.halted, after.missing) == ("", [])
        assert run(*NUMBERS).counts["restore"] == 12 - left
        assert search() == 12

    def test_what_came_back_before_the_approval_is_not_archived(self, run, cli):
        run(*NUMBERS)
        run(*NUMBERS[:2])
        from ckanext.kranj.harvest import decisions

        asked = decisions.waiting(run.spec().id)
        run(*NUMBERS)
        assert decisions.waiting(run.spec().id) is None
        assert decisions.decide(asked, "ana", accept=True)["archived"] == 0
        assert search() == 12

    def test_rejected_it_is_asked_again(self, run, cli):
        run(*NUMBERS)
        run(*NUMBERS[:2])
        assert "0 archived" in cli("approve", "vir", "--reject").output
        assert run(*NUMBERS[:2]).halted == "too-many-missing"
        assert search() == 12


class TestRenames:
    def renamed(self, dataset, number):
        return dataset(number).replace(f"/dataset/{number}> a dcat", f"/nova/{number}> a dcat")

    def test_confirmed_renamings_keep_id_address_and_resources(self, run, dataset, cli):
        run(*NUMBERS)
        before = {package.id: package.name for package in held()}
        resources = {item.id for item in model.Session.query(model.Resource).filter_by(state="active")}
        report = run(*(self.renamed(dataset, number) for number in NUMBERS))
        assert len(report.renames) == 12
        assert (report.counts["create"], report.counts["held"], report.missing) == (0, 12, [])
        assert "12 renamed" in cli("approve", "vir").output
        after = run(*(self.renamed(dataset, number) for number in NUMBERS))
        assert (after.counts["create"], after.counts["held"], after.missing) == (0, 0, [])
        assert {package.id: package.name for package in held()} == before
        assert {item.id for item in model.Session.query(model.Resource).filter_by(state="active")} == resources

    def test_lost_memory_does_not_undo_a_renaming(self, run, dataset, cli):
        from ckanext.kranj.harvest.model import HarvestRecord

        run(*NUMBERS)
        new = [self.renamed(dataset, number) for number in NUMBERS]
        run(*new)
        cli("approve", "vir")
        model.Session.query(HarvestRecord).delete()
        model.Session.commit()
        assert run(*new).counts["create"] == 0
        assert len(held()) == 12

    def test_called_new_they_are_created(self, run, dataset, cli):
        run(*NUMBERS)
        run(*NUMBERS[1:], self.renamed(dataset, 0))
        cli("approve", "vir", "--reject")
        report = run(*NUMBERS[1:], self.renamed(dataset, 0))
        assert (report.counts["create"], len(report.missing)) == (1, 1)


class TestWordsOfStewards:
    def steward_writes(self, number, **values):
        identifier = rows()[str(number)].package_id
        helpers.call_action("package_patch", id=identifier, **values)
        return identifier

    def test_nothing_counts_as_a_steward_s_that_no_steward_wrote(self, run, dataset):
        from ckanext.kranj.harvest import memory

        from harvesters.ownership import merge

        run(
            *NUMBERS,
            dataset(50, extra="dcat:theme <http://publications.europa.eu/resource/authority/data-theme/TRAN> ;"),
        )
        guids = [row.guid for row in rows().values()]
        for guid, stood in memory.held_of(run.spec().id, guids).items():
            assert merge(stood.written, stood.written_internal, stood).kept == {}, guid

    def test_a_word_stays_when_the_source_changes_and_is_given_back_when_released(self, run, dataset, cli):
        run(*NUMBERS)
        mine = self.steward_writes(3, title_translated={"sl": "Moj naslov"}, accuracy="moja")
        report = run(*NUMBERS[:3], dataset(3, title="Nov naslov vira"), *NUMBERS[4:])
        assert report.counts["update"] == 1
        assert report.codes()["steward-value-kept"] == 1
        shown = helpers.call_action("package_show", id=mine)
        assert (shown["title"], shown["accuracy"]) == ("Moj naslov", "moja")
        assert rows()["3"].kept["title_translated"] == {"sl": "Nov naslov vira"}
        assert run(*NUMBERS[:3], dataset(3, title="Nov naslov vira"), *NUMBERS[4:]).counts["update"] == 0
        assert "title_translated" in cli("release", mine, "title_translated").output
        run(*NUMBERS[:3], dataset(3, title="Nov naslov vira"), *NUMBERS[4:])
        shown = helpers.call_action("package_show", id=mine)
        assert (shown["title"], shown["accuracy"]) == ("Nov naslov vira", "moja")

    def test_a_resource_that_a_steward_added_stays(self, run, dataset):
        run(1)
        identifier = rows()["1"].package_id
        shown = helpers.call_action("package_show", id=identifier)
        own = {"name_translated": {"sl": "Navodilo"}, "format": "PDF", "url": "https://x.si/navodilo.pdf"}
        helpers.call_action("package_patch", id=identifier, resources=[*shown["resources"], own])
        run(dataset(1, title="Nov naslov"))
        names = [item["name"] for item in helpers.call_action("package_show", id=identifier)["resources"]]
        assert names == ["Podatki", "Navodilo"]

    def test_a_draft_that_a_steward_completed_stays_complete(self, run, dataset):
        run(dataset(1, fmt=""))
        identifier = rows()["1"].package_id
        shown = helpers.call_action("package_show", id=identifier)
        resources = [{**shown["resources"][0], "format": "CSV"}]
        helpers.call_action("package_patch", id=identifier, resources=resources, state="active")
        assert model.Package.get(identifier).state == "active"
        report = run(dataset(1, fmt="", title="Nov naslov"))
        assert (report.counts["update"], report.counts["error"]) == (1, 0)
        shown = helpers.call_action("package_show", id=identifier)
        assert (shown["state"], shown["title"], shown["resources"][0]["format"]) == ("active", "Nov naslov", "CSV")


class TestProposals:
    def test_they_wait_for_a_steward_whose_answer_is_remembered_and_wins(self, run, dataset):
        from ckanext.kranj.harvest import decisions

        park = dataset(1, title="Kakovost zraka in hrup na merilnih postajah")
        run(park)
        identifier = rows()["1"].package_id
        areas = [item for item in decisions.proposals_of(identifier) if item["field"] == "content_area"]
        assert [item["value"] for item in areas] == ["okolje-prostor"]
        assert helpers.call_action("package_show", id=identifier)["content_area"] == ["promet"]
        assert decisions.decide_proposal(identifier, "content_area", "okolje-prostor", "admin", accepted=True)
        assert not decisions.decide_proposal(identifier, "content_area", "okolje-prostor", "admin", accepted=True)
        run(dataset(1, title="Kakovost zraka in hrup po novem"))
        shown = helpers.call_action("package_show", id=identifier)
        assert (shown["content_area"], shown["title"]) == (["okolje-prostor"], "Kakovost zraka in hrup po novem")
        assert [item for item in decisions.proposals_of(identifier) if item["field"] == "content_area"] == []

    def test_rejected_it_is_not_proposed_again(self, run, dataset):
        from ckanext.kranj.harvest import decisions

        run(dataset(1, title="Kakovost zraka in hrup"))
        identifier = rows()["1"].package_id
        decisions.decide_proposal(identifier, "content_area", "okolje-prostor", "admin", accepted=False)
        run(dataset(1, title="Kakovost zraka in hrup, novo"))
        assert helpers.call_action("package_show", id=identifier)["content_area"] == ["promet"]
        assert "content_area" not in {item["field"] for item in decisions.proposals_of(identifier)}


class TestQuarantine:
    def test_the_same_poison_is_tried_three_times_and_its_cure_at_once(self, run, dataset):
        run(1, dataset(2))
        poison = dataset(2, fmt="", title="Nepopoln")
        for _ in range(3):
            assert "kept-active" in run(1, poison).codes()
        assert run(1, poison).codes() == {"quarantined": 1}
        assert run(1, dataset(2, title="Popravljen")).counts["update"] == 1
        assert rows()["2"].failures == 0


class TestDuplicates:
    def test_the_same_identifier_in_two_sources_is_a_finding(self, run, source, served, dataset, turtle):
        from ckanext.kranj.harvest.model import HarvestFinding
        from ckanext.kranj.harvest.runner import harvest

        run(*NUMBERS)
        second = source(served(turtle(dataset(1), dataset(2, title="Drugače")), path="/drugi.ttl"), name="drugi")
        harvest(second)
        assert len(held()) == 14
        kinds = sorted(row.kind for row in model.Session.query(HarvestFinding))
        assert kinds == ["same-identifier", "same-identifier"]

    def test_the_same_words_are_a_likely_duplicate_until_they_differ(self, run, source, served, dataset, turtle):
        from ckanext.kranj.harvest.model import HarvestFinding
        from ckanext.kranj.harvest.runner import harvest

        run(*NUMBERS)
        other = dataset(1).replace("vir.example", "drugi.example")
        second = source(served(turtle(other), path="/drugi.ttl"), name="drugi")
        harvest(second)
        assert [row.kind for row in model.Session.query(HarvestFinding)] == ["likely-duplicate"]
        served(turtle(dataset(1, title="Drugače").replace("vir.example", "drugi.example")), path="/drugi.ttl")
        harvest(second)
        assert model.Session.query(HarvestFinding).count() == 0


class TestUnchangedSource:
    def test_a_source_that_did_not_change_is_not_read(self, run):
        first = run(*NUMBERS)
        again = run(*NUMBERS)
        assert (first.unchanged_source, again.unchanged_source) == (False, True)
        assert again.counts["unchanged"] == 12

    def test_but_everything_is_read_when_something_is_open_or_other(self, run):
        from ckanext.kranj.harvest.model import HarvestState

        run(*NUMBERS)
        identifier = rows()["3"].package_id
        helpers.call_action("package_delete", id=identifier)
        assert run(*NUMBERS).counts["restore"] == 1
        assert run(*NUMBERS).unchanged_source
        group = model.Group.get("mestna-obcina-kranj")
        before = group.extras.get("defaults")
        group.extras["defaults"] = json.dumps({"frequency": "WEEKLY"})
        model.Session.commit()
        try:
            assert not run(*NUMBERS).unchanged_source
        finally:
            model.Group.get("mestna-obcina-kranj").extras["defaults"] = before or "{}"
            model.Session.commit()
        run(*NUMBERS)
        assert run(*NUMBERS).unchanged_source
        model.Session.query(HarvestState).one().full_at = datetime.now(tz=UTC) - timedelta(days=8)
        model.Session.commit()
        assert not run(*NUMBERS).unchanged_source


class TestCommands:
    def test_add_check_pause_history(self, harvest_tables, served, dataset, turtle, cli):
        url = served(turtle(dataset(1)))
        config = json.dumps({"allowed_hosts": ["localhost"], "defaults": {"secrecy": "javno"}})
        arguments = ("add", "nov", "--type", "dcat", "--url", url, "--owner", "mestna-obcina-kranj")
        assert cli(*arguments, "--config", '{"settings": {"password": "x"}}').exit_code == 1
        assert cli(*arguments, "--config", config).exit_code == 0
        assert cli(*arguments, "--config", config).exit_code == 1
        assert "first record: Zbirka številka 1" in cli("check", "nov").output
        assert held() == []
        assert "Not run yet" in cli("status", "nov").output
        assert "paused" in cli("pause", "nov", "--user", "ana").output
        assert "by ana" in cli("status", "nov").output
        cli("pause", "nov", "--resume")
        cli("run", "nov")
        assert "read 1" in cli("history", "nov").output
        assert cli("status", "nov").exit_code == 0
        served("<html>", content_type="text/html")
        assert cli("check", "nov").exit_code == 1
        assert cli("status", "ni").exit_code == 1

    @pytest.mark.usefixtures("harvest_tables")
    def test_a_secret_is_used_by_reference_and_said_nowhere(  # noqa: PLR0917 fixtures
        self, httpserver, dataset, turtle, cli, monkeypatch, caplog
    ):
        monkeypatch.setenv("KRANJ_SECRET_GIS", "Vrednost-skrivnosti")
        headers = {"Authorization": "Bearer Vrednost-skrivnosti"}
        asked = httpserver.expect_request("/catalog.ttl", headers=headers)
        asked.respond_with_data(turtle(dataset(1)), content_type="text/turtle")
        config = {"allowed_hosts": ["localhost"], "auth": {"type": "bearer", "secret": "gis"}}
        url = httpserver.url_for("/catalog.ttl")
        cli("add", "gis", "--type", "dcat", "--url", url, "--owner", "komunala-kranj", "--config", json.dumps(config))
        done = cli("check", "gis")
        assert done.exit_code == 0, done.output
        monkeypatch.delenv("KRANJ_SECRET_GIS")
        done = cli("check", "gis")
        assert "KRANJ_SECRET_GIS" in done.output
        assert "Vrednost-skrivnosti" not in done.output + caplog.text
