"""DCAT-AP to the city's standard as a table: one line per field, the property first, then where else to look.

In the order of dataset.yaml. A ``kranj:`` property is what DCAT has no word for (docs/connectors.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rdflib import DCTERMS as DCT
from rdflib import FOAF, OWL, PROV, RDF, SKOS, Literal, Namespace, URIRef
from rdflib.term import Node

from harvesters.rdf.sensors import DQV, accuracy, measurements
from harvesters.rdf.values import (
    DCAT,
    Predicates,
    Read,
    Subject,
    agent_of,
    agents,
    code,
    codes,
    day,
    number,
    operators,
    periods,
    places,
    text,
    texts,
    translated,
    translated_list,
    uri,
    uris,
    whole,
)
from schemas import vocabulary

ADMS = Namespace("http://www.w3.org/ns/adms#")
DCATAP = Namespace("http://data.europa.eu/r5r/")
DCATDE = Namespace("http://dcat-ap.de/def/dcatde/")
DCATDE_1_1 = Namespace("https://www.dcat-ap.de/def/dcatde/1.1/")
SPDX = Namespace("http://spdx.org/rdf/terms#")
KRANJ = Namespace("https://podatki.kranj.si/ns#")

Row = tuple[str, Predicates, Read]

DATASET: tuple[Row, ...] = (
    ("title_translated", (DCT.title,), translated),
    ("notes_translated", (DCT.description,), translated),
    ("dataset_kind", (KRANJ.datasetKind,), code("dataset_kind")),
    ("content_area", (KRANJ.contentArea,), codes("content_area")),
    ("priority_field", (KRANJ.priorityField,), codes("priority_field")),
    ("life_situation", (KRANJ.lifeSituation,), texts),
    ("theme", (DCAT.theme,), codes("data_theme")),
    ("tags_translated", (DCAT.keyword,), translated_list),
    ("owner_status", (KRANJ.ownerStatus,), code("owner_status")),
    ("owner_unit", (KRANJ.ownerUnit,), text),
    ("operator", (PROV.qualifiedAttribution, PROV.wasAttributedTo), operators),
    ("contact", (DCAT.contactPoint, ADMS.contactPoint), agents),
    ("creator", (DCT.creator,), agents),
    ("frequency", (DCT.accrualPeriodicity,), code("frequency")),
    ("issued", (DCT.issued,), day),
    ("modified", (DCT.modified,), day),
    ("temporal_coverage", (DCT.temporal,), periods),
    ("temporal_resolution", (DCAT.temporalResolution,), text),
    ("spatial_coverage", (DCT.spatial,), places),
    ("spatial_resolution_in_meters", (DCAT.spatialResolutionInMeters,), number),
    ("visibility", (KRANJ.visibility,), code("visibility")),
    ("secrecy", (KRANJ.secrecy,), code("secrecy")),
    ("protection_grounds", (KRANJ.protectionGround,), codes("protection_ground")),
    ("access_rights", (DCT.accessRights,), code("access_right")),
    ("aggregation", (KRANJ.aggregation,), code("aggregation")),
    ("measured_subject", (KRANJ.measuredSubject,), codes("measured_subject")),
    ("measurement", (KRANJ.measurement,), measurements),
    ("access_method", (KRANJ.accessMethod,), code("access_method")),
    ("license_id", (DCT.license,), code("licence")),
    ("retention_kind", (KRANJ.retentionKind,), code("retention_kind")),
    ("retention_period", (KRANJ.retentionPeriod,), text),
    ("retention_starts", (KRANJ.retentionStarts,), code("retention_starts")),
    ("classification_sign", (KRANJ.classificationSign,), text),
    ("legal_basis", (KRANJ.legalBasis,), text),
    ("applicable_legislation", (DCATAP.applicableLegislation,), uris),
    ("hvd_category", (DCATAP.hvdCategory,), codes("hvd_category")),
    ("language", (DCT.language,), codes("language")),
    ("url", (DCAT.landingPage, FOAF.homepage), uri),
    ("related_resource", (DCT.relation,), uris),
    ("source", (DCT.source, PROV.wasDerivedFrom), uris),
    ("is_version_of", (DCT.isVersionOf, DCAT.isVersionOf), uris),
    ("record_role", (KRANJ.recordRole,), code("record_role")),
    ("lifecycle", (KRANJ.lifecycle,), code("lifecycle")),
    ("usage_translated", (KRANJ.usage,), translated),
    ("accuracy", (DQV.hasQualityAnnotation, KRANJ.accuracy), accuracy),
    ("provenance", (DCT.provenance,), text),
    ("conforms_to", (DCT.conformsTo,), uris),
    ("documentation", (FOAF.page,), uris),
    ("version", (DCAT.version, OWL.versionInfo), text),
    ("version_notes", (ADMS.versionNotes,), text),
    ("dcat_type", (DCT.type,), uri),
    ("alternate_identifier", (DCT.identifier,), texts),
)

RESOURCE: tuple[Row, ...] = (
    ("name_translated", (DCT.title,), translated),
    ("description_translated", (DCT.description,), translated),
    ("access_url", (DCAT.accessURL,), uri),
    ("download_url", (DCAT.downloadURL,), uri),
    ("format", (DCT.format,), code("file_type")),
    ("mimetype", (DCAT.mediaType,), text),
    ("license", (DCT.license,), code("licence")),
    ("rights", (DCT.rights,), text),
    ("size", (DCAT.byteSize,), whole),
    ("issued", (DCT.issued,), day),
    ("modified", (DCT.modified,), day),
    ("language", (DCT.language,), codes("language")),
    ("conforms_to", (DCT.conformsTo,), uris),
    ("documentation", (FOAF.page,), uris),
    (
        "availability",
        (DCATAP.availability, DCATDE.plannedAvailability, DCATDE_1_1.plannedAvailability),
        code("planned_availability"),
    ),
    ("status", (ADMS.status,), code("distribution_status")),
    ("compress_format", (DCAT.compressFormat,), text),
    ("package_format", (DCAT.packageFormat,), text),
    ("applicable_legislation", (DCATAP.applicableLegislation,), uris),
)

SERVICE: tuple[Row, ...] = (
    ("title", (DCT.title,), text),
    ("description", (DCT.description,), text),
    ("endpoint_url", (DCAT.endpointURL,), uris),
    ("endpoint_description", (DCAT.endpointDescription,), uri),
    ("conforms_to", (DCT.conformsTo,), uris),
)

_OTHER: tuple[URIRef, ...] = (
    RDF.type, DCT.publisher, DCT.subject, DCAT.distribution, KRANJ.system, ADMS.identifier,
    DCAT.accessService, SPDX.checksum,
)  # fmt: skip
"""Properties that the functions below read."""

MAPPED = frozenset(_OTHER) | {item for row in (*DATASET, *RESOURCE) for item in row[1]}
"""Everything this mapping understands; the connector reports the rest of a catalogue's properties."""

_HASHES = re.compile(r"(md5|sha-?_?/?(?:1|224|256|384|512))\W*$", re.IGNORECASE)
_CRS = re.compile(r"(?:/def/crs/EPSG/[^/]*/|EPSG:{1,2})(\d{4,6})$", re.IGNORECASE)
_IANA = "/media-types/"
_EUROVOC = "http://eurovoc.europa.eu/"


@dataclass(frozen=True)
class Owners:
    """Who owns what: name, IRI or identifier of a publisher -> organisation of the catalogue (slug)."""

    slugs: Mapping[str, str]

    def of(self, publisher: Mapping[str, str], identifiers: Iterable[str]) -> str | None:
        """The organisation of a publisher, or None when nobody said which it is."""
        known = {key.strip().casefold(): slug for key, slug in self.slugs.items()}
        known |= {slug: slug for slug in self.slugs.values()}
        address = publisher.get("uri", "")
        for key in (
            *identifiers,
            address,
            address.rstrip("/").rpartition("/organization/")[2],
            publisher.get("name", ""),
        ):
            if key and key.strip().casefold() in known:
                return known[key.strip().casefold()]
        return None


def read(src: Subject, table: Iterable[Row], prefix: str = "") -> dict[str, Any]:
    """Read the fields of a table."""
    found = {name: reader(src, predicates, prefix + name) for name, predicates, reader in table}
    return {name: value for name, value in found.items() if value is not None}


def dataset_of(src: Subject, owners: Owners) -> tuple[dict[str, Any], dict[str, Any]]:
    """The dataset and the internal block that a dcat:Dataset describes; without its resources."""
    found = read(src, DATASET)
    _secrecy(found)
    _owner(src, found, owners)
    if "content_area" not in found and "theme" in found:
        areas = [_AREA_OF[theme] for theme in found["theme"] if theme in _AREA_OF]
        found["content_area"] = list(dict.fromkeys(areas))[:3]
    if "license_id" not in found:
        # A licence the standard does not know is still a condition of use.
        unknown = text(src, (DCT.license,), "license_id")
        if unknown:
            found["access_conditions_translated"] = {
                "sl": f"Licenca vira: {unknown}",
                "en": f"Licence of the source: {unknown}",
            }
    subjects = [str(value) for value in src.values((DCT.subject,)) if str(value).startswith(_EUROVOC)]
    if subjects:
        found["eurovoc"] = subjects
    others = [
        notation
        for node in src.values((ADMS.identifier,))
        for notation in texts(src.at(node), (SKOS.notation,), "") or ()
    ]
    if others:
        found["alternate_identifier"] = list(dict.fromkeys([*found.get("alternate_identifier", ()), *others]))
    crs = next((match.group(1) for item in found.get("conforms_to", ()) if (match := _CRS.search(item))), None)
    if crs:
        found["crs"] = f"EPSG:{crs}"
    system = text(src, (KRANJ.system,), "internal.location.system")
    return found, {"location": {"system": system}} if system else {}


def _areas() -> dict[str, str]:
    """The content area of each EU theme: the first area whose themes name it first (schemas, content_area)."""
    areas = vocabulary("content_area")
    found: dict[str, str] = {}
    for area in areas.codes:
        for theme in areas.extra(area).get("themes", ()):
            found.setdefault(theme, area)
    return found


_AREA_OF = _areas()


def _secrecy(found: dict[str, Any]) -> None:
    """Access rights are derived from secrecy, so a source that only knows the rights tells us the secrecy.

    A source that says less than PUBLIC without saying why must never fall back on a preset's ``javno``: the safest
    reading is business-internal, and without grounds the record stays a draft until a steward decides.
    """
    right = found.pop("access_rights", None)
    if "secrecy" not in found and right is not None:
        found["secrecy"] = "javno" if right == "PUBLIC" else "interno-poslovno"
    if "protection_grounds" in found:
        found["protection_grounds"] = [{"ground": ground} for ground in found["protection_grounds"]]
    # These kinds of people have no contact details in the standard.
    if "operator" in found:
        found["operator"] = [_only(item, "name", "uri") for item in found["operator"][:1]]
    if "creator" in found:
        found["creator"] = [_only(item, "name", "email", "url", "uri") for item in found["creator"]]


def _only(values: Mapping[str, str], *names: str) -> dict[str, str]:
    return {name: values[name] for name in names if name in values}


def _owner(src: Subject, found: dict[str, Any], owners: Owners) -> None:
    for node in src.values((DCT.publisher,)):
        publisher = agent_of(src, node, "owner_org")
        inner = src.at(node)
        identifiers = [] if isinstance(node, Literal) else texts(inner, (DCT.identifier,), "") or []
        identifiers += [] if isinstance(node, Literal) else texts(inner, (SKOS.notation,), "") or []
        slug = owners.of(publisher, identifiers)
        if slug:
            found["owner_org"] = slug
            return
        src.report("owner_org", "unknown-owner", value=publisher.get("name") or publisher.get("uri", ""))
        # Not lost: whoever publishes at the source is named as the maker until somebody says whose it is.
        if publisher.get("name"):
            found.setdefault("creator", [_only(publisher, "name", "email", "url", "uri")])


def resource_of(src: Subject, path: str, title: Mapping[str, str]) -> dict[str, Any]:
    """The resource that a dcat:Distribution describes.

    Args:
        src: the distribution.
        path: of the resource within the record, for the problems.
        title: of the dataset, for a distribution without a title.
    """
    found = read(src, RESOURCE, f"{path}.")
    found.setdefault("name_translated", dict(title))
    address = found.get("download_url") or found.get("access_url")
    if address:
        found["url"] = address
    for name in ("mimetype", "compress_format", "package_format"):
        if name in found:
            found[name] = found[name].rpartition(_IANA)[2] or found[name]
    if "format" not in found and "mimetype" in found:
        by_media_type = vocabulary("file_type").code_of(found["mimetype"])
        if by_media_type:
            found["format"] = by_media_type
    if "license" not in found and "rights" not in found:
        # A licence the standard does not know is still a statement about rights.
        unknown = text(src, (DCT.license,), f"{path}.rights")
        if unknown:
            found["rights"] = unknown
    _checksum(src, found, path)
    services = [_service(src.at(node), path) for node in src.values((DCAT.accessService,))]
    if services:
        found["access_services"] = services
    return found


def _service(src: Subject, path: str) -> dict[str, Any]:
    found = read(src, SERVICE, f"{path}.access_services.")
    if isinstance(src.node, URIRef):
        found["uri"] = str(src.node)
    return found


def _checksum(src: Subject, found: dict[str, Any], path: str) -> None:
    for node in src.values((SPDX.checksum,)):
        inner = src.at(node)
        value = text(inner, (SPDX.checksumValue,), f"{path}.hash")
        algorithm = text(inner, (SPDX.algorithm,), f"{path}.hash_algorithm") or ""
        kind = _HASHES.search(algorithm)
        if value and kind:
            found["hash"] = value
            found["hash_algorithm"] = SPDX["checksumAlgorithm_" + re.sub(r"[-_/]", "", kind.group(1).lower())]
            found["hash_algorithm"] = str(found["hash_algorithm"])
            return
        src.report(f"{path}.hash", "unknown-code", value=algorithm, vocabulary="checksum algorithm")


def resource_key(src: Subject, resource: Mapping[str, Any]) -> str:
    """What a distribution is known by from run to run: its IRI, else its identifier, else its address and format."""
    node: Node = src.node
    if isinstance(node, URIRef):
        return str(node)
    named = texts(src, (DCT.identifier,), "")
    if named:
        return named[0]
    return f"{resource.get('url') or resource.get('name_translated', {}).get('sl', '')} {resource.get('format', '')}"
