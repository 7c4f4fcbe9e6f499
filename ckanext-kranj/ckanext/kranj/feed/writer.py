"""Collects what one page says of one dataset: its triples, and the concepts and agents they lean on. No CKAN import."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from .concepts import Concept, concept, concept_iri
from .terms import RDF, RDFS, clean, iri, web

Node = NamedNode | BlankNode
Term = NamedNode | BlankNode | Literal


@dataclass(frozen=True)
class Place:
    """Where the portal stands: permanent identifiers start with ``base_uri``, pages to open with ``site_url``."""

    base_uri: str
    site_url: str

    def dataset(self, identifier: str) -> str:
        """The permanent IRI of a dataset."""
        return f"{self.base_uri}/dataset/{quote(identifier, safe='')}"

    def organization(self, identifier: str) -> str:
        """The permanent IRI of an organisation."""
        return f"{self.base_uri}/organization/{quote(identifier, safe='')}"

    def series(self, identifier: str) -> str:
        """The permanent IRI of a series."""
        return f"{self.base_uri}/dataset_series/{quote(identifier, safe='')}"

    def page(self, dataset: dict[str, Any]) -> str:
        """The page of a dataset in the portal."""
        return f"{self.site_url}/dataset/{quote(str(dataset.get('name') or dataset.get('id')), safe='')}"


@dataclass
class Fault:
    """A value of a description that could not be written; the rest of the dataset is."""

    dataset: str
    field: str
    reason: str


@dataclass
class Writer:
    """Triples of one dataset, grouped by subject in the order of first mention, each once."""

    place: Place
    dataset: dict[str, Any]
    organizations: dict[str, dict[str, Any]]
    node: NamedNode = field(init=False)
    concepts: set[Concept] = field(default_factory=set)
    publishers: set[str] = field(default_factory=set)
    services: list[NamedNode] = field(default_factory=list)
    series: set[str] = field(default_factory=set)
    agents: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    _subjects: dict[Node, dict[Triple, None]] = field(default_factory=dict)
    _blank: int = 0

    def __post_init__(self) -> None:
        """Name the dataset."""
        self.node = NamedNode(self.place.dataset(self.dataset["id"]))

    def add(self, subject: Node, predicate: NamedNode, value: Term | None) -> None:
        """Say one thing; None says nothing."""
        if value is not None:
            self._subjects.setdefault(subject, {})[Triple(subject, predicate, value)] = None

    def add_all(self, subject: Node, predicate: NamedNode, values: Iterable[Term | None]) -> None:
        """Say the same of several values."""
        for value in values:
            self.add(subject, predicate, value)

    def described(self, value: NamedNode | None, *classes: NamedNode) -> NamedNode | None:
        """Say of which class an address is (the range shapes ask for it) and hand it back."""
        if value is not None:
            for one in classes:
                self.add(value, RDF.type, one)
        return value

    def blank(self, kind: NamedNode) -> BlankNode:
        """A blank node with a label that depends on the dataset only, so that equal state gives equal bytes."""
        self._blank += 1
        stem = hashlib.sha256(self.dataset["id"].encode("utf-8", "replace")).hexdigest()[:16]
        node = BlankNode(f"d{stem}n{self._blank}")
        self.add(node, RDF.type, kind)
        return node

    def part(self, value: Any, name: str, whole: NamedNode | None = None) -> NamedNode:
        """The IRI of a part of the dataset (a contact, a service), or of ``whole``: the one given, or one under it."""
        return iri(value) or NamedNode(f"{(whole or self.node).value}#{name}")

    def code(self, vocabulary: str, value: Any) -> NamedNode | None:
        """The IRI of a code, remembered so that the page describes the concept."""
        found = concept(vocabulary, clean(value))
        if found is None:
            return None
        self.concepts.add(found)
        return concept_iri(*found)

    def page(self, value: Any, kind: NamedNode) -> NamedNode | None:
        """A web address of a given class."""
        return self.described(web(value), kind)

    def statement(self, kind: NamedNode, labels: Iterable[Literal]) -> BlankNode | None:
        """A statement in words (rights, provenance): the standard wants a node, readers want its label."""
        found = list(labels)
        if not found:
            return None
        node = self.blank(kind)
        self.add_all(node, RDFS.label, found)
        return node

    def triples(self) -> Iterator[Triple]:
        """Everything said, subject by subject."""
        for statements in self._subjects.values():
            yield from statements


def many(value: Any) -> list[Any]:
    """A value as a list: nothing is empty, one thing is a list of one."""
    if value is None or value == "":
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def rows(value: Any) -> list[dict[str, Any]]:
    """The objects of a repeating field; whatever is not an object is passed over."""
    return [row for row in many(value) if isinstance(row, dict) and any(row.values())]
