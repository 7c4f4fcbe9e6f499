"""CKAN for the tests: plugins, tables and application once a session, clean tables and index for each test.

Only tests that ask for ``catalogue`` (or a fixture built on it) need servers; the rest are marked ``unit``.
"""

import copy
import json
import os
from pathlib import Path

import pytest

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
def _portal():
    """Tables of CKAN and of every plugin, and one application."""
    from ckan.cli.db import _migrate_plugins
    from ckan.lib.search import clear_all
    from ckan.plugins import load_all
    from ckan.tests import helpers

    load_all()
    helpers.reset_db()
    _migrate_plugins(apply=True)
    clear_all()
    return helpers._get_test_app()


@pytest.fixture
def catalogue(_portal):
    """An empty catalogue with the city's organisations and content areas.

    Yields:
        The test application (``.get``, ``.post``).
    """
    from ckan import model
    from ckan.lib.search import clear_all

    from ckanext.kranj.catalogue import city

    model.Session.rollback()
    model.Session.close()
    model.repo.delete_all()
    clear_all()
    city.set_up()
    yield _portal
    model.Session.rollback()
    model.Session.close()
