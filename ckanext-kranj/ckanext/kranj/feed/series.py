"""Series that a dataset belongs to (DCAT-AP 3.0.1, section Dataset Series). No CKAN import.

A series is described in the fragment of every dataset that names it, so that a page, a listing and the document of a
dataset each stand on their own; its own document is written from its row when it is asked for. First, last and
previous are not told: nobody records them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pyoxigraph import NamedNode

from .parts import contacts, hvd_legislation, legislation
from .terms import DCAT, DCATAP, DCT, RDF, clean, text, texts, web
from .writer import Place, Term, Writer, many

NAMED = "named_series"
"""Where a row of ``rows.datasets`` keeps the public series it names, by what it calls them."""


def series(writer: Writer, value: Any) -> Iterator[Term]:
    """The series named.

    One of ours that is not public is not in the row, and what a dataset calls it is not told either. An address
    elsewhere is a series of another catalogue; of it no more is known than where it is.
    """
    told = writer.dataset.get(NAMED)
    known = told if isinstance(told, dict) else {}
    for one in many(value):
        row = known.get(clean(one))
        node = _ours(writer, row) if isinstance(row, dict) and row.get("id") else _elsewhere(writer, one)
        if node is None:
            continue
        _typed(writer, node)
        yield node


def described(
    row: dict[str, Any], members: list[dict[str, Any]], organizations: dict[str, dict[str, Any]], place: Place
) -> Writer:
    """A public series with its members, as the document that its IRI leads to.

    Args:
        row: of the series, as ``rows.series`` reads it.
        members: the public datasets that name it, as ``rows.members`` reads them: what they are called is told, what
            they are stands in documents of their own.
        organizations: the owner of the series by id.
        place: where identifiers and pages start.
    """
    categories = sorted({one for member in members for one in many(member.get("hvd_category"))})
    writer = Writer(place, {"id": row["id"], "hvd_category": categories}, organizations)
    node = _ours(writer, row)
    _typed(writer, node)
    for member in members:
        dataset = NamedNode(place.dataset(member["id"]))
        writer.add(node, DCAT.seriesMember, dataset)
        writer.add(dataset, DCAT.inSeries, node)
        writer.add_all(dataset, DCT.title, texts(member.get("title_translated"), member.get("title")))
    return writer


def _typed(writer: Writer, node: NamedNode) -> None:
    writer.add(node, RDF.type, DCAT.DatasetSeries)
    if hvd_legislation(writer.dataset):  # DCAT-AP HVD 3.0.0, section Dataset Series
        writer.add_all(node, DCATAP.applicableLegislation, legislation(writer, None))
        for category in many(writer.dataset.get("hvd_category")):
            writer.add(node, DCATAP.hvdCategory, writer.code("hvd_category", category))


def _ours(writer: Writer, row: dict[str, Any]) -> NamedNode:
    node = NamedNode(writer.place.series(row["id"]))
    titles = texts(row.get("title_translated"), row.get("title") or row.get("name"))
    writer.series.add(row["id"])
    writer.add_all(node, DCT.title, titles)
    writer.add_all(node, DCT.description, texts(row.get("notes_translated"), row.get("notes")) or titles)
    owner = clean(row.get("owner_org"))
    if owner in writer.organizations:
        writer.agents.add(owner)
        writer.add(node, DCT.publisher, NamedNode(writer.place.organization(owner)))
    writer.add_all(node, DCAT.contactPoint, contacts(writer, row.get("contact"), node))
    writer.add(node, DCT.accrualPeriodicity, writer.code("frequency", row.get("frequency")))
    return node


def _elsewhere(writer: Writer, value: Any) -> NamedNode | None:
    node = web(value)
    if node is None or node.value.startswith((f"{writer.place.base_uri}/", f"{writer.place.site_url}/")):
        return None
    words = text(value, "sl")
    for predicate in (DCT.title, DCT.description):
        writer.add(node, predicate, words)
    return node
