"""The official SHACL shapes of DCAT-AP 3.0.1 and DCAT-AP HVD 3.0.0 over our pages, offline.

The shapes are not ours to ship: the folder is named by ``KRANJ_SHACL``. The known leftovers stand below, each with its
reason; everything else of severity Violation fails the test.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from pyshacl import validate
from rdflib import DCAT, RDF, SH, Graph, URIRef

from ckanext.kranj.feed import pages
from ckanext.kranj.feed.catalogue import Paging
from ckanext.kranj.feed.pages import Content

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
# The shape wants https://spdx.org/rdf/terms, the namespace of SPDX is http://.
SPDX_ALGORITHM = URIRef("http://spdx.org/rdf/terms#algorithm")
# shapes.ttl wants a literal geometry, the all-in-one file a node: no page can please both.
GEOMETRY = URIRef("http://www.w3.org/ns/locn#geometry")
# A municipality is not in the EU list of corporate bodies; the shape calls that a warning.


def violations(graph: Graph, files: list[str]) -> list[str]:
    """What the shapes object to with severity Violation, without the known leftovers."""
    leftovers = {SPDX_ALGORITHM} | ({GEOMETRY} if "dcat-ap-3.0.1/dcat-ap-SHACL.ttl" in files else set())
    shapes = Graph()
    for name in files:
        shapes.parse(Path(FOLDER) / name)
    # The all-in-one file names property shapes that it does not define; pyshacl then refuses to run.
    for owner, shape in list(shapes.subject_objects(SH.property)):
        if shapes.value(shape, SH.path) is None:
            shapes.remove((owner, SH.property, shape))
    _, report, _ = validate(graph, shacl_graph=shapes, advanced=True, inference="none", do_owl_imports=False)
    found = []
    # results of the report itself: those nested under sh:detail take the severity of their parent, often a warning
    for result in report.objects(report.value(predicate=RDF.type, object=SH.ValidationReport), SH.result):
        path = report.value(result, SH.resultPath)
        if report.value(result, SH.resultSeverity) == SH.Violation and path not in leftovers:
            said = (report.value(result, predicate) for predicate in (SH.focusNode, SH.value, SH.resultMessage))
            found.append(" | ".join(str(one) for one in (path, *said)))
    return sorted(found)


def page(datasets: list[dict[str, Any]], organizations: dict[str, Any], settings: Any) -> Graph:
    paging = Paging(f"{settings.site_url}/catalog.ttl", 1, 2, len(datasets), 250, 2, None)
    body = pages.catalogue_page(Content(datasets, organizations), settings, paging, "ttl")
    return Graph().parse(data=body, format="turtle")


@pytest.mark.parametrize("shapes", list(GENERAL))
def test_a_page_conforms(
    examples: list[dict[str, Any]], organizations: dict[str, Any], settings: Any, shapes: str
) -> None:
    poor = {"id": "poor", "name": "poor", "title_translated": {"sl": "Le naslov"}, "owner_org": "org-mok"}
    graph = page([*examples, poor], organizations, settings)
    assert len(list(graph.subjects(RDF.type, DCAT.Dataset))) == 4
    assert violations(graph, GENERAL[shapes]) == []


@pytest.mark.parametrize("shapes", list(HIGH_VALUE))
def test_a_high_value_dataset_conforms(
    high_value: dict[str, Any], organizations: dict[str, Any], settings: Any, shapes: str
) -> None:
    assert violations(page([high_value], organizations, settings), HIGH_VALUE[shapes]) == []


def test_the_shapes_do_see_faults(dataset: dict[str, Any], organizations: dict[str, Any], settings: Any) -> None:
    """The test above would pass on a page without anything; this one proves that the shapes bite."""
    graph = page([dataset], organizations, settings)
    graph.remove((None, URIRef("http://xmlns.com/foaf/0.1/name"), None))
    assert violations(graph, GENERAL["base"])
