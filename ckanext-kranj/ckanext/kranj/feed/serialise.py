"""Bytes of a document, joined from fragments: a header of our own and one independent piece per dataset.

Fragments are rendered apart and only joined, which keeps the cost of a page linear and lets a stored fragment stand
in for a rendered one. The order of pyoxigraph's own prefix lines is not promised, so the header is ours.
No CKAN import.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from pyoxigraph import RdfFormat, Triple, serialize

from .terms import PREFIXES


@dataclass(frozen=True)
class Format:
    """One way to write RDF: its type on the wire and how fragments become a document."""

    content_type: str
    rdf: RdfFormat
    head: bytes = b""
    separator: bytes = b""
    tail: bytes = b""


_TURTLE_HEAD = "".join(f"@prefix {name}: <{address}> .\n" for name, address in PREFIXES.items())
_XML_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF'
    + "".join(f"\n\txmlns:{name}={quoteattr(address)}" for name, address in PREFIXES.items())
    + ">\n"
)
_TURTLE = Format("text/turtle", RdfFormat.TURTLE, _TURTLE_HEAD.encode())
_XML = Format("application/rdf+xml", RdfFormat.RDF_XML, _XML_HEAD.encode(), b"", b"</rdf:RDF>\n")

FORMATS = {
    "ttl": _TURTLE,
    "rdf": _XML,
    "xml": _XML,
    "jsonld": Format("application/ld+json", RdfFormat.JSON_LD, b"[", b",\n", b"]\n"),
    "nt": Format("application/n-triples", RdfFormat.N_TRIPLES),
}

STORED = ("nt", "ttl", "rdf", "jsonld")
"""The formats of which fragments are kept; ``xml`` is ``rdf`` under another name."""


def stored(name: str) -> str:
    """Under which name the fragments of a format are kept."""
    return "rdf" if name == "xml" else name


def fragment(triples: Iterable[Triple], name: str) -> bytes:
    """Write triples without the frame of a document.

    Args:
        triples: grouped by subject; blank node labels unique within the page.
        name: key of ``FORMATS``.
    """
    form = FORMATS[name]
    raw = serialize(triples, format=form.rdf, prefixes=PREFIXES)
    if raw is None:  # pragma: no cover - only with an output argument
        return b""
    if form is _TURTLE:
        lines = raw.split(b"\n")
        start = next((n for n, line in enumerate(lines) if not line.startswith(b"@prefix")), len(lines))
        return b"\n".join(lines[start:])
    if form is _XML:
        start = raw.index(b">", raw.index(b"<rdf:RDF")) + 1
        end = raw.rfind(b"</rdf:RDF>")
        return raw[start:end].strip(b"\n") + b"\n" if end > 0 else b""
    if form.rdf == RdfFormat.JSON_LD:
        return raw.strip().removeprefix(b"[").removesuffix(b"]")
    return raw


def joined(fragments: Iterable[bytes], name: str) -> Iterator[bytes]:
    """A document in pieces, for what is too large to hold."""
    form = FORMATS[name]
    yield form.head
    between = b""
    for piece in fragments:
        if piece.strip():
            yield between + piece
            between = form.separator
    yield form.tail


def document(fragments: Iterable[bytes], name: str) -> bytes:
    """Join fragments of one format into a complete document."""
    return b"".join(joined(fragments, name))
