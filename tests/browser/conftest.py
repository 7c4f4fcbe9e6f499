"""A real browser against a real server: Debian's chromium through playwright, one browser a session.

Where there is no chromium these tests are skipped with a sentence; nothing is downloaded.
"""

import threading

import pytest


@pytest.fixture(scope="session")
def _server(_portal):
    """The portal over HTTP, on a free port."""
    from webassets import script
    from werkzeug.serving import make_server

    from ckan.lib import webassets_tools

    script.main(["build"], webassets_tools.env)  # or the first page is seen while its style is being written
    server = make_server("127.0.0.1", 0, _portal.flask_app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


STYLED = (
    "() => document.readyState === 'complete'"
    " && [...document.querySelectorAll('link[rel=stylesheet]')].every(link => link.sheet)"
)
"""The page and its style have arrived."""


class Visitor:
    """One person at one browser window.

    ``page`` is playwright's; ``foreign`` lists the addresses outside the portal that pages asked for. A page whose
    style or script did not arrive is refused: nothing that is found on it would be true.
    """

    def __init__(self, context, base):
        self.context, self.base, self.foreign, self.broken = context, base, [], []
        context.on("request", self._note)
        context.on("response", self._note_status)
        context.on("requestfailed", lambda request: self._note_broken(request, request.failure))
        self.page = context.new_page()
        self.page.set_default_timeout(10_000)

    def _note(self, request):
        if not request.url.startswith((self.base, "data:")):
            self.foreign.append(request.url)

    def _note_status(self, response):
        if response.status >= 400:
            self._note_broken(response.request, response.status)

    def _note_broken(self, request, why):
        left = "ERR_ABORTED" in str(why)  # the page was left before it had everything
        if request.resource_type in ("stylesheet", "script") and not left:
            self.broken.append(f"{request.url}: {why}")

    def open(self, path):
        """Open a page of the portal and wait until a form on it was checked once."""
        self.page.goto(self.base + path)
        assert self.broken == [], f"{path} is incomplete"
        if self.page.locator("form.kranj-live").count():
            self.checked()
        return self.page

    def checked(self, after=0):
        """Wait until the form was checked more than ``after`` times; returns how often by now."""
        self.page.wait_for_function(
            "after => Number(document.querySelector('form.kranj-form').dataset.checked || 0) > after", arg=after
        )
        return int(self.page.locator("form.kranj-form").get_attribute("data-checked"))

    def changed(self):
        """Wait until the form was checked after a change that was just made."""
        before = int(self.page.locator("form.kranj-form").get_attribute("data-checked"))
        return self.checked(before)


@pytest.fixture
def visit(catalogue, _server, browser, monkeypatch):
    """Open windows: ``visit(user, width=…, javascript=…)``; all are closed at the end."""
    import ckan.plugins.toolkit as tk

    monkeypatch.setitem(tk.config, "ckan.site_url", _server)  # CKAN redirects to absolute addresses
    opened = []

    def window(token=None, *, width=1280, javascript=True):
        headers = {"Authorization": token} if token else {}
        context = browser.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=javascript, extra_http_headers=headers
        )
        visitor = Visitor(context, _server)
        opened.append(context)
        return visitor

    yield window
    for context in opened:
        context.close()


@pytest.fixture
def steward(catalogue):
    """An editor of the municipality: ``name`` and ``token``."""
    from ckan.tests import factories
    from ckan.tests.helpers import call_action

    user = factories.User(image_url=None)
    call_action("organization_member_create", id="mestna-obcina-kranj", username=user["name"], role="editor")
    return {"name": user["name"], "token": factories.APIToken(user=user["name"])["token"]}


@pytest.fixture
def axe():
    """Run axe-core on a page: its findings as lines of text."""
    from axe_playwright_python.sync_playwright import Axe

    def findings(page):
        page.wait_for_function(STYLED)  # a click waits for the next page, not for its style
        violations = Axe().run(page).response["violations"]
        return [f"{item['id']}: {node['html'][:200]}" for item in violations for node in item["nodes"]]

    return findings
