"""The official SHACL shapes of DCAT-AP 3.0.1 and DCAT-AP HVD 3.0.0 over our pages, offline.

The shapes are not ours to ship: the folder is named by ``KRANJ_SHACL``. The known leftovers stand below, each with its
reason; everything else of severity Violation fails the test.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from rdflib import URIRef

from ckanext.kranj.feed import pages
from ckanext.kranj.feed.catalogue import Paging
from ckanext.kranj.feed.pages import Content
from ckanext.kranj.feed.shapes import SPDX_ALGORITHM, violations

FOLDER = os.environ.get("KRANJ_SHACL", "")
pytestmark = [
    pytest.mark.unit,
    pytest.mark.skipif(not FOLDER, reason="KRANJ_SHACL does not name the folder with the official shapes"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

GENERAL = {
    "base": ["dcat-ap-3.0.1/shapes.ttl"],
    "range": ["dcat-ap-3.0.1/range.ttl"],
    "vocabularies": ["dcat-ap-3.0.1/mdr-vocabularies.shape.ttl"],
    "all in one": ["dcat-ap-3.0.1/dcat-ap-SHACL.ttl"],
}
HIGH_VALUE = {
    "hvd base": ["hvd-3.0.0/hvd-SHACL-base.ttl"],
    "hvd ranges": ["hvd-3.0.0/hvd-SHACL-ranges.ttl"],
    "hvd usage notes": ["hvd-3.0.0/hvd-SHACL-usagenotes.ttl"],
}
# shapes.ttl wants a literal geometry, the all-in-one file a node: no page can please both.
GEOMETRY = URIRef("http://www.w3.org/ns/locn#geometry")
# A municipality is not in the EU list of corporate bodies; the shape calls that a warning.


def objections(body: bytes, files: list[str]) -> list[str]:
    """What the shapes object to with severity Violation, without the known leftovers."""
    leftovers = {SPDX_ALGORITHM} | ({GEOMETRY} if "dcat-ap-3.0.1/dcat-ap-SHACL.ttl" in files else set())
    return [
        f"{one.node} | {one.field} | {one.message}"
        for name in files
        for one in violations(body, Path(FOLDER) / name, frozenset(leftovers))
    ]


def page(datasets: list[dict[str, Any]], organizations: dict[str, Any], settings: Any) -> bytes:
    paging = Paging(f"{settings.site_url}/catalog.ttl", 1, 2, len(datasets), 250, 2, None)
    return pages.catalogue_page(Content(datasets, organizations), settings, paging, "ttl")


@pytest.mark.parametrize("shapes", list(GENERAL))
def test_a_page_conforms(
    examples: list[dict[str, Any]], organizations: dict[str, Any], settings: Any, shapes: str
) -> None:
    poor = {"id": "poor", "name": "poor", "title_translated": {"sl": "Le naslov"}, "owner_org": "org-mok"}
    body = page([*examples, poor], organizations, settings)
    assert body.count(b" a dcat:Dataset ") == 4
    assert objections(body, GENERAL[shapes]) == []


@pytest.mark.parametrize("shapes", list(HIGH_VALUE))
def test_a_high_value_dataset_conforms(
    high_value: dict[str, Any], organizations: dict[str, Any], settings: Any, shapes: str
) -> None:
    assert objections(page([high_value], organizations, settings), HIGH_VALUE[shapes]) == []


def test_the_shapes_do_see_faults(dataset: dict[str, Any], organizations: dict[str, Any], settings: Any) -> None:
    """The test above would pass on a page without anything; this one proves that the shapes bite."""
    body = page([dataset], organizations, settings).replace(b"foaf:name", b"foaf:nick")
    assert objections(body, GENERAL["base"])
