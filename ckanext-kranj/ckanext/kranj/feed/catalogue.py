"""What stands on every page beside the datasets: the catalogue, its publisher, the paging node. No CKAN import."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from pyoxigraph import Literal, NamedNode, Triple

from .concepts import Concept, concept, concept_iri
from .parts import agent_triples
from .terms import DCAT, DCT, FOAF, HYDRA, RDF, XSD, iri, moment, text, texts
from .writer import Place

THEMES = "http://publications.europa.eu/resource/authority/data-theme"


class Settings(Protocol):
    """The part of the configuration that the catalogue node is made of (``config.FeedConfig``)."""

    base_uri: str
    site_url: str
    catalog_uri: str
    title: dict[str, str]
    description: dict[str, str]
    publisher: str
    publisher_name: str
    publisher_uri: str
    publisher_type: str
    license: str


@dataclass(frozen=True)
class Paging:
    """Which page this is and where its neighbours are."""

    address: str
    """Absolute address of the document without the query."""
    number: int
    last: int
    total: int
    size: int
    following: int | None
    preceding: int | None

    def page(self, number: int) -> NamedNode:
        """The address of a page; the number stands in the query because some readers keep only the query."""
        return NamedNode(f"{self.address}?page={number}")


def catalogue_concepts(settings: Settings) -> set[Concept]:
    """The codes used by the catalogue node itself."""
    used = (
        concept("language", "SLV"),
        concept("language", "ENG"),
        concept("licence", settings.license),
        concept("publisher_type", settings.publisher_type),
        # one theme brings the scheme that dcat:themeTaxonomy points to, also on a page without themes
        concept("data_theme", "GOVE"),
    )
    return {found for found in used if found}


def catalogue_triples(
    settings: Settings, publisher: dict[str, Any] | None, modified: datetime | None
) -> Iterator[Triple]:
    """The catalogue node (DCAT-AP 3, section Catalogue) and its publisher.

    Args:
        settings: names, addresses, licence.
        publisher: the organisation of that slug, when it exists.
        modified: when anything public last changed; given on the first page only, else every edit would change every
            page.
    """
    node = NamedNode(settings.catalog_uri)
    home = NamedNode(f"{settings.site_url}/")
    agent = _publisher_iri(settings, publisher)
    yield Triple(node, RDF.type, DCAT.Catalog)
    for predicate, values in ((DCT.title, settings.title), (DCT.description, settings.description)):
        for literal in texts(values, settings.publisher_name):
            yield Triple(node, predicate, literal)
    yield Triple(node, DCT.publisher, agent)
    yield Triple(node, FOAF.homepage, home)
    for code in ("SLV", "ENG"):
        language = concept_iri("language", code)
        if language is not None:
            yield Triple(node, DCT.language, language)
    licence = concept_iri("licence", settings.license)
    if licence is not None:
        yield Triple(node, DCT.license, licence)
    yield Triple(node, DCAT.themeTaxonomy, NamedNode(THEMES))
    changed = moment(modified) if modified else None
    if changed is not None:
        yield Triple(node, DCT.modified, changed)
    yield Triple(home, RDF.type, FOAF.Document)
    yield from _publisher(settings, publisher, agent)


def _publisher_iri(settings: Settings, publisher: dict[str, Any] | None) -> NamedNode:
    own = Place(settings.base_uri, settings.site_url).organization((publisher or {}).get("id") or settings.publisher)
    return iri(settings.publisher_uri) or NamedNode(own)


def _publisher(settings: Settings, publisher: dict[str, Any] | None, agent: NamedNode) -> Iterator[Triple]:
    place = Place(settings.base_uri, settings.site_url)
    if publisher is not None and agent.value == place.organization(publisher["id"]):
        yield from agent_triples(publisher, place)
        return
    yield Triple(agent, RDF.type, FOAF.Agent)
    yield Triple(agent, FOAF.name, text(settings.publisher_name, "sl") or Literal(settings.publisher))
    kind = concept_iri("publisher_type", settings.publisher_type)
    if kind is not None:
        yield Triple(agent, DCT.type, kind)


def paging_triples(paging: Paging) -> Iterator[Triple]:
    """The node of a page of the catalogue."""
    neighbours = (
        ("first", "firstPage", 1),
        ("previous", "previousPage", paging.preceding),
        ("next", "nextPage", paging.following),
        ("last", "lastPage", paging.last),
    )
    links = [(name, paging.page(number)) for *names, number in neighbours if number for name in names]
    yield from _collection(paging.page(paging.number), paging.total, paging.size, links)


def listing_triples(here: str, total: int, size: int, first: str, following: str | None) -> Iterator[Triple]:
    """The node of a page of a listing that knows only its beginning and its next page, by their addresses."""
    links = [("first", first), ("firstPage", first)]
    links += [("next", following), ("nextPage", following)] if following else []
    yield from _collection(NamedNode(here), total, size, [(name, NamedNode(address)) for name, address in links])


def _collection(node: NamedNode, total: int, size: int, links: list[tuple[str, NamedNode]]) -> Iterator[Triple]:
    """One hydra node that piveau (PagedCollection, nextPage, totalItems), udata and ckanext-dcat (next) all follow."""
    yield Triple(node, RDF.type, HYDRA.PagedCollection)
    yield Triple(node, RDF.type, HYDRA.PartialCollectionView)
    yield Triple(node, HYDRA.totalItems, Literal(str(total), datatype=XSD.integer))
    yield Triple(node, HYDRA.itemsPerPage, Literal(str(size), datatype=XSD.integer))
    for name, address in links:
        yield Triple(node, HYDRA[name], address)
