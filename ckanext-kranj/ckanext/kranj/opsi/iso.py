"""Public spatial layers as records of ISO 19139 (INSPIRE metadata 1.3 for datasets), in one document of CSW 2.0.2.

Written by lxml from a table of our own: of the kept libraries pycsw asks for an OWSLib before 0.29, and pygeometa
neither escapes all values nor keeps to the schema (docs/opsi.md). What is written is read back by OWSLib in the tests.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from lxml import etree
from lxml.builder import ElementMaker

from ckanext.kranj.feed.terms import clean, web

from schemas import vocabulary

from .iso_codes import FREQUENCIES, LIMITS, PROTOCOLS, STATUS, TOPICS

Dataset = dict[str, Any]
Node = Any

SPATIAL = "prostorski-sloj"
"""The kind of dataset that belongs here."""
CSW = "http://www.opengis.net/cat/csw/2.0.2"
GMD = "http://www.isotc211.org/2005/gmd"
NAMESPACES = {
    "gmd": GMD,
    "gco": "http://www.isotc211.org/2005/gco",
    "gml": "http://www.opengis.net/gml/3.2",
    "gmx": "http://www.isotc211.org/2005/gmx",
    "xlink": "http://www.w3.org/1999/xlink",
}
_INSPIRE = "http://inspire.ec.europa.eu/metadata-codelist/"
_RULES = (
    "http://data.europa.eu/eli/reg/2010/1089",
    "Uredba Komisije (EU) št. 1089/2010 z dne 23. novembra 2010 o izvajanju Direktive 2007/2/ES Evropskega parlamenta"
    " in Sveta glede medopravilnosti zbirk prostorskih podatkov in storitev v zvezi s prostorskimi podatki",
    "2010-12-08",
)
"""The implementing rules that a record must speak about: IRI, title, date of publication."""
_UNKNOWN = (f"{_INSPIRE}ConditionsApplyingToAccessAndUse/conditionsUnknown", "pogoji niso znani")
_CODES = "http://standards.iso.org/iso/19139/resources/gmxCodelists.xml#"
_HREF = f"{{{NAMESPACES['xlink']}}}href"
_ID = f"{{{NAMESPACES['gml']}}}id"
_NOT_A_NAME = re.compile(r"[^\w.-]", re.ASCII)
_NIL = f"{{{NAMESPACES['gco']}}}nilReason"

gmd = ElementMaker(namespace=GMD, nsmap=NAMESPACES)
gco = ElementMaker(namespace=NAMESPACES["gco"], nsmap=NAMESPACES)
gml = ElementMaker(namespace=NAMESPACES["gml"], nsmap=NAMESPACES)
gmx = ElementMaker(namespace=NAMESPACES["gmx"], nsmap=NAMESPACES)


def document(datasets: Iterable[Dataset], now: datetime) -> bytes:
    """All records as the answer to GetRecords that a server of CSW would give.

    Args:
        datasets: public ones, as ``package_show`` returns them to an anonymous caller, with ``landing``: their page.
        now: the moment of the answer.
    """
    csw = ElementMaker(namespace=CSW, nsmap={"csw": CSW, **NAMESPACES})
    records = [record(dataset) for dataset in datasets if dataset.get("dataset_kind") == SPATIAL]
    count = str(len(records))
    found = csw.SearchResults(
        *records, elementSet="full", recordSchema=GMD, numberOfRecordsMatched=count, numberOfRecordsReturned=count,
        nextRecord="0",
    )  # fmt: skip
    at = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return _bytes(csw.GetRecordsResponse(csw.SearchStatus(timestamp=at), found, version="2.0.2"))


def single(dataset: Dataset) -> bytes:
    """One record as a document."""
    return _bytes(record(dataset))


def record(dataset: Dataset) -> Node:
    """The record of one dataset, its elements in the order of the schema."""
    crs = str(dataset.get("crs") or "").rpartition(":")[2]
    system = gmd.RS_Identifier(gmd.code(_text(f"http://www.opengis.net/def/crs/EPSG/0/{crs}")))
    parts = [
        gmd.fileIdentifier(_text(dataset["id"])),
        gmd.language(_language("SLV")),
        gmd.characterSet(_code("MD_CharacterSetCode", "utf8")),
        gmd.hierarchyLevel(_code("MD_ScopeCode", "dataset")),
        gmd.contact(_party(dataset)),
        gmd.dateStamp(gco.Date(clean(dataset.get("metadata_modified"))[:10])),
        gmd.metadataStandardName(_text("ISO 19115")),
        gmd.metadataStandardVersion(_text("2003/Cor.1:2006")),
        gmd.dataSetURI(_text(dataset["landing"])),
        *([gmd.referenceSystemInfo(gmd.MD_ReferenceSystem(gmd.referenceSystemIdentifier(system)))] if crs else ()),
        gmd.identificationInfo(gmd.MD_DataIdentification(*_identification(dataset))),
        gmd.distributionInfo(_distribution(dataset)),
        gmd.dataQualityInfo(_lineage(dataset)),
    ]
    return gmd.MD_Metadata(*parts)


def _identification(dataset: Dataset) -> Iterator[Node]:
    title = _words(dataset, "title")
    dates = [(dataset.get("issued"), "publication"), (dataset.get("modified"), "revision")]
    told = [gmd.date(_date(value, kind)) for value, kind in dates if value]
    told = told or [gmd.date(_date(dataset.get("metadata_created"), "publication"))]
    identifier = gmd.identifier(gmd.MD_Identifier(gmd.code(_text(dataset["landing"]))))
    yield gmd.citation(gmd.CI_Citation(gmd.title(_text(title)), *told, identifier))
    yield gmd.abstract(_text(_words(dataset, "notes") or title))
    yield gmd.status(_code("MD_ProgressCode", STATUS.get(str(dataset.get("lifecycle")), "onGoing")))
    yield gmd.pointOfContact(_party(dataset))
    often = FREQUENCIES.get(str(dataset.get("frequency")), "unknown")
    maintained = gmd.maintenanceAndUpdateFrequency(_code("MD_MaintenanceFrequencyCode", often))
    yield gmd.resourceMaintenance(gmd.MD_MaintenanceInformation(maintained))
    words = (dataset.get("tags_translated") or {}).get("sl") or []
    if words:
        yield gmd.descriptiveKeywords(gmd.MD_Keywords(*(gmd.keyword(_text(one)) for one in words)))
    yield from _constraints(dataset)
    yield gmd.spatialRepresentationType(_code("MD_SpatialRepresentationTypeCode", "vector"))
    for code in dataset.get("language") or ["SLV"]:
        yield gmd.language(_language(code))
    yield gmd.characterSet(_code("MD_CharacterSetCode", "utf8"))
    topics = dict.fromkeys(TOPICS[one] for one in dataset.get("theme") or () if one in TOPICS)
    for topic in topics or (TOPICS["REGI"],):
        yield gmd.topicCategory(gmd.MD_TopicCategoryCode(topic))
    extents = [*_boxes(dataset), *_periods(dataset)]
    if extents:
        yield gmd.extent(gmd.EX_Extent(*extents))


def _constraints(dataset: Dataset) -> Iterator[Node]:
    """Conditions of use, and limits of public access, as INSPIRE wants both."""
    licence = vocabulary("licence").uri(dataset["license_id"]) if dataset.get("license_id") else ""
    conditions = _words(dataset, "access_conditions")
    used = _text(conditions) if conditions else _anchor(licence) if licence else _anchor(*_UNKNOWN)
    secrecy = str(dataset.get("secrecy"))
    point = LIMITS.get(secrecy)
    label = vocabulary("secrecy").label(secrecy, "sl")
    limits = _anchor(f"{_INSPIRE}LimitationsOnPublicAccess/{point}", label) if point else _text(label)
    for element, told in ((gmd.useConstraints, used), (gmd.accessConstraints, limits)):
        other = element(_code("MD_RestrictionCode", "otherRestrictions"))
        yield gmd.resourceConstraints(gmd.MD_LegalConstraints(other, gmd.otherConstraints(told)))


def _boxes(dataset: Dataset) -> Iterator[Node]:
    for place in dataset.get("spatial_coverage") or ():
        box = _box(place.get("bbox") or place.get("geom"))
        if box:
            west, south, east, north = (gco.Decimal(f"{number:.6f}") for number in box)
            yield gmd.geographicElement(
                gmd.EX_GeographicBoundingBox(
                    gmd.westBoundLongitude(west), gmd.eastBoundLongitude(east),
                    gmd.southBoundLatitude(south), gmd.northBoundLatitude(north),
                )
            )  # fmt: skip


def _box(geometry: Any) -> tuple[float, float, float, float] | None:
    """West, south, east, north of GeoJSON; None for what is none."""
    try:
        found = json.loads(geometry) if isinstance(geometry, str) else geometry
        points = list(_points(found["coordinates"]))
        across, up = [float(x) for x, _ in points], [float(y) for _, y in points]
        return min(across), min(up), max(across), max(up)
    except (ValueError, TypeError, KeyError, IndexError):
        return None


def _points(coordinates: Any) -> Iterator[tuple[float, float]]:
    if isinstance(coordinates[0], int | float):
        yield coordinates[0], coordinates[1]
        return
    for one in coordinates:
        yield from _points(one)


def _periods(dataset: Dataset) -> Iterator[Node]:
    for number, period in enumerate(dataset.get("temporal_coverage") or (), 1):
        ends = [clean(period.get(name)) for name in ("start", "end")]
        begin, end = (_position(name, value) for name, value in zip(("begin", "end"), ends, strict=True))
        if any(ends):
            name = f"T{number}-{_NOT_A_NAME.sub('-', str(dataset['id']))}"  # one in the whole document
            span = gml.TimePeriod(begin, end, {_ID: name})
            yield gmd.temporalElement(gmd.EX_TemporalExtent(gmd.extent(span)))


def _position(name: str, value: str) -> Node:
    element = getattr(gml, f"{name}Position")
    return element(value) if value else element(indeterminatePosition="unknown")


def _distribution(dataset: Dataset) -> Node:
    """Formats and addresses; of data that are not public the page of the description is all there is."""
    items = dataset.get("resources") or ()
    formats = dict.fromkeys(clean(item.get("format")) for item in items if item.get("format"))
    version = {_NIL: "unknown"}
    told = [gmd.distributionFormat(gmd.MD_Format(gmd.name(_text(one)), gmd.version(version))) for one in formats]
    lines = [_online(dataset["landing"], "WWW:LINK-1.0-http--link", _words(dataset, "title"), "information")]
    for item in items if _open(dataset) else ():
        found = web(item.get("download_url") or item.get("access_url") or item.get("url"))
        if found:
            protocol = PROTOCOLS.get(str(item.get("format")), "WWW:DOWNLOAD-1.0-http--download")
            lines.append(_online(found.value, protocol, _words(item, "name"), "download"))
    return gmd.MD_Distribution(*told, gmd.transferOptions(gmd.MD_DigitalTransferOptions(*lines)))


def _online(address: str, protocol: str, name: str, function: str) -> Node:
    return gmd.onLine(
        gmd.CI_OnlineResource(
            gmd.linkage(gmd.URL(address)),
            gmd.protocol(_text(protocol)),
            gmd.name(_text(name)),
            gmd.function(_code("CI_OnLineFunctionCode", function)),
        )
    )


def _lineage(dataset: Dataset) -> Node:
    scope = gmd.scope(gmd.DQ_Scope(gmd.level(_code("MD_ScopeCode", "dataset"))))
    said = clean(dataset.get("provenance")) or "Izvor ni opisan."
    return gmd.DQ_DataQuality(scope, _conformity(), gmd.lineage(gmd.LI_Lineage(gmd.statement(_text(said)))))


def _conformity() -> Node:
    """Nobody compared the data with the implementing rules of INSPIRE, and the record says so."""
    address, title, published = _RULES
    cited = gmd.CI_Citation(gmd.title(_anchor(address, title)), gmd.date(_date(published, "publication")))
    result = gmd.DQ_ConformanceResult(
        gmd.specification(cited), gmd.explanation(_text("Skladnost ni bila ocenjena.")), gmd("pass", {_NIL: "unknown"})
    )
    return gmd.report(gmd.DQ_DomainConsistency(gmd.result(result)))


def _party(dataset: Dataset) -> Node:
    """The owner, with the first contact of the description."""
    owner = clean((dataset.get("organization") or {}).get("title")) or "-"
    contact = next(iter(dataset.get("contact") or ()), {})
    phone, mail = clean(contact.get("phone")), clean(contact.get("email"))
    reached = [
        *([gmd.phone(gmd.CI_Telephone(gmd.voice(_text(phone))))] if phone else ()),
        *([gmd.address(gmd.CI_Address(gmd.electronicMailAddress(_text(mail))))] if mail else ()),
    ]
    return gmd.CI_ResponsibleParty(
        gmd.organisationName(_text(owner)),
        *([gmd.contactInfo(gmd.CI_Contact(*reached))] if reached else ()),
        gmd.role(_code("CI_RoleCode", "pointOfContact")),
    )


def _date(value: Any, kind: str) -> Node:
    return gmd.CI_Date(gmd.date(gco.Date(clean(value)[:10])), gmd.dateType(_code("CI_DateTypeCode", kind)))


def _language(code: str) -> Node:
    """``SLV`` as ISO 639-2, which the EU list follows but for the case of letters."""
    low = code.lower()
    return gmd.LanguageCode(low, codeList="http://www.loc.gov/standards/iso639-2/", codeListValue=low)


def _code(listed: str, value: str) -> Node:
    return getattr(gmd, listed)(value, codeList=_CODES + listed, codeListValue=value)


def _anchor(address: str, words: str = "") -> Node:
    return gmx.Anchor(words or address, {_HREF: address})


def _text(value: Any) -> Node:
    return gco.CharacterString(clean(value))


def _words(holder: Dataset, name: str) -> str:
    """A translated text in Slovene, else in what there is."""
    told = holder.get(f"{name}_translated") or {}
    return clean(told.get("sl")) or clean(next(iter(told.values()), "")) or clean(holder.get(name))


def _open(dataset: Dataset) -> bool:
    return bool(dataset.get("secrecy") == "javno")


def _bytes(root: Node) -> bytes:
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))
