"""The feed over HTTP on a running CKAN: what the outside world reads, and what it must never read."""

from __future__ import annotations

import gzip
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import sqlalchemy as sa
from click.testing import CliRunner
from rdflib import DCAT, DCTERMS, FOAF, RDF, Graph, Literal, Namespace, URIRef
from rdflib.compare import isomorphic, to_isomorphic
from werkzeug.serving import make_server

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.plugins import get_plugin

from ckanext.dcat.harvesters.rdf import DCATRDFHarvester
from ckanext.dcat.processors import RDFParser, RDFSerializer
from ckanext.kranj.access.labels import labels_of
from ckanext.kranj.cli import kranj
from ckanext.kranj.feed import store
from ckanext.kranj.feed.cli import feed
from ckanext.kranj.feed.config import feed_config
from ckanext.kranj.feed.serialise import FORMATS
from ckanext.kranj.feed.shapes import violations

pytestmark = [
    # ckanext-dcat and rdflib's JSON-LD reader use what rdflib deprecates
    pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Dataset.default_context is deprecated:DeprecationWarning"),
]

HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
RDFLIB = {"ttl": "turtle", "rdf": "xml", "jsonld": "json-ld", "nt": "nt"}
SHAPES = os.environ.get("KRANJ_SHACL", "")
HIDDEN = ("internal", "organization", "restricted")


@pytest.fixture
def portal(catalogue: Any) -> Any:
    """An empty catalogue whose feed starts at ordinal 1."""
    with model.meta.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM kranj_feed_ordinal"))
    return catalogue


@pytest.fixture
def pages_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """One dataset on a page."""
    monkeypatch.setitem(tk.config, "kranj.feed.page_size", 1)


@pytest.fixture
def pages_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two datasets on a page."""
    monkeypatch.setitem(tk.config, "kranj.feed.page_size", 2)


def site_user() -> str:
    return tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]


@pytest.fixture
def create(portal: Any, complete_dataset: dict[str, Any]) -> Any:
    """Create a dataset from the complete one; keyword arguments replace fields."""

    def make(title: str, **changes: Any) -> dict[str, Any]:
        data = {**complete_dataset, "title_translated": {"sl": title, "en": f"{title} (en)"}, **changes}
        return tk.get_action("package_create")({"ignore_auth": True, "user": site_user()}, data)

    return make


@pytest.fixture
def mixed(create: Any) -> dict[str, dict[str, Any]]:
    """Three public datasets and one of everything that must not be seen, by title."""
    made = {title: create(title) for title in ("Prva zbirka", "Druga zbirka", "Tretja zbirka")}
    for level in HIDDEN:
        made[f"Skrivna {level}"] = create(f"Skrivna {level}", visibility=level)
    made["Skrivni osnutek"] = create("Skrivni osnutek", state="draft")
    deleted = create("Skrivna izbrisana")
    tk.get_action("package_delete")({"ignore_auth": True, "user": site_user()}, {"id": deleted["id"]})
    made["Skrivna izbrisana"] = deleted
    return made


def get(portal: Any, address: str, **more: Any) -> Any:
    """GET of an absolute or relative address, redirects not followed."""
    return portal.get(address.replace(feed_config().site_url, ""), follow_redirects=False, **more)


def crawl_as_ckanext_dcat(portal: Any, name: str) -> list[dict[str, Any]]:
    """Read the feed by the rule of ckanext-dcat's harvester: its parser, its next_page, HEAD before GET."""
    address: str | None = f"/catalog.{name}"
    seen: list[dict[str, Any]] = []
    while address:
        head = portal.flask_app.test_client().head(address.replace(feed_config().site_url, ""))
        assert head.status_code == 200
        assert not head.data
        response = get(portal, address)
        assert response.status_code == 200, response.data
        assert response.headers["Content-Length"] == head.headers["Content-Length"]
        parser = RDFParser(profiles=["euro_dcat_ap_3"])
        parser.parse(response.data.decode("utf-8"), _format=response.headers["Content-Type"])
        seen += list(parser.datasets())
        address = parser.next_page()
    return seen


def extra(dataset: dict[str, Any], key: str) -> Any:
    return dataset.get(key) or next((one["value"] for one in dataset["extras"] if one["key"] == key), None)


class TestReadBack:
    @pytest.mark.parametrize("name", ["ttl", "rdf", "jsonld", "nt"])
    @pytest.mark.usefixtures("pages_of_two")
    def test_a_foreign_harvester_gets_exactly_the_public_datasets(
        self, portal: Any, mixed: dict[str, dict[str, Any]], name: str
    ) -> None:
        read = crawl_as_ckanext_dcat(portal, name)
        public = {one["id"]: one for title, one in mixed.items() if not title.startswith("Skriv")}
        base = feed_config().base_uri
        by_id = {str(extra(one, "identifier")): one for one in read}
        assert len(read) == len(by_id) == 3
        assert set(by_id) == set(public)
        for identifier, found in by_id.items():
            own = public[identifier]
            assert extra(found, "uri") == f"{base}/dataset/{identifier}"
            assert (found["title"], found["notes"]) == (own["title"], own["notes"])
            publisher = extra(found, "publisher_name") or found["publisher"][0]["name"]
            assert publisher == own["organization"]["title"]
            told = {(one["uri"], one["name"], one["access_url"], one["download_url"]) for one in found["resources"]}
            kept = {
                (
                    f"{base}/dataset/{identifier}/resource/{one['id']}",
                    one["name_translated"]["sl"],
                    one["url"],
                    one["download_url"],
                )
                for one in own["resources"]
            }
            assert told == kept

    @pytest.mark.usefixtures("mixed", "pages_of_one")
    def test_piveau_and_udata_find_the_next_page_too(self, portal: Any) -> None:
        for collection, following in (("PagedCollection", "nextPage"), ("PartialCollectionView", "next")):
            address, count = "/catalog.rdf", 0
            while address:
                graph = Graph().parse(data=get(portal, address).data, format="xml")
                nodes = list(graph.subjects(RDF.type, HYDRA[collection]))
                assert len(nodes) == 1
                assert int(graph.value(nodes[0], HYDRA.totalItems)) == 3  # piveau dies without it
                count += len(list(graph.subjects(RDF.type, DCAT.Dataset)))
                found = graph.value(nodes[0], HYDRA[following])
                assert found is None or (isinstance(found, URIRef) and "?page=" in found)
                address = str(found) if found else ""
            assert count == 3

    def test_nothing_hidden_in_any_document(self, portal: Any, mixed: dict[str, dict[str, Any]]) -> None:
        hidden = [one for title, one in mixed.items() if title.startswith("Skriv")]
        assert len(hidden) == 5
        for name in FORMATS:
            body = get(portal, f"/catalog.{name}").data.decode()
            assert "Skriv" not in body
            assert "gis01" not in body  # the internal block
            for one in hidden:
                assert one["id"] not in body
                assert one["name"] not in body

    def test_hidden_and_unknown_documents_answer_alike(self, portal: Any, mixed: dict[str, dict[str, Any]]) -> None:
        unknown = get(portal, "/dataset/00000000-0000-4000-8000-000000000000.ttl")
        assert unknown.status_code == 404
        for title, one in mixed.items():
            if title.startswith("Skriv"):
                for key in (one["id"], one["name"]):
                    response = get(portal, f"/dataset/{key}.ttl")
                    assert (response.status_code, response.data) == (404, unknown.data)

    def test_the_caller_does_not_matter(self, portal: Any, mixed: dict[str, dict[str, Any]]) -> None:
        from ckan.tests import factories

        token = factories.APIToken(user=factories.Sysadmin()["name"])["token"]
        hidden = mixed["Skrivna internal"]
        plain = get(portal, "/catalog.ttl")
        signed = get(portal, "/catalog.ttl", headers={"Authorization": token})
        assert signed.data == plain.data
        assert get(portal, f"/dataset/{hidden['id']}.ttl", headers={"Authorization": token}).status_code == 404
        for response in (plain, signed):
            assert "Set-Cookie" not in response.headers
            assert "Cookie" not in response.headers.get("Vary", "")

    def test_the_rule_is_the_rule_of_the_labels(self, mixed: dict[str, dict[str, Any]], create: Any) -> None:
        for kind in ("harvest", "system"):
            row = model.Package.get(create(f"Zbirka {kind}")["id"])
            row.type = kind
            mixed[kind] = {}
        model.Session.commit()
        rows = model.Session.query(model.Package).all()
        assert len(rows) == len(mixed)
        public = {row.id for row in rows if "public" in labels_of(row, (row.extras or {}).get("visibility"))}
        page = store.read_page(1, 250, "http://x/catalog.ttl", "")
        assert len(public) == 3
        assert {one["id"] for one in page.content.datasets} == public


class TestLive:
    """Over real sockets, read by ckanext-dcat's own harvester code (its download, its parser, its paging)."""

    @pytest.fixture
    def live(self, portal: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
        server = make_server("127.0.0.1", 0, portal.flask_app, threaded=True)
        address = f"http://127.0.0.1:{server.port}"
        monkeypatch.setitem(tk.config, "ckan.site_url", address)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield address
        server.shutdown()
        thread.join()
        server.server_close()

    @pytest.mark.usefixtures("pages_of_two")
    def test_the_stock_harvester_reads_it_to_the_end(self, live: str, mixed: dict[str, dict[str, Any]]) -> None:
        harvester = DCATRDFHarvester()
        address, kind, found = f"{live}/catalog.rdf", None, []
        while address:
            content, kind = harvester._get_content_and_type(address, None, 1, content_type=kind)
            assert kind == "application/rdf+xml"
            parser = RDFParser(profiles=["euro_dcat_ap_3"])
            parser.parse(content, _format=kind)
            found += [str(extra(one, "identifier")) for one in parser.datasets()]
            address = parser.next_page()
        public = [one["id"] for title, one in mixed.items() if not title.startswith("Skriv")]
        assert sorted(found) == sorted(public)

    @pytest.mark.usefixtures("mixed")
    def test_headers_on_the_wire(self, live: str) -> None:
        for name, form in FORMATS.items():
            answer = requests.get(f"{live}/catalog.{name}", timeout=30)
            head = requests.head(f"{live}/catalog.{name}", timeout=30)
            assert answer.headers["Content-Type"] == form.content_type
            assert answer.headers["Content-Encoding"] == "gzip"
            assert "Set-Cookie" not in answer.headers
            for header in ("Content-Type", "Content-Length", "ETag"):
                assert head.headers[header] == answer.headers[header]
            assert head.content == b""


class TestShapes:
    """What the running portal answers, against the official shapes."""

    @pytest.mark.skipif(not SHAPES, reason="KRANJ_SHACL does not name the folder with the official shapes")
    def test_the_feed_conforms(self, portal: Any, create: Any, complete_dataset: dict[str, Any]) -> None:
        service = {
            "title": "Vmesnik",
            "endpoint_url": ["https://podatki.example.org/api"],
            "endpoint_description": "https://podatki.example.org/openapi.json",
        }
        resource = {**complete_dataset["resources"][0], "access_services": [service]}
        create("Odprta zbirka")
        create("Zbirka velike vrednosti", hvd_category=["c_b79e35eb"], resources=[resource])
        inside = create(
            "Opis zaprte zbirke",
            secrecy="osebni-podatki",
            protection_grounds=[{"ground": "osebni-podatki"}],
            access_method="on-request",
            aggregation="izvorni",
            license_id="",
            resources=[{"name_translated": {"sl": "Register"}, "format": "CSV"}],
        )
        body = get(portal, "/catalog.ttl").data
        assert body.count(b" a dcat:Dataset ") == 3
        assert f"/dataset/{inside['id']}".encode() in body
        for name in ("shapes.ttl", "range.ttl", "mdr-vocabularies.shape.ttl"):
            assert violations(body, Path(SHAPES) / "dcat-ap-3.0.1" / name) == []


class TestDocuments:
    def test_one_dataset_in_all_formats(self, portal: Any, create: Any) -> None:
        made = create("Ena sama")
        graphs = []
        for name, form in RDFLIB.items():
            response = get(portal, f"/dataset/{made['id']}.{name}")
            assert response.status_code == 200
            assert response.headers["Content-Type"] == FORMATS[name].content_type
            graphs.append(Graph().parse(data=response.data, format=form))
            ref = URIRef(f"{feed_config().base_uri}/dataset/{made['id']}")
            assert Literal("Ena sama", lang="sl") in set(graphs[-1].objects(ref, DCTERMS.title))
        assert all(isomorphic(graphs[0], one) for one in graphs[1:])
        assert get(portal, f"/dataset/{made['name']}.nt").data == get(portal, f"/dataset/{made['id']}.nt").data

    def test_rows_and_package_show_say_the_same(self, portal: Any, create: Any) -> None:
        """The feed reads rows; the profile of ckanext-dcat reads package_show: one graph."""
        made = create("Dvakrat")
        shown = tk.get_action("package_show")({"user": ""}, {"id": made["id"]})
        serializer = RDFSerializer(profiles=["kranj_dcat_ap"])
        serializer.graph_from_dataset(shown)
        ours = Graph().parse(data=get(portal, f"/dataset/{made['id']}.nt").data, format="nt")
        theirs = Graph()
        for triple in serializer.g:
            theirs.add(triple)
        assert to_isomorphic(ours) == to_isomorphic(theirs)

    def test_poison_in_the_database_stays_local(self, portal: Any, create: Any) -> None:
        """What older code or another hand wrote into the rows is not trusted either."""
        sick, healthy = create("Bolna zbirka"), create("Zdrava zbirka")
        poison = {
            "notes_translated": json.dumps({"sl": "pred\x0bpotem \ud83d </rdf:RDF>"}),
            "contact": "[{not json",
            "spatial_coverage": '[{"bbox": "x", "uri": "a b"}]',
            "source": '["file:///etc/passwd", "http://x y/"]',
            "temporal_coverage": '{"start": 5}',
        }
        with model.meta.engine.begin() as connection:
            connection.execute(
                sa.text("UPDATE package SET extras = extras || cast(:poison AS jsonb) WHERE id = :id"),
                {"poison": json.dumps(poison), "id": sick["id"]},
            )
        for name, form in RDFLIB.items():
            graph = Graph().parse(data=get(portal, f"/catalog.{name}").data, format=form)
            found = {str(one).rsplit("/", 1)[-1] for one in graph.subjects(RDF.type, DCAT.Dataset)}
            assert found == {sick["id"], healthy["id"]}

    def test_catalogue_node(self, portal: Any, create: Any) -> None:
        create("Ena sama")
        graph = Graph().parse(data=get(portal, "/catalog.ttl").data, format="turtle")
        node = URIRef(feed_config().catalog_uri)
        publisher = graph.value(node, DCTERMS.publisher)
        assert {str(name) for name in graph.objects(publisher, FOAF.name)} >= {"Mestna občina Kranj"}
        assert graph.value(node, DCTERMS.modified) is not None
        assert (graph.value(node, FOAF.homepage), RDF.type, FOAF.Document) in graph

    def test_a_renamed_organisation_is_seen_at_once(self, portal: Any, create: Any) -> None:
        create("Ena sama")
        owner = tk.get_action("organization_show")({"ignore_auth": True}, {"id": "mestna-obcina-kranj"})
        get(portal, "/catalog.ttl")
        tk.get_action("organization_patch")(
            {"ignore_auth": True, "user": site_user()},
            {"id": owner["id"], "title_translated": {"sl": "Preimenovana občina"}},
        )
        assert "Preimenovana občina" in get(portal, "/catalog.ttl").data.decode()

    def test_negotiation(self, portal: Any, create: Any) -> None:
        create("Ena sama")
        for accept, name in (
            ("application/rdf+xml", "rdf"),
            ("application/ld+json, text/html;q=0.1", "jsonld"),
            ("", "ttl"),
            ("*/*", "ttl"),
        ):
            response = get(portal, "/catalog", headers={"Accept": accept})
            assert response.headers["Content-Type"] == FORMATS[name].content_type
            assert "Accept" in response.headers["Vary"]
        assert get(portal, "/catalog", headers={"Accept": "image/png"}).status_code == 406

    def test_pages_point_machines_to_the_feed(self, portal: Any, create: Any) -> None:
        made = create("Ena sama")
        hidden = create("Skrivna", visibility="internal")
        for page in ("/", "/dataset/", "/en/about"):
            assert 'href="' + feed_config().site_url + '/catalog.ttl"' in portal.get(page).get_data(as_text=True)
        assert f"/dataset/{made['id']}.ttl" in portal.get(f"/dataset/{made['name']}").get_data(as_text=True)
        assert hidden["id"] not in portal.get("/dataset/").get_data(as_text=True)


class TestAnswers:
    @pytest.mark.parametrize("name", ["foo", "n3", "html", "TTL", "ttl.gz", "%00"])
    def test_unknown_format_is_404(self, portal: Any, name: str) -> None:
        assert get(portal, f"/catalog.{name}").status_code == 404
        assert get(portal, f"/dataset/x.{name}").status_code == 404

    @pytest.mark.parametrize("name", ["x", "%00", "a%00b", "%ed%a0%80", "x" * 3000, "..%2f", "'%22;--", "%F0%9F%98%80"])
    def test_odd_names_are_404(self, portal: Any, name: str) -> None:
        assert get(portal, f"/dataset/{name}.ttl").status_code == 404

    @pytest.mark.parametrize("page", ["0", "abc", "-1", "1.5", "", "01", "1 ", "١", "9" * 40, "1;drop", "%00"])
    def test_no_page_number_is_400(self, portal: Any, page: str) -> None:
        response = get(portal, f"/catalog.ttl?page={page}")
        assert response.status_code == 400
        assert "whole number" in response.get_data(as_text=True)

    def test_past_the_end_is_404(self, portal: Any, create: Any) -> None:
        assert get(portal, "/catalog.ttl").status_code == 200  # an empty catalogue is a catalogue
        create("Ena sama")
        assert get(portal, "/catalog.ttl?page=1").status_code == 200
        for page in (2, 3, 999_999_999):
            assert get(portal, f"/catalog.ttl?page={page}").status_code == 404

    @pytest.mark.usefixtures("mixed")
    def test_validators_and_codings(self, portal: Any) -> None:
        plain = get(portal, "/catalog.ttl")
        packed = get(portal, "/catalog.ttl", headers={"Accept-Encoding": "gzip"})
        assert gzip.decompress(packed.data) == plain.data
        assert packed.headers["Content-Encoding"] == "gzip"
        assert packed.headers["ETag"] != plain.headers["ETag"]
        assert "Accept-Encoding" in plain.headers["Vary"]
        assert get(portal, "/catalog.ttl", headers={"Accept-Encoding": "gzip"}).data == packed.data
        for response, accept in ((plain, "identity"), (packed, "gzip")):
            headers = {"If-None-Match": response.headers["ETag"], "Accept-Encoding": accept}
            again = get(portal, "/catalog.ttl", headers=headers)
            assert (again.status_code, again.data) == (304, b"")
            assert again.headers["ETag"] == response.headers["ETag"]

    @pytest.mark.parametrize("name", list(FORMATS))
    @pytest.mark.usefixtures("mixed")
    def test_same_state_same_bytes(self, portal: Any, name: str) -> None:
        first = get(portal, f"/catalog.{name}")
        assert get(portal, f"/catalog.{name}").data == first.data

    def test_an_unreadable_store_is_503_never_short(self, portal: Any, create: Any) -> None:
        create("Ena sama")
        with model.meta.engine.begin() as connection:
            connection.execute(sa.text("ALTER TABLE kranj_feed_ordinal RENAME TO kranj_feed_away"))
        try:
            response = get(portal, "/catalog.ttl")
        finally:
            with model.meta.engine.begin() as connection:
                connection.execute(sa.text("ALTER TABLE kranj_feed_away RENAME TO kranj_feed_ordinal"))
        assert response.status_code == 503
        assert response.headers["Retry-After"]
        assert "kranj_feed" not in response.get_data(as_text=True)


class TestOrder:
    @staticmethod
    def titles(portal: Any, page: int) -> list[str]:
        graph = Graph().parse(data=get(portal, f"/catalog.ttl?page={page}").data, format="turtle")
        return sorted(
            str(title)
            for one in graph.subjects(RDF.type, DCAT.Dataset)
            for title in graph.objects(one, DCTERMS.title)
            if title.language == "sl"
        )

    @pytest.mark.usefixtures("pages_of_two")
    def test_edits_removals_and_additions_never_move_a_dataset(self, portal: Any, create: Any) -> None:
        made = {title: create(title) for title in ("Zbirka a", "Zbirka b", "Zbirka c", "Zbirka d")}
        assert self.titles(portal, 1) == ["Zbirka a", "Zbirka b"]
        assert self.titles(portal, 2) == ["Zbirka c", "Zbirka d"]
        context = {"ignore_auth": True, "user": site_user()}
        tk.get_action("package_patch")(
            dict(context), {"id": made["Zbirka a"]["id"], "title_translated": {"sl": "Zbirka a2", "en": "x y z"}}
        )
        tk.get_action("package_delete")(dict(context), {"id": made["Zbirka b"]["id"]})
        create("Zbirka e")
        assert self.titles(portal, 1) == ["Zbirka a2"]
        assert self.titles(portal, 2) == ["Zbirka c", "Zbirka d"]
        assert self.titles(portal, 3) == ["Zbirka e"]
        # a level that changes acts at once, and a dataset that comes back returns to its place
        tk.get_action("package_patch")(dict(context), {"id": made["Zbirka c"]["id"], "visibility": "internal"})
        assert self.titles(portal, 2) == ["Zbirka d"]
        tk.get_action("package_patch")(dict(context), {"id": made["Zbirka c"]["id"], "visibility": "public"})
        assert self.titles(portal, 2) == ["Zbirka c", "Zbirka d"]

    @pytest.mark.usefixtures("pages_of_two")
    def test_a_crawl_under_edits_misses_nothing_and_repeats_nothing(self, portal: Any, create: Any) -> None:
        """Between any two pages: an edit of a dataset already read and of one still to come, a removal, an addition."""
        made = [create(f"Zbirka {number}") for number in range(9)]
        context = {"ignore_auth": True, "user": site_user()}
        stays = {one["id"] for one in made[:1] + made[2:4] + made[5:]}
        removed = [made[1], made[4]]
        seen: list[str] = []
        address: str | None = "/catalog.nt"
        while address:
            parser = RDFParser(profiles=["euro_dcat_ap_3"])
            parser.parse(get(portal, address).data.decode(), _format="nt")
            seen += [str(extra(one, "identifier")) for one in parser.datasets()]
            address = parser.next_page()
            for one in (made[0], made[-1]):
                changed = {"id": one["id"], "notes_translated": {"sl": f"Spremenjen opis zbirke, {len(seen)}. " * 3}}
                tk.get_action("package_patch")(dict(context), changed)
            if removed:
                tk.get_action("package_delete")(dict(context), {"id": removed.pop()["id"]})
                create(f"Nova zbirka {len(seen)}")
        assert len(seen) == len(set(seen))
        assert stays <= set(seen)

    @pytest.mark.usefixtures("pages_of_one")
    def test_an_emptied_page_is_skipped_but_answers(self, portal: Any, create: Any) -> None:
        made = [create(f"Zbirka {number}") for number in range(3)]
        assert self.titles(portal, 3) == ["Zbirka 2"]
        for one in made[1:]:
            tk.get_action("package_delete")({"ignore_auth": True, "user": site_user()}, {"id": one["id"]})
        assert self.titles(portal, 1) == ["Zbirka 0"]
        assert self.titles(portal, 2) == []  # a crawl that was on its way must not break
        assert len(crawl_as_ckanext_dcat(portal, "ttl")) == 1


class TestCommands:
    @pytest.mark.usefixtures("portal")
    def test_dump_and_check(self, portal: Any, create: Any, tmp_path: Any) -> None:
        create("Ena sama")
        result = CliRunner().invoke(feed, ["dump", str(tmp_path), "--format", "nt"])
        assert result.exit_code == 0, result.output
        assert (tmp_path / "page-0001.nt").read_bytes() == get(portal, "/catalog.nt").data
        result = CliRunner().invoke(feed, ["check", "--json"])
        assert result.exit_code == 0, result.output
        assert json.loads(result.output) == {"datasets": 1, "findings": []}

    def test_the_group_hangs_on_ckan_kranj(self) -> None:
        assert get_plugin("kranj_feed").get_commands() == []
        assert kranj.commands["feed"] is feed
