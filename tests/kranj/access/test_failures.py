"""A save that breaks at any step, and readers beside writers: nothing is read that the database hides."""

import itertools
import random
import threading
import time

import pytest
import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import logic, model
from ckan.lib.search import index as search_index
from ckan.tests import factories

from ckanext.kranj.access import reindex
from ckanext.kranj.catalogue import hooks


@pytest.fixture
def writer(catalogue):
    model.Session.execute(sa.text("DELETE FROM kranj_reindex"))
    model.Session.commit()
    return factories.Sysadmin()["name"]


@pytest.fixture
def record(writer, complete_dataset):
    complete_dataset["tags_translated"] = {"sl": ["skrita beseda"]}
    return tk.get_action("package_create")({"user": writer}, complete_dataset)["id"]


def set_level(writer, identifier, level):
    tk.get_action("package_patch")({"user": writer}, {"id": identifier, "visibility": level})


def broken(*_args, **_kwargs):
    raise RuntimeError("broken on purpose")


def then_broken(function):
    def run(*args, **kwargs):
        function(*args, **kwargs)
        broken()

    return run


STEPS = {
    "before index": lambda patch: patch.setattr(search_index.PackageSearchIndex, "index_package", broken),
    "after index": lambda patch: patch.setattr(
        logic, "index_update_package_dicts", then_broken(logic.index_update_package_dicts)
    ),
    "before commit": lambda patch: patch.setattr(model.repo, "commit", broken),
    "after commit": lambda patch: patch.setattr(model.repo, "commit", then_broken(model.repo.commit)),
}


def reads(app, identifier):
    """What an anonymous visitor reads that names the record: surface -> whether it does."""
    pages = {
        "search": "/api/action/package_search?q=*:*&facet.field=%5B%22tags%22%5D",
        "show": f"/api/action/package_show?id={identifier}",
        "page": f"/dataset/{identifier}",
        "tags": "/api/action/tag_list",
        "feed": "/catalog.ttl",
        "document": f"/dataset/{identifier}.ttl",
        "atom": "/feeds/dataset.atom",
    }
    client = app.test_client(use_cookies=False)
    return {name: any(word in client.get(url).get_data(as_text=True) for word in ("skrita beseda", "skrita-beseda"))
            or (client.get(url).status_code == 200 and identifier in client.get(url).get_data(as_text=True))
            for name, url in pages.items()}  # fmt: skip


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(("before", "after"), [("public", "restricted"), ("restricted", "public")])
def test_a_save_that_breaks_leaks_nothing(  # noqa: PLR0917
    catalogue, record, step, before, after, monkeypatch
):
    writer = factories.Sysadmin()["name"]
    if before != "public":
        set_level(writer, record, before)
    STEPS[step](monkeypatch)
    with pytest.raises(RuntimeError):
        set_level(writer, record, after)
    monkeypatch.undo()
    model.Session.rollback()
    visible = model.Package.get(record).extras["visibility"] == "public"
    assert visible is ((after if step == "after commit" else before) == "public")
    seen = reads(catalogue, record)
    if visible:
        assert seen["show"]
    else:
        assert not any(seen.values()), seen
    # Where the index itself was broken the note waits for it; then nothing is left.
    assert reindex.replay(older=0) == (1 if step.endswith("index") else 0)
    assert reads(catalogue, record)["search"] is visible


def test_what_a_killed_save_left_is_mended(catalogue, writer, record, monkeypatch):
    """As after ``kill -9`` between index and commit: the note stays, the index holds what never was committed."""
    set_level(writer, record, "restricted")
    monkeypatch.setattr(model.repo, "commit", broken)
    monkeypatch.setattr(reindex, "replay", lambda **_: 0)
    with pytest.raises(RuntimeError):
        set_level(writer, record, "public")
    monkeypatch.undo()
    model.Session.rollback()
    assert tk.get_action("package_search")({"user": ""}, {"facet.field": ["tags"]})["facets"]["tags"] != {}
    assert reindex.replay(older=0) == 1
    assert tk.get_action("package_search")({"user": ""}, {"facet.field": ["tags"]})["facets"]["tags"] == {}
    assert reindex.replay(older=0) == 0


def test_a_deferred_save_that_breaks_takes_no_neighbour_along(  # noqa: PLR0917 fixtures
    catalogue, writer, record, complete_dataset, monkeypatch
):
    """As in a harvest: a savepoint for each record, one commit for all; the index hears of none before it."""
    set_level(writer, record, "restricted")
    other = tk.get_action("package_create")({"user": writer}, {**complete_dataset, "visibility": "internal"})["id"]
    context = {"user": writer, "ignore_auth": True, "defer_commit": True, "return_id_only": True}
    with model.Session.begin_nested():
        tk.get_action("package_patch")(dict(context), {"id": other, "version": "good"})
    monkeypatch.setattr(hooks.KranjDatasetHooks, "after_dataset_update", broken)
    with pytest.raises(RuntimeError), model.Session.begin_nested():
        tk.get_action("package_patch")(dict(context), {"id": record, "visibility": "public", "version": "bad"})
    model.Session.commit()
    model.Session.expire_all()  # CKAN's session does not look again after a commit
    assert model.Package.get(other).version == "good"
    assert model.Package.get(record).version != "bad"
    assert reindex.replay(older=0) == 0
    assert tk.get_action("package_search")({"user": ""}, {"facet.field": ["tags"]})["facets"]["tags"] == {}


@pytest.mark.long
def test_readers_beside_writers(catalogue, writer, complete_dataset, capsys):  # noqa: C901 writers, readers, count
    """2,000 random flips of level and edits by two writers, three readers of search, feed and API."""
    flips, chance = 2000, random.Random(5)  # noqa: S311 a choice of test data
    records = []
    for number in range(20):
        data = {**complete_dataset, "title_translated": {"sl": f"Zbirka številka {number}"}}
        records.append(tk.get_action("package_create")({"user": writer}, data)["id"])
    hidden, lock, stop, forbidden, counts = {}, threading.Lock(), threading.Event(), [], {"reads": 0}
    epochs = itertools.count()
    work = iter([(chance.choice(records), chance.choice(("public", "restricted", "organization", "edit")))
                 for _ in range(flips)])  # fmt: skip
    busy = {identifier: threading.Lock() for identifier in records}

    def write():
        while True:
            with lock:
                step = next(work, None)
            if step is None:
                return
            identifier, what = step
            with busy[identifier]:
                if what == "edit":
                    change = {"version": str(next(epochs))}
                else:
                    change = {"visibility": what}
                    if what == "public":
                        hidden.pop(identifier, None)
                tk.get_action("package_patch")({"user": writer}, {"id": identifier, **change})
                if what not in ("edit", "public") and identifier not in hidden:
                    hidden[identifier] = next(epochs)
            model.Session.remove()

    def read(seed):
        own = random.Random(seed)  # noqa: S311
        client = catalogue.test_client(use_cookies=False)
        while not stop.is_set():
            one = own.choice(records)
            url = own.choice(("/api/action/package_search?rows=100", "/catalog.ttl", "/dataset/?q=zbirka",
                              f"/api/action/package_show?id={one}", f"/dataset/{one}.ttl"))  # fmt: skip
            before = dict(hidden)
            answer = client.get(url)
            body = answer.get_data(as_text=True)
            counts["reads"] += 1
            for identifier, epoch in before.items():
                if hidden.get(identifier) == epoch and identifier in body and answer.status_code == 200:
                    forbidden.append((url, identifier))

    readers = [threading.Thread(target=read, args=(seed,)) for seed in range(3)]
    writers = [threading.Thread(target=write) for _ in range(2)]
    started = time.monotonic()
    for thread in (*readers, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    for thread in readers:
        thread.join()
    took = time.monotonic() - started
    with capsys.disabled():
        print(f"\n{flips} changes, {counts['reads']} reads, {len(forbidden)} forbidden, {took:.0f} s")
    assert forbidden == []
    assert counts["reads"] > 500
