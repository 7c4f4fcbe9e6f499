"""Adding a source in a real browser: gallery, form from the connector's settings, live check, saving."""

import json

import pytest

import ckan.plugins.toolkit as tk
from ckan.tests.helpers import call_action, changed_config

VIEWS = [(lang, width) for lang in ("", "/en") for width in (1280, 360)]


@pytest.fixture
def city(demo_server):
    """The demonstration city as the portal knows it."""
    with changed_config("kranj.harvest.demo_url", demo_server):
        yield demo_server


def wrong(page, axe, visitor):
    found = axe(page)
    width = page.evaluate("document.documentElement.scrollWidth")
    found += [f"{width} wide"] if width > page.viewport_size["width"] else []
    return found + visitor.foreign


@pytest.mark.parametrize("view", VIEWS)
def test_a_prepared_system_is_checked_and_saved(visit, steward, city, axe, view):
    lang, width = view
    visitor = visit(steward["token"], width=width)
    page = visitor.open(f"{lang}/harvest/new")
    assert wrong(page, axe, visitor) == []
    page.fill("#gallery-q", "krskolesom")
    page.keyboard.press("Enter")
    page.click("a[href$='demo-krskolesom']")
    assert wrong(page, axe, visitor) == []
    page.click("button[value=check]")
    page.wait_for_selector("#checked.kranj-checked-good")
    assert page.locator(".kranj-records > li").count() == 1
    assert "KRsKOLESOM" in page.inner_text(".kranj-records")
    assert wrong(page, axe, visitor) == []
    with pytest.raises(tk.ObjectNotFound):
        call_action("harvest_source_show", id="demo-krskolesom")
    page.click("button[value=save]")
    page.wait_for_url("**/harvest/admin/demo-krskolesom")
    source = call_action("harvest_source_show", id="demo-krskolesom")
    assert (source["source_type"], source["frequency"], source["private"]) == ("kranj-gbfs", "DAILY", True)
    assert json.loads(source["config"]) == {"preset": "demo-krskolesom"}


def test_it_works_by_keyboard_alone_and_without_javascript(visit, steward, city):
    page = visit(steward["token"], javascript=False, width=360).open("/harvest/new?q=krskolesom")

    def tab_to(selector, most=80):
        for _ in range(most):
            page.keyboard.press("Tab")
            if page.locator(f"{selector}:focus").count():
                return
        pytest.fail(f"{selector} cannot be reached by Tab")

    tab_to("a[href$='demo-krskolesom']")
    page.keyboard.press("Enter")
    tab_to("button[value=check]")
    page.keyboard.press("Enter")
    page.wait_for_selector("#checked.kranj-checked-good")
    tab_to("button[value=save]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/harvest/admin/demo-krskolesom")


@pytest.mark.parametrize("view", VIEWS)
def test_another_system_by_its_kind(visit, steward, city, axe, view):
    lang, width = view
    visitor = visit(steward["token"], width=width)
    page = visitor.open(f"{lang}/harvest/add/kind/mapping")
    assert wrong(page, axe, visitor) == []
    page.fill("#field-title", "Naša mapa")
    page.fill("#field-url", "http://127.0.0.1:9/")
    page.fill("#field-settings-files-0-guid", "prva")
    page.fill("#field-settings-files-0-says", "to ni par")
    page.click("button[value=check]")
    page.wait_for_selector(".kranj-summary")
    assert "to ni par" in page.inner_text(".kranj-summary")
    assert page.input_value("#field-settings-files-0-says") == "to ni par"
    page.fill("#field-settings-files-0-says", "title_translated.sl = Prva zbirka")
    page.click("button[value=more]")
    assert page.locator("#field-settings-files-1-guid").count() == 1
    page.click("button[value=check]")
    page.wait_for_selector("#checked.kranj-checked-bad")
    assert wrong(page, axe, visitor) == []
    page.click("button[value=save]")
    page.wait_for_url("**/harvest/admin/nasa-mapa")
    config = json.loads(call_action("harvest_source_show", id="nasa-mapa")["config"])
    assert config["settings"]["files"] == [{"guid": "prva", "says": {"title_translated": {"sl": "Prva zbirka"}}}]
    page = visitor.open(f"{lang}/harvest/edit/nasa-mapa")
    page.wait_for_url("**/harvest/settings/nasa-mapa")
    assert page.input_value("#field-settings-files-0-guid") == "prva"
    assert wrong(page, axe, visitor) == []
