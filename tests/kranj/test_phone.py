"""The pages in a browser, as wide as a telephone and as a desk screen: nothing has to be scrolled sideways."""

import threading

import pytest
from werkzeug.serving import make_server

PAGES = (
    "/", "/dataset/", "/dataset/{dataset}", "/dataset/{dataset}/resource/{resource}", "/organization/",
    "/organization/{organization}", "/organization/about/{organization}", "/group/", "/group/{group}", "/user/login",
    "/user/reset", "/about", "/ni-take-strani",
)  # fmt: skip
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def address(portal):
    """Where the portal answers while the test runs."""
    server = make_server("127.0.0.1", 0, portal.app.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("lang", ["", "/en"], ids=["sl", "en"])
def test_no_page_is_wider_than_the_screen(browser, address, portal, width, lang):
    page = browser.new_page(viewport={"width": width, "height": 800})
    wider = {}
    for path in PAGES:
        page.goto(address + lang + path.format(**portal.names))
        assert page.locator(".site-footer").count() == 1
        wider[path] = page.evaluate(WIDER)
    page.close()
    assert {path: pixels for path, pixels in wider.items() if pixels} == {}


def test_on_a_phone_the_dataset_comes_before_its_owner(browser, address, portal):
    page = browser.new_page(viewport={"width": 360, "height": 800})
    page.goto(address + "/dataset/" + portal.names["dataset"])
    top = {name: page.locator(name).first.bounding_box()["y"] for name in (".primary h1", "aside.secondary")}
    page.close()
    assert top[".primary h1"] < top["aside.secondary"]


def test_the_footer_keeps_its_distance_from_the_last_item(browser, address):
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(address + "/")
    last = page.locator(".dataset-item").last.bounding_box()
    footer = page.locator(".site-footer").bounding_box()
    page.close()
    assert footer["y"] - (last["y"] + last["height"]) >= 16
