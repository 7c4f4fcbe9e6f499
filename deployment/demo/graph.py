"""From a record to DCAT-AP: one table of properties, official codes as IRIs, deterministic blank nodes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

from rdflib import DCTERMS as DCT
from rdflib import FOAF, PROV, RDF, RDFS, SKOS, SOSA, XSD, BNode, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from demo.city import FORMATS, City, Item
from schemas import vocabulary

DCAT = Namespace("http://www.w3.org/ns/dcat#")
DCATAP = Namespace("http://data.europa.eu/r5r/")
ELI = Namespace("http://data.europa.eu/eli/ontology#")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
KRANJ = Namespace("https://podatki.kranj.si/ns#")
IRIS = "https://demo.kranj.example/"
"""Names of datasets and distributions: not where they are served, so that they are the same on every port."""
ORGANIZATION = "https://podatki.kranj.si/organization/"
MUNICIPALITY = (14.25, 46.17, 14.46, 46.34)
"""Frame of the municipality of Kranj (GURS), rounded outwards."""
PAGE = 25

TITLES = {
    "katalog": ("Katalog mestnih sistemov (demonstracijski podatki)", "Catalogue of city systems (demonstration data)"),
    "mlaka": (
        "Pametna Mlaka: pilotno naselje (demonstracijski podatki)",
        "Smart Mlaka, pilot (demonstration data)",
    ),
}

NOTICE = (
    "Demonstracijski podatki: izmišljen vir za preizkus kataloga.",
    "Demonstration data: a made-up source for trying out the catalogue.",
)


class Ordered(Graph):
    """A graph that lists its subjects in the same order in every process; rdflib's store follows the hash seed."""

    def subjects(self, *pattern: Any, **options: Any) -> Iterator[Node]:
        """As of any graph, sorted."""
        return iter(
            sorted(super().subjects(*pattern, **options), key=lambda node: (isinstance(node, BNode), str(node)))
        )


Make = Callable[[Any], Iterable[Node]]


def eu(name: str, code: str) -> URIRef:
    """The IRI of a code of an official list, also of one that the list does not have."""
    entries = vocabulary(name)
    return URIRef(
        entries.uri(code) if code in entries.codes else f"{entries.uri(entries.codes[0]).rpartition('/')[0]}/{code}"
    )


def _coded(name: str) -> Make:
    return lambda value: [eu(name, str(value))]


def _plain(value: Any) -> Iterable[Node]:
    return [Literal(str(item)) for item in (value if isinstance(value, list) else [value])]


def _words(value: Any) -> Iterable[Node]:
    """Texts by language: {sl: .., en: ..} or a Slovene text; several in a list are Slovene."""
    if isinstance(value, dict):
        return [Literal(" ".join(str(text).split()), lang=language) for language, text in value.items()]
    return [Literal(str(item), lang="sl") for item in (value if isinstance(value, list) else [value])]


def _day(value: date) -> Iterable[Node]:
    return [Literal(value.isoformat(), datatype=XSD.date)]


PROPERTIES: tuple[tuple[str, URIRef, Make], ...] = (
    ("id", DCT.identifier, _plain),
    ("title", DCT.title, _words),
    ("notes", DCT.description, _words),
    ("keywords", DCAT.keyword, _words),
    ("issued", DCT.issued, _day),
    ("modified", DCT.modified, _day),
    ("frequency", DCT.accrualPeriodicity, _coded("frequency")),
    ("licence", DCT.license, _coded("licence")),
    ("kind", KRANJ.datasetKind, _plain),
    ("area", KRANJ.contentArea, _plain),
    ("priority", KRANJ.priorityField, _plain),
    ("owner_status", KRANJ.ownerStatus, _plain),
    ("unit", KRANJ.ownerUnit, _plain),
    ("visibility", KRANJ.visibility, _plain),
    ("secrecy", KRANJ.secrecy, _plain),
    ("grounds", KRANJ.protectionGround, _plain),
    ("aggregation", KRANJ.aggregation, _plain),
    ("access", KRANJ.accessMethod, _plain),
    ("classification", KRANJ.classificationSign, _plain),
    ("legal", KRANJ.legalBasis, _plain),
    ("role", KRANJ.recordRole, _plain),
    ("lifecycle", KRANJ.lifecycle, _plain),
    ("usage", KRANJ.usage, _words),
    ("accuracy", KRANJ.accuracy, _plain),
    ("provenance", DCT.provenance, _words),
    ("system", KRANJ.system, _plain),
    ("hvd", DCATAP.hvdCategory, _coded("hvd_category")),
)
"""Key of the data files, property, how its value is written. ``kranj:`` is what DCAT has no word for."""


def iri(item: Item) -> URIRef:
    """The lasting name of a dataset."""
    return URIRef(f"{IRIS}{item.system}/dataset/{item.id}")


def catalogue(city: City, system: str, base: str, page: int, ending: str = "ttl") -> Graph | None:
    """One page of a catalogue.

    Args:
        city: the records.
        system: ``katalog`` or ``mlaka``.
        base: address of the server as the caller knows it, without a slash at the end.
        page: from 1.
        ending: of the catalogue's address; the other pages are linked with the same.

    Returns:
        The graph, or None when there is no such page.
    """
    items = city.of(system)
    last = max(1, -(-len(items) // PAGE))
    if not 1 <= page <= last:
        return None
    graph = Ordered()
    for prefix, space in (("dcat", DCAT), ("vcard", VCARD), ("hydra", HYDRA), ("kranj", KRANJ), ("dct", DCT)):
        graph.bind(prefix, space)
    node = URIRef(f"{IRIS}{system}/catalog")
    graph.add((node, RDF.type, DCAT.Catalog))
    for text, language in zip(TITLES[system], ("sl", "en"), strict=True):
        graph.add((node, DCT.title, Literal(text, lang=language)))
    for text, language in zip(NOTICE, ("sl", "en"), strict=True):
        graph.add((node, DCT.description, Literal(text, lang=language)))
    graph.add((node, DCT.publisher, _publisher(graph, city, "podatkovna-pisarna")))
    _paging(graph, f"{base}/{system}/catalog.{ending}", page, last, len(items))
    for item in items[(page - 1) * PAGE : page * PAGE]:
        graph.add((node, DCAT.dataset, iri(item)))
        _dataset(graph, city, item, base)
    return graph


def to_bytes(graph: Graph, syntax: str) -> bytes:
    """Write a graph in one of rdflib's syntaxes: the same bytes for the same triples, in every process."""
    text = graph.serialize(format=syntax)
    if syntax == "json-ld":
        # The order in an expanded document carries no meaning, and the serializer's own is that of a set.
        text = json.dumps(_sorted(json.loads(text)), ensure_ascii=False, indent=1, sort_keys=True)
    return text.encode()


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(item) for key, item in value.items()}
    if isinstance(value, list):
        return sorted((_sorted(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    return value


def _paging(graph: Graph, address: str, page: int, last: int, total: int) -> None:
    view = URIRef(f"{address}?page={page}")
    graph.add((view, RDF.type, HYDRA.PagedCollection))
    graph.add((view, RDF.type, HYDRA.PartialCollectionView))
    graph.add((view, HYDRA.totalItems, Literal(total)))
    graph.add((view, HYDRA.itemsPerPage, Literal(PAGE)))
    for name, number in (("firstPage", 1), ("lastPage", last)):
        graph.add((view, HYDRA[name], Literal(f"{address}?page={number}")))
    if page < last:
        graph.add((view, HYDRA.nextPage, Literal(f"{address}?page={page + 1}")))
        graph.add((view, HYDRA.next, URIRef(f"{address}?page={page + 1}")))
    if page > 1:
        graph.add((view, HYDRA.previousPage, Literal(f"{address}?page={page - 1}")))


def _publisher(graph: Graph, city: City, slug: str) -> URIRef:
    node = URIRef(ORGANIZATION + slug)
    graph.add((node, RDF.type, FOAF.Organization))
    graph.add((node, FOAF.name, Literal(city.organizations[slug]["name"], lang="sl")))
    graph.add((node, DCT.identifier, Literal(slug)))
    return node


def _dataset(graph: Graph, city: City, item: Item, base: str) -> None:
    node = iri(item)
    graph.add((node, RDF.type, DCAT.Dataset))
    for key, predicate, make in PROPERTIES:
        if item[key] not in (None, "", []):
            for value in make(item[key]):
                graph.add((node, predicate, value))
    graph.add((node, DCT.publisher, _publisher(graph, city, item["owner"])))
    graph.add((node, DCT.language, eu("language", "SLV")))
    for area in item["area"]:
        for theme in vocabulary("content_area").extra(area).get("themes", ()):
            graph.add((node, DCAT.theme, eu("data_theme", theme)))
    if item.public:
        graph.add((node, DCAT.landingPage, URIRef(f"{base}/{item.system}/zbirka/{item.id}")))
    _contact(graph, node, item)
    _period(graph, node, item)
    _place(graph, node, item, city)
    _retention(graph, node, item)
    _measures(graph, node, item)
    if item["operator"]:
        agent = BNode(f"{item.system}-{item.id}-operator")
        graph.add((node, PROV.wasAttributedTo, agent))
        graph.add((agent, RDF.type, FOAF.Agent))
        graph.add((agent, FOAF.name, Literal(item["operator"])))
    files = dict(item.files)
    for name in item["formats"]:
        _distribution(graph, node, item, name, f"{base}/{item.system}/datoteke/{files[name]}" if name in files else "")
    if item["hvd"]:
        _interface(graph, node, item, f"{base}/{item.system}/api/{item.id}")


def _contact(graph: Graph, node: URIRef, item: Item) -> None:
    contact = BNode(f"{item.system}-{item.id}-contact")
    graph.add((node, DCAT.contactPoint, contact))
    graph.add((contact, RDF.type, VCARD.Organization))
    graph.add((contact, VCARD.fn, Literal(item["contact"]["name"])))
    graph.add((contact, VCARD.hasEmail, URIRef(f"mailto:{item['contact']['email']}")))


def _period(graph: Graph, node: URIRef, item: Item) -> None:
    """A year, a day, or ``start/end``."""
    if item["period"] is None:
        return
    start, _, end = str(item["period"]).partition("/")
    period = BNode(f"{item.system}-{item.id}-period")
    graph.add((node, DCT.temporal, period))
    graph.add((period, RDF.type, DCT.PeriodOfTime))
    for predicate, text, rest in ((DCAT.startDate, start, "-01-01"), (DCAT.endDate, end, "-12-31")):
        if text:
            graph.add((period, predicate, Literal(text + rest if len(text) == 4 else text, datatype=XSD.date)))


def _place(graph: Graph, node: URIRef, item: Item, city: City) -> None:
    place = BNode(f"{item.system}-{item.id}-place")
    name, frame = "Mestna občina Kranj", MUNICIPALITY
    centre = city.places["Kranj"]
    if item["place"]:
        name, centre = item["place"], city.places[item["place"]]
        frame = (centre[0] - 0.012, centre[1] - 0.008, centre[0] + 0.012, centre[1] + 0.008)
    west, south, east, north = (round(edge, 4) for edge in frame)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    graph.add((node, DCT.spatial, place))
    graph.add((place, RDF.type, DCT.Location))
    graph.add((place, URIRef("http://www.w3.org/2004/02/skos/core#prefLabel"), Literal(name, lang="sl")))
    shapes = (
        (DCAT.bbox, {"type": "Polygon", "coordinates": [ring]}),
        (DCAT.centroid, {"type": "Point", "coordinates": list(centre)}),
    )
    kind = URIRef("https://www.iana.org/assignments/media-types/application/vnd.geo+json")
    for predicate, shape in shapes:
        graph.add((place, predicate, Literal(json.dumps(shape), datatype=kind)))


def _retention(graph: Graph, node: URIRef, item: Item) -> None:
    """``T``, or ``LETA P10Y year-end``: kind, period, start."""
    parts = str(item["retention"]).split()
    graph.add((node, KRANJ.retentionKind, Literal(parts[0])))
    if len(parts) == 3:
        graph.add((node, KRANJ.retentionPeriod, Literal(parts[1], datatype=XSD.duration)))
        graph.add((node, KRANJ.retentionStarts, Literal(parts[2])))


def _measures(graph: Graph, node: URIRef, item: Item) -> None:
    """What a sensor observes and where, as SOSA observation collections."""
    for number, one in enumerate(item["measures"] or (), 1):
        names = {kind: BNode(f"{item.system}-{item.id}-measure-{number}-{kind}") for kind in ("all", "what", "where")}
        graph.add((node, KRANJ.measurement, names["all"]))
        graph.add((names["all"], RDF.type, SOSA.ObservationCollection))
        graph.add((names["all"], SOSA.observedProperty, names["what"]))
        graph.add((names["what"], RDFS.label, Literal(one["property"], lang="sl")))
        graph.add((names["all"], SOSA.hasFeatureOfInterest, names["where"]))
        graph.add((names["where"], SKOS.prefLabel, Literal(item["place"] or "Kranj", lang="sl")))
        graph.add((names["all"], KRANJ.unit, Literal(one["unit"])))
        graph.add((names["all"], KRANJ.interval, Literal(one["interval"], datatype=XSD.duration)))
        graph.add((names["all"], KRANJ.resultType, Literal(one["result"])))


def _distribution(graph: Graph, dataset: URIRef, item: Item, name: str, place: str) -> None:
    node = URIRef(f"{IRIS}{item.system}/distribution/{item.id}.{FORMATS[name]}")
    graph.add((dataset, DCAT.distribution, node))
    graph.add((node, RDF.type, DCAT.Distribution))
    for language, text in item["title"].items():
        graph.add((node, DCT.title, Literal(f"{text} ({name})", lang=language)))
    graph.add((node, DCT["format"], eu("file_type", name)))
    if not place:
        # Protected data: the format is known, the address is nobody's business.
        return
    address = URIRef(place)
    media_type = vocabulary("file_type").extra(name).get("iana_media_type")
    graph.add((node, DCAT.accessURL, address))
    graph.add((node, DCAT.downloadURL, address))
    graph.add((node, DCT.license, eu("licence", item["licence"])))
    if item["hvd"]:
        _legislation(graph, node)
    graph.add((node, DCT.modified, Literal(item.modified.isoformat(), datatype=XSD.date)))
    if media_type:
        graph.add((node, DCAT.mediaType, URIRef(f"https://www.iana.org/assignments/media-types/{media_type}")))


def _interface(graph: Graph, dataset: URIRef, item: Item, address: str) -> None:
    """The interface of a high-value dataset: a distribution with its service (DCAT-AP HVD 3.0.0)."""
    node = URIRef(f"{IRIS}{item.system}/distribution/{item.id}.api")
    service = URIRef(f"{IRIS}{item.system}/service/{item.id}")
    graph.add((dataset, DCAT.distribution, node))
    graph.add((node, RDF.type, DCAT.Distribution))
    graph.add((node, DCAT.accessURL, URIRef(address)))
    graph.add((node, DCAT.accessService, service))
    graph.add((node, DCT["format"], eu("file_type", "JSON")))
    graph.add((service, RDF.type, DCAT.DataService))
    graph.add((service, DCAT.endpointURL, URIRef(address)))
    graph.add((service, DCAT.endpointDescription, URIRef(f"{address}/openapi.json")))
    graph.add((service, DCT.conformsTo, URIRef("https://spec.openapis.org/oas/v3.1.0")))
    graph.add((service, DCAT.servesDataset, dataset))
    for contact in graph.objects(dataset, DCAT.contactPoint):
        graph.add((service, DCAT.contactPoint, contact))
    graph.add((service, DCATAP.hvdCategory, eu("hvd_category", item["hvd"])))
    for described in (node, service):
        for language, text in item["title"].items():
            graph.add((described, DCT.title, Literal(f"{text} (API)", lang=language)))
        graph.add((described, DCT.license, eu("licence", item["licence"])))
        _legislation(graph, described)
    _legislation(graph, dataset)


def _legislation(graph: Graph, node: URIRef) -> None:
    act = URIRef(vocabulary("hvd_category").head["applicable_legislation"])
    graph.add((node, DCATAP.applicableLegislation, act))
    graph.add((act, RDF.type, ELI.LegalResource))
