"""Killed between the commit of a batch and its request to the index: the next run or the worker completes it."""

import os
import signal

import pytest

from ckan import model
from ckan.lib import search

from ckanext.kranj.catalogue import indexing

KNOWN = 60
"""More than a batch."""


def titles():
    """What the index itself holds; package_search would mend what it shows."""
    found = search.make_connection().search("*:*", fq="+dataset_type:dataset", fl="title", rows=200)
    return sorted(item["title"] for item in found.docs)


def killed(spec, monkeypatch):
    """A run in a process of its own that dies with the first request to the index."""
    from ckanext.kranj.harvest import runner

    model.Session.remove()
    model.meta.engine.dispose()
    child = os.fork()
    if child == 0:
        try:
            monkeypatch.setattr(indexing, "send", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
            runner.harvest(spec)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL


def waiting():
    from ckanext.kranj.harvest.model import HarvestRecord

    model.Session.remove()
    return model.Session.query(HarvestRecord).filter_by(indexed=False).count()


@pytest.mark.parametrize("way", ["next run", "worker"])
def test_the_index_is_brought_up_to_date(dataset, turtle, served, source, monkeypatch, way):  # noqa: PLR0917
    from ckanext.harvest.model import HarvestJob
    from ckanext.kranj.harvest import runner, worker

    spec = source(served(turtle(*(dataset(number) for number in range(KNOWN)))))
    assert runner.harvest(spec).counts["create"] == KNOWN
    old = titles()
    served(turtle(*(dataset(number, title=f"Novo ime {number}") for number in range(KNOWN))))
    killed(spec, monkeypatch)
    assert waiting() == 50
    assert titles() == old  # the index knows nothing yet, and nothing is lost in the database
    if way == "worker":
        # What is read and stored already is only sent to the index: the source is not needed for that.
        for job in HarvestJob.filter(source_id=spec.id, status="Running"):
            job.gather_started -= worker.GRACE * 2
        model.Session.commit()
        assert worker.Worker(start=lambda job, _: int(not runner.harvest(spec, job).complete)).once() == 1
    else:
        report = runner.harvest(spec)
        assert (report.counts["unchanged"], report.counts["update"]) == (50, KNOWN - 50)
    assert waiting() == 0
    assert titles() == sorted(f"Novo ime {number}" for number in range(KNOWN))
    assert model.Session.query(model.Package).filter_by(type="dataset", state="active").count() == KNOWN
