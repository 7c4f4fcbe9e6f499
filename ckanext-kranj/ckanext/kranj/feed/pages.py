"""A page of the feed, and the document of one dataset, as bytes. No CKAN import: the caller brings what was read."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pyoxigraph import NamedNode, Triple

from .catalogue import Paging, Settings, catalogue_concepts, catalogue_triples, paging_triples
from .concepts import Concept, concept, stubs
from .fragments import Draft, Fragment, Needs, draft, finish
from .mapping import publisher_triples
from .parts import publisher_type
from .serialise import document, fragment, stored
from .terms import DCAT
from .writer import Fault, Place

log = logging.getLogger(__name__)


@dataclass
class Content:
    """Datasets as rows, with what belongs to them."""

    datasets: list[dict[str, Any]]
    organizations: dict[str, dict[str, Any]] = field(default_factory=dict)
    modified: datetime | None = None


@dataclass
class Piece:
    """A stored fragment in one format."""

    node: str
    body: bytes
    needs: Needs


@dataclass
class Front:
    """What stands on a page before the datasets."""

    settings: Settings
    organizations: dict[str, dict[str, Any]]
    """The publishers of the datasets and series on the page, and the publisher of the catalogue."""
    modified: datetime | None = None

    @property
    def publisher(self) -> dict[str, Any] | None:
        """The organisation that publishes the catalogue, when it is known."""
        return next((one for one in self.organizations.values() if one.get("name") == self.settings.publisher), None)

    @property
    def place(self) -> Place:
        """Where identifiers and pages start."""
        return Place(self.settings.base_uri, self.settings.site_url)

    def triples(self, paging: Iterable[Triple], pieces: list[tuple[str, Needs]]) -> Iterator[Triple]:
        """The catalogue with its links, the node of the page, the publishers and concepts of the page."""
        node, publisher = NamedNode(self.settings.catalog_uri), self.publisher
        yield from catalogue_triples(self.settings, publisher, self.modified)
        yield from paging
        for identifier, needs in pieces:
            yield Triple(node, DCAT.dataset, NamedNode(identifier))
            if needs.record:
                yield Triple(node, DCAT.record, NamedNode(needs.record))
            for service in needs.services:
                yield Triple(node, DCAT.service, NamedNode(service))
        described = {publisher["id"]} if publisher and not self.settings.publisher_uri else set()
        used = catalogue_concepts(self.settings)
        yield from self.explained([needs for _, needs in pieces], described, used)

    def explained(self, needs: list[Needs], described: set[str], used: set[Concept]) -> Iterator[Triple]:
        """Publishers and concepts, each once.

        Args:
            needs: of the datasets.
            described: publishers that were described already.
            used: concepts used already.
        """
        publishers = {one.publisher for one in needs if one.publisher}.union(*(one.agents for one in needs))
        concepts = set(used).union(*(one.concepts for one in needs))
        for identifier in sorted(publishers - described):
            yield from publisher_triples(self.organizations.get(identifier) or {"id": identifier}, self.place)
        for identifier in publishers | described:
            kind = concept("publisher_type", publisher_type(self.organizations.get(identifier) or {}))
            concepts |= {kind} if kind else set()
        yield from stubs(concepts)


def page_document(front: Front, paging: Paging, pieces: list[Piece], name: str) -> bytes:
    """One page of the catalogue from stored fragments."""
    head = front.triples(paging_triples(paging), [(piece.node, piece.needs) for piece in pieces])
    return document([fragment(head, name), *(piece.body for piece in pieces)], name)


def single_document(front: Front, piece: Piece, name: str) -> bytes:
    """The document that the IRI of one dataset leads to, from its stored fragment."""
    return document([piece.body, fragment(front.explained([piece.needs], set(), set()), name)], name)


def catalogue_page(content: Content, settings: Settings, paging: Paging, name: str) -> bytes:
    """One page of the catalogue from rows.

    Args:
        content: the datasets of the page, their organisations (and the publisher of the catalogue).
        settings: what the catalogue is called.
        paging: the place of the page among the others.
        name: format, key of ``serialise.FORMATS``.
    """
    front = Front(settings, _organizations(content), content.modified)
    return page_document(front, paging, [_piece(one, name) for one in _rendered(content, settings, name)], name)


def dataset_document(content: Content, settings: Settings, name: str) -> bytes:
    """The document of one dataset from its row."""
    front = Front(settings, _organizations(content))
    return single_document(front, *[_piece(one, name) for one in _rendered(content, settings, name)], name)


def faults(content: Content, settings: Settings) -> list[Fault]:
    """Values of these datasets that the feed leaves out."""
    place = Place(settings.base_uri, settings.site_url)
    return [fault for one in content.datasets for fault in draft(one, content.organizations, place).faults]


def tell(drafted: Draft) -> None:
    """Log the values that a dataset lost on its way into the feed."""
    for fault in drafted.faults:
        log.error("dataset %s: %s left out of the feed: %s", fault.dataset, fault.field, fault.reason)


def _rendered(content: Content, settings: Settings, name: str) -> Iterator[Fragment]:
    place = Place(settings.base_uri, settings.site_url)
    for dataset in content.datasets:
        drafted = draft(dataset, content.organizations, place)
        tell(drafted)
        yield finish(dataset["id"], drafted, None, None, (stored(name),))


def _piece(one: Fragment, name: str) -> Piece:
    return Piece(one.node, one.bodies[stored(name)], one.needs)


def _organizations(content: Content) -> dict[str, dict[str, Any]]:
    """The organisations known, and those that datasets bring along (``package_show``)."""
    brought = {one["organization"]["id"]: one["organization"] for one in content.datasets if one.get("organization")}
    return {**brought, **content.organizations}
