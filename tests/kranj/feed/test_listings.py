"""Organisations, changes, everything at once, and identifiers that lead to their description."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
import sqlalchemy as sa
from rdflib import DCAT, DCTERMS, FOAF, RDF, Dataset, Graph, Namespace, URIRef
from rdflib.compare import to_isomorphic

from ckan import model

from ckanext.kranj.feed.config import feed_config
from ckanext.kranj.feed.serialise import FORMATS

pytestmark = [
    pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Dataset.default_context is deprecated:DeprecationWarning"),
]

AS = Namespace("https://www.w3.org/ns/activitystreams#")
HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
TREE = Namespace("https://w3id.org/tree#")
RDFLIB = {"ttl": "turtle", "rdf": "xml", "xml": "xml", "jsonld": "json-ld", "nt": "nt"}
OWNER = "mestna-obcina-kranj"


def graph(portal: Any, address: str, form: str = "nt") -> Graph:
    response = portal.read(address)
    assert response.status_code == 200, response.data
    return Graph().parse(data=response.data, format=form)


def ids(found: Graph) -> list[str]:
    return sorted(str(one).rsplit("/", 1)[-1] for one in found.subjects(RDF.type, DCAT.Dataset))


def crawl(portal: Any, address: str) -> list[str]:
    """Follow ``hydra:next`` to the end."""
    seen: list[str] = []
    while address:
        page = graph(portal, address)
        seen += ids(page)
        node = next(page.subjects(RDF.type, HYDRA.PartialCollectionView))
        following = page.value(node, HYDRA.next)
        assert following == page.value(node, HYDRA.nextPage)
        address = str(following) if following else ""
    return seen


class TestWhole:
    @pytest.mark.parametrize("name", list(FORMATS))
    @pytest.mark.usefixtures("mixed")
    def test_it_is_the_union_of_the_pages(self, portal: Any, page_size: Any, name: str) -> None:
        page_size(2)
        union = Graph()
        address = "/catalog.nt"
        while address:
            page = graph(portal, address)
            node = next(page.subjects(RDF.type, HYDRA.PartialCollectionView))
            address = str(page.value(node, HYDRA.next) or "")
            page.remove((node, None, None))
            union += page
        assert to_isomorphic(graph(portal, f"/catalog-full.{name}", RDFLIB[name])) == to_isomorphic(union)

    @pytest.mark.usefixtures("mixed")
    def test_as_a_file(self, portal: Any) -> None:
        plain = portal.read("/catalog-full.nt").data
        packed = portal.read("/catalog-full.nt.gz")
        assert packed.headers["Content-Type"] == "application/gzip"
        assert "Content-Encoding" not in packed.headers
        assert gzip.decompress(packed.data) == plain
        assert packed.data == portal.read("/catalog-full.nt.gz").data
        assert portal.read("/catalog-full.nt.zip").status_code == 404


class TestOrganization:
    def test_its_own_datasets_under_its_own_name(self, portal: Any, create: Any, page_size: Any) -> None:
        page_size(2)
        made = [create(f"Zbirka {number}") for number in range(5)]
        create("Skrivna", visibility="internal")
        by_name, by_id = (f"/organization/{key}/catalog.nt" for key in (OWNER, made[0]["owner_org"]))
        assert crawl(portal, by_name) == crawl(portal, by_id)
        assert sorted(crawl(portal, f"/organization/{OWNER}/catalog.nt")) == sorted(one["id"] for one in made)
        found = graph(portal, f"/organization/{OWNER}/catalog.nt")
        node = next(found.subjects(RDF.type, DCAT.Catalog))
        assert str(node) == f"{feed_config().base_uri}/organization/{made[0]['owner_org']}/catalog"
        assert "Mestna občina Kranj" in {
            str(name) for name in found.objects(found.value(node, DCTERMS.publisher), FOAF.name)
        }

    def test_others_and_unknown_ones(self, portal: Any, create: Any) -> None:
        create("Ena sama")
        assert crawl(portal, "/organization/komunala-kranj/catalog.nt") == []
        for address in (
            "/organization/je-ni/catalog.nt",
            "/organization/%00/catalog.nt",
            f"/organization/{OWNER}/catalog.x",
        ):
            assert portal.read(address).status_code == 404
        for after in ("x", "-1", "", "9" * 30, "١"):
            assert portal.read(f"/organization/{OWNER}/catalog.nt?after={after}").status_code == 400


class TestChanges:
    def test_modified_since(self, portal: Any, create: Any, act: Any, page_size: Any) -> None:
        page_size(2)
        made = [create(f"Zbirka {number}") for number in range(5)]
        crawl(portal, "/catalog.nt")
        with model.meta.engine.begin() as connection:
            connection.execute(sa.text("UPDATE kranj_feed_record SET changed_at = '2020-01-01T00:00:00Z'"))
        assert len(crawl(portal, "/catalog.nt?modified_since=2019-12-31")) == 5
        assert crawl(portal, "/catalog.nt?modified_since=2020-01-02T00:00:00%2B01:00") == []
        for one in made[1:4]:
            act("package_patch", id=one["id"], version="9")
        found = crawl(portal, "/catalog.nt?modified_since=2020-01-02")
        assert sorted(found) == sorted(one["id"] for one in made[1:4])
        for wrong in ("x", "2020-13-01", "", "0001-01-01T00:00:00+23:00"):
            assert portal.read(f"/catalog.nt?modified_since={wrong}").status_code in (200, 400), wrong
        assert portal.read("/catalog.nt?modified_since=vceraj").status_code == 400

    def test_the_stream_tells_what_happened_last(self, portal: Any, create: Any, act: Any, page_size: Any) -> None:
        page_size(2)
        made = [create(f"Zbirka {number}") for number in range(4)]
        crawl(portal, "/catalog.nt")
        act("package_patch", id=made[0]["id"], version="9")
        act("package_delete", id=made[1]["id"])
        hidden = create("Skrivna", visibility="internal")
        told: list[tuple[str, str]] = []
        address, bodies = "/catalog-changes.trig", b""
        while address:
            response = portal.read(address)
            assert response.headers["Content-Type"] == "application/trig"
            bodies += response.data
            stream = Dataset()
            stream.parse(data=response.data, format="trig")
            plain = stream.default_context
            for event in sorted(plain.objects(None, TREE.member), key=lambda one: int(str(one).rsplit("#", 1)[-1])):
                kind = str(plain.value(event, RDF.type)).rsplit("#", 1)[-1]
                dataset = plain.value(event, AS.object)
                assert plain.value(event, AS.published) is not None
                told.append((kind, str(dataset).rsplit("/", 1)[-1]))
                content = stream.graph(event)
                assert ((dataset, RDF.type, DCAT.Dataset) in content) == (kind != "Delete")
            address = next((str(one) for one in plain.objects(None, TREE.node)), "")
        assert told == [
            ("Create", made[2]["id"]),
            ("Create", made[3]["id"]),
            ("Update", made[0]["id"]),
            ("Delete", made[1]["id"]),
        ]
        assert hidden["id"].encode() not in bodies
        assert b"Zbirka 1" not in bodies  # a tombstone carries an identifier and a time, nothing else

    def test_the_stream_in_json(self, portal: Any, create: Any) -> None:
        made = create("Ena sama")
        stream = Dataset()
        stream.parse(data=portal.read("/catalog-changes.jsonld").data, format="json-ld")
        subject = URIRef(f"{feed_config().base_uri}/dataset/{made['id']}")
        assert list(stream.quads((subject, RDF.type, DCAT.Dataset, None)))

    def test_tombstones_end(self, portal: Any, create: Any, act: Any) -> None:
        made = create("Ena sama")
        crawl(portal, "/catalog.nt")
        act("package_delete", id=made["id"])
        assert b"Delete" in portal.read("/catalog-changes.trig").data
        with model.meta.engine.begin() as connection:
            connection.execute(sa.text("UPDATE kranj_feed_record SET changed_at = now() - interval '366 days'"))
        assert made["id"].encode() not in portal.read("/catalog-changes.trig").data

    def test_past_the_end(self, portal: Any) -> None:
        assert portal.read("/catalog-changes.trig").status_code == 200
        assert portal.read("/catalog-changes.trig?page=2").status_code == 404
        assert portal.read("/catalog-changes.trig?page=x").status_code == 400
        assert portal.read("/catalog-changes.ttl").status_code == 404


class TestIdentifiers:
    @pytest.mark.parametrize("name", ["ttl", "rdf", "jsonld", "nt"])
    def test_an_identifier_leads_to_its_description(self, portal: Any, create: Any, name: str) -> None:
        made = create("Ena sama")
        accept = {"Accept": FORMATS[name].content_type}
        for address in (f"/dataset/{made['id']}", f"/dataset/{made['id']}/resource/{made['resources'][0]['id']}"):
            response = portal.read(address, headers=accept)
            assert response.status_code == 200, address
            assert "Accept" in response.headers["Vary"]
            assert response.data == portal.read(f"/dataset/{made['id']}.{name}").data
        response = portal.read(f"/organization/{made['owner_org']}", headers=accept)
        assert response.data == portal.read(f"/organization/{OWNER}/catalog.{name}").data

    def test_people_get_the_page(self, portal: Any, create: Any) -> None:
        made = create("Ena sama")
        for accept in ("text/html,application/xhtml+xml,*/*;q=0.8", "*/*", ""):
            response = portal.read(f"/dataset/{made['name']}", headers={"Accept": accept})
            assert (response.status_code, response.mimetype) == (200, "text/html")
            assert "Accept" in response.headers["Vary"]

    def test_hidden_ones_lead_nowhere(self, portal: Any, create: Any) -> None:
        made = create("Skrivna", visibility="internal")
        hidden = portal.read(f"/dataset/{made['id']}", headers={"Accept": "text/turtle"})
        unknown = portal.read("/dataset/00000000-0000-4000-8000-000000000000", headers={"Accept": "text/turtle"})
        assert (hidden.status_code, hidden.data) == (404, unknown.data)
