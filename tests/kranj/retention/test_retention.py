"""From the plan to the stub: four eyes, holds, and a day's work that is safe to repeat."""

import csv
import io
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from icalendar import Calendar

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.kranj.retention import digest, flow, plan
from ckanext.kranj.retention.model import Decision, PlanSign

TODAY = date(2030, 1, 1)
PLAN = ["sign;title;retention_kind;retention_period;retention_starts;legal_basis\n",
        "371;Mirujoči promet;LETA;P2Y;year-end;UUP\n", "032;Predpisi;T;;;UUP\n"]  # fmt: skip


def member(role, organization):
    user = factories.User()
    call_action("organization_member_create", id=organization, username=user["name"], role=role)
    return user["name"]


@pytest.fixture
def people(catalogue):
    return {"editor": member("editor", "domplan"), "office": member("editor", "podatkovna-pisarna"),
            "other": member("editor", "arso")}  # fmt: skip


def act(name, user, **data):
    return tk.get_action(name)({"user": user, "ignore_auth": False}, data)


@pytest.fixture
def record(people, complete_dataset):
    """Five years from the end of 2023."""
    data = {
        **complete_dataset,
        "owner_org": "domplan",
        "visibility": "internal",
        "issued": "2023-01-01",
        "modified": "2023-05-05",
    }
    return act("package_create", people["editor"], **data)


@pytest.fixture
def due(record):
    assert flow.refresh(TODAY) == 1
    return record


class TestPlan:
    def test_import_and_again(self, catalogue):
        rows = plan.read(PLAN)
        assert plan.store(rows, TODAY) == {"created": 2, "updated": 0, "out_of_use": 0}
        assert plan.store(rows[:1], TODAY + timedelta(days=1)) == {"created": 0, "updated": 0, "out_of_use": 1}
        assert model.Session.get(PlanSign, "032").in_use is False, "signs are never deleted"
        assert model.Session.get(PlanSign, "371").since == TODAY

    @pytest.mark.parametrize(
        "row", ["x;A;T;;;\n", "1;;T;;;\n", "1;A;NIKOLI;;;\n", "1;A;LETA;5 let;year-end;\n", "1;A;LETA;P5Y;;\n"]
    )
    def test_a_wrong_row_is_named_and_nothing_is_taken(self, row):
        with pytest.raises(plan.PlanError, match="row 3"):
            plan.read([PLAN[0], PLAN[1], row])

    def test_the_default_period_by_sign(self, people, complete_dataset):
        plan.store(plan.read(PLAN), TODAY)
        data = {**complete_dataset, "owner_org": "domplan"}
        for name in ("retention_kind", "retention_period", "retention_starts"):
            del data[name]
        made = act("package_create", people["editor"], **data)
        assert (made["retention_kind"], made["retention_period"]) == ("LETA", "P2Y")


class TestDecisions:
    def test_the_day_is_safe_to_repeat(self, due):
        assert flow.refresh(TODAY) == 0
        assert Decision.open_of(due["id"]).due_on == date(2028, 12, 31)

    def test_nothing_is_due_before_its_day(self, record):
        assert flow.refresh(date(2028, 12, 30)) == 0

    def test_four_eyes_to_the_stub(self, people, due):
        proposed = act(
            "kranj_retention_propose", people["editor"], id=due["id"], decision="destroy", reason="Rok je potekel."
        )
        assert proposed["status"] == "proposed"
        with pytest.raises(tk.NotAuthorized):
            act("kranj_retention_confirm", people["editor"], id=due["id"])
        assert act("kranj_retention_confirm", people["office"], id=due["id"])["status"] == "confirmed"
        with pytest.raises(tk.ValidationError):
            act("kranj_retention_done", people["editor"], id=due["id"])
        done = act("kranj_retention_done", people["editor"], id=due["id"], evidence="Zapisnik 12/2030", on="2030-01-10")
        assert (done["status"], done["evidence"]) == ("done", "Zapisnik 12/2030")
        stub = act("package_show", people["editor"], id=due["id"])
        assert (stub["resources"], stub["lifecycle"], stub["title"]) == ([], "ukinjen", due["title"])
        assert flow.refresh(TODAY + timedelta(days=900)) == 0

    def test_the_office_does_not_confirm_its_own(self, people, due):
        act("kranj_retention_propose", people["office"], id=due["id"], decision="keep", reason="Zgodovina.")
        with pytest.raises(tk.NotAuthorized):
            act("kranj_retention_confirm", people["office"], id=due["id"])

    def test_a_hold_stands_in_the_way(self, people, due):
        act("kranj_retention_hold", people["office"], id=due["id"], reason="Sodni postopek")
        act("kranj_retention_propose", people["editor"], id=due["id"], decision="destroy", reason="Rok je potekel.")
        with pytest.raises(tk.ValidationError, match="on-hold"):
            act("kranj_retention_confirm", people["office"], id=due["id"])
        act("kranj_retention_hold", people["office"], id=due["id"], lift=True)
        assert act("kranj_retention_confirm", people["office"], id=due["id"])["status"] == "confirmed"

    def test_an_extension_ends(self, people, due):
        act(
            "kranj_retention_propose",
            people["editor"],
            id=due["id"],
            decision="extend",
            reason="Raba.",
            until="2031-01-01",
        )
        act("kranj_retention_confirm", people["office"], id=due["id"])
        assert flow.refresh(date(2030, 12, 31)) == 0
        assert flow.refresh(date(2031, 1, 1)) == 1

    def test_what_starts_a_period(self, people, complete_dataset):
        data = {**complete_dataset, "owner_org": "domplan", "visibility": "internal", "retention_starts": "case-closed"}
        made = act("package_create", people["editor"], **data)
        assert flow.refresh(TODAY) == 0
        act("kranj_retention_event", people["editor"], id=made["id"], trigger="case-closed", on="2024-02-02")
        assert flow.refresh(TODAY) == 1

    def test_others_see_nothing(self, people, due):
        assert act("kranj_retention_list", people["other"]) == []
        with pytest.raises(tk.ObjectNotFound):
            act("kranj_retention_propose", people["other"], id=due["id"], decision="keep", reason="x")

    def test_every_step_is_in_the_audit(self, people, due):
        act("kranj_retention_propose", people["editor"], id=due["id"], decision="destroy", reason="Skriven razlog.")
        statement = sa.text("SELECT fields::text FROM kranj_audit WHERE kind = 'retention' AND package_id = :id")
        rows = model.Session.scalars(statement, {"id": due["id"]})
        told = " ".join(rows)
        assert "proposed" in told
        assert "Skriven" not in told


class TestLists:
    def test_page_table_and_calendar(self, people, due, catalogue):
        headers = {"Authorization": factories.APIToken(user=people["editor"])["token"]}
        page = catalogue.get("/sl/retention", headers=headers)
        assert due["title"] in page
        assert "poteklo" in page  # the state in the words of the page, not the code
        table = io.StringIO(catalogue.get("/retention.csv", headers=headers).body.lstrip("\ufeff"))
        (row,) = csv.DictReader(table, delimiter=";")
        told = {"Oznaka zbirke": due["id"], "Rok": "2028-12-31", "Stanje": "poteklo", "Lastnik": "Domplan"}
        assert told.items() <= row.items()
        book = Calendar.from_ical(catalogue.get("/retention.ics", headers=headers).body)
        assert [event.start for event in book.events] == [date(2028, 12, 31)]

    def test_a_cell_starts_no_formula(self, people, complete_dataset, catalogue):
        data = {
            **complete_dataset,
            "owner_org": "domplan",
            "visibility": "internal",
            "issued": "2001-01-01",
            "modified": "2001-01-01",
        }
        data["title_translated"] = {"sl": "=HYPERLINK(1)"}
        act("package_create", people["editor"], **data)
        headers = {"Authorization": factories.APIToken(user=people["editor"])["token"]}
        assert "'=HYPERLINK(1)" in catalogue.get("/retention.csv", headers=headers).body


class TestClocks:
    def test_contents_of_old_changes_are_forgotten_and_the_audit_stays(self, record):
        count = sa.text("SELECT count(*) FROM kranj_revision WHERE package_id = :id")
        entries = sa.text("SELECT count(*) FROM kranj_audit WHERE package_id = :id")
        kept = model.Session.scalar(entries, {"id": record["id"]})
        assert model.Session.scalar(count, {"id": record["id"]}) > 0
        flow.forget_content(date.today() + timedelta(days=5 * 366 + 2))  # noqa: DTZ011
        assert model.Session.scalar(count, {"id": record["id"]}) == 0
        assert model.Session.scalar(entries, {"id": record["id"]}) == kept

    def test_the_audit_has_a_clock_of_its_own_and_nothing_deletes_it(self, record, monkeypatch):
        entries = sa.text("SELECT count(*) FROM kranj_audit")
        kept = model.Session.scalar(entries)
        assert flow.old_entries(date.today()) == 0  # noqa: DTZ011
        late = date.today() + timedelta(days=15 * 366 + 2)  # noqa: DTZ011
        assert flow.old_entries(late) == kept > 0
        monkeypatch.setitem(tk.config, "kranj.retention.audit", "P20Y")
        assert flow.old_entries(late) == 0
        assert model.Session.scalar(entries) == kept


class TestDigest:
    @pytest.fixture
    def sent(self, monkeypatch):
        from ckan.lib import mailer

        mails = []
        monkeypatch.setitem(tk.config, "smtp.mail_from", "katalog@kranj.si")
        monkeypatch.setattr(
            mailer, "mail_recipient", lambda _name, to, subject, body: mails.append((to, subject, body))
        )
        return mails

    def test_each_steward_gets_one_mail_with_numbers_and_no_titles(self, people, due, sent):
        assert digest.send(TODAY) == len(sent) > 0
        to = {model.User.get(people["editor"]).email}
        mails = [mail for mail in sent if mail[0] in to]
        assert len(mails) == 1
        assert "čaka: 1." in mails[0][2]
        assert mails[0][2].rstrip().endswith("/retention")
        assert [mail for mail in sent if due["title"] in mail[1] + mail[2] or due["name"] in mail[2]] == []

    def test_what_comes_within_a_month_is_announced_and_nothing_when_nothing_is_due(self, people, record, sent):
        assert digest.send(date(2028, 11, 1)) == 0
        assert digest.send(date(2028, 12, 15)) > 0
        assert "poteče rok: 1." in sent[0][2]


class TestHoldsKeepTheDescription:
    @pytest.mark.parametrize("name", ["package_delete", "bulk_update_delete", "dataset_purge"])
    def test_nobody_takes_it_away(self, people, record, name):
        admin = factories.Sysadmin()["name"]
        act("kranj_retention_hold", people["office"], id=record["id"], reason="Spor")
        given = {"id": record["id"], "datasets": [record["id"]], "org_id": record["owner_org"]}
        with pytest.raises(tk.ValidationError, match="on-hold"):
            act(name, admin, **given)
        model.Session.rollback()
        assert act("package_show", admin, id=record["id"])["state"] == "active"
        act("kranj_retention_hold", people["office"], id=record["id"], lift=True)
        act(name, admin, **given)
        package = model.Package.get(record["id"])
        assert package is None or package.state == "deleted"

    def test_the_page_says_so(self, catalogue, people, record):
        act("kranj_retention_hold", people["office"], id=record["id"], reason="Spor")
        headers = {"Authorization": factories.APIToken(user=people["editor"])["token"]}
        for start, words in (("", "Velja zadržanje"), ("/en", "A hold is in force")):
            answer = catalogue.post(f"{start}/dataset/delete/{record['id']}", headers=headers, status=400)
            assert words in answer.body
        assert act("package_show", people["editor"], id=record["id"])["state"] == "active"

    def test_who_may_not_delete_learns_nothing_of_holds(self, people, record):
        act("kranj_retention_hold", people["office"], id=record["id"], reason="Spor")
        told = []
        for identifier in (record["id"], "00000000-0000-4000-8000-000000000000"):
            with pytest.raises((tk.NotAuthorized, tk.ObjectNotFound)) as caught:
                act("package_delete", people["other"], id=identifier)
            told.append(type(caught.value))
        assert told[0] is told[1]

    def test_readers_are_told_that_it_is_and_not_why(self, people, record):
        act("kranj_retention_hold", people["office"], id=record["id"], reason="Preiskava")
        told = {
            name: [row["hold"] for row in act("kranj_retention_list", name)]
            for name in (member("member", "domplan"), people["editor"], people["office"])
        }
        assert list(told.values()) == [["velja"], ["Preiskava"], ["Preiskava"]]
