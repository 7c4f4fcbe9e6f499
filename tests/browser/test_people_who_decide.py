"""Approvals, requests and retention as their users meet them: on telephones, in both languages, axe finds nothing."""

import copy
from datetime import date

import pytest

import ckan.plugins.toolkit as tk
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.kranj.retention import flow

LONG = "Evidenca vseh drevoredov, parkov, zelenic in posameznih dreves ob občinskih cestah, poteh in trgih"
VIEWS = [("", 360), ("/en", 1280)]
"""Slovene on a telephone, English on a desk."""


@pytest.fixture
def desk(steward, complete_dataset, monkeypatch):
    """A steward, somebody of the data office, and three descriptions that wait and whose periods ended long ago."""
    monkeypatch.setitem(tk.config, "kranj.approval", True)
    made = []
    for title in (LONG, "Drevoredi", "Parki"):
        data = copy.deepcopy(complete_dataset) | {
            "title_translated": {"sl": title, "en": f"{title} (en)"},
            "owner_org": "mestna-obcina-kranj",
            "issued": "2001-01-01",
            "modified": "2001-05-05",
        }
        made.append(tk.get_action("package_create")({"user": steward["name"], "ignore_auth": False}, data))
    office = factories.User(image_url=None)
    call_action("organization_member_create", id="podatkovna-pisarna", username=office["name"], role="editor")
    return {
        "steward": steward["token"],
        "office": factories.APIToken(user=office["name"])["token"],
        "name": made[0]["name"],
        "id": made[0]["id"],
    }


def judged(page, axe, width):
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("view", VIEWS)
def test_all_proposals_are_ticked_at_once_and_returned_with_a_comment(visit, axe, desk, view):
    lang, width = view
    page = visit(desk["office"], width=width).open(f"{lang}/approvals")
    page.click("[data-choose-all]")
    assert page.locator("input[name=ids]:checked").count() == 3
    page.click("button[value=return]")
    assert page.locator(".main [role=alert]").is_visible()
    assert page.locator("input[name=ids]:checked").count() == 3  # nothing has to be ticked again
    judged(page, axe, width)
    page.fill("#comment", "Opišite, kdo zbirko vzdržuje.")
    page.click("button[value=return]")
    page.wait_for_selector(".alert-success")
    judged(page, axe, width)
    window = visit(desk["steward"], width=width)
    for path in (
        "/approvals",
        f"/dataset/{desk['name']}",
        f"/dataset/{desk['name']}/level",
    ):
        page = window.open(lang + path)
        assert page.get_by_text("Opišite, kdo zbirko vzdržuje.").first.is_visible()
        assert page.locator("button[name=decision]").count() == 0
        judged(page, axe, width)


def test_several_are_approved_only_after_a_question(visit, desk):
    page = visit(desk["office"]).open("/approvals")
    asked = []

    def answer(dialog):
        asked.append(dialog.message)
        dialog.dismiss() if len(asked) == 1 else dialog.accept()

    page.on("dialog", answer)
    page.click("[data-choose-all]")
    page.click("button[value=approve]")
    assert "(3)" in asked[0]
    assert page.locator("input[name=ids]:checked").count() == 3  # no was said, nothing happened
    page.click("button[value=approve]")
    page.wait_for_selector(".alert-success")
    assert page.locator("input[name=ids]").count() == 0


def test_without_javascript_no_button_stands_that_does_nothing(visit, desk):
    page = visit(desk["office"], javascript=False).open("/approvals")
    assert not page.locator("[data-choose-all]").is_visible()
    page.locator("input[name=ids]").first.check()
    page.click("button[value=approve]")
    assert page.locator("input[name=ids]").count() == 2


@pytest.mark.parametrize("view", VIEWS)
def test_data_are_destroyed_by_two_people_and_not_by_one_click(visit, axe, desk, view):
    lang, width = view
    flow.refresh(date(2030, 1, 1))
    path = f"{lang}/dataset/{desk['name']}/retention"
    mine, theirs = visit(desk["steward"], width=width), visit(desk["office"], width=width)
    page = mine.open(f"{lang}/retention")
    judged(page, axe, width)
    page.click(f"a[href='{path}']")
    page.select_option("#decision", "destroy")
    page.fill("#reason", "Ni več potrebno")
    page.click("form:has(#decision) button")
    page.wait_for_selector(".alert-success")
    assert page.locator("#return-reason").count() == 0  # nobody confirms a proposal of his own
    other = theirs.open(path)
    judged(other, axe, width)
    other.click("form:has(input[value=agree]) button")
    other.wait_for_selector(".alert-success")
    page = mine.open(path)
    page.fill("#evidence", "Zapisnik 1/2030")
    page.click("form:has(#evidence) button")
    assert page.evaluate("document.querySelector('#sure').matches(':invalid')")  # the browser asks for the tick
    judged(page, axe, width)
    page.check("#sure")
    page.click("form:has(#evidence) button")
    page.wait_for_selector(".alert-success")
    assert page.get_by_text("Zapisnik 1/2030").is_visible()
    judged(page, axe, width)
    judged(mine.open(f"{lang}/dataset/{desk['name']}/history"), axe, width)


@pytest.mark.parametrize("view", VIEWS)
def test_whoever_asks_for_data_reads_the_answer(visit, axe, desk, view):
    lang, width = view
    protected = {
        "id": desk["id"], "visibility": "public", "secrecy": "poslovna-skrivnost", "license_id": "",
        "protection_grounds": [{"ground": "poslovna-skrivnost"}], "access_method": "on-request",
        "access_rights": "", "resources": [],
    }  # fmt: skip
    tk.get_action("package_patch")({"ignore_auth": True}, protected)
    asks = visit(factories.APIToken(user=factories.User(image_url=None)["name"])["token"], width=width)
    page = asks.open(f"{lang}/dataset/{desk['name']}")
    judged(page, axe, width)
    page.click("a[href$='/request-access']")
    judged(page, axe, width)
    page.fill("#purpose", "Raziskava")
    page.fill("#legal_basis", "ZVOP-2, 69. člen")
    page.click("form:has(#purpose) button[type=submit]")
    page.wait_for_selector(".alert-success")
    answers = visit(desk["steward"], width=width).open(f"{lang}/requests")
    judged(answers, axe, width)
    answers.fill("textarea[name=answer]", "Pridite v sobo 12.")
    answers.click("button[value=granted]")
    answers.wait_for_selector(".alert-success")
    page = asks.open(f"{lang}/requests")
    assert page.get_by_text("Pridite v sobo 12.").is_visible()
    judged(page, axe, width)
