"""Bytes to a graph, without ever following what the bytes refer to (risks R4, R5, R6)."""

from __future__ import annotations

from rdflib import Graph

from harvesters.errors import Unreadable
from harvesters.http import Fetched
from harvesters.parse import jsonld_of, xml_text

ACCEPT = "text/turtle, application/rdf+xml, application/ld+json, application/n-triples;q=0.9, */*;q=0.1"

_BY_TYPE = {
    "text/turtle": "turtle",
    "application/x-turtle": "turtle",
    "text/n3": "turtle",
    "application/n-triples": "nt",
    "application/rdf+xml": "xml",
    "application/ld+json": "json-ld",
}
_BY_SUFFIX = {
    ".ttl": "turtle", ".n3": "turtle", ".nt": "nt", ".rdf": "xml", ".xml": "xml", ".owl": "xml",
    ".jsonld": "json-ld", ".json": "json-ld",
}  # fmt: skip


def graph_of(answer: Fetched) -> tuple[Graph, str | None]:
    """Parse an answer.

    Args:
        answer: what the source sent.

    Returns:
        The graph, and the charset when it had to be guessed.

    Raises:
        Unreadable: it is not RDF in a format we read, or it asks to load something from elsewhere.
    """
    kind = _format(answer)
    text, guessed = xml_text(answer) if kind == "xml" else answer.text()
    try:
        if kind == "json-ld":
            jsonld_of(answer)
        graph = Graph(bind_namespaces="none")
        graph.parse(data=text, format=kind, publicID=answer.url)
    except Unreadable:
        raise
    except Exception as error:
        # rdflib's parsers raise whatever their lexers raise: every one of them means "not readable".
        raise Unreadable(answer.url, kind, f"{type(error).__name__}: {error}") from error
    return graph, guessed


def _format(answer: Fetched) -> str:
    """Content-Type, then suffix of the address, then the first characters of the body."""
    if answer.content_type in _BY_TYPE:
        return _BY_TYPE[answer.content_type]
    path = answer.url.partition("?")[0].partition("#")[0].casefold()
    for suffix, kind in _BY_SUFFIX.items():
        if path.endswith(suffix):
            return kind
    start = answer.content[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith((b"<?xml", b"<rdf:RDF")):
        return "xml"
    return "json-ld" if start.startswith((b"{", b"[")) else "turtle"
