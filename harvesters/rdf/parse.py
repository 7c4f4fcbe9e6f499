"""Bytes to a graph, without ever following what the bytes refer to (risks R4, R5, R6)."""

from __future__ import annotations

import io
import json
import re
from typing import Any
from xml.sax import SAXException
from xml.sax.handler import ContentHandler

import defusedxml.sax
from defusedxml import DefusedXmlException
from rdflib import Graph

from harvesters.errors import Unreadable
from harvesters.http import Fetched
from harvesters.text import decode

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
_DECLARATION = re.compile(r"^\s*<\?xml\s[^>]*\?>")
_ENCODING = re.compile(r"encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
_DEEPEST = 100


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
    text, guessed = _text(answer, kind)
    try:
        if kind == "xml":
            _refuse_doctype(text)
        elif kind == "json-ld":
            _refuse_remote_contexts(json.loads(text), answer.url)
        graph = Graph(bind_namespaces="none")
        graph.parse(data=text, format=kind, publicID=answer.url)
    except Unreadable:
        raise
    except DefusedXmlException as error:
        raise Unreadable(answer.url, "RDF/XML", "a DOCTYPE is not allowed") from error
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


def _text(answer: Fetched, kind: str) -> tuple[str, str | None]:
    if kind != "xml":
        return answer.text()
    # The XML declaration outranks the header; once decoded here it must go, or the parser would decode again.
    head = answer.content[:200].decode("latin-1")
    declaration = _DECLARATION.match(head.removeprefix("ï»¿"))
    declared = _ENCODING.search(declaration.group()) if declaration else None
    text, guessed = decode(answer.content, declared.group(1) if declared else answer.charset)
    return _DECLARATION.sub("", text, count=1), guessed


def _refuse_doctype(text: str) -> None:
    """Walk the document once with a parser that knows neither DTDs nor entities."""
    try:
        defusedxml.sax.parse(io.StringIO(text), ContentHandler(), forbid_dtd=True)
    except SAXException as error:
        raise ValueError(str(error)) from error


def _refuse_remote_contexts(value: Any, url: str, depth: int = 0) -> None:
    """A JSON-LD context given by address would be fetched by rdflib, even from ``file:``."""
    if depth > _DEEPEST:
        raise Unreadable(url, "JSON-LD", "nested too deeply")
    if isinstance(value, list):
        for item in value:
            _refuse_remote_contexts(item, url, depth + 1)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key == "@import" or (key == "@context" and _names_an_address(item)):
                raise Unreadable(url, "JSON-LD", "the @context must stand in the document, not at an address")
            _refuse_remote_contexts(item, url, depth + 1)


def _names_an_address(context: Any) -> bool:
    return isinstance(context, str) or (isinstance(context, list) and any(isinstance(item, str) for item in context))
