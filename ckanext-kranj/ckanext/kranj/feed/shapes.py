"""A page against SHACL shapes; pyshacl is asked for only here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from rdflib import RDF, SH, Graph, URIRef


@dataclass(frozen=True)
class Finding:
    """Something that a page should not say, or should say and does not."""

    node: str
    field: str
    message: str


# The official shape wants https://spdx.org/rdf/terms, while the namespace of SPDX is http://.
SPDX_ALGORITHM = URIRef("http://spdx.org/rdf/terms#algorithm")


@lru_cache(maxsize=8)
def _shapes(shapes: Path) -> Graph:
    wanted = Graph()
    for file in sorted(shapes.glob("**/*.ttl")) if shapes.is_dir() else [shapes]:
        wanted.parse(file)
    # Some official files name property shapes that they do not define; pyshacl refuses to run on those.
    for owner, shape in list(wanted.subject_objects(SH.property)):
        if wanted.value(shape, SH.path) is None:
            wanted.remove((owner, SH.property, shape))
    return wanted


def violations(body: bytes, shapes: Path, leftovers: frozenset[URIRef] = frozenset({SPDX_ALGORITHM})) -> list[Finding]:
    """What the shapes object to with severity Violation.

    Args:
        body: a page in Turtle.
        shapes: a file, or a folder of which every ``*.ttl`` is read.
        leftovers: paths whose objections are known and cannot be met.
    """
    from pyshacl import validate

    wanted = _shapes(shapes)
    page = Graph().parse(data=body, format="turtle")
    # no imports: the shapes must not open sockets, concepts are described on the page itself
    _, report, _ = validate(page, shacl_graph=wanted, advanced=True, inference="none", do_owl_imports=False)
    found = set()
    # results of the report itself: those nested under sh:detail belong to their parent, often a warning
    for result in report.objects(report.value(predicate=RDF.type, object=SH.ValidationReport), SH.result):
        path = report.value(result, SH.resultPath)
        if report.value(result, SH.resultSeverity) == SH.Violation and path not in leftovers:
            focus, value, message = (report.value(result, one) for one in (SH.focusNode, SH.value, SH.resultMessage))
            found.add(Finding(str(focus), str(path), f"{message} ({value})"))
    return sorted(found, key=lambda one: (one.node, one.field, one.message))
