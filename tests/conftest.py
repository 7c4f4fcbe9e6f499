"""CKAN for the tests: plugins, tables and application once a session, clean tables and index for each test.

Only tests that ask for ``catalogue`` (or a fixture built on it) need servers; the rest are marked ``unit``.
"""

import copy
import json
import logging
import os
import shutil
import sys
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

DATA = Path(__file__).parent / "data"


@pytest.fixture
def complete_dataset():
    """A public description that satisfies every rule, with its internal block; the test may change it."""
    return copy.deepcopy(json.loads((DATA / "complete_dataset.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def corpus():
    """The folder of recorded real responses; tests over it skip where it is not at hand."""
    folder = os.environ.get("KRANJ_CORPUS")
    if not folder or not Path(folder).is_dir():
        pytest.skip("KRANJ_CORPUS names no folder of recordings")
    return Path(folder)


@pytest.fixture(scope="session")
def demo_server():
    """The demonstration city, running; its address.

    Yields:
        The address.
    """
    folder = str(Path(__file__).parents[1] / "deployment")
    sys.path.insert(0, folder)
    try:
        from demo import city, web
    finally:
        sys.path.remove(folder)
    running = web.Server(("127.0.0.1", 0), city.load())
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{running.server_address[1]}"
    running.shutdown()
    running.server_close()
    thread.join()


@pytest.fixture(scope="session")
def _portal():
    """Tables of CKAN and of every plugin, and one application."""
    from ckan.cli.db import _migrate_plugins
    from ckan.lib.search import clear_all
    from ckan.plugins import load_all
    from ckan.tests import helpers

    load_all()
    helpers.reset_db()
    _migrate_plugins(apply=True)
    _hear_every_logger_again()
    clear_all()
    return helpers._get_test_app()


def _hear_every_logger_again():
    """Undo what ckanext-harvest's migration does: its ``fileConfig`` silences every logger that exists by then."""
    for logger in logging.Logger.manager.loggerDict.values():
        if isinstance(logger, logging.Logger):
            logger.disabled = False


CITY = 'SELECT md5(string_agg(g::text, chr(10) ORDER BY name)) FROM "group" g'
"""A fingerprint of organisations and content areas: setting them up takes most of a second, so it is done only when
a test changed them."""


@pytest.fixture(scope="session")
def _city():
    """The fingerprint of the city as last set up."""
    return {"fingerprint": "none yet"}


def _empty_the_feed():
    """Forget what the feed rendered: emptying CKAN's tables looks to its guard like an accident."""
    from ckan import model

    with model.meta.engine.begin() as connection:
        if connection.scalar(sa.text("SELECT to_regclass('kranj_feed_record')")):
            for statement in (
                "DELETE FROM kranj_feed_record",
                "DELETE FROM kranj_feed_dirty",
                "DELETE FROM kranj_feed_named",
                "DELETE FROM kranj_feed_page",
                "DELETE FROM kranj_feed_link",
                "DELETE FROM kranj_feed_quality",
                "UPDATE kranj_feed_state SET total = 0, last_seq = 0",
            ):
                connection.execute(sa.text(statement))


@pytest.fixture
def catalogue(_portal, _city):
    """An empty catalogue with the city's organisations and content areas.

    Yields:
        The test application (``.get``, ``.post``).
    """
    from ckan import model
    from ckan.lib.search import clear_all

    from ckanext.kranj.catalogue import city

    model.Session.rollback()
    model.Session.close()
    if model.Session.scalar(sa.text(CITY)) == _city["fingerprint"]:
        # Not model.meta.metadata: CKAN replaces it by what a new database holds, which is nothing.
        for table in reversed(model.repo.metadata.sorted_tables):
            if table.name != "group":
                model.Session.execute(table.delete())
        model.Session.commit()
    else:
        model.repo.delete_all()
        city.set_up()
        _city["fingerprint"] = model.Session.scalar(sa.text(CITY))
    _empty_the_feed()
    clear_all()
    yield _portal
    model.Session.rollback()
    model.Session.close()


CHROMIUM = ("chromium", "chromium-browser", "google-chrome")

BROWSER_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
"""Nothing but this machine has an address: what a page asks of others fails, and is noted."""


@pytest.fixture(scope="session")
def browser():
    """One browser for all tests that need one: playwright allows no second one beside it."""
    program = next((path for path in map(shutil.which, CHROMIUM) if path), None)
    if program is None:
        pytest.skip("no chromium on this machine; Debian's package is named chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=BROWSER_ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def _openid_provider():
    """The OpenID provider of tests/oidc, running."""
    folder = str(Path(__file__).parent / "oidc")
    sys.path.insert(0, folder)
    try:
        import provider
    finally:
        sys.path.remove(folder)
    running = provider.OpenIdProvider()
    yield running
    running.close()


@pytest.fixture
def openid(_openid_provider, monkeypatch):
    """An OpenID provider that knows nobody yet, and the portal set to it."""
    import ckan.plugins.toolkit as tk

    from ckanext.kranj.login import provider

    _openid_provider.forget()
    provider._made.cache_clear()
    _openid_provider.allow(tk.config["ckan.site_url"])
    monkeypatch.setenv("KRANJ_SECRET_OIDC", "skrivnost-samo-za-teste")
    monkeypatch.setitem(tk.config, "kranj.oidc.issuer", _openid_provider.issuer)
    monkeypatch.setitem(tk.config, "kranj.oidc.client_id", "katalog-kranj")
    return _openid_provider
