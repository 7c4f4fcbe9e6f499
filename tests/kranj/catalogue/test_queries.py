"""How often the database is asked: a limit that notices when a save begins to ask for the same thing again."""

from contextlib import contextmanager

import pytest
import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories


@contextmanager
def counted():
    """Statements that are sent while inside."""
    sent = []

    def note(_connection, _cursor, statement, *_rest):
        sent.append(statement)

    engine = model.meta.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def site(catalogue):
    return {"user": factories.Sysadmin()["name"], "ignore_auth": False}


def test_a_save_asks_no_more_than_it_must(site, complete_dataset):
    tk.get_action("package_create")(dict(site), {**complete_dataset, "title_translated": {"sl": "Prva zbirka"}})
    model.Session.remove()
    with counted() as sent:
        made = tk.get_action("package_create")(dict(site), complete_dataset)
    assert len(sent) <= 38, sent
    assert sum('FROM "user"' in statement for statement in sent) <= 6
    model.Session.remove()
    with counted() as sent:
        tk.get_action("package_patch")(dict(site), {"id": made["id"], "version": "2"})
    assert len(sent) <= 40, sent
    model.Session.remove()
    with counted() as sent:
        tk.get_action("package_show")(dict(site), {"id": made["id"]})
    assert len(sent) <= 4, sent
