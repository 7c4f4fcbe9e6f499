"""Series in the feed: described where they are named, never more than the public may know, always as they are now."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from rdflib import DCTERMS, FOAF, RDF, Graph, Literal, Namespace, URIRef

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj.feed.quality import COMPACT
from ckanext.kranj.feed.serialise import FORMATS
from ckanext.kranj.feed.shapes import violations

DCAT = Namespace("http://www.w3.org/ns/dcat#")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
FREQUENCY = "http://publications.europa.eu/resource/authority/frequency/"
OFFICIAL = Path(os.environ.get("KRANJ_SHACL", "/nonexistent"))
SHAPES = [
    COMPACT,
    *(OFFICIAL / "dcat-ap-3.0.1" / name for name in ("shapes.ttl", "range.ttl", "mdr-vocabularies.shape.ttl")),
    *(OFFICIAL / "hvd-3.0.0" / f"hvd-SHACL-{name}.ttl" for name in ("base", "ranges", "usagenotes")),
][: None if OFFICIAL.is_dir() else 1]
"""Our own; the official ones where the folder with them is named."""
SERIES = {
    "type": "dataset_series", "title_translated": {"sl": "Letni proračuni", "en": "Yearly budgets"},
    "notes_translated": {"sl": "Proračuni občine po letih."}, "owner_org": "podatkovna-pisarna", "frequency": "ANNUAL",
    "visibility": "public", "contact": [{"name": "Proračunska služba", "email": "proracun@kranj.si"}],
}  # fmt: skip


@pytest.fixture
def series(act: Any) -> dict[str, Any]:
    return act("package_create", **SERIES)


def told(portal: Any, address: str = "/catalog.nt") -> Graph:
    response = portal.read(address)
    assert response.status_code == 200, response.data
    return Graph().parse(data=response.data, format="nt")


def titles(graph: Graph) -> set[str]:
    return {str(title) for one in graph.subjects(RDF.type, DCAT.DatasetSeries) for title in graph[one : DCTERMS.title]}


def test_a_public_series_is_told_with_its_own_words_and_publisher(
    portal: Any, create: Any, series: dict[str, Any]
) -> None:
    members = [create(f"Proračun {year}", in_series=[series[key]]) for year, key in ((2025, "id"), (2026, "name"))]
    base = tk.config["ckan.site_url"]
    node = URIRef(f"{base}/dataset_series/{series['id']}")
    for address in ("/catalog.nt", f"/dataset/{members[0]['id']}.nt", "/catalog-full.nt"):
        graph = told(portal, address)
        assert set(graph.subjects(RDF.type, DCAT.DatasetSeries)) == {node}
        assert set(graph[node : DCTERMS.title]) == {
            Literal("Letni proračuni", lang="sl"), Literal("Yearly budgets", lang="en"),
        }  # fmt: skip
        assert list(graph[node : DCTERMS.description]) == [Literal("Proračuni občine po letih.", lang="sl")]
        assert list(graph[node : DCTERMS.accrualPeriodicity]) == [URIRef(f"{FREQUENCY}ANNUAL")]
        assert list(graph[node : DCAT.contactPoint / VCARD.hasEmail]) == [URIRef("mailto:proracun@kranj.si")]
        publisher = graph.value(node, DCTERMS.publisher)
        assert publisher == URIRef(f"{base}/organization/{series['organization']['id']}")
        assert Literal("Podatkovna pisarna", lang="sl") in set(graph[publisher : FOAF.name])
    assert {str(one).rsplit("/", 1)[-1] for one in told(portal).subjects(DCAT.inSeries, node)} == {
        one["id"] for one in members
    }
    owner = members[0]["organization"]["id"]
    assert titles(told(portal, f"/organization/{owner}/catalog.nt")) == {"Letni proračuni", "Yearly budgets"}
    assert not list(told(portal, f"/organization/{series['organization']['id']}/catalog.nt")[: RDF.type : DCAT.Dataset])


@pytest.mark.parametrize("called", ["id", "name"])
def test_what_happens_to_a_series_happens_to_the_datasets_that_name_it(
    portal: Any, create: Any, act: Any, series: dict[str, Any], called: str
) -> None:
    made = create("Proračun 2026", in_series=[series[called]])
    create("Druga zbirka")
    before = portal.read("/catalog.nt")
    act("package_patch", id=series["id"], title_translated={"sl": "Proračuni", "en": "Budgets"})
    after = portal.read("/catalog.nt")
    assert after.headers["ETag"] != before.headers["ETag"]
    assert titles(told(portal)) == {"Proračuni", "Budgets"}
    with model.meta.engine.connect() as connection:
        moved = connection.execute(sa.text("SELECT package_id FROM kranj_feed_record WHERE event = 'Update'")).scalars()
        assert list(moved) == [made["id"]]
    act("package_patch", id=series["id"], visibility="internal")
    assert titles(told(portal)) == set()
    act("package_patch", id=series["id"], visibility="public")
    assert titles(told(portal)) == {"Proračuni", "Budgets"}
    act("dataset_purge", id=series["id"])
    assert titles(told(portal)) == set()


@pytest.mark.parametrize("how", ["internal", "draft", "deleted"])
def test_a_series_that_is_not_public_leaves_no_trace(portal: Any, create: Any, act: Any, how: str) -> None:
    hidden = {"internal": {"visibility": "internal"}, "draft": {"state": "draft"}, "deleted": {}}[how]
    series = act("package_create", **{**SERIES, "title_translated": {"sl": "Skrivni niz"}, **hidden})
    create("Javna zbirka", in_series=[series["id"], series["name"]])
    if how == "deleted":
        act("package_delete", id=series["id"])
    for name in ("nt", "ttl", "rdf", "jsonld"):
        body = portal.read(f"/catalog.{name}").data
        assert b"Javna zbirka" in body
        for word in ("Skrivni niz", series["id"], series["name"], "inSeries", "DatasetSeries"):
            assert word.encode() not in body
    assert portal.read("/catalog.nt").status_code == 200


def test_a_series_published_while_a_dataset_that_names_it_is_being_saved(
    portal: Any, create: Any, act: Any, series: dict[str, Any]
) -> None:
    """Neither transaction sees the other; whoever renders after both sees both."""
    act("package_patch", id=series["id"], visibility="internal")
    made = create("Proračun 2026")
    portal.read("/catalog.nt")
    with model.meta.engine.connect() as slow:
        slow.execute(
            sa.text("UPDATE package SET extras = extras || jsonb_build_object('in_series', :named) WHERE id = :id"),
            {"id": made["id"], "named": f'["{series["id"]}"]'},
        )
        act("package_patch", id=series["id"], visibility="public")
        assert titles(told(portal)) == set()
        slow.commit()
    assert titles(told(portal)) == {"Letni proračuni", "Yearly budgets"}


class TestDocument:
    """What the identifier of a series leads to."""

    @pytest.mark.parametrize("name", ["ttl", "rdf", "jsonld", "nt"])
    def test_the_identifier_leads_to_the_series(self, portal: Any, series: dict[str, Any], name: str) -> None:
        first = portal.read(f"/dataset_series/{series['id']}.{name}")
        assert (first.status_code, first.mimetype) == (200, FORMATS[name].content_type)
        for kind in ("dataset", "dataset_series"):
            for key in (series["id"], series["name"]):
                accepted = portal.read(f"/{kind}/{key}", headers={"Accept": FORMATS[name].content_type})
                assert (accepted.data, accepted.headers["ETag"]) == (first.data, first.headers["ETag"])
                assert "Accept" in accepted.headers["Vary"]
                assert portal.read(f"/{kind}/{key}.{name}").data == first.data
        unchanged = portal.read(f"/dataset/{series['id']}.{name}", headers={"If-None-Match": first.headers["ETag"]})
        assert (unchanged.status_code, unchanged.data) == (304, b"")

    def test_people_get_the_page(self, portal: Any, series: dict[str, Any]) -> None:
        page = portal.read(f"/dataset_series/{series['name']}", headers={"Accept": "text/html,*/*;q=0.8"})
        assert (page.status_code, page.mimetype) == (200, "text/html")
        assert "Accept" in page.headers["Vary"]

    def test_it_says_what_the_feed_says_and_names_public_members_only(
        self, portal: Any, create: Any, act: Any, series: dict[str, Any], complete_dataset: dict[str, Any]
    ) -> None:
        service = {"title": "Vmesnik", "endpoint_url": ["https://api.kranj.si/proracun"]}
        resources = [{**one, "access_services": [service]} for one in complete_dataset["resources"]]
        valuable = {"hvd_category": ["c_b79e35eb"], "resources": resources}
        members = [
            create(f"Proračun {year}", in_series=[series[key]], **more)
            for year, key, more in ((2024, "id", {}), (2025, "name", valuable))
        ]
        hidden = create("Skrivni proračun", in_series=[series["id"]], visibility="internal")
        create("Druga zbirka")
        body = portal.read(f"/dataset/{series['id']}.nt").data
        assert hidden["id"].encode() not in body
        graph = Graph().parse(data=body, format="nt")
        node = URIRef(f"{tk.config['ckan.site_url']}/dataset_series/{series['id']}")
        datasets = {URIRef(f"{tk.config['ckan.site_url']}/dataset/{one['id']}") for one in members}
        assert list(graph.subjects(RDF.type, DCAT.DatasetSeries)) == [node]
        assert set(graph.subjects(DCAT.inSeries, node)) == set(graph[node : DCAT.seriesMember]) == datasets
        assert {str(title) for one in datasets for title in graph[one : DCTERMS.title]} == {
            "Proračun 2024", "Proračun 2024 (en)", "Proračun 2025", "Proračun 2025 (en)",
        }  # fmt: skip
        assert not list(graph.subjects(RDF.type, DCAT.Dataset))
        feed = told(portal)
        assert {pair for pair in graph.predicate_objects(node) if pair[0] != DCAT.seriesMember} == set(
            feed.predicate_objects(node)
        )
        publisher = graph.value(node, DCTERMS.publisher)
        assert set(graph[publisher : FOAF.name]) == set(feed[publisher : FOAF.name]) != set()
        body = portal.read(f"/dataset/{series['id']}.ttl").data
        assert [found for shapes in SHAPES for found in violations(body, shapes)] == []
        act("package_patch", id=members[0]["id"], visibility="internal")
        assert members[0]["id"].encode() not in portal.read(f"/dataset/{series['id']}.nt").data

    def test_a_series_without_datasets_stands_alone(self, portal: Any, series: dict[str, Any]) -> None:
        graph = told(portal, f"/dataset/{series['id']}.nt")
        assert titles(graph) == {"Letni proračuni", "Yearly budgets"}
        assert not list(graph.triples((None, DCAT.seriesMember, None)))

    @pytest.mark.parametrize("how", ["internal", "draft", "deleted"])
    def test_a_hidden_one_answers_as_a_name_that_never_existed(
        self, portal: Any, create: Any, act: Any, how: str
    ) -> None:
        hidden = {"internal": {"visibility": "internal"}, "draft": {"state": "draft"}, "deleted": {}}[how]
        made = act("package_create", **{**SERIES, "title_translated": {"sl": "Skrivni niz"}, **hidden})
        create("Javna zbirka", in_series=[made["id"]])
        if how == "deleted":
            act("package_delete", id=made["id"])
        for address, more in (
            ("/dataset/{}", {"headers": {"Accept": "text/turtle"}}), ("/dataset/{}.ttl", {}),
            ("/dataset_series/{}", {"headers": {"Accept": "text/turtle"}}), ("/dataset_series/{}.ttl", {}),
        ):  # fmt: skip
            never = portal.read(address.format("nikoli-ni-bilo"), **more)
            for key in (made["id"], made["name"]):
                found = portal.read(address.format(key), **more)
                assert (found.status_code, found.data) == (never.status_code, never.data)
            assert never.status_code == 404

    def test_a_dataset_is_no_series(self, portal: Any, create: Any) -> None:
        assert portal.read(f"/dataset_series/{create('Zbirka')['id']}.ttl").status_code == 404
        assert portal.read("/dataset_series/x.foo").status_code == 404


def test_the_profile_for_ckanext_dcat_says_the_same(portal: Any, create: Any, act: Any, series: dict[str, Any]) -> None:
    from ckanext.dcat.processors import RDFSerializer

    hidden = act("package_create", **{**SERIES, "title_translated": {"sl": "Skrivni niz"}, "visibility": "internal"})
    made = create("Proračun 2026", in_series=[series["id"], hidden["id"]])
    serializer = RDFSerializer(profiles=["kranj_dcat_ap"])
    serializer.graph_from_dataset(act("package_show", id=made["id"]))
    assert titles(serializer.g) == {"Letni proračuni", "Yearly budgets"} == titles(told(portal))
