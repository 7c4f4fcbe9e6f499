"""The mapping table: what a description becomes, and what never leaves."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from rdflib import DCAT, DCTERMS, FOAF, RDF, RDFS, SKOS, XSD, Graph, Literal, Namespace, URIRef

from ckanext.kranj.feed import pages
from ckanext.kranj.feed.catalogue import Paging
from ckanext.kranj.feed.mapping import DATASET as LINES
from ckanext.kranj.feed.pages import Content

pytestmark = pytest.mark.unit

ADMS = Namespace("http://www.w3.org/ns/adms#")
DCAT3 = Namespace("http://www.w3.org/ns/dcat#")  # rdflib knows version 2
DCATAP = Namespace("http://data.europa.eu/r5r/")
EU = "http://publications.europa.eu/resource/authority/"
KRANJ = Namespace("https://podatki.kranj.si/ns#")
PROV = Namespace("http://www.w3.org/ns/prov#")
SPDX = Namespace("http://spdx.org/rdf/terms#")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")


def graph_of(dataset: dict[str, Any], organizations: dict[str, Any], settings: Any) -> Graph:
    body = pages.dataset_document(Content([dataset], organizations), settings, "ttl")
    return Graph().parse(data=body, format="turtle")


def node(dataset: dict[str, Any], settings: Any) -> URIRef:
    return URIRef(f"{settings.base_uri}/dataset/{dataset['id']}")


class TestDataset:
    @pytest.fixture
    def graph(self, dataset: dict[str, Any], organizations: dict[str, Any], settings: Any) -> Graph:
        return graph_of(dataset, organizations, settings)

    @pytest.fixture
    def ref(self, dataset: dict[str, Any], settings: Any) -> URIRef:
        return node(dataset, settings)

    def test_words_carry_their_language(self, graph: Graph, ref: URIRef) -> None:
        assert set(graph.objects(ref, DCTERMS.title)) == {
            Literal("Zasedenost parkirišč", lang="sl"),
            Literal("Car park occupancy", lang="en"),
        }
        assert Literal("parkiranje", lang="sl") in set(graph.objects(ref, DCAT.keyword))
        assert Literal("parking", lang="en") in set(graph.objects(ref, DCAT.keyword))

    def test_codes_become_eu_addresses_described_on_the_page(self, graph: Graph, ref: URIRef) -> None:
        expected = {
            DCTERMS.accrualPeriodicity: EU + "frequency/HOURLY",
            DCTERMS.accessRights: EU + "access-right/PUBLIC",
            DCTERMS.language: EU + "language/SLV",
            DCAT.theme: EU + "data-theme/TRAN",
            DCTERMS.type: EU + "dataset-type/STATISTICAL",
        }
        for predicate, address in expected.items():
            assert graph.value(ref, predicate) == URIRef(address)
            assert (URIRef(address), RDF.type, SKOS.Concept) in graph
            assert {label.language for label in graph.objects(URIRef(address), SKOS.prefLabel)} == {"sl", "en"}
            scheme = graph.value(URIRef(address), SKOS.inScheme)
            assert (scheme, RDF.type, SKOS.ConceptScheme) in graph

    def test_identifier_is_a_literal(self, graph: Graph, ref: URIRef, dataset: dict[str, Any]) -> None:
        assert list(graph.objects(ref, DCTERMS.identifier)) == [Literal(dataset["id"])]

    def test_publisher_is_the_organisation_with_name_and_type(self, graph: Graph, ref: URIRef, settings: Any) -> None:
        publisher = graph.value(ref, DCTERMS.publisher)
        assert publisher == URIRef(f"{settings.base_uri}/organization/org-mok")
        assert Literal("Mestna občina Kranj", lang="sl") in set(graph.objects(publisher, FOAF.name))
        assert graph.value(publisher, DCTERMS.type) == URIRef("http://purl.org/adms/publishertype/LocalAuthority")

    def test_contact_has_an_address_of_its_own(self, graph: Graph, ref: URIRef) -> None:
        contact = graph.value(ref, DCAT.contactPoint)
        assert isinstance(contact, URIRef)
        assert graph.value(contact, VCARD.fn) == Literal("Podatkovna pisarna")
        assert graph.value(contact, VCARD.hasEmail) == URIRef("mailto:podatki@kranj.si")
        assert graph.value(contact, VCARD.hasTelephone) == URIRef("tel:+38642373000")

    def test_periods_keep_their_precision(self, graph: Graph, ref: URIRef) -> None:
        found = {
            (graph.value(period, DCAT.startDate), graph.value(period, DCAT.endDate))
            for period in graph.objects(ref, DCTERMS.temporal)
        }
        assert found == {
            (Literal("2024-01-01", datatype=XSD.date), Literal("2025", datatype=XSD.gYear)),
            (Literal("2026-01", datatype=XSD.gYearMonth), None),
        }

    def test_shared_place_carries_nothing_of_ours(self, graph: Graph, ref: URIRef) -> None:
        country = URIRef(EU + "country/SVN")
        assert country in set(graph.objects(ref, DCTERMS.spatial))
        assert not list(graph.objects(country, DCAT.bbox))
        own = next(place for place in graph.objects(ref, DCTERMS.spatial) if place != country)
        assert str(graph.value(own, DCAT.bbox)).startswith("POLYGON ((14.2")

    def test_rights_status_and_availability_stand_on_distributions_only(self, graph: Graph, ref: URIRef) -> None:
        for predicate in (DCTERMS.rights, ADMS.status, DCATAP.availability, DCTERMS.license):
            assert not list(graph.objects(ref, predicate))
            for distribution in graph.objects(ref, DCAT.distribution):
                assert len(list(graph.objects(distribution, predicate))) == 1

    def test_distribution(self, graph: Graph, ref: URIRef) -> None:
        table = URIRef(f"{ref}/resource/a0000000-0000-4000-8000-000000000001")
        assert table in set(graph.objects(ref, DCAT.distribution))
        assert graph.value(table, DCAT.accessURL) == URIRef("https://kranj.si/parkirisca/ure.csv")
        assert graph.value(table, DCAT.downloadURL) == URIRef("https://kranj.si/parkirisca/ure.csv")
        assert graph.value(table, DCTERMS["format"]) == URIRef(EU + "file-type/CSV")
        iana = URIRef("https://www.iana.org/assignments/media-types/text/csv")
        assert graph.value(table, DCAT.mediaType) == iana
        assert graph.value(table, DCTERMS.license) == URIRef(EU + "licence/CC_BY_4_0")
        assert graph.value(table, DCAT.byteSize) == Literal("1234", datatype=XSD.nonNegativeInteger)
        assert graph.value(graph.value(table, SPDX.checksum), SPDX.algorithm) == SPDX.checksumAlgorithm_sha256
        rights = graph.value(graph.value(table, DCTERMS.rights), RDFS.label)
        assert {label.language for label in graph.objects(graph.value(table, DCTERMS.rights), RDFS.label)} == {
            "sl",
            "en",
        }
        assert rights is not None

    def test_licence_is_inherited_from_the_dataset(self, graph: Graph, ref: URIRef) -> None:
        interface = URIRef(f"{ref}/resource/a0000000-0000-4000-8000-000000000002")
        assert graph.value(interface, DCTERMS.license) == URIRef(EU + "licence/CC_BY_4_0")

    def test_service(self, graph: Graph, ref: URIRef) -> None:
        interface = URIRef(f"{ref}/resource/a0000000-0000-4000-8000-000000000002")
        service = graph.value(interface, DCAT.accessService)
        assert isinstance(service, URIRef)
        assert graph.value(interface, DCAT.downloadURL) is None
        assert graph.value(service, DCAT.servesDataset) == ref
        assert graph.value(service, DCAT.endpointURL) == URIRef("https://api.kranj.si/parkirisca")

    def test_operator_is_a_custodian(self, graph: Graph, ref: URIRef) -> None:
        attribution = graph.value(ref, PROV.qualifiedAttribution)
        assert (attribution, RDF.type, PROV.Attribution) in graph
        assert graph.value(attribution, PROV.agent) == URIRef("https://www.komunala-kranj.si/")

    def test_every_line_of_the_table_says_something_of_the_complete_dataset(self, graph: Graph, ref: URIRef) -> None:
        # hvd_category and protection_grounds have examples of their own
        silent = {field for predicate, field, _ in LINES if not list(graph.objects(ref, URIRef(predicate.value)))}
        assert silent == {"hvd_category", "protection_grounds"}

    def test_what_must_stay_inside_stays_inside(
        self, dataset: dict[str, Any], organizations: dict[str, Any], settings: Any
    ) -> None:
        dataset["internal"] = {"location": {"system": "SKRIVNI-SISTEM"}}
        dataset["creator_user_id"] = "SKRIVNI-UPORABNIK"
        dataset["extras"] = [{"key": "harvest_source_title", "value": "SKRIVNI-VIR"}]
        dataset["visibility"] = "public"
        for name in ("ttl", "nt"):
            body = pages.dataset_document(Content([dataset], organizations), settings, name).decode()
            assert "SKRIVNI" not in body
            assert "skrito@kranj.si" not in body  # the defaults of the organisation
            assert "visibility" not in body


class TestHighValue:
    def test_law_and_category_reach_distributions_and_services(
        self, high_value: dict[str, Any], organizations: dict[str, Any], settings: Any
    ) -> None:
        graph, ref = graph_of(high_value, organizations, settings), node(high_value, settings)
        law = URIRef("http://data.europa.eu/eli/reg_impl/2023/138/oj")
        category = URIRef("http://data.europa.eu/bna/c_b79e35eb")
        distributions = list(graph.objects(ref, DCAT.distribution))
        services = [found for one in distributions for found in graph.objects(one, DCAT.accessService)]
        assert services
        for subject in (ref, *distributions, *services):
            assert law in set(graph.objects(subject, DCATAP.applicableLegislation))
        for subject in (ref, *services):
            assert graph.value(subject, DCATAP.hvdCategory) == category
        assert graph.value(services[0], FOAF.page) == URIRef("https://api.kranj.si/openapi.json")
        assert graph.value(services[0], DCAT.contactPoint) == graph.value(ref, DCAT.contactPoint)


class TestNotOpen:
    def test_no_address_of_the_data_is_told(
        self, not_open: dict[str, Any], organizations: dict[str, Any], settings: Any
    ) -> None:
        graph, ref = graph_of(not_open, organizations, settings), node(not_open, settings)
        page = URIRef(f"{settings.site_url}/dataset/{not_open['name']}")
        assert "notranji" not in graph.serialize(format="nt")
        assert graph.value(ref, DCAT.landingPage) == page
        for distribution in graph.objects(ref, DCAT.distribution):
            assert list(graph.objects(distribution, DCAT.accessURL)) == [page]
            for predicate in (DCAT.downloadURL, DCAT.accessService, DCTERMS.license, SPDX.checksum):
                assert not list(graph.objects(distribution, predicate))
        assert graph.value(ref, DCTERMS.accessRights) == URIRef(EU + "access-right/RESTRICTED")
        assert graph.value(ref, KRANJ.protectionGround) == Literal("osebni-podatki")

    @pytest.mark.parametrize("secrecy", [None, "", "nekaj", "interno-poslovno"])
    def test_a_missing_or_unknown_secrecy_closes(
        self, dataset: dict[str, Any], organizations: dict[str, Any], settings: Any, secrecy: str | None
    ) -> None:
        dataset["secrecy"] = secrecy
        graph, ref = graph_of(dataset, organizations, settings), node(dataset, settings)
        page = URIRef(f"{settings.site_url}/dataset/{dataset['name']}")
        for distribution in graph.objects(ref, DCAT.distribution):
            assert list(graph.objects(distribution, DCAT.accessURL)) == [page]


class TestCatalogue:
    @staticmethod
    def publisher(settings: Any, organizations: dict[str, Any]) -> tuple[URIRef, set[str]]:
        paging = Paging(f"{settings.site_url}/catalog.ttl", 1, 1, 0, 250, None, None)
        body = pages.catalogue_page(Content([], organizations), settings, paging, "ttl")
        graph = Graph().parse(data=body, format="turtle")
        found = graph.value(URIRef(settings.catalog_uri), DCTERMS.publisher)
        return found, {str(name) for name in graph.objects(found, FOAF.name)}

    def test_publisher_is_the_organisation_of_that_slug(self, settings: Any, organizations: dict[str, Any]) -> None:
        assert self.publisher(settings, organizations) == (
            URIRef(f"{settings.base_uri}/organization/org-mok"),
            {"Mestna občina Kranj", "City Municipality of Kranj"},
        )

    def test_publisher_stands_without_the_organisation(self, settings: Any) -> None:
        found, names = self.publisher(settings, {})
        assert str(found).endswith("/organization/mestna-obcina-kranj")
        assert names == {"Mestna občina Kranj"}

    def test_publisher_may_have_another_address(self, settings: Any, organizations: dict[str, Any]) -> None:
        other = dataclasses.replace(settings, publisher_uri="https://www.kranj.si/")
        assert self.publisher(other, organizations) == (URIRef("https://www.kranj.si/"), {"Mestna občina Kranj"})


class TestUpload:
    def test_an_uploaded_file_has_a_page_and_a_download(
        self, dataset: dict[str, Any], organizations: dict[str, Any], settings: Any
    ) -> None:
        dataset["resources"] = [{"id": "u1", "url": "ure 2026.csv", "url_type": "upload", "format": "CSV"}]
        graph, ref = graph_of(dataset, organizations, settings), node(dataset, settings)
        distribution = graph.value(ref, DCAT.distribution)
        stem = f"{settings.site_url}/dataset/{dataset['name']}/resource/u1"
        assert graph.value(distribution, DCAT.accessURL) == URIRef(stem)
        assert graph.value(distribution, DCAT.downloadURL) == URIRef(stem + "/download/ure%202026.csv")


def test_series_are_described(dataset: dict[str, Any], organizations: dict[str, Any], settings: Any) -> None:
    graph = graph_of(dataset, organizations, settings)
    found = {graph.value(one, DCTERMS.title): one for one in graph.objects(node(dataset, settings), DCAT3.inSeries)}
    ours = URIRef(f"{settings.base_uri}/dataset_series/51111111-0000-4000-8000-000000000001")
    assert found == {
        Literal("Promet po letih", lang="sl"): ours,
        Literal("https://example.si/niz", lang="sl"): URIRef("https://example.si/niz"),
    }
    for one in found.values():
        assert (one, RDF.type, DCAT3.DatasetSeries) in graph
        assert graph.value(one, DCTERMS.description) is not None
    contact = graph.value(ours, DCAT.contactPoint)
    assert contact == URIRef(f"{ours}#contact-1")
    assert graph.value(contact, VCARD.hasEmail) == URIRef("mailto:niz@kranj.si")
    publisher = graph.value(ours, DCTERMS.publisher)
    assert publisher == URIRef(f"{settings.base_uri}/organization/org-niz")
    assert Literal("Lastnik niza", lang="sl") in set(graph.objects(publisher, FOAF.name))
    assert graph.value(ours, DCTERMS.accrualPeriodicity) == URIRef(EU + "frequency/ANNUAL")
    assert URIRef(EU + "frequency/ANNUAL") in set(graph.subjects(RDF.type, DCTERMS.Frequency))


def test_a_series_that_is_not_public_is_not_mentioned(
    dataset: dict[str, Any], organizations: dict[str, Any], settings: Any
) -> None:
    """Neither by what the dataset calls it nor by an address of ours."""
    hidden = ["skriti-niz", "5ecre700-0000-4000-8000-000000000001", f"{settings.site_url}/dataset_series/skriti-niz"]
    body = pages.dataset_document(Content([{**dataset, "in_series": hidden}], organizations), settings, "nt")
    assert b"DatasetSeries" not in body
    assert b"skriti-niz" not in body
    assert b"5ecre700" not in body
