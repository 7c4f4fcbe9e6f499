"""Turning the pages of a Hydra catalogue, in both dialects, without going round in circles (risk R16)."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urljoin

from rdflib import RDF, Graph, Namespace
from rdflib.term import Node

from harvesters.connector import Context
from harvesters.paging import PageGuard
from harvesters.rdf.parse import ACCEPT, graph_of

HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")

_NEXT = (HYDRA.next, HYDRA.nextPage)
_KINDS = (HYDRA.PartialCollectionView, HYDRA.PagedCollection)


def pages(ctx: Context, url: str, most: int) -> Iterator[Graph]:
    """All pages of a catalogue, the first one at ``url``.

    Args:
        ctx: reads the pages, takes notes.
        url: address of the first page.
        most: after so many pages it is no longer believed that there is an end.

    Raises:
        EndlessPaging: a page comes again, under its own or another address, or there are too many.
        SourceUnavailable: a page cannot be read.
    """
    address: str | None = url
    guard = PageGuard(most)
    while address is not None:
        guard.turn(address)
        answer = ctx.session.get(address, accept=ACCEPT)
        guard.read(answer)
        graph, guessed = graph_of(answer)
        if guessed:
            ctx.note("", "source-charset", charset=guessed, url=address)
        yield graph
        following = _next(graph, address)
        address = urljoin(address, following) if following else None


def announced_total(graph: Graph) -> int | None:
    """How many datasets the catalogue says it has."""
    for value in graph.objects(None, HYDRA.totalItems):
        try:
            return int(str(value))
        except ValueError:
            continue
    return None


def _next(graph: Graph, address: str) -> str | None:
    """The following page: an IRI or a literal, on the node of this page if several nodes have one."""
    nodes: list[Node] = [node for kind in _KINDS for node in graph.subjects(RDF.type, kind)]
    nodes.sort(key=lambda node: str(node) != address)
    for node in nodes:
        for predicate in _NEXT:
            value = graph.value(node, predicate)
            if value is not None and str(value).strip():
                return str(value).strip()
    return None
