"""Records of spatial layers against the published XML Schemas and code lists of ISO 19139, and INSPIRE's requirements.

The schemas (version of 2007-04-17, GML 3.2.1) and code lists are the files of ckanext-spatial, unpacked beside the
virtual environment (requirements-files.lock). INSPIRE: Technical Guidance for the implementation of INSPIRE dataset and
service metadata based on ISO/TS 19139:2007, version 2.0.1; each check names its TG Requirement.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from ckanext.kranj.opsi import iso

from schemas import vocabulary

pytestmark = pytest.mark.unit

FILES = Path(sys.prefix) / "files/ckanext/spatial/validation/xml/iso19139ngdc/schema"
PREFIXES = {key: iso.NAMESPACES[key] for key in ("gmd", "gco", "gml", "gmx", "xlink")}
ABOUT = "gmd:identificationInfo/gmd:MD_DataIdentification/"
CITATION = f"{ABOUT}gmd:citation/gmd:CI_Citation/"
MAIL = "gmd:contactInfo/gmd:CI_Contact/gmd:address/gmd:CI_Address/gmd:electronicMailAddress/gco:CharacterString[text()]"
LEGAL = f"{ABOUT}gmd:resourceConstraints/gmd:MD_LegalConstraints"
LIMITS = "http://inspire.ec.europa.eu/metadata-codelist/LimitationsOnPublicAccess/"
QUALITY = "gmd:dataQualityInfo/gmd:DQ_DataQuality"
REPORT = f"{QUALITY}/gmd:report/gmd:DQ_DomainConsistency/gmd:result/gmd:DQ_ConformanceResult"
OTHER = "gmd:MD_RestrictionCode/@codeListValue='otherRestrictions'"

LAYER: dict[str, Any] = json.loads((Path(__file__).parents[2] / "data/spatial_layer.json").read_text(encoding="utf-8"))

REQUIREMENTS = {
    "C.5 metadata language": "count(gmd:language/gmd:LanguageCode[@codeListValue='slv']) = 1",
    "C.6 metadata point of contact": "gmd:contact/gmd:CI_ResponsibleParty"
    f"[gmd:organisationName/gco:CharacterString[text()] and {MAIL}"
    " and gmd:role/gmd:CI_RoleCode/@codeListValue='pointOfContact']",
    "C.7 metadata date": "count(gmd:dateStamp/gco:Date[text()]) = 1",
    "C.8 title": f"count({CITATION}gmd:title/gco:CharacterString[text()]) = 1",
    "C.9 abstract": f"count({ABOUT}gmd:abstract/gco:CharacterString[text()]) = 1",
    "C.10 responsible organisation": f"{ABOUT}gmd:pointOfContact/gmd:CI_ResponsibleParty[{MAIL}]",
    "C.11 temporal reference": f"{CITATION}gmd:date/gmd:CI_Date[gmd:date/gco:Date[text()]]"
    "/gmd:dateType/gmd:CI_DateTypeCode",
    "C.12 at most one creation": f"count({CITATION}gmd:date//gmd:CI_DateTypeCode[@codeListValue='creation']) <= 1",
    "C.13 at most one revision": f"count({CITATION}gmd:date//gmd:CI_DateTypeCode[@codeListValue='revision']) <= 1",
    "C.17 limitations on public access": f"count({LEGAL}[gmd:accessConstraints/{OTHER}]"
    f"[gmd:otherConstraints/gmx:Anchor[starts-with(@xlink:href, '{LIMITS}')]]) = 1",
    "C.18 conditions of access and use": f"count({LEGAL}[gmd:useConstraints/{OTHER}]"
    "/gmd:otherConstraints/*[text()]) = 1",
    "C.19 bounding box": f"{ABOUT}gmd:extent/gmd:EX_Extent/gmd:geographicElement/gmd:EX_GeographicBoundingBox",
    "C.20 conformity": REPORT,
    "C.21 specification": f"{REPORT}/gmd:specification/gmd:CI_Citation[gmd:title/*[text()]]/gmd:date/gmd:CI_Date"
    "[gmd:dateType/gmd:CI_DateTypeCode/@codeListValue='publication']/gmd:date/gco:Date[text()='2010-12-08']",
    "C.22 degree": f"{REPORT}/gmd:pass[@gco:nilReason='unknown' and not(*)]",
    "1.1 resource type": "gmd:hierarchyLevel[1]/gmd:MD_ScopeCode/@codeListValue = 'dataset'",
    "1.2 one identification": "count(gmd:identificationInfo[1]/gmd:MD_DataIdentification) = 1",
    "1.3 unique identifier": f"{CITATION}gmd:identifier/*/gmd:code/*[starts-with(text(), 'http')]",
    "1.6 language of the data": f"{ABOUT}gmd:language/gmd:LanguageCode/@codeListValue",
    "1.7 topic category": f"{ABOUT}gmd:topicCategory/gmd:MD_TopicCategoryCode[text()]",
    "1.8 resource locator": "gmd:distributionInfo//gmd:onLine/gmd:CI_OnlineResource/gmd:linkage/gmd:URL[text()]",
    "1.9 one data quality": f"count({QUALITY}[gmd:scope/gmd:DQ_Scope/gmd:level/gmd:MD_ScopeCode"
    "/@codeListValue='dataset']) = 1",
    "1.10 conformity to Regulation 1089/2010": f"{REPORT}//gmx:Anchor/@xlink:href = 'http://data.europa.eu/eli/reg/2010/1089'",
    "1.11 lineage": f"count({QUALITY}/gmd:lineage/gmd:LI_Lineage/gmd:statement/gco:CharacterString[text()]) = 1",
    "2.1, 2.2 reference system": "gmd:referenceSystemInfo/gmd:MD_ReferenceSystem/gmd:referenceSystemIdentifier"
    "/gmd:RS_Identifier[not(gmd:codeSpace)]/gmd:code/*[starts-with(text(), 'http://www.opengis.net/def/crs/EPSG/0/')]",
    "2.4 representation": f"{ABOUT}gmd:spatialRepresentationType/gmd:MD_SpatialRepresentationTypeCode"
    "/@codeListValue = 'vector'",
    "2.6 encoding": "gmd:distributionInfo/gmd:MD_Distribution/gmd:distributionFormat/gmd:MD_Format"
    "[gmd:name/*[text()] and gmd:version[@gco:nilReason='unknown' and not(*)]]",
}  # fmt: skip
"""TG Requirement -> XPath from gmd:MD_Metadata that holds. Not here: C.1, C.3 (the schemas and code lists, below); C.2,
C.4 (the root, free text: the schemas); C.14 to C.16 and 1.4 (keywords of INSPIRE's themes: the standard of the city has
no such field); 1.5 (resolution: no such field); 2.3, 2.5, 2.7, 2.8 (apply to other data)."""
POISON = {
    "markup": {"title_translated": {"sl": "pred\x0bpotem ]]> </gmd:MD_Metadata>"}},
    "nothing said": {"notes_translated": {}, "contact": [], "tags_translated": {}, "theme": [], "provenance": ""},
    "no place": {"spatial_coverage": [{"bbox": "POLYGON"}, {"geom": '{"coordinates":[]}'}, {}], "crs": ""},
    "no codes": {"license_id": "", "frequency": "VSAK DAN", "language": [], "theme": ["OP_DATPRO"], "lifecycle": "?"},
    "no files": {"resources": [{"url": "javascript:alert(1)"}, {"url": "x y"}, {}], "temporal_coverage": [{}]},
    "periods": {"temporal_coverage": [{"start": "2024-01-01"}, {"end": "2025"}, {"start": "2024", "end": "2026-02"}]},
    "not open": {"secrecy": "osebni-podatki", "license_id": ""},
    "an odd id": {"id": "0 č:/<x>"},
    "no dates": {"metadata_created": "2026-01-01T10:00:00", "issued": None, "modified": None},
}  # fmt: skip


@pytest.fixture(scope="session")
def schema() -> etree.XMLSchema:
    assert FILES.is_dir(), "the schemas are not unpacked: ./deployment/test unit installs them"
    return etree.XMLSchema(etree.parse(FILES / "gmx/gmx.xsd", etree.XMLParser(no_network=True)))  # noqa: S320


@pytest.fixture(scope="session")
def codes() -> dict[str, set[str]]:
    """Code list of ISO -> its codes."""
    root = etree.parse(FILES / "resources/Codelist/gmxCodelists.xml").getroot()  # noqa: S320
    return {
        found.get(f"{{{PREFIXES['gml']}}}id"): set(found.xpath(".//gml:identifier/text()", namespaces=PREFIXES)[1:])
        for found in root.iter(f"{{{PREFIXES['gmx']}}}CodeListDictionary")
    }


def parsed(dataset: dict[str, Any]) -> Any:
    return etree.fromstring(iso.single(dataset))  # noqa: S320 - our own bytes


def invalid(schema: etree.XMLSchema, root: Any) -> list[str]:
    schema.validate(root)
    return [f"{one.line}: {one.message}" for one in schema.error_log]


def broken(root: Any) -> list[str]:
    return [name for name, path in REQUIREMENTS.items() if not root.xpath(path, namespaces=PREFIXES)]


def unknown(root: Any, codes: dict[str, set[str]]) -> list[str]:
    """Codes that their list does not have, and lists that nobody knows."""
    found = [
        (one.get("codeList").rpartition("#")[2], one.get("codeListValue"))
        for one in root.iter()
        if "codeListValue" in one.attrib and not one.tag.endswith("}LanguageCode")
    ]
    assert found
    found += [("MD_TopicCategoryCode", one.text) for one in root.iter(f"{{{iso.GMD}}}MD_TopicCategoryCode")]
    return [f"{listed} {code}" for listed, code in found if code not in codes.get(listed, ())]


class TestSchema:
    """TG Requirements C.1 to C.4."""

    @pytest.mark.parametrize("changed", [{}, *POISON.values()], ids=["complete", *POISON])
    def test_a_record_is_valid_and_its_codes_are_known(
        self, schema: etree.XMLSchema, codes: dict[str, set[str]], changed: dict[str, Any]
    ) -> None:
        root = parsed({**LAYER, **changed})
        assert invalid(schema, root) == []
        assert unknown(root, codes) == []

    def test_all_records_of_the_document_are_valid_together(self, schema: etree.XMLSchema) -> None:
        """An id of XML stands once in a document, whatever stands in it."""
        layers = [{**LAYER, "id": f"sloj-{number}"} for number in range(3)]
        root = etree.fromstring(iso.document(layers, datetime.now(UTC)))  # noqa: S320 - our own bytes
        records = list(root.iter(f"{{{iso.GMD}}}MD_Metadata"))
        assert [invalid(schema, one) for one in records] == [[], [], []]
        names = [one.get(f"{{{PREFIXES['gml']}}}id") for one in root.iter(f"{{{PREFIXES['gml']}}}TimePeriod")]
        assert len(names) == len(set(names)) == 3

    def test_our_tables_lead_to_known_codes(self, codes: dict[str, set[str]]) -> None:
        assert set(iso.FREQUENCIES.values()) <= codes["MD_MaintenanceFrequencyCode"]
        assert set(iso.STATUS.values()) <= codes["MD_ProgressCode"]
        assert set(iso.TOPICS.values()) <= codes["MD_TopicCategoryCode"]
        assert set(iso.LIMITS) == set(vocabulary("secrecy").codes)

    def test_the_schema_and_the_lists_refuse_what_is_wrong(
        self, schema: etree.XMLSchema, codes: dict[str, set[str]]
    ) -> None:
        root = parsed(LAYER)
        root.append(root[0])  # the identifier behind everything else
        root.find(".//gmd:CI_RoleCode", PREFIXES).set("codeListValue", "stric")
        assert invalid(schema, root)
        assert unknown(root, codes) == ["CI_RoleCode stric"]


class TestInspire:
    def test_a_complete_record_meets_the_requirements(self) -> None:
        assert broken(parsed(LAYER)) == []

    def test_an_empty_record_meets_none(self) -> None:
        empty = etree.Element(f"{{{iso.GMD}}}MD_Metadata")
        assert {name.split()[0] for name in REQUIREMENTS} - {name.split()[0] for name in broken(empty)} == {
            "C.12",
            "C.13",
        }

    @pytest.mark.parametrize("secrecy", vocabulary("secrecy").codes)
    def test_access_is_limited_by_a_point_of_the_directive(self, secrecy: str) -> None:
        assert broken(parsed({**LAYER, "secrecy": secrecy, "license_id": ""})) == []

    def test_what_the_description_lacks_is_not_made_up(self) -> None:
        lacking = {"contact": [], "spatial_coverage": [], "crs": "", "resources": []}
        assert [name.split()[0] for name in broken(parsed({**LAYER, **lacking}))] == [
            "C.6",
            "C.10",
            "C.19",
            "2.1,",
            "2.6",
        ]
