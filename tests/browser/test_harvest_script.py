"""docs/sl/zajem.md, done by a steward who has never seen it; and the pages of what waits and of health."""

import re
from pathlib import Path

import pytest

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests.helpers import call_action, changed_config

from ckanext.harvest.model import HarvestSource
from ckanext.kranj.harvest import model as harvest_model
from ckanext.kranj.harvest import sources
from ckanext.kranj.harvest.runner import harvest
from ckanext.kranj.harvest.worker import Worker

HANDBOOK = Path(__file__).parents[2] / "docs" / "sl" / "zajem.md"
VIEWS = [(lang, width) for lang in ("", "/en") for width in (1280, 360)]


@pytest.fixture
def city(demo_server, catalogue):
    """The demonstration city, and nothing remembered of sources."""
    for table in ("Record", "Run", "State", "Event", "Finding", "Alias", "Decision"):
        model.Session.query(getattr(harvest_model, f"Harvest{table}")).delete()
    model.Session.commit()
    reachable = changed_config("kranj.reachable_hosts", ["127.0.0.1"])  # as deployment/run says of the city
    with changed_config("kranj.harvest.demo_url", demo_server), reachable:
        yield demo_server


def steps():
    """The words in bold of each step of the handbook."""
    text = HANDBOOK.read_text(encoding="utf-8").partition("## Prvič")[2].partition("\n## ")[0]
    return [re.findall(r"\*\*(.+?)\*\*", line) for line in re.findall(r"^\d+\. (.+)$", text, re.MULTILINE)]


def work():
    """What the worker does, in this process."""
    assert Worker(start=lambda job, source: int(not harvest(sources.find(source), job).ok)).once() == 1


def wrong(page, axe, visitor):
    found = axe(page)
    width = page.evaluate("document.documentElement.scrollWidth")
    found += [f"{width} wide"] if width > page.viewport_size["width"] else []
    return found + visitor.foreign


def test_the_handbook_of_a_first_time_steward(visit, steward, city):
    one, two, three, four, five, six, seven, eight, nine = steps()
    page = visit(steward["token"]).open("/")

    def click(name):
        page.wait_for_load_state()
        exact = page.get_by_role("link", name=name, exact=True).or_(page.get_by_role("button", name=name, exact=True))
        with_icon = page.get_by_role("link", name=re.compile(rf"\W{re.escape(name)}$"))
        (exact if exact.count() else with_icon).first.click()

    click(one[0])
    click(two[0])
    page.fill("#gallery-q", "krskolesom")
    click(two[1])
    click(two[2])
    click(three[0])
    page.get_by_role("heading", name=three[1]).wait_for()
    click(four[0])
    page.wait_for_url("**/harvest/admin/demo-krskolesom")
    click(five[0])
    page.get_by_role("heading", name="Novo (1)").wait_for()
    assert call_action("package_search", include_private=True, fq="dataset_type:dataset")["count"] == 0
    click(six[0])
    page.wait_for_url("**/harvest/admin/demo-krskolesom")
    work()
    page.get_by_text(six[1]).wait_for()
    page.reload()
    page.locator(".kranj-table tbody th a").first.click()
    page.wait_for_url("**/job/**")
    with page.expect_download():
        click(seven[0])
    page.locator(".kranj-records h3 a").first.click()
    click(eight[0])
    page.wait_for_url("**/dataset/edit/**")
    assert eight[1] in page.inner_text("#box-field-title_translated")
    page.fill("#field-title_translated-sl", "Kolesa v Kranju")
    click(eight[2])
    page.wait_for_url(lambda url: "/dataset/edit/" not in url)
    (dataset,) = call_action("package_search", include_private=True, fq="dataset_type:dataset")["results"]
    assert dataset["title"] == "Kolesa v Kranju"

    # The source's own words change meanwhile, so that the next run does write the dataset.
    held = HarvestSource.get(sources.find("demo-krskolesom").id)
    context = {"user": tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"], "ignore_auth": True}
    config = '{"preset": "demo-krskolesom", "facts": {"owner_unit": "Drug urad"}}'
    tk.get_action("harvest_source_patch")(context, {"id": held.id, "config": config})
    page.goto(page.url.partition("/dataset")[0] + "/harvest/admin/demo-krskolesom")
    click(nine[0])
    work()
    page.get_by_text(six[1]).wait_for()
    after = call_action("package_show", id=dataset["id"])
    assert (after["title"], after["owner_unit"]) == ("Kolesa v Kranju", "Drug urad")
    report = call_action("kranj_harvest_report", id=_last_job(held.id))
    assert report["counts"]["update"] == 1


def _last_job(source_id):
    run = harvest_model.HarvestRun
    return model.Session.query(run.id).filter_by(source_id=source_id).order_by(run.started.desc()).first()[0]


@pytest.fixture
def with_conflict(city, steward):
    """A source whose dataset a steward wrote over, with a finding, and its preview."""
    sources.add_presets(city, ("demo-krskolesom",))
    spec = sources.find("demo-krskolesom")
    harvest(spec)
    (dataset,) = call_action("package_search", include_private=True, fq="dataset_type:dataset")["results"]
    title = {"title_translated": {"sl": "Kolesa v Kranju"}}
    call_action("package_patch", {"user": steward["name"]}, id=dataset["id"], **title)
    config = '{"preset": "demo-krskolesom", "facts": {"owner_unit": "Drug urad"}, "allowed_hosts": ["127.0.0.1"]}'
    context = {"user": tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"], "ignore_auth": True}
    tk.get_action("harvest_source_patch")(context, {"id": spec.id, "config": config})
    return sources.find("demo-krskolesom"), dataset


@pytest.mark.parametrize("view", VIEWS)
def test_preview_findings_and_health(visit, steward, with_conflict, axe, view):
    lang, width = view
    spec, dataset = with_conflict
    visitor = visit(steward["token"], width=width)
    page = visitor.open(f"{lang}/harvest/preview/{spec.slug}")
    kept = page.locator(".kranj-difference-kept")
    assert "Kolesa v Kranju" in kept.inner_text()
    assert "KRsKOLESOM" in kept.inner_text()
    assert wrong(page, axe, visitor) == []
    harvest(spec)
    page = visitor.open(f"{lang}/harvest/findings?source={spec.slug}")
    assert wrong(page, axe, visitor) == []
    before = page.locator(".kranj-records > li").count()
    keep = page.locator("form:has(input[value=kranj_harvest_value_decide]) button[value=keep]").first
    keep.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".alert-success")
    assert page.locator(".kranj-records > li").count() == before - 1
    page = visitor.open(f"{lang}/harvest/health")
    assert "KRsKOLESOM" in page.inner_text(".kranj-health")
    assert page.locator(".kranj-spark").get_attribute("aria-label")
    assert wrong(page, axe, visitor) == []
    assert call_action("package_show", id=dataset["id"])["title"] == "Kolesa v Kranju"


def tab_to(page, selector, most=120):
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.locator(f"{selector}:focus").count():
            return
    pytest.fail(f"{selector} cannot be reached by Tab")


def test_the_preview_is_answered_by_keyboard_without_javascript(visit, steward, with_conflict):
    spec, dataset = with_conflict
    page = visit(steward["token"], javascript=False, width=360).open(f"/harvest/preview/{spec.slug}")
    row = ".kranj-difference-kept button"
    tab_to(page, f"{row}[value=keep]")
    page.keyboard.press("Enter")
    page.wait_for_selector(".alert-success")
    assert call_action("package_show", id=dataset["id"])["title"] == "Kolesa v Kranju"
    tab_to(page, f"{row}[value=source]")
    page.keyboard.press("Enter")
    page.wait_for_selector(".alert-success")
    harvest(spec)
    assert "KRsKOLESOM" in call_action("package_show", id=dataset["id"])["title"]


def test_the_report_is_read_by_keyboard_without_javascript(visit, steward, with_conflict):
    spec, dataset = with_conflict
    page = visit(steward["token"], javascript=False, width=360).open(f"/harvest/admin/{spec.slug}")
    tab_to(page, ".kranj-table tbody th a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/job/**")
    tab_to(page, "a[href$='.csv']")
    with page.expect_download():
        page.keyboard.press("Enter")
    tab_to(page, ".kranj-records h3 a")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/dataset/{dataset['name']}")


@pytest.fixture
def archived(with_conflict):
    """The same dataset, archived."""
    spec, dataset = with_conflict
    for row in model.Session.query(harvest_model.HarvestRecord).filter_by(source_id=spec.id):
        row.archived_at = row.missing_since = row.changed_at
    model.Session.commit()
    return spec, dataset


@pytest.mark.parametrize("view", VIEWS)
def test_an_archived_dataset_is_restored_and_let_go(visit, steward, archived, axe, view):
    lang, width = view
    spec, dataset = archived
    visitor = visit(steward["token"], width=width)
    for address in (f"{lang}/dataset/{dataset['name']}", f"{lang}/harvest/{spec.slug}"):
        page = visitor.open(address)
        for choice in ("restore", "let-go"):
            assert wrong(page, axe, visitor) == []
            tab_to(page, f"form[action$='/harvest/answer'] button[value={choice}]")
            page.keyboard.press("Enter")
            page.wait_for_selector(".alert-success")
        model.Session.expire_all()
        for row in model.Session.query(harvest_model.HarvestRecord).filter_by(source_id=spec.id):
            assert (row.archived_at, row.held_by) == (None, None)
            row.archived_at = row.missing_since = row.changed_at
        model.Session.commit()
