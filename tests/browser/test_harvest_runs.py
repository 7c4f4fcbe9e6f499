"""A source in a real browser: run, progress that survives a reload, stop, pause, report."""

import json

import pytest

from ckan import model
from ckan.tests.helpers import call_action, changed_config

from ckanext.harvest.model import HarvestJob
from ckanext.kranj.harvest import jobs, sources
from ckanext.kranj.harvest.model import HarvestRun
from ckanext.kranj.harvest.runner import harvest

VIEWS = [(lang, width) for lang in ("", "/en") for width in (1280, 360)]


@pytest.fixture
def spec(demo_server, catalogue):
    """A source of the demonstration city that was never run."""
    for table in ("Record", "Run", "State", "Event", "Finding", "Alias", "Decision"):
        from ckanext.kranj.harvest import model as harvest_model

        model.Session.query(getattr(harvest_model, f"Harvest{table}")).delete()
    model.Session.commit()
    sources.add_presets(demo_server, ("demo-gis",))
    with changed_config("kranj.reachable_hosts", ["127.0.0.1"]):  # as deployment/run says of the city
        yield sources.find("demo-gis")


def wrong(page, axe, visitor):
    found = axe(page)
    width = page.evaluate("document.documentElement.scrollWidth")
    found += [f"{width} wide"] if width > page.viewport_size["width"] else []
    return found + visitor.foreign


@pytest.mark.parametrize("view", VIEWS)
def test_run_watch_and_read_the_report(visit, steward, spec, axe, view):
    lang, width = view
    visitor = visit(steward["token"], width=width)
    page = visitor.open(f"{lang}/harvest/admin/{spec.slug}")
    assert wrong(page, axe, visitor) == []
    page.click("button[value=run]")
    page.wait_for_selector("#harvest-progress[data-phase=waiting]")
    job = jobs.begin(spec.id, HarvestJob.filter(source_id=spec.id).one().id)  # as the worker does
    with jobs.locked(spec.id, spec.slug):
        run = model.Session.get(HarvestRun, job)
        run.counts = {"read": 50, "create": 49, "error": 1}
        model.Session.commit()
        page.reload()
        page.wait_for_selector("#harvest-progress[data-phase=running] progress")
        assert "50" in page.inner_text("#harvest-progress")
        assert wrong(page, axe, visitor) == []
        run.counts = {"read": 60, "create": 59, "error": 1}
        model.Session.commit()
        page.wait_for_function("() => document.querySelector('#harvest-progress').innerText.includes('60')")
    harvest(spec, job)
    page.wait_for_selector("#harvest-progress[data-phase=idle]")
    assert wrong(page, axe, visitor) == []
    page.click(".kranj-table tbody th a")
    page.wait_for_url("**/job/**")
    assert wrong(page, axe, visitor) == []
    with page.expect_download() as download:
        page.click("a[href$='.json']")
    report = json.loads(download.value.path().read_text(encoding="utf-8"))
    assert report["complete"] is True
    for path in (f"/harvest/{spec.slug}/job", f"/harvest/{spec.slug}"):
        visitor.open(lang + path)
        assert wrong(page, axe, visitor) == []
    assert page.locator(".kranj-harvest li a").count() == report["counts"]["create"]


def test_stop_pause_and_quiet_hours_by_keyboard_without_javascript(visit, steward, spec):
    page = visit(steward["token"], javascript=False, width=360).open(f"/harvest/admin/{spec.slug}")

    def press(selector):
        for _ in range(90):
            page.keyboard.press("Tab")
            if page.locator(f"{selector}:focus").count():
                break
        else:
            pytest.fail(f"{selector} cannot be reached by Tab")
        page.keyboard.press("Enter")

    press("button[value=run]")
    page.wait_for_selector("text=Čaka, da ga prevzame strežnik")
    assert page.locator("a", has_text="Osveži stran").count() == 1
    press("button[value=cancel]")
    page.wait_for_selector("text=Zdaj ne teče")
    press("button[value=pause]")
    page.wait_for_selector("button[value=resume]")
    press("button[value=resume]")
    page.wait_for_selector("button[value=pause]")
    page.fill("#quiet-hours", "7-18")
    press("button[value=quiet]")
    page.wait_for_selector("text=Mirne ure so shranjene")
    assert call_action("kranj_harvest_progress", source=spec.slug)["quiet_hours"] == "7-18"
    done = page.inner_text(".kranj-history-list")
    assert steward["name"] in done
    assert "je določil mirne ure: 7-18" in done
