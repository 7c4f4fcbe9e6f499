"""RDF catalogues: DCAT-AP in Turtle, RDF/XML, N-Triples or JSON-LD, on one page or many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar, cast

from rdflib import DCTERMS, RDF, Graph, URIRef
from rdflib.term import Node

from harvesters.connector import Connector, Context, Reading, Settings
from harvesters.rdf.mapping import MAPPED, Owners, dataset_of, resource_key, resource_of
from harvesters.rdf.paging import announced_total, pages
from harvesters.rdf.values import DCAT, Subject, order_of, texts


@dataclass(frozen=True)
class DcatSettings(Settings):
    """What the dcat connector can be told."""

    owners: dict[str, str] = field(default_factory=dict)
    """Name, IRI or identifier of a publisher -> slug of the organisation that owns its data."""
    max_pages: int = 1000
    """After so many pages the source is taken to have no end."""


class Dcat(Connector):
    """Reads every dcat:Dataset of a catalogue."""

    name = "dcat"
    title: ClassVar[dict[str, str]] = {"sl": "Katalog RDF (DCAT-AP)", "en": "RDF catalogue (DCAT-AP)"}
    settings_class = DcatSettings

    def records(self, ctx: Context) -> Iterator[Reading]:
        """Read page by page; a dataset must stand whole on its page, as DCAT-AP feeds do."""
        settings = cast("DcatSettings", self.settings)
        total: int | None = None
        seen: set[str] = set()
        unmapped: Counter[str] = Counter()
        for graph in pages(ctx, settings.url, settings.max_pages):
            total = announced_total(graph) if total is None else total
            datasets = set(graph.subjects(RDF.type, DCAT.Dataset))
            for node in sorted(datasets, key=lambda item: order_of(graph, item)):  # noqa: B023 used at once
                reading = self._reading(ctx, graph, node)
                seen.add(reading.guid)
                yield reading
            unmapped.update(_not_understood(graph))
        for name, count in sorted(unmapped.items()):
            ctx.note("", "unmapped-property", property=name, count=count)
        if total is not None and len(seen) < total:
            ctx.incomplete(f"the catalogue announces {total} datasets, {len(seen)} were there")
        else:
            ctx.complete()

    def _reading(self, ctx: Context, graph: Graph, node: Node) -> Reading:
        src = Subject(graph, node, self.settings.default_language)
        guid = _guid(src)
        if not guid:
            return ctx.rejected("", "no-identifier", value=src.label())
        settings = cast("DcatSettings", self.settings)
        dataset, internal = dataset_of(src, Owners(settings.owners))
        title = dataset.get("title_translated", {})
        resources = []
        for index, item in enumerate(src.values((DCAT.distribution,))):
            inner = src.at(item)
            resource = resource_of(inner, f"resources[{index}]", title)
            resource["id"] = ctx.resource_id(guid, resource_key(inner, resource))
            resources.append(resource)
        dataset["resources"] = list({item["id"]: item for item in resources}.values())
        return ctx.reading(guid, dataset, internal=internal, problems=src.problems)


def _guid(src: Subject) -> str:
    """The IRI of the dataset; of a blank node its dct:identifier (stable names only, never a title)."""
    if isinstance(src.node, URIRef):
        return str(src.node)
    found = texts(src, (DCTERMS.identifier,), "")
    return found[0] if found else ""


def _not_understood(graph: Graph) -> Iterator[str]:
    """Properties of datasets and distributions that the mapping has no line for."""
    described = {*graph.subjects(RDF.type, DCAT.Dataset), *graph.subjects(RDF.type, DCAT.Distribution)}
    for node in described:
        for predicate in graph.predicates(node, None):
            if predicate not in MAPPED:
                yield str(predicate)
