"""axe-core finds nothing, nothing is wider than a telephone or squeezed, no page asks another server for anything."""

import base64

import pytest

from ckan.tests.helpers import call_action

VIEWS = [("", 1280), ("/en", 360)]
"""Language and width: Slovene on a desk, English on a telephone."""
SQUEEZED = """() => [...document.querySelectorAll(".main :is(dt, dd, td, th, p, li, h1, h2, h3)")].filter(
    one => one.offsetParent && !one.closest(".visually-hidden, .kranj-stack thead")
        && one.clientWidth > 1 && one.clientWidth < 40 && one.innerText.trim().length > 5
).map(one => one.innerText.trim())"""
"""What has to be read letter by letter. axe does not mind, and the page is no wider for it."""


@pytest.fixture
def paths(steward, complete_dataset):
    """Addresses of pages, those of a public dataset of the steward's organisation among them."""
    context = {"user": steward["name"], "ignore_auth": False}
    dataset = call_action("package_create", context, **complete_dataset)
    entry = {"title_translated": {"sl": "GIS"}, "hosting": "oblak", "supplier": "Podjetje"}
    system = call_action("package_create", context, type="system", owner_org="mestna-obcina-kranj", **entry)
    columns = [{"name": "st_mest", "type": "celo-stevilo", "title_sl": "Število mest"}]
    call_action("kranj_columns_update", context, id=dataset["resources"][0]["id"], columns=columns)
    table = base64.b64encode(f"id;version;frequency\n{dataset['id']};2;tedensko\n".encode()).decode()
    batch = call_action("kranj_batch_create", context, name="zbirke.csv", content=table)
    return {
        "home": "/",
        "imports": "/standard/uvoz",
        "import": f"/standard/uvoz/{batch['id']}",
        "search": "/dataset/",
        "about": "/about",
        "dataset": f"/dataset/{dataset['name']}",
        "resource": f"/dataset/{dataset['name']}/resource/{dataset['resources'][0]['id']}",
        "organizations": "/organization/",
        "organization": "/organization/mestna-obcina-kranj",
        "areas": "/group/",
        "edit": f"/dataset/edit/{dataset['name']}",
        "internal": f"/dataset/{dataset['name']}/internal",
        "internal-form": f"/dataset/{dataset['name']}/internal/edit",
        "columns": f"/dataset/{dataset['name']}/resource/{dataset['resources'][0]['id']}/columns",
        "level": f"/dataset/{dataset['name']}/level?visibility=organization",
        "retention": f"/dataset/{dataset['name']}/retention",
        "due": "/retention",
        "approvals": "/approvals",
        "requests": "/requests",
        "desk": "/desk",
        "report": "/report",
        "systems": "/systems",
        "system": f"/system/{system['name']}",
        "system-form": "/system/new",
        "resource-form": f"/dataset/{dataset['name']}/resource/{dataset['resources'][0]['id']}/edit",
    }


def judged(visitor, axe, path):
    """What is wrong with one page."""
    page = visitor.open(path)
    found = [f"{path} {finding}" for finding in axe(page)]
    width = page.evaluate("document.documentElement.scrollWidth")
    if width > page.viewport_size["width"]:
        found.append(f"{path} is {width} wide")
    found += [f"{path} squeezes {words!r}" for words in page.evaluate(SQUEEZED)]
    return found + [f"{path} asks {address}" for address in visitor.foreign]


@pytest.mark.parametrize("view", VIEWS)
def test_the_pages_of_the_portal(visit, axe, steward, paths, view):
    lang, width = view
    visitor = visit(steward["token"], width=width)
    found = [item for path in paths.values() for item in judged(visitor, axe, lang + path)]
    assert found == [], "\n".join(found)


@pytest.mark.parametrize("view", VIEWS)
def test_every_step_of_the_form_and_its_refusal(visit, axe, steward, view):
    lang, width = view
    visitor = visit(steward["token"], width=width)
    page = visitor.open(f"{lang}/dataset/new")
    found = []
    for step in ("what", "who", "when", "access", "retention", "where", "files"):
        page.click(f".kranj-nav a[href='#step-{step}']")
        for closed in ("details:not([open]) > summary:visible", ".kranj-override:visible"):
            while page.locator(f"#step-{step} {closed}").count():
                page.locator(f"#step-{step} {closed}").first.click()
        found += [f"{step} {finding}" for finding in axe(page)]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{step} is wider than {width}")
    page.click("button[name=state][value=active]")
    page.wait_for_selector("form.kranj-live #kranj-summary")
    visitor.checked()
    found += [f"refused {finding}" for finding in axe(page)]
    assert found == [], "\n".join(found)
