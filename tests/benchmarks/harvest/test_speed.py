"""Harvesting against stock ckanext-harvest: same run, same records, same servers, same schema (`deployment/test long`).

Stock is its own HarvesterBase, driven by its own stage functions without waiting for its queue: what is left out is
only in its favour. Both sides read one JSON list over HTTP and write through the same actions and the same standard.
"""

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from harvesters import Connector, Context
from harvesters.plan import Basis
from schemas import dataset_id, resource_id

pytestmark = pytest.mark.long

RECORDS = int(os.environ.get("KRANJ_BENCH", "300"))
MANY = int(os.environ.get("KRANJ_BENCH_MANY", "10000"))
PHASES = ("first load", "nothing changed", "10 % changed")


def records(slug, *, changed=()):
    """Records that satisfy the standard, with three resources and five keywords each."""
    for number in range(RECORDS):
        identifier = dataset_id(slug, str(number))
        title = f"Zbirka {number}{' nova' if number in changed else ''}"
        yield {
            "guid": str(number),
            "dataset": {
                "title_translated": {"sl": f"{title} vira {slug}"},
                "notes_translated": {"sl": "Opis zbirke podatkov, ki je dovolj dolg za standard mesta. " * 4},
                "tags_translated": {"sl": ["promet", "okolje", "zrak", f"vir {slug}", f"zbirka {number}"]},
                "secrecy": "javno", "visibility": "internal", "owner_status": "potrjen", "access_method": "download",
                "frequency": "ANNUAL", "retention_kind": "T", "content_area": ["promet"], "issued": "2020-01-01",
                "contact": [{"name": "Podatkovna pisarna", "email": "podatki@kranj.si"}],
                "resources": [
                    {"id": resource_id(identifier, fmt), "name_translated": {"sl": fmt}, "format": fmt,
                     "url": f"https://vir.example/{slug}/{number}.{fmt.lower()}"}
                    for fmt in ("CSV", "JSON", "XLSX")
                ],
            },
        }  # fmt: skip


class ListConnector(Connector):
    """The same list for our side."""

    name, version = "list", 1
    title = {"sl": "Seznam", "en": "List"}

    def records(self, ctx):
        for item in ctx.json(self.settings.url):
            yield ctx.reading(item["guid"], item["dataset"])
        ctx.complete()


class Clock:
    """Time on the wall, and time of the processor in this process: the latter means the same on a machine that is shared.

    The servers' own processor time is in neither.
    """

    def __init__(self):
        """Start."""
        self.wall, self.cpu = time.monotonic(), time.process_time()

    def read(self):
        """Seconds since then, by both."""
        return time.monotonic() - self.wall, time.process_time() - self.cpu


@pytest.fixture
def world(catalogue, httpserver):
    """A source of ours and the list that it serves."""
    from ckanext.kranj.harvest import model as harvest
    from ckanext.kranj.harvest import sources

    for name in ("Record", "Run", "State", "Alias", "Finding", "Decision"):
        model.Session.query(getattr(harvest, f"Harvest{name}")).delete()
    model.Session.commit()
    url = httpserver.url_for("/list.json")
    config = {"allowed_hosts": ["localhost"], "internal": {"location": {"system": "S"}}}
    defaults = {"defaults": {"owner_org": "mestna-obcina-kranj"}}
    sources.add(
        "nas", "dcat", url, "mestna-obcina-kranj", title="Naš", frequency="MANUAL", config=json.dumps(config | defaults)
    )
    found = sources.find("nas")
    return replace(found, connector=ListConnector(found.connector.settings)), url


def serve(httpserver, slug, **options):
    httpserver.clear()
    body = json.dumps(list(records(slug, **options)))
    httpserver.expect_request("/list.json").respond_with_data(body, content_type="application/json")


def stock_run(source_id, url):
    """One job as ckanext-harvest's consumers do it."""
    from ckanext.harvest import queue
    from ckanext.harvest.harvesters.base import HarvesterBase
    from ckanext.harvest.model import HarvestJob, HarvestObject, HarvestSource

    class Stock(HarvesterBase):
        config = None

        def info(self):
            return {"name": "stock", "title": "Stock", "description": ""}

        def gather_stage(self, harvest_job):
            ids = []
            for item in requests.get(url, timeout=60).json():
                made = HarvestObject(guid=item["guid"], job=harvest_job, content=json.dumps(item["dataset"]))
                made.save()
                ids.append(made.id)
            return ids

        def fetch_stage(self, harvest_object):
            return True

        def import_stage(self, harvest_object):
            dataset = json.loads(harvest_object.content)
            dataset |= {
                "id": dataset_id("stock", harvest_object.guid),
                "title": dataset["title_translated"]["sl"],
                "owner_org": "mestna-obcina-kranj",
                "type": "dataset",
                "internal": {"location": {"system": "S"}},
            }
            return self._create_or_update_package(dataset, harvest_object, package_dict_form="package_show")

    harvester = Stock(name="stock")
    job = HarvestJob(source=HarvestSource.get(source_id))
    job.save()
    clock = Clock()
    for identifier in queue.gather_stage(harvester, job):
        queue.fetch_and_import_stages(harvester, HarvestObject.get(identifier))
    job.status = "Finished"
    job.save()
    tk.get_action("harvest_source_reindex")({"ignore_auth": True}, {"id": source_id})
    return clock.read()


def settled():
    """The feed renders what was saved in a thread of this process: that of one phase is not charged to the next."""
    from ckanext.kranj.feed.config import feed_config
    from ckanext.kranj.feed.render import render

    while render(feed_config(), everything=True):
        pass


def test_against_stock(world, httpserver):
    from ckanext.kranj.harvest import state
    from ckanext.kranj.harvest.runner import harvest

    spec, url = world
    tenth = set(range(0, RECORDS, 10))
    stock, ours = {}, {}
    for phase, changed in zip(PHASES, (set(), set(), tenth), strict=True):
        serve(httpserver, "stock", changed=changed)
        settled()
        stock[phase] = stock_run(spec.id, url)
    before = model.Session.query(model.Package).filter_by(type="dataset", state="active").count()
    assert before == RECORDS
    for phase, changed in zip(PHASES, (set(), set(), tenth), strict=True):
        serve(httpserver, "nas", changed=changed)
        state.of(spec.id).marks = []  # read everything: the short cut is measured by itself
        model.Session.commit()
        settled()
        clock = Clock()
        report = harvest(spec)
        ours[phase] = clock.read()
        assert report.complete, report.reason
        wanted = {"first load": "create", "nothing changed": "unchanged", "10 % changed": "update"}[phase]
        assert report.counts[wanted] == (len(tenth) if wanted == "update" else RECORDS), report.counts
    started = time.monotonic()
    assert harvest(spec).unchanged_source
    asked = time.monotonic() - started
    print(f"\n{RECORDS} records, milliseconds a record, clock (processor): stock | ours | times faster")  # noqa: T201
    for phase in PHASES:
        (a, a_cpu), (b, b_cpu) = ([1000 * item / RECORDS for item in side[phase]] for side in (stock, ours))
        print(  # noqa: T201
            f"{phase:16} {a:8.2f} ({a_cpu:6.2f}) | {b:8.2f} ({b_cpu:6.2f}) | {a / b:6.1f} ({a_cpu / b_cpu:6.1f})"
        )
    ratio = stock["nothing changed"][0] / asked
    print(f"the source says that nothing changed: {asked:.3f} s for all | {ratio:.0f}")  # noqa: T201
    assert ours["nothing changed"][0] < stock["nothing changed"][0] / 20


def test_many_unchanged(world, httpserver, monkeypatch):
    """A run over many unchanged records; their rows are copied by SQL, as loading them would take the afternoon."""
    from ckanext.kranj.harvest import state
    from ckanext.kranj.harvest.runner import harvest

    spec, _ = world
    monkeypatch.setattr(sys.modules[__name__], "RECORDS", 20)
    serve(httpserver, "nas")
    assert harvest(spec).counts["create"] == 20
    monkeypatch.setattr(sys.modules[__name__], "RECORDS", MANY)
    basis = Basis(spec.connector.version, spec.defaults)
    ctx = Context(spec.slug, None)
    rows = [
        {
            "guid": item["guid"],
            "id": dataset_id(spec.slug, item["guid"]),
            "fingerprint": basis.fingerprint(ctx.reading(item["guid"], item["dataset"])),
        }
        for item in records("nas")
    ][20:]
    columns = [column.name for column in model.Package.__table__.columns if column.name not in {"id", "name"}]
    listed = ", ".join(columns)
    template = dataset_id(spec.slug, "0")
    for start in range(0, len(rows), 1000):
        part = rows[start : start + 1000]
        model.Session.execute(
            sa.text(
                f"INSERT INTO package (id, name, {listed}) SELECT :id, 'zbirka-' || :guid, {listed}"  # noqa: S608
                " FROM package WHERE id = :template"
            ),
            [{"id": row["id"], "guid": row["guid"], "template": template} for row in part],
        )
        model.Session.execute(
            sa.text(
                "INSERT INTO kranj_harvest_record (source_id, guid, package_id, hash, draft, problems, indexed,"
                " first_seen, changed_at, fingerprint, likeness, title_key) VALUES (:source, :guid, :id, 'x', false,"
                " '[]', true, current_date, now(), :fingerprint, md5(:guid), md5(:guid))"
            ),
            [{**row, "source": spec.id} for row in part],
        )
        model.Session.commit()
    serve(httpserver, "nas")
    state.of(spec.id).marks = []
    model.Session.commit()
    started = time.monotonic()
    report = harvest(spec)
    seconds = time.monotonic() - started
    assert (report.complete, report.counts["unchanged"]) == (True, MANY)
    started = time.monotonic()
    assert harvest(spec).unchanged_source
    print(f"\n{MANY} unchanged records: {seconds:.1f} s; asked by hash: {time.monotonic() - started:.2f} s")  # noqa: T201


@pytest.mark.parametrize("number", [1_000, 10_000, 100_000])
def test_memory_does_not_grow_with_the_source(number):
    """The engine alone, in a process of its own, with a sink that keeps nothing."""
    given = [sys.executable, "-W", "ignore", __file__, str(number)]
    done = subprocess.run(given, capture_output=True, check=True, text=True)
    found = json.loads(done.stdout)
    print(f"\n{found}")  # noqa: T201
    assert found["read"] == number
    assert found["grown_mb"] < 60


def peak():
    """The most memory (kB) that this process ever had, without what it was forked from."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0])


def measure(number):
    """Read so many new records and say how much memory it took beyond the first thousand."""
    from harvesters import Context, Defaults, MemorySink, Outcome, Settings, run

    class Many(Connector):
        name, title = "many", {"sl": "x", "en": "x"}

        def records(self, ctx):
            for index in range(number):
                if index == 1_000 or (number == 1_000 and index == 999):
                    marks.append(peak())
                title = {"sl": f"Zbirka {index}"}
                yield ctx.reading(str(index), {"title_translated": title, "notes_translated": title, "resources": []})
            ctx.complete()

    class Forgetting(MemorySink):
        def apply(self, changes):
            return [Outcome(change.action, change.guid) for change in changes]

    marks = []
    started = time.monotonic()
    report = run(Many(Settings("x")), Context("vir", None), Forgetting(), Defaults({"owner_org": "x"}))
    return {
        "read": report.counts["read"],
        "peak_mb": peak() // 1024,
        "grown_mb": (peak() - marks[0]) // 1024,
        "ms_a_record": round(1000 * (time.monotonic() - started) / number, 2),
    }


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]))))  # noqa: T201
