"""The demonstration city, harvested and published again: the official shapes accept it, its high-value data too."""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from rdflib import RDF, Graph, Namespace, URIRef

from ckanext.kranj.feed import mqa, pages
from ckanext.kranj.feed.catalogue import Paging
from ckanext.kranj.feed.pages import Content
from ckanext.kranj.feed.shapes import violations

from harvesters import Context, Fetched, preset_named
from harvesters.plan import judge

SHAPES = os.environ.get("KRANJ_SHACL", "")
pytestmark = [pytest.mark.unit, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
DCAT = Namespace("http://www.w3.org/ns/dcat#")
DCATAP = Namespace("http://data.europa.eu/r5r/")
DEPLOYMENT = Path(__file__).parents[3] / "deployment"
SOURCE = "http://127.0.0.1:8001"
HIGH_VALUE = {
    "http://data.europa.eu/bna/c_63b37dd4",  # air
    "http://data.europa.eu/bna/c_ad9ae929",  # land use
}


class City:
    """Answers as the server of the demonstration city does, without a socket."""

    def __init__(self) -> None:
        sys.path.insert(0, str(DEPLOYMENT))
        try:
            from demo import city, graph
        finally:
            sys.path.remove(str(DEPLOYMENT))
        self.all, self.graph = city.load(), graph

    def get(self, url: str, *, accept: str = "*/*") -> Fetched:
        number = int(parse_qs(urlsplit(url).query).get("page", ["1"])[0])
        found = self.graph.catalogue(self.all, "katalog", SOURCE, number)
        return Fetched(url, self.graph.to_bytes(found, "turtle"), "text/turtle", "utf-8")


@pytest.fixture(scope="module")
def harvested() -> list[dict[str, Any]]:
    """Every record of the city's catalogue that is public and complete, as it is stored."""
    preset = preset_named("demo-katalog")
    datasets = []
    for reading in preset.reader(SOURCE + preset.url).records(Context("demo-katalog", City())):
        found = judge(reading, preset.fill(), reachable={"127.0.0.1"}, version=1, first_seen=date(2026, 11, 24))
        if not found.draft and found.record and found.record.dataset["visibility"] == "public":
            name = reading.guid.rpartition("/")[2]
            datasets.append({**found.record.dataset, "id": name, "name": name, "owner_org": "org-mok"})
    return datasets


@pytest.fixture
def body(harvested: list[dict[str, Any]], organizations: dict[str, Any], settings: Any) -> bytes:
    content = Content(harvested, organizations)
    assert pages.faults(content, settings) == []
    paging = Paging(f"{settings.site_url}/catalog.ttl", 1, 1, len(harvested), 250, None, None)
    return pages.catalogue_page(content, settings, paging, "ttl")


@pytest.fixture
def valuable(harvested: list[dict[str, Any]], organizations: dict[str, Any], settings: Any) -> bytes:
    """The high-value ones alone: every shape of DCAT-AP HVD is for them."""
    found = [one for one in harvested if one.get("hvd_category")]
    paging = Paging(f"{settings.site_url}/catalog.ttl", 1, 1, len(found), 250, None, None)
    return pages.catalogue_page(Content(found, organizations), settings, paging, "ttl")


def test_high_value_data_bring_what_the_regulation_asks(valuable: bytes) -> None:
    graph = Graph().parse(data=valuable, format="turtle")
    assert {str(one) for one in graph.objects(None, DCATAP.hvdCategory)} == HIGH_VALUE
    nodes = set(graph.subjects(RDF.type, DCAT.Dataset))
    assert len(nodes) == 2
    for node in nodes:
        distributions = set(graph.objects(node, DCAT.distribution))
        services = {one for part in distributions for one in graph.objects(part, DCAT.accessService)}
        assert len(services) == 1
        assert any(graph.value(part, DCAT.downloadURL) for part in distributions)
        for part in (node, *distributions, *services):
            assert graph.value(part, DCATAP.applicableLegislation) == URIRef(
                "http://data.europa.eu/eli/reg_impl/2023/138/oj"
            )
        for service in services:
            for said in (DCAT.endpointURL, DCAT.endpointDescription, DCAT.contactPoint, DCAT.servesDataset):
                assert graph.value(service, said) is not None, said


@pytest.mark.skipif(not SHAPES, reason="KRANJ_SHACL does not name the folder with the official shapes")
@pytest.mark.parametrize("shapes", ["base", "ranges", "usagenotes"])
def test_high_value_data_conform(valuable: bytes, shapes: str) -> None:
    assert violations(valuable, Path(SHAPES) / "hvd-3.0.0" / f"hvd-SHACL-{shapes}.ttl") == []


@pytest.mark.skipif(not SHAPES, reason="KRANJ_SHACL does not name the folder with the official shapes")
@pytest.mark.parametrize(
    "term",
    [
        # what the base shapes count; an endpointDescription they only type
        DCAT.endpointURL,
        DCATAP.hvdCategory,
        DCATAP.applicableLegislation,
    ],
)
def test_the_shapes_do_judge_high_value_data(valuable: bytes, term: URIRef) -> None:
    spoilt = Graph().parse(data=valuable, format="turtle")
    spoilt.remove((None, term, None))
    found = violations(spoilt.serialize(format="turtle").encode(), Path(SHAPES) / "hvd-3.0.0" / "hvd-SHACL-base.ttl")
    assert {one.field for one in found} == {str(term)}


@pytest.mark.skipif(not SHAPES, reason="KRANJ_SHACL does not name the folder with the official shapes")
@pytest.mark.parametrize("shapes", ["shapes", "range", "mdr-vocabularies.shape"])
def test_the_whole_city_conforms(body: bytes, harvested: list[dict[str, Any]], shapes: str) -> None:
    assert body.count(b" a dcat:Dataset ") == len(harvested) >= 64
    assert violations(body, Path(SHAPES) / "dcat-ap-3.0.1" / f"{shapes}.ttl") == []


def test_points_of_the_city(harvested: list[dict[str, Any]], organizations: dict[str, Any], settings: Any) -> None:
    """With addresses that answer: promised 351 on the average."""
    points = []
    for one in harvested:
        facts = mqa.Facts.of(pages.dataset_document(Content([one], organizations), settings, "nt"))
        address = f"{settings.base_uri}/dataset/{one['id']}"
        points.append(mqa.score(address, facts, answer=lambda _url: True, compliant=True).points)
    assert sum(points) / len(points) >= 351
