"""Bytes of a source to data, without ever following what the bytes refer to (risks R4, R5, R7, R8, R14, R15).

Every reader takes a ``Fetched`` and either gives data or raises one of the errors of ``harvesters.errors``.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from xml.sax import SAXException
from xml.sax.handler import ContentHandler

import defusedxml.sax
import yaml
from defusedxml import DefusedXmlException
from lxml import etree

from harvesters.errors import ErrorInsteadOfData, Unreadable
from harvesters.http import Fetched
from harvesters.text import decode

Element = Any
"""An element of lxml."""

DEEPEST = 100
"""Levels of nesting; no description needs as many."""
MOST_NODES = 1_000_000
"""Values of a YAML document, each alias counted as often as it is used."""
MOST_ROWS = 1_000_000
LONGEST_CELL = 1_000_000

_DECLARATION = re.compile(r"^\s*<\?xml\s[^>]*\?>")
_ENCODING = re.compile(r"encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
_OWS_ERRORS = frozenset({"ExceptionReport", "ServiceExceptionReport"})


def json_of(answer: Fetched, *, errors: bool = True) -> Any:
    """The body as JSON.

    Args:
        answer: what the source sent.
        errors: take ``{"error": …}`` and ``{"success": false}`` for what they are, although the status was 200.

    Raises:
        Unreadable: it is not JSON, or nested too deeply.
        ErrorInsteadOfData: the source reports an error of its own.
    """
    found = answer.json()
    _refuse_depth(found, answer.url, "JSON")
    if errors and isinstance(found, dict):
        _refuse_error(found, answer.url)
    return found


def _refuse_error(found: Mapping[str, Any], url: str) -> None:
    error = found.get("error")
    if error and (set(found) <= {"error", "success", "help", "status"} or found.get("success") is False):
        raise ErrorInsteadOfData(url, _sentence(error))
    if found.get("success") is False:
        raise ErrorInsteadOfData(url, _sentence(found.get("message") or found))


def _sentence(error: Any) -> str:
    if isinstance(error, Mapping):
        words = [error.get(key) for key in ("code", "message", "__type", "details") if error.get(key)]
        return ", ".join(str(word) for word in words) or json.dumps(error, ensure_ascii=False)
    return str(error)


def _refuse_depth(value: Any, url: str, kind: str) -> None:
    level, waiting = 0, [value]
    while waiting:
        if level > DEEPEST:
            raise Unreadable(url, kind, "nested too deeply")
        waiting = [
            inner
            for item in waiting
            if isinstance(item, dict | list)
            for inner in (item.values() if isinstance(item, dict) else item)
        ]
        level += 1


def xml_text(answer: Fetched) -> tuple[str, str | None]:
    """The body as XML text without its declaration, and the charset when it had to be guessed.

    The XML declaration outranks the header; once decoded here it must go, or a parser would decode again.

    Raises:
        Unreadable: it is not well-formed, or has a DOCTYPE: nothing we read needs entities.
    """
    head = answer.content[:200].decode("latin-1")
    declaration = _DECLARATION.match(head.removeprefix("ï»¿"))
    declared = _ENCODING.search(declaration.group()) if declaration else None
    text, guessed = decode(answer.content, declared.group(1) if declared else answer.charset)
    text = _DECLARATION.sub("", text, count=1).lstrip()
    try:
        # One walk with a parser that knows neither DTDs nor entities; it stops at the first.
        defusedxml.sax.parse(io.StringIO(text), ContentHandler(), forbid_dtd=True)
    except DefusedXmlException as error:
        raise Unreadable(answer.url, "XML", "a DOCTYPE is not allowed") from error
    except (SAXException, ValueError, RecursionError) as error:
        raise Unreadable(answer.url, "XML", str(error)) from error
    return text, guessed


def xml_of(answer: Fetched, *, errors: bool = True) -> Element:
    """The body as an lxml element; ``xml_bytes`` is for libraries that want to parse themselves.

    Raises:
        Unreadable: it is not XML, or has a DOCTYPE.
        ErrorInsteadOfData: it is an exception report of a spatial service.
    """
    try:
        root = etree.fromstring(xml_bytes(answer), _parser())
    except etree.XMLSyntaxError as error:
        raise Unreadable(answer.url, "XML", str(error)) from error
    if errors and etree.QName(root).localname in _OWS_ERRORS:
        raise ErrorInsteadOfData(answer.url, " ".join("".join(root.itertext()).split()))
    return root


def xml_bytes(answer: Fetched) -> bytes:
    """The body as UTF-8 XML that was checked: no DOCTYPE, no declaration, well-formed.

    Raises:
        Unreadable: it is not XML, or has a DOCTYPE.
    """
    return xml_text(answer)[0].encode("utf-8", "replace")


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=True, remove_comments=True
    )


class _Yaml(yaml.SafeLoader):
    """SafeLoader that counts what aliases unfold to, and leaves dates as the text they are."""

    def __init__(self, stream: str):
        super().__init__(stream)
        self.nodes = 0
        self.weights: dict[int, int] = {}

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Compose, and stop before the document weighs more than memory should hold."""
        alias = self.check_event(yaml.AliasEvent)
        before = self.nodes
        node = super().compose_node(parent, index)
        if alias:
            self.nodes += self.weights.get(id(node), 1)
        else:
            self.nodes += 1
            self.weights[id(node)] = self.nodes - before
        if self.nodes > MOST_NODES:
            raise yaml.YAMLError("aliases unfold to more than may be held")
        return node


_Yaml.yaml_implicit_resolvers = {
    first: [(tag, rule) for tag, rule in rules if tag != "tag:yaml.org,2002:timestamp"]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def yaml_of(answer: Fetched) -> Any:
    """The body as YAML, with nothing but the types of JSON.

    Raises:
        Unreadable: it is not YAML, names types of a programming language, or unfolds without end.
    """
    text, _ = answer.text()
    try:
        found = yaml.load(text, _Yaml)  # noqa: S506 a SafeLoader
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Unreadable(answer.url, "YAML", str(error)) from error
    _refuse_depth(found, answer.url, "YAML")
    return found


def openapi_of(answer: Fetched) -> dict[str, Any]:
    """An OpenAPI or Swagger document, from JSON or YAML. No ``$ref`` is followed: ``pointed`` looks inside only.

    Raises:
        Unreadable: it is not such a document.
    """
    start = answer.content[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    found = json_of(answer) if start.startswith(b"{") else yaml_of(answer)
    if not isinstance(found, dict) or not isinstance(found.get("openapi") or found.get("swagger"), str):
        raise Unreadable(answer.url, "OpenAPI", "neither openapi nor swagger says a version")
    return found


def pointed(document: Any, value: Any) -> Any:
    """What a value stands for: itself, or the place inside the same document that its ``$ref`` names.

    A reference to a file or another address, a circle, or a place that is not there, gives an empty object.
    """
    for _ in range(8):
        if not isinstance(value, dict) or "$ref" not in value:
            return value
        ref = value["$ref"]
        if not isinstance(ref, str) or not ref.startswith("#/"):
            return {}
        value = document
        for step in ref[2:].split("/"):
            key = step.replace("~1", "/").replace("~0", "~")
            if not isinstance(value, dict) or key not in value:
                return {}
            value = value[key]
    return {}


def jsonld_of(answer: Fetched) -> Any:
    """A JSON-LD document that carries its whole context with it.

    Raises:
        Unreadable: a context is given by address: rdflib would fetch it, even from ``file:`` (risk R6).
    """
    found = json_of(answer, errors=False)
    waiting = [found]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            for key, item in value.items():
                if key == "@import" or (key == "@context" and _names_an_address(item)):
                    raise Unreadable(
                        answer.url, "JSON-LD", "the @context must stand in the document, not at an address"
                    )
                waiting.append(item)
    return found


def _names_an_address(context: Any) -> bool:
    return isinstance(context, str) or (isinstance(context, list) and any(isinstance(item, str) for item in context))


def rows_of(text: str, url: str, *, delimiter: str | None = None) -> Iterator[dict[str, str]]:
    """Rows of a CSV text by the names of its first line.

    Args:
        text: the text, without byte order mark.
        url: where it came from, for messages.
        delimiter: comma, semicolon or tab; without it, the one that the first line has most of.

    Raises:
        Unreadable: more rows or longer cells than a table of ours may have, or no first line.
    """
    first = text.partition("\n")[0]
    sign = delimiter or max(",;\t|", key=first.count)
    limit = csv.field_size_limit(LONGEST_CELL)
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=sign, restkey="")
        if not any(reader.fieldnames or ()):
            raise Unreadable(url, "CSV", "no first line with names")
        for number, row in enumerate(reader):
            if number >= MOST_ROWS:
                raise Unreadable(url, "CSV", f"more than {MOST_ROWS:,} rows")
            yield {name.strip(): (value or "").strip() for name, value in row.items() if name}
    except csv.Error as error:
        raise Unreadable(url, "CSV", str(error)) from error
    finally:
        csv.field_size_limit(limit)
