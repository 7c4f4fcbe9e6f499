"""The mapping: one line per property of DCAT-AP 3.

In the order of its document, sections "Dataset", "Distribution", "Data Service": read it beside
https://semiceu.github.io/DCAT-AP/releases/3.0.0/ ; docs/feed.md shows the same table.
Only fields named here leave the catalogue: it is an allow-list, nothing internal can slip through. No CKAN import.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

from pyoxigraph import NamedNode, Triple

from . import parts, series
from .measurements import measurements
from .parts import hvd_legislation, is_open
from .terms import (
    ADMS,
    DCAT,
    DCATAP,
    DCT,
    DQV,
    FOAF,
    KRANJ,
    PROV,
    RDF,
    SPDX,
    byte_size,
    clean,
    decimal,
    duration,
    iri,
    media_type,
    moment,
    text,
    texts,
    web,
)
from .writer import Fault, Place, Term, Writer, many, rows

Rule = Callable[[Writer, Any], Iterable[Term | None]]
Line = tuple[NamedNode, str, Rule]


def _one(make: Callable[[Any], Term | None]) -> Rule:
    return lambda _writer, value: [make(value)]


def _each(make: Callable[[Any], Term | None]) -> Rule:
    return lambda _writer, value: [make(one) for one in many(value)]


def _codes(vocabulary: str) -> Rule:
    return lambda writer, value: [writer.code(vocabulary, one) for one in many(value)]


def _pages(kind: NamedNode) -> Rule:
    return lambda writer, value: [writer.page(one, kind) for one in many(value)]


def _typed(kind: NamedNode) -> Rule:
    return lambda writer, value: [writer.described(iri(one), kind) for one in many(value)]


_TEXTS: Rule = lambda _writer, value: texts(value, None if isinstance(value, dict) else value)  # noqa: E731
_LITERAL = _one(text)
_DATE = _one(moment)

DATASET: tuple[Line, ...] = (
    # mandatory
    (DCT.title, "title_translated", parts.dataset_title),
    (DCT.description, "notes_translated", parts.dataset_description),
    # recommended
    (DCAT.contactPoint, "contact", parts.contacts),
    (DCAT.keyword, "tags_translated", _TEXTS),
    (DCT.publisher, "owner_org", parts.publisher),
    (DCT.spatial, "spatial_coverage", parts.places),
    (DCT.temporal, "temporal_coverage", parts.periods),
    (DCAT.theme, "theme", parts.themes),
    # optional
    (DCT.accessRights, "secrecy", parts.access_rights),
    (DCATAP.applicableLegislation, "applicable_legislation", parts.legislation),
    (DCT.conformsTo, "conforms_to", _typed(DCT.Standard)),
    (DCT.conformsTo, "crs", parts.reference_system),
    (DCT.creator, "creator", parts.creators),
    (FOAF.page, "documentation", _pages(FOAF.Document)),
    (DCT.accrualPeriodicity, "frequency", _codes("frequency")),
    (DCATAP.hvdCategory, "hvd_category", _codes("hvd_category")),
    (DCT.identifier, "id", _LITERAL),
    (DCAT.landingPage, "url", parts.landing_page),
    (DCT.language, "language", _codes("language")),
    (DCT.modified, "modified", parts.modified),
    (ADMS.identifier, "alternate_identifier", parts.other_identifiers),
    (DCT.provenance, "provenance", parts.provenance),
    (PROV.qualifiedAttribution, "operator", parts.operators),
    (DCT.relation, "related_resource", _each(iri)),
    (DCT.issued, "issued", _DATE),
    # dct:source ranges over described datasets; an address elsewhere is provenance (PROV-O)
    (PROV.wasDerivedFrom, "source", _each(iri)),
    (DCAT.spatialResolutionInMeters, "spatial_resolution_in_meters", _one(decimal)),
    (DCT.subject, "eurovoc", _each(iri)),
    (DCT.subject, "priority_field", _codes("priority_field")),
    (DCAT.temporalResolution, "temporal_resolution", _one(duration)),
    (DCT.type, "dcat_type", parts.dataset_type),
    (DCAT.version, "version", _LITERAL),
    (ADMS.versionNotes, "version_notes", lambda _writer, value: [text(value, "sl")]),
    (DCAT.isVersionOf, "is_version_of", _each(iri)),
    (DCAT.inSeries, "in_series", series.series),
    (DQV.hasQualityAnnotation, "accuracy", parts.accuracy),
    # the city's own vocabulary: what the strategy asks and DCAT lacks, as far as it is public
    (KRANJ.datasetKind, "dataset_kind", _LITERAL),
    (KRANJ.contentArea, "content_area", _each(text)),
    (KRANJ.priorityField, "priority_field", _each(text)),
    (KRANJ.lifeSituation, "life_situation", _each(text)),
    (KRANJ.ownerUnit, "owner_unit", _LITERAL),
    (KRANJ.secrecy, "secrecy", _LITERAL),
    (
        KRANJ.protectionGround,
        "protection_grounds",
        lambda _writer, value: [text(row.get("ground")) for row in rows(value)],
    ),
    (KRANJ.aggregation, "aggregation", _LITERAL),
    (KRANJ.measuredSubject, "measured_subject", _each(text)),
    (KRANJ.measurement, "measurement", measurements),
    (KRANJ.accessMethod, "access_method", _LITERAL),
    (KRANJ.retentionKind, "retention_kind", _LITERAL),
    (KRANJ.retentionPeriod, "retention_period", _one(duration)),
    (KRANJ.retentionStarts, "retention_starts", _LITERAL),
    (KRANJ.classificationSign, "classification_sign", _LITERAL),
    (KRANJ.recordRole, "record_role", _LITERAL),
    (KRANJ.lifecycle, "lifecycle", _LITERAL),
    (KRANJ.usage, "usage_translated", _TEXTS),
)

# Said of every distribution, whether its data are open or not.
DISTRIBUTION: tuple[Line, ...] = (
    (DCT.title, "name_translated", lambda _writer, value: texts(value)),
    (DCT.description, "description_translated", lambda _writer, value: texts(value)),
    (DCT["format"], "format", _codes("file_type")),
    (DCAT.mediaType, "mimetype", lambda writer, value: [writer.described(media_type(value), DCT.MediaType)]),
    (DCT.issued, "issued", _DATE),
    (DCT.modified, "modified", _DATE),
    (DCT.language, "language", _codes("language")),
    (DCATAP.applicableLegislation, "applicable_legislation", parts.legislation),
)

# Said of distributions of open data only: the rest would tell how to reach data that are not public.
OPEN_DISTRIBUTION: tuple[Line, ...] = (
    (DCT.license, "license", _codes("licence")),
    (DCAT.byteSize, "size", _one(byte_size)),
    (
        DCAT.compressFormat,
        "compress_format",
        lambda writer, value: [writer.described(media_type(value), DCT.MediaType)],
    ),
    (DCAT.packageFormat, "package_format", lambda writer, value: [writer.described(media_type(value), DCT.MediaType)]),
    (FOAF.page, "documentation", _pages(FOAF.Document)),
    (DCT.conformsTo, "conforms_to", _typed(DCT.Standard)),
    (DCT.conformsTo, "crs", parts.reference_system),
)


def describe(dataset: dict[str, Any], organizations: dict[str, dict[str, Any]], place: Place) -> Writer:
    """Map one public dataset.

    Args:
        dataset: as ``package_show`` returns it to an anonymous caller, or as ``store`` reads it.
        organizations: owners by id.
        place: where identifiers and pages start.

    Returns:
        The writer with the triples, the concepts and publishers the page has to describe, and the values that could not
        be written. A fault in one value costs that value only.
    """
    writer = Writer(place, dataset, organizations)
    writer.add(writer.node, RDF.type, DCAT.Dataset)
    _write(writer, writer.node, DATASET, dataset, "")
    for number, resource in enumerate(rows(dataset.get("resources"))):
        _guarded(writer, f"resources[{number}]", lambda found=resource, at=number: _distribution(writer, found, at))
    return writer


def _distribution(writer: Writer, resource: dict[str, Any], number: int) -> None:
    dataset, path = writer.dataset, f"resources[{number}]."
    node = NamedNode(f"{writer.node.value}/resource/{quote(clean(resource.get('id')) or str(number), safe='')}")
    writer.add(writer.node, DCAT.distribution, node)
    writer.add(node, RDF.type, DCAT.Distribution)
    values = parts.inherited(resource, dataset)
    writer.add(node, DCAT.accessURL, parts.access_url(writer, resource))
    _write(writer, node, DISTRIBUTION, values, path)
    # dct:rights, adms:status, dcatap:availability: DCAT-AP 3 knows them on distributions only, one of each
    writer.add(node, DCT.rights, parts.rights(writer, resource))
    writer.add(node, ADMS.status, writer.code("distribution_status", values.get("status")))
    writer.add(node, DCATAP.availability, writer.code("planned_availability", values.get("availability")))
    if not is_open(dataset):
        return
    writer.add(node, DCAT.downloadURL, parts.download_url(writer, resource))
    writer.add(node, SPDX.checksum, parts.checksum(writer, resource))
    _write(writer, node, OPEN_DISTRIBUTION, values, path)
    for at, service in enumerate(rows(resource.get("access_services"))):
        _guarded(writer, f"{path}access_services[{at}]", lambda found=service, n=at: _service(writer, node, found, n))


def _service(writer: Writer, distribution: NamedNode, service: dict[str, Any], number: int) -> None:
    endpoints = [found for one in many(service.get("endpoint_url")) if (found := iri(one))]
    if not endpoints:  # mandatory in DCAT-AP: a service without an address is none
        return
    stem = distribution.value.rsplit("/", 1)[-1]
    node = writer.part(service.get("uri"), f"service-{stem}-{number + 1}")
    writer.add(distribution, DCAT.accessService, node)
    writer.add(node, RDF.type, DCAT.DataService)
    writer.services.append(node)
    writer.add_all(node, DCT.title, texts(service.get("title_translated"), service.get("title")) or texts(None, "API"))
    writer.add_all(node, DCT.description, texts(service.get("description_translated"), service.get("description")))
    writer.add_all(node, DCAT.endpointURL, [writer.described(one, parts.RESOURCE) for one in endpoints])
    writer.add(node, DCAT.endpointDescription, writer.page(service.get("endpoint_description"), parts.RESOURCE))
    writer.add_all(node, DCT.conformsTo, _typed(DCT.Standard)(writer, service.get("conforms_to")))
    writer.add(node, DCT.license, writer.code("licence", service.get("license") or writer.dataset.get("license_id")))
    writer.add(node, DCAT.servesDataset, writer.node)
    writer.add_all(node, DCAT.contactPoint, parts.contacts(writer, writer.dataset.get("contact")))
    writer.add_all(node, DCT.publisher, parts.publisher(writer, writer.dataset.get("owner_org")))
    writer.add_all(node, DCAT.theme, parts.themes(writer, writer.dataset.get("theme")))
    writer.add_all(node, DCATAP.applicableLegislation, parts.legislation(writer, service.get("applicable_legislation")))
    manual = web(service.get("documentation")) or web(service.get("endpoint_description"))
    if hvd_legislation(writer.dataset):  # DCAT-AP HVD 3.0.0, section Data Service: category and documentation
        writer.add_all(node, DCATAP.hvdCategory, _codes("hvd_category")(writer, writer.dataset.get("hvd_category")))
        manual = manual or web(writer.place.page(writer.dataset))
    writer.add(node, FOAF.page, writer.described(manual, FOAF.Document))


def _write(writer: Writer, node: NamedNode, lines: Iterable[Line], values: dict[str, Any], path: str) -> None:
    for predicate, field, rule in lines:
        _guarded(
            writer,
            path + field,
            lambda p=predicate, f=field, r=rule: writer.add_all(node, p, r(writer, values.get(f))),
        )


def _guarded(writer: Writer, field: str, work: Callable[[], None]) -> None:
    """One unforeseen value must cost itself, never the dataset, never the page (R18 of the feed's requirements)."""
    try:
        work()
    except Exception as error:  # noqa: BLE001
        writer.faults.append(Fault(writer.dataset["id"], field, f"{type(error).__name__}: {error}"))


def publisher_triples(organization: dict[str, Any], place: Place) -> Iterable[Triple]:
    """Describe an organisation as the publisher it is: each once per page."""
    return parts.agent_triples(organization, place)
