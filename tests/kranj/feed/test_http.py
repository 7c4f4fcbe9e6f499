"""The feed over HTTP on a running CKAN: what the outside world reads, and what it must never read."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import sqlalchemy as sa
from rdflib import DCAT, DCTERMS, FOAF, RDF, Graph, Literal, Namespace, URIRef
from rdflib.compare import isomorphic, to_isomorphic
from werkzeug.serving import make_server

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.dcat.harvesters.rdf import DCATRDFHarvester
from ckanext.dcat.processors import RDFParser, RDFSerializer
from ckanext.kranj.access.labels import labels_of
from ckanext.kranj.feed import store
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


class TestReadBack:
    @pytest.mark.parametrize("name", ["ttl", "rdf", "jsonld", "nt"])
    def test_a_foreign_harvester_gets_exactly_the_public_datasets(
        self, portal: Any, mixed: dict[str, dict[str, Any]], name: str, page_size: Any
    ) -> None:
        page_size(2)
        read = portal.crawl(name)
        public = {one["id"]: one for title, one in mixed.items() if not title.startswith("Skriv")}
        base = feed_config().base_uri
        by_id = {str(portal.told(one, "identifier")): one for one in read}
        assert len(read) == len(by_id) == 3
        assert set(by_id) == set(public)
        for identifier, found in by_id.items():
            own = public[identifier]
            assert portal.told(found, "uri") == f"{base}/dataset/{identifier}"
            assert (found["title"], found["notes"]) == (own["title"], own["notes"])
            publisher = portal.told(found, "publisher_name") or found["publisher"][0]["name"]
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

    @pytest.mark.usefixtures("mixed")
    def test_piveau_and_udata_find_the_next_page_too(self, portal: Any, page_size: Any) -> None:
        page_size(1)
        for collection, following in (("PagedCollection", "nextPage"), ("PartialCollectionView", "next")):
            address, count = "/catalog.rdf", 0
            while address:
                graph = Graph().parse(data=portal.read(address).data, format="xml")
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
            body = portal.read(f"/catalog.{name}").data.decode()
            assert "Skriv" not in body
            assert "gis01" not in body  # the internal block
            for one in hidden:
                assert one["id"] not in body
                assert one["name"] not in body

    def test_hidden_and_unknown_documents_answer_alike(self, portal: Any, mixed: dict[str, dict[str, Any]]) -> None:
        unknown = portal.read("/dataset/00000000-0000-4000-8000-000000000000.ttl")
        assert unknown.status_code == 404
        for title, one in mixed.items():
            if title.startswith("Skriv"):
                for key in (one["id"], one["name"]):
                    response = portal.read(f"/dataset/{key}.ttl")
                    assert (response.status_code, response.data) == (404, unknown.data)

    def test_the_caller_does_not_matter(self, portal: Any, mixed: dict[str, dict[str, Any]]) -> None:
        from ckan.tests import factories

        token = factories.APIToken(user=factories.Sysadmin()["name"])["token"]
        hidden = mixed["Skrivna internal"]
        plain = portal.read("/catalog.ttl")
        signed = portal.read("/catalog.ttl", headers={"Authorization": token})
        assert signed.data == plain.data
        assert portal.read(f"/dataset/{hidden['id']}.ttl", headers={"Authorization": token}).status_code == 404
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
        pieces = store.read(feed_config(), lambda reader: reader.page(1, "ttl").content()[1])
        assert len(public) == 3
        assert {one.node.rsplit("/", 1)[-1] for one in pieces} == public


class TestLive:
    """Over real sockets, read by ckanext-dcat's own harvester code (its download, its parser, its paging)."""

    @pytest.fixture
    def live(self, portal: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
        server = make_server("127.0.0.1", 0, portal.app.flask_app, threaded=True)
        address = f"http://127.0.0.1:{server.port}"
        monkeypatch.setitem(tk.config, "ckan.site_url", address)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield address
        server.shutdown()
        thread.join()
        server.server_close()

    def test_the_stock_harvester_reads_it_to_the_end(
        self, portal: Any, live: str, mixed: dict[str, dict[str, Any]], page_size: Any
    ) -> None:
        page_size(2)
        harvester = DCATRDFHarvester()
        address, kind, found = f"{live}/catalog.rdf", None, []
        while address:
            content, kind = harvester._get_content_and_type(address, None, 1, content_type=kind)
            assert kind == "application/rdf+xml"
            parser = RDFParser(profiles=["euro_dcat_ap_3"])
            parser.parse(content, _format=kind)
            found += [str(portal.told(one, "identifier")) for one in parser.datasets()]
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
            internal={
                **complete_dataset["internal"],
                "processing": {"purpose": "Javna naloga", "legal_basis": ["6-1-e"]},
            },
        )
        body = portal.read("/catalog.ttl").data
        assert body.count(b" a dcat:Dataset ") == 3
        assert f"/dataset/{inside['id']}".encode() in body
        for name in ("shapes.ttl", "range.ttl", "mdr-vocabularies.shape.ttl"):
            assert violations(body, Path(SHAPES) / "dcat-ap-3.0.1" / name) == []


class TestDocuments:
    def test_one_dataset_in_all_formats(self, portal: Any, create: Any) -> None:
        made = create("Ena sama")
        graphs = []
        for name, form in RDFLIB.items():
            response = portal.read(f"/dataset/{made['id']}.{name}")
            assert response.status_code == 200
            assert response.headers["Content-Type"] == FORMATS[name].content_type
            graphs.append(Graph().parse(data=response.data, format=form))
            ref = URIRef(f"{feed_config().base_uri}/dataset/{made['id']}")
            assert Literal("Ena sama", lang="sl") in set(graphs[-1].objects(ref, DCTERMS.title))
        assert all(isomorphic(graphs[0], one) for one in graphs[1:])
        assert portal.read(f"/dataset/{made['name']}.nt").data == portal.read(f"/dataset/{made['id']}.nt").data

    def test_rows_and_package_show_say_the_same(self, portal: Any, create: Any) -> None:
        """The feed reads rows; the profile of ckanext-dcat reads package_show: one graph."""
        made = create("Dvakrat")
        shown = tk.get_action("package_show")({"user": ""}, {"id": made["id"]})
        serializer = RDFSerializer(profiles=["kranj_dcat_ap"])
        serializer.graph_from_dataset(shown)
        ours = Graph().parse(data=portal.read(f"/dataset/{made['id']}.nt").data, format="nt")
        record = URIRef(f"{feed_config().base_uri}/dataset/{made['id']}#record")
        ours.remove((record, None, None))  # the record is the catalogue's, the profile knows the dataset alone
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
            "in_series": json.dumps(["\x00\ud800", "niz\x00", 7, {"a": 1}]),
        }
        with model.meta.engine.begin() as connection:
            connection.execute(
                sa.text("UPDATE package SET extras = extras || cast(:poison AS jsonb) WHERE id = :id"),
                {"poison": json.dumps(poison), "id": sick["id"]},
            )
        for name, form in RDFLIB.items():
            graph = Graph().parse(data=portal.read(f"/catalog.{name}").data, format=form)
            found = {str(one).rsplit("/", 1)[-1] for one in graph.subjects(RDF.type, DCAT.Dataset)}
            assert found == {sick["id"], healthy["id"]}

    def test_catalogue_node(self, portal: Any, create: Any) -> None:
        create("Ena sama")
        graph = Graph().parse(data=portal.read("/catalog.ttl").data, format="turtle")
        node = URIRef(feed_config().catalog_uri)
        publisher = graph.value(node, DCTERMS.publisher)
        assert {str(name) for name in graph.objects(publisher, FOAF.name)} >= {"Mestna občina Kranj"}
        assert graph.value(node, DCTERMS.modified) is not None
        assert (graph.value(node, FOAF.homepage), RDF.type, FOAF.Document) in graph

    def test_a_renamed_organisation_is_seen_at_once(self, portal: Any, create: Any, act: Any) -> None:
        create("Ena sama")
        owner = tk.get_action("organization_show")({"ignore_auth": True}, {"id": "mestna-obcina-kranj"})
        portal.read("/catalog.ttl")
        act("organization_patch", id=owner["id"], title_translated={"sl": "Preimenovana občina"})
        assert "Preimenovana občina" in portal.read("/catalog.ttl").data.decode()

    def test_negotiation(self, portal: Any, create: Any) -> None:
        create("Ena sama")
        for accept, name in (
            ("application/rdf+xml", "rdf"),
            ("application/ld+json, text/html;q=0.1", "jsonld"),
            ("", "ttl"),
            ("*/*", "ttl"),
        ):
            response = portal.read("/catalog", headers={"Accept": accept})
            assert response.headers["Content-Type"] == FORMATS[name].content_type
            assert "Accept" in response.headers["Vary"]
        assert portal.read("/catalog", headers={"Accept": "image/png"}).status_code == 406

    def test_pages_point_machines_to_the_feed(self, portal: Any, create: Any) -> None:
        made = create("Ena sama")
        hidden = create("Skrivna", visibility="internal")
        for page in ("/", "/dataset/", "/en/about"):
            assert 'href="' + feed_config().site_url + '/catalog.ttl"' in portal.app.get(page).get_data(as_text=True)
        assert f"/dataset/{made['id']}.ttl" in portal.app.get(f"/dataset/{made['name']}").get_data(as_text=True)
        assert hidden["id"] not in portal.app.get("/dataset/").get_data(as_text=True)
