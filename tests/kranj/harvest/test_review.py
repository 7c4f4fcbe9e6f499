"""What people decide about harvesting, over the actions: who may, what comes of it, and that it is remembered."""

import json
import os
import re
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories, helpers

from harvesters import connector_named
from schemas import vocabulary

NUMBERS = range(12)


@pytest.fixture
def run(dataset, turtle, served, source):
    """A function that serves these datasets and harvests them."""
    from ckanext.kranj.harvest.runner import harvest

    made = {}

    def go(*items, defaults=None):
        url = served(turtle(*(item if isinstance(item, str) else dataset(item) for item in items)))
        if "spec" not in made:
            made["spec"] = source(url, **({"defaults": defaults} if defaults else {}))
        return harvest(made["spec"])

    return go


@pytest.fixture
def editor(harvest_tables):
    """The name of an editor of the organisation that the sources belong to."""
    user = factories.User()
    helpers.call_action("organization_member_create", id="mestna-obcina-kranj", username=user["name"], role="editor")
    return user["name"]


@pytest.fixture
def stranger(harvest_tables):
    """The name of an editor of another organisation."""
    user = factories.User()
    helpers.call_action("organization_member_create", id="komunala-kranj", username=user["name"], role="editor")
    return user["name"]


def call(name, user, **data):
    return tk.get_action(name)({"user": user}, data)


def found():
    return helpers.call_action("package_search", include_private=True, fq="dataset_type:dataset")["count"]


def rows():
    from ckanext.kranj.harvest.model import HarvestRecord

    model.Session.expire_all()
    return {row.guid.rpartition("/")[2]: row for row in model.Session.query(HarvestRecord)}


def kinds(user, **data):
    return [item["kind"] for item in call("kranj_harvest_finding_list", user, **data)]


def answer(finding, user, decision, **more):
    """Answer a finding as a page would: by what the finding itself says."""
    assert decision in finding["answer"]["choices"]
    return call(finding["answer"]["action"], user, **finding["answer"]["data"], decision=decision, **more)


class TestHalted:
    def test_a_halted_run_is_listed_and_approved(self, run, editor):
        run(*NUMBERS)
        assert run(0).halted == "too-many-missing"
        found = call("kranj_harvest_finding_list", editor, source="vir")
        halted = next(item for item in found if item["kind"] == "halted")
        assert "11" in halted["message"]
        assert halted["remedy"]
        assert answer(halted, editor, "approve")["archived"] == 11
        assert kinds(editor, source="vir") == []
        run_row = json.loads(json.dumps(call("kranj_harvest_history", editor, source="vir")))[0]
        assert run_row["decided_by"] == editor
        with pytest.raises(tk.ValidationError):
            answer(halted, editor, "approve")

    def test_a_rejected_one_keeps_everything_and_counts_nothing(self, run, editor):
        run(*NUMBERS)
        run(0)
        halted = next(item for item in call("kranj_harvest_finding_list", editor) if item["kind"] == "halted")
        assert answer(halted, editor, "reject") == {"source": "vir", "archived": 0, "renamed": 0}
        assert {row.archived_at for row in rows().values()} == {None}
        assert {row.missing_since for row in rows().values()} == {None}

    def test_some_withdrawals_are_confirmed_and_the_rest_discarded(self, run, editor):
        run(*NUMBERS)
        run(0)
        held = {key: row.guid for key, row in rows().items()}
        some = [held["3"], held["4"]]
        done = call("kranj_harvest_withdrawal_decide", editor, source="vir", guids=some, decision="approve")
        assert done["decided"] == 2
        assert sorted(key for key, row in rows().items() if row.archived_at) == ["3", "4"]
        halted = next(item for item in call("kranj_harvest_finding_list", editor) if item["kind"] == "halted")
        assert answer(halted, editor, "reject")["archived"] == 0
        assert sorted(key for key, row in rows().items() if row.archived_at) == ["3", "4"]
        assert run(0).halted

    def test_a_withdrawal_in_its_grace_is_confirmed_or_kept(self, run, editor):
        run(*NUMBERS)
        run(*NUMBERS[2:])
        found = call("kranj_harvest_finding_list", editor, kind="missing")
        assert len(found) == 2
        assert found[0]["datasets"][0]["title"].startswith("Zbirka")
        assert answer(found[0], editor, "approve")["decided"] == 1
        assert answer(found[1], editor, "reject")["decided"] == 1
        assert rows()["0"].archived_at is not None
        assert (rows()["1"].archived_at, rows()["1"].missing_since) == (None, None)
        shown = helpers.call_action("package_search", include_private=True, fq="kranj_archived:true")
        assert shown["count"] == 1


class TestRestore:
    """A steward brings back what the source no longer has."""

    @pytest.fixture
    def withdrawn(self, run, editor):
        """Records 0 (archived) and 1 (in its grace) of twelve."""
        run(*NUMBERS)
        run(*NUMBERS[2:])
        guid = rows()["0"].guid
        call("kranj_harvest_withdrawal_decide", editor, source="vir", guids=[guid], decision="approve")
        return [guid, rows()["1"].guid]

    def test_it_is_found_again_and_stays_through_every_run(self, run, editor, withdrawn, monkeypatch):
        assert found() == 11
        done = call("kranj_harvest_restore", editor, source="vir", guids=[*withdrawn, rows()["5"].guid])
        assert done == {"source": "vir", "restored": 2}
        assert found() == 12
        assert [(rows()[key].archived_at, rows()[key].held_by) for key in "01"] == [(None, editor)] * 2
        assert rows()["5"].held_by is None
        monkeypatch.setattr("harvesters.removal.GRACE", timedelta(0))
        for _ in range(4):
            report = run(*NUMBERS[2:])
            assert (report.missing, report.archived, report.halted) == ([], [], "")
        assert kinds(editor, source="vir", kind="missing") == []
        assert found() == 12
        assert call("kranj_harvest_restore", editor, source="vir", guids=withdrawn)["restored"] == 0

    def test_let_go_it_is_withdrawn_after_a_new_grace(self, run, editor, withdrawn, monkeypatch):
        call("kranj_harvest_restore", editor, source="vir", guids=withdrawn)
        done = call("kranj_harvest_restore", editor, source="vir", guids=withdrawn[:1], decision="let-go")
        assert done == {"source": "vir", "let_go": 1}
        monkeypatch.setattr("harvesters.removal.GRACE", timedelta(0))
        assert [len(run(*NUMBERS[2:]).archived) for _ in range(3)] == [0, 0, 1]
        assert [bool(rows()[key].archived_at) for key in "01"] == [True, False]
        assert found() == 11

    def test_one_of_a_halted_run_is_no_longer_asked_about(self, run, editor):
        run(*NUMBERS)
        run(0)
        call("kranj_harvest_restore", editor, source="vir", guids=[rows()["5"].guid])
        halted = next(item for item in call("kranj_harvest_finding_list", editor) if item["kind"] == "halted")
        assert answer(halted, editor, "approve")["archived"] == 10
        assert rows()["5"].archived_at is None

    def test_readers_are_told_until_the_source_has_it_again(self, run, editor, withdrawn):
        from ckanext.kranj.harvest import archive

        package_id = rows()["0"].package_id
        assert archive.withdrawn(package_id)["archived"]
        call("kranj_harvest_restore", editor, source="vir", guids=withdrawn)
        shown = archive.withdrawn(package_id)
        assert (shown["archived"], shown["held"], bool(shown["since"])) == (False, True, True)
        run(*NUMBERS)
        assert archive.withdrawn(package_id) is None

    def test_who_did_it_stands_in_the_history_of_the_source(self, editor, withdrawn):
        from ckanext.kranj.harvest import history

        source_id = rows()["0"].source_id
        call("kranj_harvest_restore", editor, source="vir", guids=withdrawn)
        call("kranj_harvest_restore", editor, source="vir", guids=withdrawn, decision="let-go")
        done = [(line["who"], line["what"], line["params"]) for line in history.of_source(source_id)]
        assert (editor, "restored", {"records": 2}) in done
        assert (editor, "let-go", {"records": 2}) in done

    def test_the_command_does_the_same(self, withdrawn):
        from ckanext.kranj.harvest.cli import harvest as cli

        name = model.Package.get(rows()["0"].package_id).name
        shown = CliRunner().invoke(cli, ["restore", name], catch_exceptions=False)
        assert json.loads(shown.output) == {"source": "vir", "restored": 1}
        shown = CliRunner().invoke(cli, ["restore", name, "--let-go"], catch_exceptions=False)
        assert json.loads(shown.output) == {"source": "vir", "let_go": 1}
        assert CliRunner().invoke(cli, ["restore", "nobene-take"]).exit_code == 1

    def test_the_pages_offer_it_to_who_may(self, harvest_tables, withdrawn, stranger):
        admin = {"Authorization": factories.SysadminWithToken()["token"]}
        name = model.Package.get(rows()["0"].package_id).name
        for path in (f"/dataset/{name}", "/harvest/vir"):
            assert "kranj_harvest_restore" in harvest_tables.get(path, headers=admin).body
        helpers.call_action("package_patch", id=name, visibility="internal")
        token = helpers.call_action("api_token_create", user=stranger, name="preizkus")["token"]
        page = harvest_tables.get(f"/dataset/{name}", headers={"Authorization": token})
        assert page.status_code == 200
        assert "kranj-withdrawn" in page.body
        assert "kranj_harvest_restore" not in page.body


class TestRenamed:
    @pytest.mark.parametrize(("decision", "count"), [("approve", 3), ("reject", 4)])
    def test_a_renamed_identifier_is_one_dataset_or_two(self, run, dataset, editor, decision, count):
        run(1, 2, 3)
        renamed = dataset("3-nova", title="Zbirka številka 3").replace("številka 3-nova", "številka 3")
        run(1, 2, renamed)
        found = next(item for item in call("kranj_harvest_finding_list", editor) if item["kind"] == "renamed")
        assert found["guid"].endswith("/3-nova")
        assert found["datasets"][0]["title"] == "Zbirka številka 3"
        answer(found, editor, decision)
        run(1, 2, renamed)
        assert model.Session.query(model.Package).filter_by(type="dataset").count() == count
        assert "renamed" not in kinds(editor)


class TestValues:
    @pytest.fixture
    def conflict(self, run, dataset):
        run(1, 2)
        package_id = rows()["1"].package_id
        helpers.call_action("package_patch", id=package_id, title_translated={"sl": "Naslov skrbnika"})
        run(dataset(1, title="Nov naslov vira"), 2)
        return package_id

    def test_both_values_are_shown_and_the_source_can_be_taken_at_once(self, run, dataset, conflict, editor):
        found = call("kranj_harvest_finding_list", editor, kind="conflict")
        title = next(item for item in found if item["field"] == "title_translated")
        assert title["value"] == {"sl": "Naslov skrbnika"}
        assert title["source_value"] == {"sl": "Nov naslov vira"}
        answer(title, editor, "source")
        assert helpers.call_action("package_show", id=conflict)["title"] == "Nov naslov vira"
        assert kinds(editor, kind="conflict") == []
        run(dataset(1, title="Še novejši naslov vira"), 2)
        assert helpers.call_action("package_show", id=conflict)["title"] == "Še novejši naslov vira"

    def test_a_kept_value_is_asked_about_again_only_when_the_source_says_something_new(
        self, run, dataset, conflict, editor
    ):
        call("kranj_harvest_value_decide", editor, id=conflict, field="title_translated", decision="keep")
        assert kinds(editor, kind="conflict") == []
        assert kinds(editor, kind="conflict", decided=True) == ["conflict"]
        run(dataset(1, title="Nov naslov vira"), dataset(2, title="Druga"))
        assert kinds(editor, kind="conflict") == []
        run(dataset(1, title="Še novejši naslov vira"), 2)
        assert kinds(editor, kind="conflict") == ["conflict"]
        assert helpers.call_action("package_show", id=conflict)["title"] == "Naslov skrbnika"

    def test_a_field_that_is_the_sources_is_not_found(self, conflict, editor):
        with pytest.raises(tk.ObjectNotFound):
            call("kranj_harvest_value_decide", editor, id=conflict, field="frequency", decision="keep")

    def test_words_of_the_internal_block_and_of_resources(self, run, dataset, editor):
        run(1)
        package_id = rows()["1"].package_id
        shown = helpers.call_action("package_show", id=package_id)
        resource = {**shown["resources"][0], "name_translated": {"sl": "Moja datoteka"}}
        block = {"location": {"system": "Sistem skrbnika"}}
        helpers.call_action("package_patch", id=package_id, resources=[resource], internal=block)
        run(dataset(1, extra="dct:language <http://publications.europa.eu/resource/authority/language/ENG> ;"))
        found = {item["field"]: item for item in call("kranj_harvest_value_list", editor, id=package_id)}
        name = next(path for path in found if path.endswith(".name_translated"))
        assert found[name]["value"] == {"sl": "Moja datoteka"}
        assert found["internal.location"]["value"] == {"system": "Sistem skrbnika"}
        for path in (name, "internal.location"):
            call("kranj_harvest_value_decide", editor, id=package_id, field=path, decision="source")
        after = helpers.call_action("package_show", id=package_id)
        assert after["resources"][0]["name_translated"] == {"sl": "Podatki"}
        inside = helpers.call_action("kranj_internal_show", id=package_id)["internal"]
        assert inside["location"] == {"system": "Sistem vira"}
        assert call("kranj_harvest_value_list", editor, id=package_id) == []

    def test_the_sources_level_is_approved_as_any_other(self, run, dataset, editor, monkeypatch):
        from ckanext.kranj.approval.model import Approval

        run(1)
        package_id = rows()["1"].package_id
        helpers.call_action("package_patch", id=package_id, visibility="organization")
        run(dataset(1, title="Nov naslov vira"))
        monkeypatch.setitem(tk.config, "kranj.approval", True)
        found = {item["field"]: item for item in call("kranj_harvest_value_list", editor, id=package_id)}
        assert found["visibility"]["source_value"] == "internal"
        call("kranj_harvest_value_decide", editor, id=package_id, field="visibility", decision="source")
        assert helpers.call_action("package_show", id=package_id)["visibility"] == "organization"
        assert Approval.open_of(package_id).wanted == "internal"

    def test_a_collaborator_is_told_nothing_of_the_internal_block(self, run, dataset, editor, stranger):
        run(1)
        package_id = rows()["1"].package_id
        block = {"location": {"system": "Sistem skrbnika"}}
        helpers.call_action("package_patch", id=package_id, visibility="restricted", internal=block)
        run(dataset(1, title="Nov naslov vira"))
        helpers.call_action("package_collaborator_create", id=package_id, user_id=stranger, capacity="editor")
        found = call("kranj_harvest_value_list", stranger, id=package_id)
        assert "visibility" in {item["field"] for item in found}
        assert "Sistem" not in json.dumps(found)
        with pytest.raises(tk.ObjectNotFound):
            call("kranj_harvest_value_decide", stranger, id=package_id, field="internal.location", decision="source")


class TestProposals:
    def test_a_proposal_is_accepted_and_remembered(self, run, dataset, editor):
        from ckanext.kranj.harvest import decisions

        text = "Postajališča avtobusov in vozni redi mestnega potniškega prometa"
        run(dataset(1, title=text))
        package_id = rows()["1"].package_id
        found = call("kranj_harvest_proposal_list", editor, id=package_id)
        assert found == decisions.proposals_of(package_id)
        assert found
        listed = call("kranj_harvest_finding_list", editor, kind="proposal")
        assert len(listed) == len(found)
        area = next(item for item in listed if item["field"] == "content_area")
        assert vocabulary("content_area").label(area["value"], "sl") in area["message"]
        left = answer(listed[0], editor, "accept")
        assert len(left) < len(found)
        last = call("kranj_harvest_finding_list", editor, kind="proposal")
        for item in last:
            answer(item, editor, "reject")
        assert call("kranj_harvest_proposal_list", editor, id=package_id) == []

    def test_those_of_a_dataset_are_answered_together_and_one_refusal_stops_no_other(
        self, run, dataset, editor, harvest_tables
    ):
        run(dataset(1, title="Postajališča avtobusov in vozni redi mestnega potniškega prometa"))
        package_id = rows()["1"].package_id
        listed = call("kranj_harvest_finding_list", editor, kind="proposal")
        assert len(listed) > 1
        headers = {"Authorization": factories.APIToken(user=editor)["token"]}
        page = BeautifulSoup(harvest_tables.get("/en/harvest/findings", headers=headers).body, "html.parser")
        boxes = page.select(".kranj-finding-kind input[type=checkbox][checked]")
        assert [json.loads(box["value"])["field"] for box in boxes] == [item["field"] for item in listed]
        strange = json.dumps({"id": package_id, "field": "content_area", "value": "ni-take"})
        form = {
            "action": listed[0]["answer"]["action"],
            "data": [strange, "[]", "nonsense", *(box["value"] for box in boxes)],
            "decision": "accept",
            "back": page.select_one("input[name=back]")["value"],
        }
        done = harvest_tables.post("/en/harvest/answer", data=form, headers=headers, follow_redirects=False)
        assert done.headers["Location"].endswith("/en/harvest/findings")  # where the form stood, and in its language
        assert call("kranj_harvest_proposal_list", editor, id=package_id) == []


class TestPairs:
    @pytest.fixture
    def pair(self, run, dataset, turtle, served, source):
        """One dataset in two sources."""
        from ckanext.kranj.harvest.runner import harvest

        run(1)
        harvest(source(served(turtle(dataset(1)), path="/other.ttl"), name="drugi"))

    @pytest.mark.usefixtures("pair")
    def test_two_datasets_that_may_be_one_are_said_to_differ(self, run, editor):
        found = call("kranj_harvest_finding_list", editor, source="drugi")
        pair = next(item for item in found if item["kind"] in {"same-identifier", "likely-duplicate"})
        assert len(pair["datasets"]) == 2
        answer(pair, editor, "different", reason="Prva je za mesto, druga za regijo.")
        assert pair["kind"] not in kinds(editor, source="drugi")
        again = call("kranj_harvest_finding_list", editor, source="drugi", decided=True)
        said = next(item for item in again if item["kind"] == pair["kind"])
        assert (said["decision"], said["decided_by"]) == ("different", editor)
        assert said["reason"] == "Prva je za mesto, druga za regijo."
        run(1)
        assert pair["kind"] not in kinds(editor)

    @pytest.mark.usefixtures("pair")
    def test_a_pair_with_a_hidden_dataset_is_none(self, editor):
        hidden = next(row for row in model.Session.query(model.Package).filter_by(type="dataset"))
        helpers.call_action("package_patch", id=hidden.id, visibility="restricted")
        assert not {"same-identifier", "likely-duplicate"} & set(kinds(editor))
        assert hidden.title not in json.dumps(call("kranj_harvest_finding_list", editor), ensure_ascii=False)


class TestQuarantine:
    def test_a_record_set_aside_is_tried_again_when_somebody_says_so(self, run, editor, monkeypatch):
        from ckanext.kranj.harvest.sink import CkanSink

        from schemas import Problem

        run(1)
        broken = Problem.of("", "database", reason="preizkus")
        real = CkanSink._refusal
        monkeypatch.setattr(
            CkanSink,
            "_refusal",
            lambda self, change, *args, **kw: broken if change.guid.endswith("/2") else real(self, change, *args, **kw),
        )
        for _ in range(3):
            run(1, 2)
        assert "quarantined" in run(1, 2).codes()
        monkeypatch.setattr(CkanSink, "_refusal", real)
        assert "quarantined" in run(1, 2).codes()
        found = call("kranj_harvest_finding_list", editor, kind="quarantined")
        assert found[0]["guid"].endswith("/2")
        assert answer(found[0], editor, "release")["released"] == 1
        assert run(1, 2).counts["create"] == 1
        assert kinds(editor) == []


class TestWhoMay:
    def test_only_who_edits_the_source_sees_and_decides(self, run, editor, stranger):
        from ckanext.kranj.harvest.logic import review_auth

        run(*NUMBERS)
        run(0)
        package_id = rows()["0"].package_id
        guid = rows()["1"].guid
        data = {
            "source": "vir", "id": package_id, "other": package_id, "kind": "likely-duplicate", "guids": [guid],
            "decision": "approve", "field": "title_translated", "value": "x",
        }  # fmt: skip
        for name in review_auth.RIGHTS:
            for user in ("", stranger):
                with pytest.raises((tk.NotAuthorized, tk.ObjectNotFound)):
                    call(name, user, **data)
        assert kinds(stranger) == []
        with pytest.raises(tk.NotAuthorized):
            call("kranj_harvest_finding_list", "")
        assert {row.archived_at for row in rows().values()} == {None}
        assert call("kranj_harvest_status", editor)[0]["state"] == "halted"
        assert call("kranj_harvest_status", stranger) == []

    def test_a_source_is_paused_and_goes_on(self, run, editor):
        run(1)
        call("kranj_harvest_pause", editor, source="vir")
        assert call("kranj_harvest_status", editor, source="vir")[0]["state"] == "paused"
        call("kranj_harvest_pause", editor, source="vir", paused=False)
        assert call("kranj_harvest_status", editor, source="vir")[0]["state"] == "good"

    @pytest.mark.parametrize(
        ("name", "data", "key"),
        [
            ("kranj_harvest_run_decide", {"decision": "perhaps"}, "decision"),
            ("kranj_harvest_run_decide", {"decision": "approve"}, "source"),
            ("kranj_harvest_withdrawal_decide", {"decision": "approve", "guids": [1]}, "guids"),
            ("kranj_harvest_withdrawal_decide", {"decision": "approve"}, "guids"),
            ("kranj_harvest_rename_decide", {"decision": "approve", "guids": ["x"]}, "guids"),
            ("kranj_harvest_restore", {"decision": "perhaps", "guids": ["x"]}, "decision"),
            ("kranj_harvest_restore", {}, "guids"),
            ("kranj_harvest_finding_list", {"kind": "nonsense"}, "kind"),
            ("kranj_harvest_finding_decide", {"kind": "nonsense", "decision": "same"}, "decision"),
            ("kranj_harvest_history", {"limit": "many"}, "limit"),
        ],
    )
    def test_a_wrong_question_is_refused_by_name(self, run, editor, name, data, key):
        run(1)
        with pytest.raises(tk.ValidationError) as refused:
            call(name, editor, source="vir", **data)
        assert key in refused.value.error_dict


class TestUnclaimed:
    def test_a_folder_that_nobody_claims_is_listed_until_somebody_says_why(self, source, editor, tmp_path, monkeypatch):
        from ckanext.kranj.harvest.cli import harvest as cli
        from ckanext.kranj.harvest.runner import harvest

        root = tmp_path / "skupno"
        for name in ("promet/stetje.csv", "arhiv/staro.bak"):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text("ura;vozila\n8;140\n", encoding="utf-8")
            os.utime(root / name, (1, 1))
        monkeypatch.setenv("KRANJ_FOLDER_SKUPNO", str(root))
        spec = source("folder://skupno", kind="folder")
        assert harvest(spec).complete
        (found,) = call("kranj_harvest_finding_list", editor, kind=["unclaimed-share", "unclaimed-table"])
        assert found["guid"] == "skupno/arhiv"
        said = CliRunner().invoke(cli, ["findings", "vir"])
        assert "skupno/arhiv" in said.output
        assert CliRunner().invoke(cli, ["findings", "ni-ga"]).exit_code == 1
        answer(found, editor, "not-ours", reason="Star arhiv, ki ga vodi arhivar.")
        assert harvest(spec).complete
        assert kinds(editor, kind="unclaimed-share") == []
        (again,) = call("kranj_harvest_finding_list", editor, kind="unclaimed-share", decided=True)
        assert (again["decision"], again["reason"]) == ("not-ours", "Star arhiv, ki ga vodi arhivar.")
        with pytest.raises(tk.ObjectNotFound):
            call(
                "kranj_harvest_finding_decide", editor, source="vir", id=found["answer"]["data"]["id"],
                other="skupno/izmisljena", kind="unclaimed-share", decision="not-ours",
            )  # fmt: skip


def test_the_list_of_sources_narrows_by_names_of_kinds(run, harvest_tables):
    run(1)
    asked = {"fq": "dataset_type:harvest", "facet.field": ["source_type"], "include_private": True}
    (item,) = helpers.call_action("package_search", **asked)["search_facets"]["source_type"]["items"]
    assert (item["name"], item["display_name"]) == ("kranj-dcat", connector_named("dcat").title["sl"])


@pytest.mark.parametrize(("prefix", "words"), [("", "vsak dan"), ("/en", "every day")])
def test_the_list_of_sources_narrows_by_words_for_how_often(run, harvest_tables, prefix, words):
    """On the page itself, in both languages; datasets keep the words of their own frequencies."""
    run(1)
    headers = {"Authorization": factories.SysadminWithToken()["token"]}
    page = BeautifulSoup(harvest_tables.get(f"{prefix}/harvest", headers=headers).body, "html.parser")
    (link,) = page.find_all("a", href=re.compile(r"[?&]frequency=DAILY"))
    assert words in link.get_text()
    assert "DAILY" not in link.get_text()
    chosen = harvest_tables.get(f"{prefix}/harvest?frequency=DAILY", headers=headers).body
    assert words in BeautifulSoup(chosen, "html.parser").find(class_="filter-list").get_text()
    asked = {"facet.field": ["frequency"], "include_private": True}
    (item,) = helpers.call_action("package_search", **asked)["search_facets"]["frequency"]["items"]
    assert item["display_name"] == vocabulary("frequency").label(item["name"], "sl")
