"""A page of the feed, and the document of one dataset, as bytes. No CKAN import: the caller brings what was read."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pyoxigraph import NamedNode, Triple

from .catalogue import Paging, Settings, catalogue_concepts, catalogue_triples, paging_triples
from .concepts import Concept, concept, stubs
from .mapping import describe, publisher_triples
from .parts import publisher_type
from .serialise import document, fragment
from .terms import DCAT
from .writer import Fault, Place

log = logging.getLogger(__name__)


@dataclass
class Content:
    """What one read of the database gave."""

    datasets: list[dict[str, Any]]
    organizations: dict[str, dict[str, Any]] = field(default_factory=dict)
    modified: datetime | None = None


class _Body:
    """Fragments of datasets, and what they need explained."""

    def __init__(self, content: Content, settings: Settings, name: str) -> None:
        self.place = Place(settings.base_uri, settings.site_url)
        self.content, self.name = content, name
        self.concepts: set[Concept] = set()
        self.publishers: set[str] = set()
        self.fragments: list[bytes] = []
        self.faults: list[Fault] = []
        self.nodes: list[NamedNode] = []
        for dataset in content.datasets:
            written = describe(dataset, content.organizations, self.place)
            self.concepts |= written.concepts
            self.publishers |= written.publishers
            self.faults += written.faults
            self.nodes.append(written.node)
            self.fragments.append(fragment(written.triples(), name))
        for fault in self.faults:
            log.error("dataset %s: %s left out of the feed: %s", fault.dataset, fault.field, fault.reason)

    def explained(self, known: Iterable[str] = ()) -> list[Triple]:
        """Publishers and concepts of the page, each once."""
        triples: list[Triple] = []
        for identifier in sorted(self.publishers - set(known)):
            organization = self.content.organizations.get(identifier) or self._embedded(identifier)
            triples += publisher_triples(organization, self.place)
        for organization in self.content.organizations.values():
            kind = concept("publisher_type", publisher_type(organization))
            if kind and organization["id"] in self.publishers | set(known):
                self.concepts.add(kind)
        return triples + list(stubs(self.concepts))

    def _embedded(self, identifier: str) -> dict[str, Any]:
        found = (dataset.get("organization") or {} for dataset in self.content.datasets)
        return next((one for one in found if one.get("id") == identifier), {"id": identifier})


def catalogue_page(content: Content, settings: Settings, paging: Paging, name: str) -> bytes:
    """One page of the catalogue.

    Args:
        content: the datasets of the page, their organisations (and the publisher of the catalogue).
        settings: what the catalogue is called.
        paging: the place of the page among the others.
        name: format, key of ``serialise.FORMATS``.
    """
    body = _Body(content, settings, name)
    publisher = next((one for one in content.organizations.values() if one.get("name") == settings.publisher), None)
    body.concepts |= catalogue_concepts(settings)
    head = list(catalogue_triples(settings, publisher, content.modified))
    node = NamedNode(settings.catalog_uri)
    links = [Triple(node, DCAT.dataset, dataset) for dataset in body.nodes]
    described = [publisher["id"]] if publisher and not settings.publisher_uri else []
    front = [*head, *paging_triples(paging), *links, *body.explained(described)]
    return document([fragment(front, name), *body.fragments], name)


def dataset_document(content: Content, settings: Settings, name: str) -> bytes:
    """The document that the IRI of one dataset leads to."""
    body = _Body(content, settings, name)
    return document([*body.fragments, fragment(body.explained(), name)], name)


def faults(content: Content, settings: Settings) -> list[Fault]:
    """Values of these datasets that the feed leaves out."""
    return _Body(content, settings, "nt").faults
