"""PostgreSQL, Redis and Solr stopped and started in the middle of a run (`deployment/test long`)."""

import os
import sys
import time
from pathlib import Path

import pytest

from ckan import model
from ckan.tests import helpers

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[3]
NUMBER = 150


@pytest.fixture
def supervisor():
    """The supervisor of the test servers; skips where the servers are somebody else's."""
    folder = str(ROOT / "deployment")
    sys.path.insert(0, folder)
    try:
        from stack.python import software
        from stack.state import State
        from stack.supervise import Supervisor
    finally:
        sys.path.remove(folder)
    found = Supervisor(State(Path(os.environ.get("KRANJ_STATE", ROOT / ".state-test"))), software())
    if not found.running():
        pytest.skip("the servers are not ours to stop")
    return found


@pytest.mark.parametrize("program", ["postgres", "redis", "solr"])
def test_a_server_that_restarts_costs_no_record(dataset, turtle, served, source, supervisor, program):  # noqa: PLR0917
    from ckanext.kranj.harvest.runner import harvest

    spec = source(served(turtle(*(dataset(number) for number in range(NUMBER)))))
    model.Session.remove()
    model.meta.engine.dispose()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            report = harvest(spec)
            status = 0 if report.complete and report.counts["create"] == NUMBER else 3
        finally:
            os._exit(status)
    deadline = time.monotonic() + 60
    while model.Session.query(model.Package).filter_by(type="dataset").count() < 50 and time.monotonic() < deadline:
        model.Session.remove()
        time.sleep(0.1)
    model.Session.remove()
    model.meta.engine.dispose()
    supervisor.call("supervisor.stopProcess", program, True)
    time.sleep(2)
    supervisor.call("supervisor.startProcess", program, True)
    _, status = os.waitpid(child, 0)
    for _ in range(60):
        try:
            assert helpers.call_action("package_search", rows=0)["count"] >= 0
            break
        except Exception:  # noqa: BLE001 the server is still starting
            model.Session.remove()
            time.sleep(1)
    assert os.waitstatus_to_exitcode(status) == 0
    report = harvest(spec)
    assert (report.complete, report.counts["unchanged"]) == (True, NUMBER)
    assert model.Session.query(model.Package).filter_by(type="dataset").count() == NUMBER
    assert helpers.call_action("package_search", include_private=True, rows=0)["count"] == NUMBER
