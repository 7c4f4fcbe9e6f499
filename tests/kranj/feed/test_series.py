"""Series in the feed: described where they are named, never more than the public may know, always as they are now."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from rdflib import DCTERMS, FOAF, RDF, Graph, Literal, Namespace, URIRef

import ckan.plugins.toolkit as tk
from ckan import model

DCAT = Namespace("http://www.w3.org/ns/dcat#")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
FREQUENCY = "http://publications.europa.eu/resource/authority/frequency/"
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


def test_the_profile_for_ckanext_dcat_says_the_same(portal: Any, create: Any, act: Any, series: dict[str, Any]) -> None:
    from ckanext.dcat.processors import RDFSerializer

    hidden = act("package_create", **{**SERIES, "title_translated": {"sl": "Skrivni niz"}, "visibility": "internal"})
    made = create("Proračun 2026", in_series=[series["id"], hidden["id"]])
    serializer = RDFSerializer(profiles=["kranj_dcat_ap"])
    serializer.graph_from_dataset(act("package_show", id=made["id"]))
    assert titles(serializer.g) == {"Letni proračuni", "Yearly budgets"} == titles(told(portal))
