"""Two people press at the same moment: one decides, the other is told so in one sentence, nothing happens twice."""

import copy
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.kranj.approval import tell
from ckanext.kranj.approval.model import Approval
from ckanext.kranj.retention import flow

TIMES = 3


def person(organization="podatkovna-pisarna"):
    user = factories.User()
    call_action("organization_member_create", id=organization, username=user["name"], role="editor")
    return user["name"], {"Authorization": factories.APIToken(user=user["name"])["token"]}


def at_once(catalogue, people, action, questions):
    """The answers to two questions that two people ask in the same moment, each over a connection of his own."""
    line = Barrier(2)

    def ask(headers, data):
        line.wait()
        try:
            answer = catalogue.test_client(use_cookies=False).post(f"/api/action/{action}", json=data, headers=headers)
            return answer.status_code, answer.json
        finally:
            model.Session.remove()

    model.Session.commit()
    with ThreadPoolExecutor(2) as pool:
        return sorted(pool.map(ask, [headers for _, headers in people], questions), key=lambda answer: answer[0])


@pytest.fixture
def office(catalogue):
    return [person(), person()]


@pytest.fixture
def told(monkeypatch):
    sent = []
    monkeypatch.setitem(tk.config, "smtp.mail_from", "katalog@kranj.si")
    monkeypatch.setattr(
        tell.mailer, "mail_recipient", lambda _name, email, subject, _body: sent.append((email, subject))
    )
    return sent


def test_of_two_approvals_one_counts(catalogue, office, complete_dataset, monkeypatch, told):
    monkeypatch.setitem(tk.config, "kranj.approval", True)
    steward, _ = person("domplan")
    for number in range(TIMES):
        data = copy.deepcopy(complete_dataset) | {"owner_org": "domplan"}
        data["title_translated"] = {"sl": f"Zbirka {number}"}
        made = tk.get_action("package_create")({"user": steward, "ignore_auth": False}, data)
        proposal = Approval.open_of(made["id"]).id
        told.clear()
        both = [
            {"id": proposal, "decision": "approve"},
            {"id": proposal, "decision": "return", "comment": "Prosim, popravite."},
        ]
        answers = [answer["result"] for _, answer in at_once(catalogue, office, "kranj_approval_decide", both)]
        assert sorted(len(answer["decided"]) for answer in answers) == [0, 1]
        assert [answer["refused"] for answer in answers if not answer["decided"]] == [{proposal: "already-decided"}]
        model.Session.expire_all()
        row = model.Session.get(Approval, proposal)
        level = model.Package.get(made["id"]).extras["visibility"]
        assert (row.status, level) in (("done", "public"), ("returned", "internal"))
        assert row.decided_by == model.User.get(office[0][0] if row.status == "done" else office[1][0]).id
        assert len([subject for _, subject in told if "O predlogu" in subject]) == 1
        statement = sa.text("SELECT count(*) FROM kranj_audit WHERE object_type = 'kranj_approval' AND package_id = :id"
                            " AND operation = 'update'")  # fmt: skip
        assert model.Session.scalar(statement, {"id": made["id"]}) == 1


def test_of_two_answers_to_a_request_one_counts(catalogue, office, complete_dataset, told):
    made = tk.get_action("package_create")({"user": factories.Sysadmin()["name"]}, complete_dataset)
    model.Package.get(made["id"]).extras["secrecy"] = "poslovna-skrivnost"
    model.repo.commit()
    asker, _ = person("domplan")
    for _ in range(TIMES):
        asked = tk.get_action("kranj_access_request_create")(
            {"user": asker, "ignore_auth": False},
            {"id": made["id"], "purpose": "Raziskava", "legal_basis": "privolitev"},
        )
        told.clear()
        both = [{"request": asked["id"], "status": status, "answer": "x"} for status in ("granted", "refused")]
        answers = at_once(catalogue, office, "kranj_access_request_decide", both)
        assert [status for status, _ in answers] == [200, 409]
        assert "[already-decided]" in str(answers[1][1]["error"])
        listed = tk.get_action("kranj_access_request_list")(
            {"ignore_auth": True, "user": office[0][0]}, {"id": made["id"]}
        )
        assert next(row for row in listed if row["id"] == asked["id"])["status"] == answers[0][1]["result"]["status"]
        assert len(told) == 1


@pytest.mark.parametrize("what", ["keep", "destroy"])
def test_of_two_confirmations_of_a_retention_one_counts(catalogue, office, complete_dataset, what):
    steward, _ = person("domplan")
    data = copy.deepcopy(complete_dataset) | {"owner_org": "domplan", "visibility": "internal"}
    made = tk.get_action("package_create")({"user": steward, "ignore_auth": False}, data)
    assert flow.refresh(date(2099, 1, 1)) == 1
    propose = {"id": made["id"], "decision": what, "reason": "Rok je potekel."}
    tk.get_action("kranj_retention_propose")({"user": steward, "ignore_auth": False}, propose)
    answers = at_once(catalogue, office, "kranj_retention_confirm", [{"id": made["id"]}, {"id": made["id"]}])
    assert [status for status, _ in answers] == [200, 409]
    assert "[already-decided]" in str(answers[1][1]["error"])


def test_of_two_holds_one_is_placed(catalogue, office, complete_dataset):
    made = tk.get_action("package_create")({"user": factories.Sysadmin()["name"]}, complete_dataset)
    for _ in range(TIMES):
        both = [{"id": made["id"], "reason": reason} for reason in ("Spor", "Revizija")]
        answers = at_once(catalogue, office, "kranj_retention_hold", both)
        assert [status for status, _ in answers] == [200, 409]
        assert "[hold-in-force]" in str(answers[1][1]["error"])
        lifted = at_once(catalogue, office, "kranj_retention_hold", [{"id": made["id"], "lift": True}] * 2)
        assert [status for status, _ in lifted] == [200, 404]


def test_a_hold_and_the_destruction_that_it_forbids_do_not_pass_each_other(catalogue, office, complete_dataset):
    steward, _ = person("domplan")
    data = copy.deepcopy(complete_dataset) | {"owner_org": "domplan", "visibility": "internal"}
    for number in range(TIMES):
        data["title_translated"] = {"sl": f"Zbirka {number}"}
        made = tk.get_action("package_create")({"user": steward, "ignore_auth": False}, copy.deepcopy(data))
        flow.refresh(date(2099, 1, 1))
        propose = {"id": made["id"], "decision": "destroy", "reason": "Rok je potekel."}
        tk.get_action("kranj_retention_propose")({"user": steward, "ignore_auth": False}, propose)
        tk.get_action("kranj_retention_confirm")({"user": office[0][0], "ignore_auth": False}, {"id": made["id"]})
        line, clients = Barrier(2), [catalogue.test_client(use_cookies=False) for _ in range(2)]

        def ask(client, person, action, given, line=line):
            line.wait()
            try:
                return client.post(f"/api/action/{action}", json=given, headers=person[1]).status_code
            finally:
                model.Session.remove()

        model.Session.commit()
        with ThreadPoolExecutor(2) as pool:
            held = pool.submit(ask, clients[0], office[0], "kranj_retention_hold", {"id": made["id"], "reason": "Spor"})
            given = {"id": made["id"], "evidence": "Zapisnik 1/2026"}
            done = pool.submit(ask, clients[1], office[1], "kranj_retention_done", given)
        # Either the hold came first and nothing is destroyed, or it came to data that are no more.
        assert (held.result(), done.result()) in ((200, 409), (200, 200))
        model.Session.expire_all()
        gone = tk.get_action("kranj_retention_show")({"ignore_auth": True, "user": office[0][0]}, {"id": made["id"]})[
            "past"
        ]
        assert bool(gone) is (done.result() == 200)


def test_of_two_equal_requests_one_is_told(catalogue, complete_dataset, told):
    made = tk.get_action("package_create")({"user": factories.Sysadmin()["name"]}, complete_dataset)
    model.Package.get(made["id"]).extras["secrecy"] = "poslovna-skrivnost"
    model.repo.commit()
    asker, _steward = person("domplan"), person(made["owner_org"])
    for number in range(TIMES):
        told.clear()
        asked = {"id": made["id"], "purpose": f"Raziskava {number}", "legal_basis": "privolitev"}
        answers = at_once(catalogue, [asker, asker], "kranj_access_request_create", [asked, asked])
        assert [status for status, _ in answers] == [200, 200]
        assert answers[0][1]["result"] == answers[1][1]["result"]
        assert len(told) == 1
