"""The desk and the pages it leads to: people who know no API answer, propose and decide here."""

import copy
from datetime import date

import pytest
from bs4 import BeautifulSoup

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.kranj.approval.model import Approval
from ckanext.kranj.desk.cards import COUNTS, cards
from ckanext.kranj.request.model import AccessRequest
from ckanext.kranj.retention import flow
from ckanext.kranj.retention.model import Decision, Hold


class Person:
    """An account that uses the portal's pages."""

    def __init__(self, app, *memberships):
        user = factories.User()
        for organization, role in memberships:
            call_action("organization_member_create", id=organization, username=user["name"], role=role)
        # A browser of his own: what other tests left in the common one is not his.
        self.name, self.app = user["name"], app.test_client()
        self.headers = {"Authorization": factories.APIToken(user=self.name)["token"]}

    def get(self, path, status=200):
        answer = self.app.get(path, headers=self.headers)
        assert answer.status_code == status, (path, answer.status_code)
        return answer.body

    def post(self, path, **form):
        return self.app.post(path, data=form, headers=self.headers).body


@pytest.fixture
def people(catalogue, monkeypatch):
    monkeypatch.setitem(tk.config, "kranj.approval", True)
    return {
        "steward": Person(catalogue, ("domplan", "editor")),
        "office": Person(catalogue, ("podatkovna-pisarna", "editor")),
        "other": Person(catalogue, ("arso", "editor")),
        "nobody": Person(catalogue),
    }


@pytest.fixture
def record(people, complete_dataset):
    """An internal description of Domplan whose period ended long ago."""
    data = copy.deepcopy(complete_dataset) | {
        "owner_org": "domplan",
        "visibility": "internal",
        "modified": "2001-05-05",
    }
    data["issued"] = "2001-01-01"
    return tk.get_action("package_create")({"user": people["steward"].name, "ignore_auth": False}, data)


def test_every_counter_has_a_card_and_every_card_its_counter():
    assert {card["count"] for card in cards() if "count" in card} == set(COUNTS)


def test_the_desk_counts_what_waits_for_this_person(people, record):
    flow.refresh(date(2030, 1, 1))
    page = people["steward"].get("/desk")
    assert "Delovna miza" in page
    assert "/retention" in page
    assert _count(page, "/retention") == "1"
    assert _count(people["other"].get("/desk"), "/retention") == "0"
    assert "Desk" in people["steward"].get("/en/desk")
    people["nobody"].get("/desk", status=404)
    assert "/desk" in people["steward"].get("/about")
    assert "/desk" not in people["nobody"].get("/about")


def test_the_drafts_that_are_counted_are_listed_where_the_card_leads(people, complete_dataset):
    draft = {"title_translated": {"sl": "Nedokončan opis"}, "owner_org": "domplan", "state": "draft"}
    made = tk.get_action("package_create")({"user": people["steward"].name, "ignore_auth": False}, draft)
    for person, seen in (("steward", True), ("office", True), ("other", False)):
        assert _count(people[person].get("/desk"), "/dashboard/datasets", place=-1) == str(int(seen))
        assert (f"/dataset/edit/{made['name']}" in people[person].get("/dashboard/datasets")) is seen


def _count(page, url, place=1):
    return page.split(f'href="{url}"')[place].split('kranj-desk-count">')[1].split("<")[0]


class TestLevel:
    def test_it_says_beforehand_what_a_wider_level_means_and_proposes_it(self, people, record):
        path = f"/dataset/{record['name']}/level"
        page = people["steward"].get(f"{path}?visibility=public")
        assert "vsi na svetu" in page
        assert "Predlagaj podatkovni pisarni" in page
        people["steward"].post(path, visibility="public", publish_on="2031-01-01")
        proposal = Approval.open_of(record["id"])
        assert (proposal.wanted, str(proposal.publish_on)) == ("public", "2031-01-01")
        assert record["title"] in people["office"].get("/approvals")
        assert _count(people["office"].get("/desk"), "/approvals") == "1"

    def test_a_narrower_level_acts_at_once(self, people, record):
        people["steward"].post(f"/dataset/{record['name']}/level", visibility="organization")
        model.Session.rollback()
        assert model.Package.get(record["id"]).extras["visibility"] == "organization"

    def test_what_is_missing_for_the_public_is_said_instead_of_a_button(self, people, record):
        tk.get_action("package_patch")({"ignore_auth": True}, {"id": record["id"], "owner_status": "predlagan"})
        page = people["steward"].get(f"/dataset/{record['name']}/level?visibility=public")
        assert "Dopolni opis" in page
        assert "Predlagaj podatkovni pisarni" not in page

    def test_what_is_no_dataset_has_no_level_and_no_retention(self, people, record):
        system = {"title_translated": {"sl": "GIS"}, "hosting": "oblak", "type": "system", "owner_org": "domplan"}
        made = tk.get_action("package_create")({"ignore_auth": True, "user": people["steward"].name}, system)
        for page in ("level", "retention"):
            people["steward"].get(f"/dataset/{made['name']}/{page}", status=404)

    def test_bad_input_and_strangers(self, people, record):
        path = f"/dataset/{record['name']}/level"
        people["steward"].get(f"{path}?visibility=everybody", status=400)
        people["other"].get(path, status=404)
        people["nobody"].get(path, status=404)
        page = people["steward"].post(path, visibility="public", publish_on="31. 2. 2026")
        assert "ni datum" in page


class TestApprovals:
    """The road of a proposal as its people see it: proposed, returned with a comment, corrected, approved."""

    @pytest.fixture
    def proposed(self, people, record):
        people["steward"].post(f"/dataset/{record['name']}/level", visibility="public")
        return Approval.open_of(record["id"]).id

    def test_a_steward_sees_what_waits_and_no_button_that_is_not_for_him(self, people, record, proposed):
        page = people["steward"].get("/approvals")
        assert record["title"] in page
        assert "Predlogi čakajo na podatkovno pisarno" in page
        assert 'name="decision"' not in page
        assert "Domplan" in people["office"].get("/approvals")
        assert "Predlog čaka na podatkovno pisarno" in people["steward"].get(f"/dataset/{record['name']}")

    def test_the_comment_of_a_returned_proposal_is_read_where_it_is_corrected(self, people, record, proposed):
        people["office"].post("/approvals", ids=proposed, decision="return", comment="Napišite, kdo ga vzdržuje.")
        steward = people["steward"]
        for path in ("/approvals", f"/dataset/{record['name']}", f"/dataset/{record['name']}/level"):
            assert "Napišite, kdo ga vzdržuje." in steward.get(path), path
        assert _count(steward.get("/desk"), "/approvals", place=2) == "1"
        assert "Vrnjeni predlogi" not in people["office"].get("/desk")
        for person in ("other", "nobody"):
            assert "Napišite, kdo ga vzdržuje." not in people[person].get("/approvals")
        steward.post(f"/dataset/{record['name']}/level", visibility="public")
        assert _count(steward.get("/desk"), "/approvals", place=2) == "0"
        people["office"].post("/approvals", ids=Approval.open_of(record["id"]).id, decision="approve")
        page = steward.get(f"/dataset/{record['name']}")
        assert "kranj-proposal" not in page
        assert model.Package.get(record["id"]).extras["visibility"] == "public"

    def test_what_is_lacking_is_said_and_what_was_typed_stays(self, people, record, proposed):
        office = people["office"]
        page = office.post("/approvals", decision="return", comment="Napišite, kdo ga vzdržuje.")
        assert "Označite vsaj en predlog." in page
        assert "Napišite, kdo ga vzdržuje." in page
        page = office.post("/approvals", ids=proposed, decision="return", comment=" ")
        assert "Za vrnitev napišite razlog." in page
        assert BeautifulSoup(page, "html.parser").select_one(f"input[value='{proposed}']").has_attr("checked")
        assert "Tick at least one proposal." in office.post("/en/approvals", decision="approve")

    def test_ones_own_proposal_has_no_box(self, people, record):
        people["office"].post(f"/dataset/{record['name']}/level", visibility="public")
        assert "o svojem predlogu odloči kdo drug" in people["office"].get("/approvals")
        assert 'name="ids"' not in people["office"].get("/approvals")

    def test_what_the_standard_refuses_by_now_is_a_sentence(self, people, record, proposed):
        tk.get_action("package_patch")({"ignore_auth": True}, {"id": record["id"], "owner_status": "predlagan"})
        page = people["office"].post("/approvals", ids=proposed, decision="approve")
        assert "Opis ne ustreza več" in page, page[page.find("<main") :][:3000]
        assert "Status lastnika" in page
        assert "[owner-not-confirmed]" not in page


class TestRequests:
    @pytest.fixture
    def asked(self, people, record):
        patch = {
            "id": record["id"], "visibility": "public", "secrecy": "poslovna-skrivnost", "license_id": "",
            "protection_grounds": [{"ground": "poslovna-skrivnost"}], "access_method": "on-request",
            "access_rights": "", "resources": [],
        }  # fmt: skip
        tk.get_action("package_patch")({"ignore_auth": True}, patch)
        page = people["nobody"].post(
            f"/dataset/{record['name']}/request-access", purpose="Raziskava", legal_basis="ZVOP-2, 69. člen"
        )
        assert record["title"] in page
        return model.Session.query(AccessRequest).one().id

    @staticmethod
    def stored(identifier):
        model.Session.rollback()
        row = model.Session.get(AccessRequest, identifier)
        return row.status, row.answer

    def test_the_steward_answers_on_a_page(self, people, record, asked):
        assert _count(people["steward"].get("/desk"), "/requests") == "1"
        assert "ZVOP-2, 69. člen" in people["steward"].get("/requests")
        page = people["steward"].post("/requests", request=asked, status="granted", answer="")
        assert "Podatek je obvezen" in page
        people["steward"].post("/requests", request=asked, status="granted", answer="Pokličite nas.")
        assert self.stored(asked) == ("granted", "Pokličite nas.")
        page = people["steward"].post("/requests", request=asked, status="refused", answer="Ne.")
        assert _count(people["steward"].get("/desk"), "/requests") == "0"
        assert self.stored(asked) == ("granted", "Pokličite nas.")

    def test_whoever_asked_reads_the_answer(self, people, record, asked):
        asks = people["nobody"]
        assert "čaka" in asks.get("/requests")
        assert "Vaša prošnja že čaka na odgovor" in asks.get(f"/dataset/{record['name']}/request-access")
        people["steward"].post("/requests", request=asked, status="refused", answer="Ni pravne podlage.")
        assert "Ni pravne podlage." in asks.get("/requests")
        assert 'href="/requests"' in asks.get(f"/dataset/{record['name']}")
        assert "Ni pravne podlage." not in people["other"].get("/requests")
        tk.get_action("package_patch")({"ignore_auth": True}, {"id": record["id"], "visibility": "restricted"})
        assert record["title"] not in asks.get("/requests")  # what one may no longer see is not named

    def test_a_visitor_without_an_account_is_told_whom_to_write_to(self, people, record, asked, catalogue):
        assert "Če računa nimate, pišite odgovorni osebi" in catalogue.get(f"/dataset/{record['name']}").body

    def test_others_see_and_answer_nothing(self, people, record, asked):
        assert "ZVOP-2, 69. člen" not in people["other"].get("/requests")
        people["other"].post("/requests", request=asked, status="granted", answer="Da.")
        assert self.stored(asked) == ("waiting", None)
        assert "ZVOP-2, 69. člen" in people["office"].get("/requests")

    def test_the_action_lists_by_status(self, people, record, asked):
        def listed(**wanted):
            context = {"user": people["steward"].name, "ignore_auth": False}
            return [row["name"] for row in tk.get_action("kranj_access_request_list")(context, wanted)]

        assert listed() == listed(status="waiting") == listed(id=record["id"]) == [record["name"]]
        assert listed(status="granted") == []


class TestRetention:
    def test_from_the_end_of_the_period_to_the_stub(self, people, record):
        flow.refresh(date(2030, 1, 1))
        path = f"/dataset/{record['name']}/retention"
        assert path in people["steward"].get("/retention")
        page = people["steward"].post(path, step="propose", decision="extend", reason="Spor", until="")
        assert "Manjka odločitev, razlog ali pri podaljšanju dan" in page
        assert "Spor" in page  # what was typed stays
        people["steward"].post(path, step="propose", decision="destroy", reason="Ni več potrebno", until="")
        people["steward"].post(path, step="agree")
        model.Session.rollback()
        assert Decision.open_of(record["id"]).status == "proposed"  # nobody confirms a proposal of his own
        page = people["steward"].post(path, step="hold", reason="Sodni postopek")
        assert "Sodni postopek" in page
        assert "Velja zadržanje" in people["office"].post(path, step="agree")
        people["steward"].post(path, step="lift")
        assert Hold.of(record["id"]) is None
        people["office"].post(path, step="agree")
        assert Decision.open_of(record["id"]).status == "confirmed"
        written = {"step": "done", "evidence": "Zapisnik 12/2030", "on": "2030-02-01"}
        people["steward"].post(path, **written)
        assert Decision.open_of(record["id"]).status == "confirmed"  # nothing is removed for good by one click
        people["steward"].post(path, **written, sure="1")
        page = people["steward"].get(path)
        assert "izvedeno: uničenje" in page
        assert "Zapisnik 12/2030" in page
        assert model.Package.get(record["id"]).extras["lifecycle"] == "ukinjen"

    def test_a_proposal_is_returned_with_a_reason_that_its_steward_reads(self, people, record):
        flow.refresh(date(2030, 1, 1))
        path = f"/dataset/{record['name']}/retention"
        page = people["steward"].post(path, step="propose", decision="destroy", reason="Ni več potrebno", until="")
        assert "Zakaj vračate" not in page
        assert "Zakaj vračate" in people["office"].get(path)
        assert "Podatek je obvezen" in people["office"].post(path, step="return", reason=" ")
        people["office"].post(path, step="return", reason="Navedite zapisnik.")
        page = people["steward"].get(path)
        assert "Navedite zapisnik." in page
        assert "Ni več potrebno" not in page

    def test_what_is_decided_is_no_longer_due(self, people, record):
        flow.refresh(date(2030, 1, 1))
        path = f"/dataset/{record['name']}/retention"
        people["steward"].post(path, step="propose", decision="extend", reason="Spor", until="2040-05-01")
        people["office"].post(path, step="agree")
        assert "1. 5. 2040" in people["steward"].get("/retention")
        assert _count(people["steward"].get("/desk"), "/retention") == "0"
        flow.refresh(date(2040, 5, 1))
        people["steward"].post(path, step="propose", decision="keep", reason="Zgodovina", until="")
        people["office"].post(path, step="agree")
        assert path not in people["steward"].get("/retention")
        assert "izvedeno: trajna hramba" in people["steward"].get(path)

    def test_readers_are_led_to_a_page_that_they_may_see(self, people, record, catalogue):
        flow.refresh(date(2030, 1, 1))
        page = Person(catalogue, ("domplan", "member")).get("/retention")
        assert f'href="/dataset/{record["name"]}"' in page
        assert f"/dataset/{record['name']}/retention" not in page

    def test_an_event_starts_the_period(self, people, record):
        patch = {"id": record["id"], "retention_starts": "contract-end"}
        tk.get_action("package_patch")({"ignore_auth": True}, patch)
        path = f"/dataset/{record['name']}/retention"
        page = people["steward"].get(path)
        assert "začne teči, ko" in page
        assert "Podatek je obvezen" in people["steward"].post(path, step="event", trigger="contract-end", on="")
        page = people["steward"].post(path, step="event", trigger="contract-end", on="2020-01-31")
        assert "31. 1. 2020" in page

    def test_strangers_find_no_page(self, people, record):
        for name in ("other", "nobody"):
            people[name].get(f"/dataset/{record['name']}/retention", status=404)


@pytest.mark.parametrize("path", ["/approvals", "/requests", "/retention"])
@pytest.mark.parametrize("person", ["steward", "nobody"])
def test_empty_lists_say_what_to_do_next_and_lead_back_to_the_desk(people, path, person):
    for prefix in ("", "/en"):
        page = BeautifulSoup(people[person].get(prefix + path), "html.parser")
        assert len(page.select_one(".main .module-content").text.split()) > 8
        assert bool(page.select(f".breadcrumb a[href='{prefix}/desk']")) == (person == "steward")


def test_the_desk_and_the_list_of_sources_lead_to_what_waits_and_to_health(people):
    steward = people["steward"]
    for path in ("/desk", "/harvest"):
        body = steward.get(path)
        assert 'href="/harvest/findings"' in body, path
        assert 'href="/harvest/health"' in body, path
    assert "Questions of sources" in steward.get("/en/desk")


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/desk", "Delovna miza - Katalog podatkov Mestne občine Kranj"),
        ("/en/desk", "Desk - Data catalogue of the Municipality of Kranj"),
        ("/en/", "The city's data - Data catalogue of the Municipality of Kranj"),
    ],
)
def test_a_page_is_named_in_its_language(people, path, title):
    title_of = BeautifulSoup(people["steward"].get(path), "html.parser").title.text
    assert " ".join(title_of.split()) == title


def test_english_pages_name_the_owner_in_english(people, record):
    call_action("organization_patch", id="domplan", title_translated={"sl": "Domplan", "en": "Domplan utility"})
    steward = people["steward"]
    for path in (f"/en/dataset/{record['name']}", "/en/organization/domplan"):
        body = BeautifulSoup(steward.get(path), "html.parser")
        assert [one.text.strip() for one in body.select(".breadcrumb li")][1:3] == ["Organisations", "Domplan utility"]
    listed = BeautifulSoup(steward.get("/en/dataset/"), "html.parser").select_one(".dataset-item")
    assert listed.select_one(".kranj-meta").text.startswith("Domplan utility")
