"""Recorded catalogues of others, harvested and published again: the official shapes accept what comes out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from rdflib import DCAT, RDF, Graph

from ckanext.kranj.feed import pages, quality
from ckanext.kranj.feed.catalogue import Paging
from ckanext.kranj.feed.pages import Content
from ckanext.kranj.feed.shapes import violations

from harvesters.connector import Context
from harvesters.connectors.dcat import Dcat, DcatSettings
from harvesters.http import Fetched

SHAPES, CORPUS = os.environ.get("KRANJ_SHACL", ""), os.environ.get("KRANJ_CORPUS", "")
pytestmark = [
    pytest.mark.unit,
    pytest.mark.skipif(not (SHAPES and CORPUS), reason="KRANJ_SHACL and KRANJ_CORPUS do not name both folders"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
ADDRESS = "https://source.example.si/catalog"
TYPES = {".rdf": "application/rdf+xml", ".ttl": "text/turtle"}


class OnePage:
    """Reads one recorded page; whatever follows it is empty."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def get(self, url: str, *, accept: str = "*/*") -> Fetched:
        if url != ADDRESS:
            return Fetched(url, b"", "text/turtle", None)
        return Fetched(url, self.path.read_bytes(), TYPES[self.path.suffix], None)


@pytest.mark.parametrize("name", ["city-catalog-100-datasets.rdf", "dataset_gob_es.ttl", "dataset_gov_de.rdf"])
def test_republished_recordings_conform(name: str, organizations: dict[str, Any], settings: Any) -> None:
    reader = OnePage(Path(CORPUS) / "dcat" / name)
    connector = Dcat(DcatSettings(url=ADDRESS))
    datasets = []
    for number, reading in enumerate(connector.records(Context("posnetek", reader))):
        if reading.record is None:
            continue
        published = {"id": f"posnetek-{number}", "owner_org": "org-mok", "secrecy": "javno"}
        datasets.append({**reading.record.dataset, **published})
    assert datasets
    content = Content(datasets, organizations)
    assert pages.faults(content, settings) == []
    paging = Paging(f"{settings.site_url}/catalog.ttl", 1, 1, len(datasets), 250, None, None)
    body = pages.catalogue_page(content, settings, paging, "ttl")
    assert len(list(Graph().parse(data=body, format="turtle").subjects(RDF.type, DCAT.Dataset))) == len(datasets)
    assert quality.compact(body) == []
    for shapes in ("shapes.ttl", "range.ttl", "mdr-vocabularies.shape.ttl"):
        found = violations(body, Path(SHAPES) / "dcat-ap-3.0.1" / shapes)
        assert found == [], "\n".join(map(str, found[:20]))
