"""The rules of the mapping that need more than one line: nodes with a shape of their own. No CKAN import."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from geomet import wkt
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from schemas import vocabulary

from .concepts import DATASET_TYPE, DATASET_TYPES, concept_iri
from .terms import (
    ADMS,
    DCAT,
    DCT,
    DQV,
    ELI,
    FOAF,
    GSP,
    LOCN,
    OA,
    PROV,
    RDF,
    RDFS,
    SKOS,
    SPDX,
    VCARD,
    clean,
    hexadecimal,
    iri,
    moment,
    text,
    texts,
    web,
)
from .writer import Place, Term, Writer, many, rows

RESOURCE = RDFS.Resource
# The public body that runs a system it does not own; INSPIRE's list is the one DCAT-AP points to.
CUSTODIAN = "http://inspire.ec.europa.eu/metadata-codelist/ResponsiblePartyRole/custodian"
_PLACE_SCHEMES = re.compile(r"(http://publications\.europa\.eu/resource/authority/(?:country|place|continent))/[^/]+")
_STATUS = {"v-pripravi": "DEVELOP", "v-uporabi": "COMPLETED", "ukinjen": "DEPRECATED"}
_AVAILABILITY = {"v-pripravi": "EXPERIMENTAL", "v-uporabi": "AVAILABLE"}
_ALGORITHMS = ("md5", "sha1", "sha256", "sha384", "sha512")
_RIGHTS = (
    ("access_conditions_translated", {"sl": "Pogoji uporabe", "en": "Conditions of use"}),
    ("charging_terms_translated", {"sl": "Zaračunavanje", "en": "Charging"}),
)


def is_open(dataset: dict[str, Any]) -> bool:
    """Whether the *data* are public; only then may an address of theirs be told. Missing means no."""
    return dataset.get("secrecy") == "javno" and dataset.get("access_rights") in (None, "", "PUBLIC")


def hvd_legislation(dataset: dict[str, Any]) -> str:
    """The regulation that a high-value dataset falls under; empty for the others."""
    return str(vocabulary("hvd_category").head["applicable_legislation"]) if dataset.get("hvd_category") else ""


def dataset_title(writer: Writer, value: Any) -> list[Literal]:
    """Mandatory: a record without a readable title still has a name."""
    for fallback in map(writer.dataset.get, ("title", "name", "id")):
        found = texts(value, fallback)
        if found:
            return found
    return [Literal(writer.node.value)]


def dataset_description(writer: Writer, value: Any) -> list[Literal]:
    """Mandatory: where a description is missing the title says what there is to say."""
    return texts(value, writer.dataset.get("notes")) or dataset_title(writer, writer.dataset.get("title_translated"))


def contacts(writer: Writer, value: Any, whole: NamedNode | None = None) -> Iterator[Term]:
    """VCard of each contact, at its own IRI or one under the dataset (or under ``whole``, a series)."""
    for number, row in enumerate(rows(value), 1):
        node = writer.part(row.get("uri"), f"contact-{number}", whole)
        writer.described(node, VCARD.Kind, VCARD.Organization)
        writer.add(node, VCARD.fn, text(row.get("name")) or text(row.get("email")) or text("Kontakt", "sl"))
        address = clean(row.get("email")).removeprefix("mailto:")
        writer.add(
            node, VCARD.hasEmail, writer.described(iri(f"mailto:{address}") if "@" in address else None, RESOURCE)
        )
        number_only = re.sub(r"[^0-9+]", "", clean(row.get("phone")))
        writer.add(node, VCARD.hasTelephone, iri(f"tel:{number_only}") if number_only else None)
        writer.add(node, VCARD.hasURL, writer.page(row.get("url"), RESOURCE))
        yield node


def publisher(writer: Writer, value: Any) -> Iterator[Term]:
    """The owner of the data; the page describes each organisation once."""
    owner = writer.organizations.get(clean(value)) or writer.dataset.get("organization") or {}
    if owner.get("id"):
        writer.publishers.add(owner["id"])
        yield NamedNode(writer.place.organization(owner["id"]))


def agent_triples(organization: dict[str, Any], place: Place) -> Iterator[Triple]:
    """An organisation as foaf:Agent."""
    node = NamedNode(place.organization(organization["id"]))
    yield Triple(node, RDF.type, FOAF.Agent)
    name = organization.get("title") or organization.get("name") or organization["id"]
    for literal in texts(organization.get("title_translated"), name):
        yield Triple(node, FOAF.name, literal)
    kind = concept_iri("publisher_type", publisher_type(organization))
    said = (
        (DCT.type, kind),
        (DCT.identifier, text(organization.get("registration_number")) or text(organization.get("name"))),
        (FOAF.homepage, web(organization.get("url"))),
        (FOAF.mbox, iri(f"mailto:{clean(organization.get('email'))}") if organization.get("email") else None),
    )
    for predicate, found in said:
        if found is not None:
            yield Triple(node, predicate, found)


def publisher_type(organization: dict[str, Any]) -> str:
    """The ADMS publisher type that follows from the kind of an organisation; empty when the kind is not known."""
    kind = clean(organization.get("organization_kind"))
    return str(vocabulary("organization_kind").extra(kind).get("publisher_type", ""))


def creators(writer: Writer, value: Any) -> Iterator[Term]:
    """Who made the data."""
    for number, row in enumerate(rows(value), 1):
        yield _agent(writer, row, f"creator-{number}")


def operators(writer: Writer, value: Any) -> Iterator[Term]:
    """Who runs the system, when it is not the owner: a qualified attribution with the role custodian."""
    for number, row in enumerate(rows(value), 1):
        attribution = writer.blank(PROV.Attribution)
        writer.add(attribution, PROV.agent, _agent(writer, row, f"operator-{number}"))
        writer.add(attribution, DCAT.hadRole, writer.described(NamedNode(CUSTODIAN), DCAT.Role))
        yield attribution


def _agent(writer: Writer, row: dict[str, Any], name: str) -> NamedNode:
    node = writer.part(row.get("uri"), name)
    writer.add(node, RDF.type, FOAF.Agent)
    writer.add(node, FOAF.name, text(row.get("name")) or text(row.get("email")) or text(node.value))
    writer.add(node, FOAF.homepage, web(row.get("url")))
    address = clean(row.get("email"))
    writer.add(node, FOAF.mbox, iri(f"mailto:{address}") if "@" in address else None)
    return node


def places(writer: Writer, value: Any) -> Iterator[Term]:
    """Areas.

    A shared IRI (a country, a GeoNames place) carries nothing of ours: two datasets with different boxes would
    contradict each other on it. Label and geometry stand on a node of the dataset's own.
    """
    for row in rows(value):
        shared = iri(row.get("uri"))
        if shared is not None:
            scheme = _PLACE_SCHEMES.fullmatch(shared.value)
            writer.described(shared, DCT.Location)
            writer.add(shared, SKOS.inScheme, NamedNode(scheme.group(1)) if scheme else None)
            yield shared
        label = text(row.get("text"), "sl")
        shapes = [(LOCN.geometry, "geom"), (DCAT.bbox, "bbox"), (DCAT.centroid, "centroid")]
        geometries = [(predicate, geometry(row.get(key))) for predicate, key in shapes]
        if label is None and not any(found for _, found in geometries):
            continue
        node = writer.blank(DCT.Location)
        writer.add(node, SKOS.prefLabel, label)
        for predicate, found in geometries:
            writer.add(node, predicate, found)
        yield node


def geometry(value: Any) -> Literal | None:
    """GeoJSON (object or its text) as GeoSPARQL well-known text; None when it is not a geometry."""
    if not value:
        return None
    try:
        shape = value if isinstance(value, dict) else json.loads(value)
        return Literal(wkt.dumps(shape, decimals=6), datatype=GSP.wktLiteral)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        return None


def periods(writer: Writer, value: Any) -> Iterator[Term]:
    """Intervals, open at one end when need be."""
    for row in rows(value):
        start, end = moment(row.get("start")), moment(row.get("end"))
        if start or end:
            node = writer.blank(DCT.PeriodOfTime)
            writer.add(node, DCAT.startDate, start)
            writer.add(node, DCAT.endDate, end)
            yield node


def themes(writer: Writer, value: Any) -> Iterator[Term | None]:
    """EU themes; when none is stored, those of the content areas."""
    codes = many(value)
    for area in [] if codes else many(writer.dataset.get("content_area")):
        codes += vocabulary("content_area").extra(clean(area)).get("themes", [])
    for code in codes:
        yield writer.code("data_theme", code)


def access_rights(writer: Writer, value: Any) -> Iterator[Term | None]:
    """The stored EU right, else the one that follows from the secrecy of the data."""
    derived = vocabulary("secrecy").extra(clean(value)).get("access_right")
    yield writer.code("access_right", writer.dataset.get("access_rights") or derived)


def legislation(writer: Writer, value: Any) -> Iterator[Term | None]:
    """Legal acts by ELI; of a high-value dataset the HVD regulation too, on distributions and services as well."""
    for one in [*many(value), hvd_legislation(writer.dataset)]:
        yield writer.described(iri(one), ELI.LegalResource)


def reference_system(writer: Writer, value: Any) -> Iterator[Term | None]:
    """``EPSG:3794`` as the standard it is (GeoDCAT-AP convention)."""
    found = re.fullmatch(r"EPSG:(\d{4,6})", clean(value))
    if found:
        yield writer.described(iri(f"http://www.opengis.net/def/crs/EPSG/0/{found.group(1)}"), DCT.Standard)


def landing_page(writer: Writer, value: Any) -> Iterator[Term | None]:
    """The page given, or ours; of data that are not public always ours."""
    given = web(value) if is_open(writer.dataset) else None
    yield writer.page(given.value if given else writer.place.page(writer.dataset), FOAF.Document)


def modified(writer: Writer, value: Any) -> Iterator[Term | None]:
    """When the content changed; a record that does not say so tells when it was saved."""
    yield moment(value) or moment(writer.dataset.get("metadata_modified"))


def other_identifiers(writer: Writer, value: Any) -> Iterator[Term]:
    """Identifiers in other systems."""
    for notation in map(text, many(value)):
        if notation is not None:
            node = writer.blank(ADMS.Identifier)
            writer.add(node, SKOS.notation, notation)
            yield node


def provenance(writer: Writer, value: Any) -> Iterator[Term | None]:
    """Where the data come from, in words."""
    label = text(value, "sl")
    yield writer.statement(DCT.ProvenanceStatement, [label] if label else [])


def accuracy(writer: Writer, value: Any) -> Iterator[Term]:
    """How accurate the data are, in words."""
    words = text(value, "sl")
    if words is not None:
        node = writer.blank(DQV.QualityAnnotation)
        writer.add(node, OA.bodyValue, words)
        yield node


def dataset_type(writer: Writer, value: Any) -> Iterator[Term | None]:
    """The EU dataset type: the one given, or the one that the kind of the dataset has a counterpart in."""
    counterpart = DATASET_TYPES.get(clean(writer.dataset.get("dataset_kind")))
    found = iri(value) or (NamedNode(f"{DATASET_TYPE}/{counterpart}") if counterpart else None)
    if found is not None:
        writer.concepts.add(("", found.value))
        yield found


def inherited(resource: dict[str, Any], dataset: dict[str, Any]) -> dict[str, Any]:
    """A resource with what it takes from its dataset or from what CKAN keeps beside it."""
    kind = vocabulary("file_type").extra(vocabulary("file_type").code_of(resource.get("format")) or "")
    found = dict(resource)
    found["name_translated"] = resource.get("name_translated") or {"sl": resource.get("name") or resource.get("format")}
    found["description_translated"] = resource.get("description_translated") or {"sl": resource.get("description")}
    found["license"] = resource.get("license") or dataset.get("license_id")
    found["mimetype"] = resource.get("mimetype") or kind.get("iana_media_type")
    found["language"] = resource.get("language") or dataset.get("language")
    found["issued"] = resource.get("issued") or resource.get("created")
    found["modified"] = resource.get("modified") or resource.get("last_modified") or resource.get("metadata_modified")
    found["status"] = resource.get("status") or _STATUS.get(clean(dataset.get("lifecycle")))
    found["availability"] = resource.get("availability") or _AVAILABILITY.get(clean(dataset.get("lifecycle")))
    return found


def access_url(writer: Writer, resource: dict[str, Any]) -> Term | None:
    """Where to get at the data. Of data that are not public: our page, which says how to ask."""
    dataset = writer.dataset
    ours = writer.place.page(dataset)
    if not is_open(dataset):
        return writer.page(ours, RESOURCE)
    if resource.get("url_type") == "upload":
        return writer.page(f"{ours}/resource/{resource.get('id')}", RESOURCE)
    given = web(resource.get("access_url")) or web(resource.get("url")) or web(resource.get("download_url"))
    # A stream (MQTT) is no page, yet an address that the outside world may follow.
    given = given or iri(resource.get("url"))
    return writer.described(given, RESOURCE) or writer.page(ours, RESOURCE)


def download_url(writer: Writer, resource: dict[str, Any]) -> Term | None:
    """The file itself: the address given, the upload, or the address of the resource when the data are downloaded."""
    if resource.get("url_type") == "upload":
        name = clean(resource.get("url")).rstrip("/").rsplit("/", 1)[-1]
        file = f"{writer.place.page(writer.dataset)}/resource/{resource.get('id')}/download/{name}"
        return writer.page(file, RESOURCE)
    given = resource.get("download_url")
    is_service = rows(resource.get("access_services")) or clean(resource.get("format")).endswith(("_SRVC", "REST"))
    if not given and not is_service and writer.dataset.get("access_method") == "download":
        given = resource.get("url")
    return writer.page(given, RESOURCE)


def rights(writer: Writer, resource: dict[str, Any]) -> BlankNode | None:
    """One statement per distribution that says conditions, charging and way of access in words."""
    dataset = writer.dataset
    said: dict[str, list[str]] = {"sl": [], "en": []}
    for field, names in _RIGHTS:
        for literal in texts(dataset.get(field)):
            language = literal.language or "sl"
            said.setdefault(language, []).append(f"{names.get(language, names['en'])}: {literal.value.rstrip('.')}")
    method = clean(dataset.get("access_method"))
    if method:
        known = vocabulary("access_method")
        said["sl"].append(f"Način dostopa: {known.label(method, 'sl')}")
        said["en"].append(f"Access: {known.label(method, 'en')}")
    own = text(resource.get("rights"), "sl")
    if own is not None:
        said["sl"].append(own.value)
    labels = [text("; ".join(words), language) for language, words in said.items() if words]
    return writer.statement(DCT.RightsStatement, [label for label in labels if label])


def checksum(writer: Writer, resource: dict[str, Any]) -> BlankNode | None:
    """Checksum with its algorithm; both are mandatory in DCAT-AP, so one alone is not written."""
    value = hexadecimal(resource.get("hash"))
    algorithm = clean(resource.get("hash_algorithm")).rsplit("_", 1)[-1].casefold().replace("-", "")
    if value is None or algorithm not in _ALGORITHMS:
        return None
    node = writer.blank(SPDX.Checksum)
    writer.add(node, SPDX.checksumValue, value)
    named = writer.described(SPDX[f"checksumAlgorithm_{algorithm}"], SPDX.ChecksumAlgorithm)
    writer.add(node, SPDX.algorithm, named)
    return node
