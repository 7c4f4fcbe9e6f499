"""The demonstration city, asked over HTTP as a harvester and a citizen would ask it."""

import csv
import http.client
import io
import json
import os
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ET
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
import yaml
from rdflib import DCAT, DCTERMS, RDF, Graph, Namespace

from harvesters import Context, Fetched, preset_named
from harvesters.errors import BadStatus
from harvesters.plan import judge
from schemas import vocabulary

pytestmark = pytest.mark.unit

DEPLOYMENT = Path(__file__).parents[2] / "deployment"
HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
SYNTAXES = {"ttl": "turtle", "rdf": "xml", "jsonld": "json-ld"}


@pytest.fixture(scope="module")
def demo():
    """The package of the demonstration city; ``deployment`` is no installed package."""
    sys.path.insert(0, str(DEPLOYMENT))
    try:
        from demo import city, graph, web
    finally:
        sys.path.remove(str(DEPLOYMENT))
    return type("Demo", (), {"city": city, "graph": graph, "web": web, "all": city.load()})


@pytest.fixture(scope="module")
def server(demo):
    """A running server; its port.

    Yields:
        The port.
    """
    demo.web.Handler.log_message = lambda *_: None
    running = demo.web.Server(("127.0.0.1", 0), demo.all)
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield running.server_address[1]
    running.shutdown()
    running.server_close()
    thread.join()


@pytest.fixture(scope="module")
def ask(server):
    """Ask for a path: (status, headers, body)."""

    def send(path, method="GET", **headers):
        connection = http.client.HTTPConnection("127.0.0.1", server, timeout=20)
        connection.request(method, path.removeprefix(f"http://127.0.0.1:{server}"), headers=headers)
        answer = connection.getresponse()
        found = answer.status, answer.headers, answer.read()
        connection.close()
        return found

    return send


def pages(ask, system, ending):
    """All pages of a catalogue, by the links in it."""
    address = f"/{system}/catalog.{ending}"
    while address:
        status, _, body = ask(address)
        assert status == 200
        graph = Graph().parse(data=body, format=SYNTAXES[ending])
        yield graph
        address = next((str(following) for following in graph.objects(None, HYDRA.next)), None)


class TestRecords:
    def test_there_are_enough_of_every_kind(self, demo):
        listed = demo.all.of("katalog")
        assert sum(item.public for item in listed) >= 64
        assert sum(not item.public for item in listed) >= 22
        assert 8 <= len(demo.all.of("mlaka")) <= 14
        assert {item["visibility"] for item in demo.all.items} == set(vocabulary("visibility").codes)
        assert {item["secrecy"] for item in demo.all.items} == {
            code for code in vocabulary("secrecy").codes if not code.startswith("ztp")
        }
        areas = Counter(area for item in listed if item.public for area in item["area"])
        assert set(areas) == set(vocabulary("content_area").codes)
        assert min(areas.values()) >= 5
        assert 3 <= sum(bool(item["imperfect"]) for item in listed) <= 5
        assert not any(item.public for item in listed if item["imperfect"])

    def test_every_description_says_something(self, demo):
        for item in demo.all.items:
            if not item["imperfect"]:
                assert len(item["notes"]["sl"]) >= 80, item.id

    def test_numbers_of_the_strategy_are_there(self, ask):
        assert "2014,513,522" in ask("/katalog/datoteke/stopnja-motorizacije-1.csv")[2].decode()
        assert "2015,22552" in ask("/katalog/datoteke/delovna-mesta-1.csv")[2].decode()
        assert "2015-07,2390,9.5" in ask("/katalog/datoteke/brezposelnost-1.csv")[2].decode()

    @pytest.mark.parametrize(
        ("change", "sentence"),
        [
            ({"owner": "nihce"}, "owner: 'nihce' is unknown"),
            ({"area": ["morje"]}, "area: 'morje' is unknown"),
            ({"visibility": "vsi"}, "visibility: 'vsi' is unknown"),
            ({"secrecy": "osebni-podatki"}, "'grounds' are missing"),
            ({"notes": None}, "'notes' is missing"),
            ({"issued": "lani"}, "'issued' is not a date"),
            ({"formats": ["DWG"]}, "formats: 'DWG' is unknown"),
            ({"place": "Atlantida"}, "place: 'Atlantida' is unknown"),
            ({"id": "Velika Č"}, "the id may hold"),
            ({"table": None}, "'table' is missing"),
            ({"barva": "modra"}, "unknown key 'barva'"),
            ({"hvd": "c_0"}, "hvd: 'c_0' is unknown"),
            (
                {"hvd": "c_63b37dd4", "secrecy": "osebni-podatki", "grounds": ["osebni-podatki"]},
                "high-value data are open",
            ),
        ],
    )
    def test_a_wrong_record_is_named_with_its_fault(self, demo, tmp_path, change, sentence):
        base = yaml.safe_load((demo.city.DATA / "city.yaml").read_text(encoding="utf-8"))
        record = {
            "id": "dober", "title": {"sl": "Dober"}, "notes": {"sl": "Opis"}, "owner": "domplan", "area": "promet",
            "table": {"leto": "years 2020-2021"},
        }  # fmt: skip
        (tmp_path / "city.yaml").write_text(yaml.safe_dump(base, allow_unicode=True), encoding="utf-8")
        (tmp_path / "novo.yaml").write_text(yaml.safe_dump({"records": [record]}), encoding="utf-8")
        assert len(demo.city.load(tmp_path).items) == 1
        (tmp_path / "novo.yaml").write_text(yaml.safe_dump({"records": [record | change]}), encoding="utf-8")
        with pytest.raises(demo.city.DataError, match="novo.yaml") as caught:
            demo.city.load(tmp_path)
        assert sentence in str(caught.value)

    def test_a_file_that_is_no_yaml_and_a_doubled_id_are_named(self, demo, tmp_path):
        for name in ("city.yaml", "promet.yaml"):
            (tmp_path / name).write_bytes((demo.city.DATA / name).read_bytes())
        (tmp_path / "promet-2.yaml").write_bytes((demo.city.DATA / "promet.yaml").read_bytes())
        with pytest.raises(demo.city.DataError, match="is there twice"):
            demo.city.load(tmp_path)
        (tmp_path / "promet-2.yaml").write_text("records: [", encoding="utf-8")
        with pytest.raises(demo.city.DataError, match=r"promet-2.yaml: not YAML"):
            demo.city.load(tmp_path)


class TestCatalogues:
    @pytest.mark.parametrize("ending", SYNTAXES)
    @pytest.mark.parametrize("system", ["katalog", "mlaka"])
    def test_paging_reaches_each_dataset_once(self, demo, ask, system, ending):
        found = Counter()
        for graph in pages(ask, system, ending):
            nodes = set(graph.subjects(RDF.type, DCAT.Dataset))
            assert 1 <= len(nodes) <= demo.graph.PAGE
            assert int(next(graph.objects(None, HYDRA.totalItems))) == len(demo.all.of(system))
            found.update(str(graph.value(node, DCTERMS.identifier)) for node in nodes)
        assert found == Counter(item.id for item in demo.all.of(system))

    def test_answers_are_the_same_bytes_and_conditional(self, ask):
        status, headers, body = ask("/katalog/catalog.ttl")
        assert status == 200
        assert ask("/katalog/catalog.ttl")[2] == body
        for name, value in (("If-None-Match", headers["ETag"]), ("If-Modified-Since", headers["Last-Modified"])):
            status, again, nothing = ask("/katalog/catalog.ttl", **{name: value})
            assert (status, nothing) == (304, b"")
            assert again["ETag"] == headers["ETag"]
        assert ask("/katalog/catalog.ttl", **{"If-None-Match": '"other"'})[0] == 200
        assert ask("/katalog/catalog.ttl", **{"If-Modified-Since": "včeraj".encode().decode("latin-1")})[0] == 200

    def test_bytes_do_not_depend_on_the_process(self):
        """An ETag that changes with a restart would make every reader fetch everything again."""
        script = (
            "import hashlib; from demo import city, graph; found = city.load(); all = hashlib.sha256();"
            "[all.update(graph.to_bytes(graph.catalogue(found, 'mlaka', 'http://a', 1), syntax))"
            " for syntax in ('turtle', 'xml', 'json-ld')]; print(all.hexdigest())"
        )
        digests = set()
        for seed in ("1", "2", "3"):
            run = [sys.executable, "-c", script]
            surroundings = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(DEPLOYMENT)}
            done = subprocess.run(run, env=surroundings, cwd=DEPLOYMENT.parent, capture_output=True, check=True)
            digests.add(done.stdout)
        assert len(digests) == 1

    def test_the_caller_may_ask_for_a_syntax(self, ask):
        for kind in ("text/turtle", "application/rdf+xml", "application/ld+json"):
            assert ask("/katalog/catalog", Accept=kind)[1].get_content_type() == kind

    @pytest.mark.parametrize("page", ["0", "99", "x", "-1", ""])
    def test_a_page_that_is_not_there_is_not_found(self, ask, page):
        status = ask(f"/katalog/catalog.ttl?page={page}")[0]
        assert status == (404 if page else 200)

    def test_names_do_not_depend_on_the_port(self, ask):
        def names(host):
            graph = Graph().parse(data=ask("/mlaka/catalog.ttl", Host=host)[2], format="turtle")
            kinds = (DCAT.Dataset, DCAT.Distribution)
            return {node for kind in kinds for node in graph.subjects(RDF.type, kind)}

        assert names("a.example:1") == names("b.example:2")

    def test_a_strange_host_gets_into_no_answer(self, ask):
        assert b"<script" not in ask("/mlaka/catalog.ttl", Host="x/<script>")[2]


class TestFiles:
    def test_every_address_of_an_open_record_answers(self, ask):
        checked = 0
        for system in ("katalog", "mlaka"):
            for graph in pages(ask, system, "ttl"):
                for predicate in (DCAT.downloadURL, DCAT.accessURL, DCAT.landingPage):
                    for address in graph.objects(None, predicate):
                        status, headers, body = ask(str(address))
                        assert status == 200, address
                        assert headers["X-Demonstration-Data"] == "yes"
                        assert readable(headers.get_content_type(), body), address
                        head, headers, nothing = ask(str(address), "HEAD")
                        assert (head, nothing, headers["Content-Length"]) == (200, b"", str(len(body)))
                        checked += 1
        assert checked > 300

    def test_nothing_is_behind_protected_records(self, demo, ask):
        for item in demo.all.items:
            if not item.open:
                assert ask(f"/{item.system}/datoteke/{item.id}-1.csv")[0] == 404
            if not item.public:
                assert ask(f"/{item.system}/zbirka/{item.id}")[0] == 404

    @pytest.mark.parametrize(
        "path", ["/nic", "/katalog/datoteke/../city.yaml", "/katalog/catalog.exe", "/gbfs/x", "/katalog//"]
    )
    def test_other_paths_are_not_found(self, ask, path):
        assert ask(path)[0] == 404

    def test_index_and_health(self, ask):
        assert json.loads(ask("/health")[2]) == {"status": "ok"}
        assert "Demonstracijski podatki" in ask("/")[2].decode()


def readable(kind, body):
    """Whether a file is what its type says, with something in it."""
    text = body.decode("utf-8")
    if kind == "text/csv":
        return len(list(csv.DictReader(io.StringIO(text)))) > 0
    if kind == "application/json":
        return len(json.loads(text)["podatki"]) > 0
    if kind == "application/geo+json":
        lon, lat = json.loads(text)["features"][0]["geometry"]["coordinates"]
        return 14.2 < lon < 14.5 and 46.1 < lat < 46.4
    if kind == "application/xml":
        return len(ET.fromstring(body)) > 0  # noqa: S314 our own answer
    return kind == "text/html" and text.startswith("<!doctype html>")


class TestInterface:
    """High-value data have an interface beside the files."""

    PATH = "/katalog/api/kakovost-zraka"

    def test_it_gives_the_rows_that_are_asked_for(self, ask):
        whole = json.loads(ask("/katalog/datoteke/kakovost-zraka-2.json")[2])["podatki"]
        status, headers, body = ask(f"{self.PATH}?limit=2&offset=3")
        assert (status, headers.get_content_type()) == (200, "application/json")
        assert json.loads(body)["podatki"] == whole[3:5]
        assert json.loads(body)["skupaj"] == len(whole) == 31
        assert json.loads(ask(f"{self.PATH}?dan=2026-10-07")[2])["podatki"] == [whole[6]]

    @pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "offset=-1", "barva=modra"])
    def test_a_wrong_question_is_refused_with_a_sentence(self, ask, query):
        status, _, body = ask(f"{self.PATH}?{query}")
        assert status == 400
        assert json.loads(body)["napaka"]

    def test_it_is_described(self, server, ask):
        found = json.loads(ask(f"{self.PATH}/openapi.json")[2])
        assert found["openapi"] == "3.1.0"
        assert found["servers"][0]["url"] + next(iter(found["paths"])) == f"http://127.0.0.1:{server}{self.PATH}"
        parameters = found["paths"]["/kakovost-zraka"]["get"]["parameters"]
        assert [one["name"] for one in parameters][:3] == ["limit", "offset", "dan"]

    @pytest.mark.parametrize("path", ["/katalog/api/zapore-cest", "/katalog/api/ni", "/katalog/api/kakovost-zraka/x"])
    def test_others_have_none(self, ask, path):
        assert ask(path)[0] == 404


class TestBikes:
    @pytest.mark.parametrize(("root", "version"), [("/gbfs/krskolesom", "2.3"), ("/gbfs/krskolesom/3.0", "3.0")])
    def test_every_feed_has_the_shape_of_its_version(self, server, ask, root, version):
        listing = json.loads(ask(f"{root}/gbfs.json")[2])
        assert listing["version"] == version
        feeds = listing["data"]["feeds"] if version == "3.0" else listing["data"]["sl"]["feeds"]
        found = {}
        for feed in feeds:
            assert feed["url"].startswith(f"http://127.0.0.1:{server}/")
            status, _, body = ask(feed["url"])
            assert status == 200
            found[feed["name"]] = json.loads(body)
            assert found[feed["name"]]["version"] == version
            assert isinstance(found[feed["name"]]["last_updated"], str if version == "3.0" else int)
        stations = found["station_information"]["data"]["stations"]
        states = found["station_status"]["data"]["stations"]
        assert len(stations) == len(states) == 28
        bikes = "num_vehicles_available" if version == "3.0" else "num_bikes_available"
        for station, state in zip(stations, states, strict=True):
            assert station["station_id"] == state["station_id"]
            assert state[bikes] + state["num_docks_available"] == station["capacity"]
            assert sum(kind["count"] for kind in state["vehicle_types_available"]) == state[bikes]
            assert 14.33 < station["lon"] < 14.38
            assert 46.22 < station["lat"] < 46.26

    def test_bikes_move(self, ask, monkeypatch):
        path = "/gbfs/krskolesom/station_status.json"
        monkeypatch.setattr(time, "time", lambda: 1_800_000_000.0)
        before = ask(path)[2]
        assert ask(path)[2] == before
        monkeypatch.setattr(time, "time", lambda: 1_800_000_060.0)
        assert ask(path)[2] != before


@pytest.mark.parametrize("slug", ["demo-katalog", "demo-mlaka", "demo-krskolesom"])
def test_every_record_but_the_imperfect_satisfies_the_standard(demo, server, ask, slug):
    class Reader:
        def get(self, url, *, accept="*/*"):
            status, headers, body = ask(url, Accept=accept)
            if status != 200:
                raise BadStatus(url, status)
            return Fetched(url, body, headers.get_content_type(), headers.get_content_charset())

    preset = preset_named(slug)
    connector = preset.reader(f"http://127.0.0.1:{server}{preset.url}")
    ctx = Context(slug, Reader())
    described = {item.id: item for item in demo.all.items}
    imperfect = {item.id for item in demo.all.items if item["imperfect"]}
    read, drafts = 0, set()
    for reading in connector.records(ctx):
        found = judge(reading, preset.fill(), reachable={"127.0.0.1"}, version=1, first_seen=date(2026, 11, 24))
        name = reading.guid.rpartition("/")[2]
        read += 1
        if found.draft:
            drafts.add(name)
        assert name in imperfect or not found.problems, (name, found.problems)
        if name in described and name not in imperfect:
            assert told(found.record.dataset, found.record.internal) == written(described[name])
    assert ctx.completed
    assert drafts <= imperfect
    assert read == len(demo.all.of(slug.removeprefix("demo-"))) or slug == "demo-krskolesom"


def told(dataset, internal):
    """What a harvester heard."""
    fields = ("title_translated", "notes_translated", "owner_org", "visibility", "secrecy", "aggregation", "frequency")
    retention = (dataset.get(f"retention_{part}") for part in ("kind", "period", "starts"))
    return (
        *(dataset.get(name) for name in fields),
        " ".join(filter(None, retention)),
        sorted(resource["format"] for resource in dataset.get("resources", ())),
        internal["location"]["system"],
    )


def written(item):
    """The same out of the data file."""
    keys = ("title", "notes", "owner", "visibility", "secrecy", "aggregation", "frequency", "retention")
    interface = ["JSON"] if item["hvd"] else []
    return (*(item[key] for key in keys), sorted([*item["formats"], *interface]), item["system"])


def test_publishers_are_called_as_in_the_catalogue(demo):
    path = DEPLOYMENT.parent / "ckanext-kranj" / "ckanext" / "kranj" / "catalogue" / "city.yaml"
    names = {
        organization["name"]: organization["title_translated"]["sl"]
        for organization in yaml.safe_load(path.read_text(encoding="utf-8"))["organizations"]
    }
    assert {slug: entry["name"] for slug, entry in demo.all.organizations.items()} == names
