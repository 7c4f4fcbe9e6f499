"""The lane to the database outlives what happens to its connections."""

import pytest
import sqlalchemy as sa

from ckan import model

from ckanext.kranj.database import lane

ADD = lane.Prepared("test_add", ("integer[]",), "SELECT cardinality($1), pg_backend_pid()")


def asked():
    ((found, backend),) = lane.ask_prepared(ADD, [1, 2, 3])
    assert found == 3
    return backend


@pytest.fixture(autouse=True)
def _connected(catalogue):
    """With a database."""


def test_a_prepared_question_is_prepared_once_per_connection():
    assert asked() == asked()
    prepared = lane.ask(sa.text("SELECT count(*) FROM pg_prepared_statements WHERE name = :name"), {"name": ADD.name})
    assert prepared == [(1,)]


def test_a_connection_that_forgot_the_question_is_replaced():
    """A pool between us and the server (pgbouncer) may hand out another connection or discard what was prepared."""
    before = asked()
    lane.ask(sa.text("DEALLOCATE ALL"), {})
    assert asked() != before


def test_a_connection_that_the_server_ended_is_replaced():
    before = asked()
    model.Session.execute(sa.text("SELECT pg_terminate_backend(:backend, 5000)"), {"backend": before})
    assert asked() != before


def test_a_wrong_question_is_an_error_and_leaves_the_lane_in_order():
    with pytest.raises(Exception, match="kranj_nothing"):
        lane.ask_prepared(lane.Prepared("test_wrong", ("text",), "SELECT * FROM kranj_nothing WHERE id = $1"), "a")
    asked()


def test_rows_by_name():
    question = lane.Prepared("test_named", ("integer", "text"), "SELECT $1 AS number, $2 AS word")
    assert lane.ask_named(question, 1, "ena") == [{"number": 1, "word": "ena"}]
