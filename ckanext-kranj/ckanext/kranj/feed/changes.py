"""The stream of changes: DCAT-AP Feed (SEMIC), a Linked Data Event Stream of ActivityStreams Create, Update and Delete.

The last change of every dataset, in the order in which the changes happened; a withdrawn one leaves its tombstone. A
reader that keeps the time of the last change it saw needs to read only the end. What a change says of a dataset stands
in a graph named by the change.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from . import rows
from .answers import Document, digest
from .fragments import Needs, version
from .pages import Front
from .ready import Ready
from .serialise import FORMATS as PLAIN
from .serialise import fragment
from .state import DisagreeError, PageNotFoundError
from .store import Reader
from .terms import AS, DCT, LDES, RDF, TREE, XSD, moment

_PAGE = (
    "SELECT r.package_id, r.live, r.event, r.seq, r.changed_at, r.needs, r.{0} AS body, p.id AS shown"  # noqa: S608 - constants
    f" FROM kranj_feed_record r LEFT JOIN package p ON p.id = r.package_id AND {rows.PUBLIC}"
    " WHERE r.seq BETWEEN :low AND :high"
    " AND (r.live OR r.changed_at > now() - make_interval(days => :days)) ORDER BY r.seq"
)
_DIGEST = sa.text(
    "SELECT (SELECT md5(coalesce(string_agg(seq || event || etag, ',' ORDER BY seq), '')) FROM kranj_feed_record"
    "  WHERE seq BETWEEN :low AND :high AND (live OR changed_at > now() - make_interval(days => :days))) AS members,"
    " (SELECT min(seq) FROM kranj_feed_record WHERE seq > :high) AS following"
)


@dataclass(frozen=True)
class Format:
    """How triples and named graphs become a document."""

    content_type: str
    plain: str
    """The format of its triples."""
    graph: bytes
    """Frame of a named graph: ``%b`` its name, ``%b`` its content."""


FORMATS = {
    "trig": Format("application/trig", "ttl", b"<%b> {\n%b}\n"),
    "jsonld": Format("application/ld+json", "jsonld", b'{"@id":"%b","@graph":[%b]}'),
}


def page(reader: Reader, number: int, name: str) -> Document:
    """One page of the stream.

    Raises:
        PageNotFoundError: nothing ever happened that late.
    """
    settings = reader.settings
    size = settings.page_size
    span = {"low": (number - 1) * size + 1, "high": number * size, "days": settings.tombstone_days}
    if number > (-(-reader.state.last_seq // size) or 1):
        raise PageNotFoundError
    members, following = reader.connection.execute(_DIGEST, span).one()
    after = (following - 1) // size + 1 if following else None
    etag = digest(version(), "changes", name, settings, number, members, after, reader.state.organizations)

    def build() -> bytes:
        return _document(reader, number, after, name, span)

    return Ready(reader, number, f"changes.{name}", etag, build).document(FORMATS[name].content_type)


def _document(reader: Reader, number: int, after: int | None, name: str, span: dict[str, Any]) -> bytes:
    form = FORMATS[name]
    frame = PLAIN[form.plain]
    statement = sa.text(_PAGE.format(form.plain))
    found = [dict(row) for row in reader.connection.execute(statement, span).mappings()]
    if any(row["live"] != bool(row["shown"]) for row in found):
        raise DisagreeError
    needs = [Needs.of(row["needs"]) if row["live"] else Needs() for row in found]
    front = reader.front(needs)
    head = [*_stream(reader, number, after, name), *(triple for row in found for triple in _event(reader, front, row))]
    parts = [fragment(head, form.plain)]
    for row, need in zip(found, needs, strict=True):
        if row["live"]:
            explained = fragment(front.explained([need], set(), set()), form.plain)
            content = frame.separator.join([bytes(row["body"]), explained])
            parts.append(form.graph % (_event_iri(reader, row).encode(), content))
    return frame.head + frame.separator.join(parts) + frame.tail


def _event_iri(reader: Reader, row: dict[str, Any]) -> str:
    return f"{reader.settings.base_uri}/catalog-changes#{row['seq']}"


def _event(reader: Reader, front: Front, row: dict[str, Any]) -> Iterator[Triple]:
    node = NamedNode(_event_iri(reader, row))
    yield Triple(NamedNode(f"{reader.settings.base_uri}/catalog-changes"), TREE.member, node)
    yield Triple(node, RDF.type, AS[row["event"]])
    yield Triple(node, AS.object, NamedNode(front.place.dataset(row["package_id"])))
    when = moment(row["changed_at"])
    if when is not None:
        yield Triple(node, AS.published, when)


def _stream(reader: Reader, number: int, after: int | None, name: str) -> Iterator[Triple]:
    """The stream, its view and the way to the next page."""
    settings = reader.settings
    stream = NamedNode(f"{settings.base_uri}/catalog-changes")
    address = f"{settings.site_url}/catalog-changes.{name}"
    here, first = NamedNode(f"{address}?page={number}"), NamedNode(f"{address}?page=1")
    policy, relation = BlankNode("policy"), BlankNode("relation")
    yield Triple(stream, RDF.type, LDES.EventStream)
    yield Triple(stream, DCT.isPartOf, NamedNode(settings.catalog_uri))
    yield Triple(stream, LDES.timestampPath, AS.published)
    yield Triple(stream, LDES.versionOfPath, AS.object)
    yield Triple(stream, TREE.view, first)
    yield Triple(here, RDF.type, TREE.Node)
    if number == 1:
        yield Triple(here, LDES.retentionPolicy, policy)
        yield Triple(policy, RDF.type, LDES.LatestVersionSubset)
        yield Triple(policy, LDES.amount, Literal("1", datatype=XSD.integer))
        yield Triple(policy, LDES.versionKey, AS.object)
    if after:
        yield Triple(here, TREE.relation, relation)
        yield Triple(relation, RDF.type, TREE.Relation)
        yield Triple(relation, TREE.node, NamedNode(f"{address}?page={after}"))
