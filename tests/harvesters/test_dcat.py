"""RDF catalogues: formats, pages, the mapping, and what is reported instead of lost."""

import json

import pytest
from rdflib import Graph

from harvesters import Context, MemorySink, connector_named, run
from harvesters.conformance import Answering, NetworkConnectorContract

pytestmark = pytest.mark.unit

BASE = "https://vir.example/"
HEAD = """
@prefix adms: <http://www.w3.org/ns/adms#> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dcatap: <http://data.europa.eu/r5r/> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix hydra: <http://www.w3.org/ns/hydra/core#> .
@prefix kranj: <https://podatki.kranj.si/ns#> .
@prefix locn: <http://www.w3.org/ns/locn#> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix spdx: <http://spdx.org/rdf/terms#> .
@prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
CATALOGUE = """
<https://vir.example/1> a dcat:Dataset ; dct:title "Prva zbirka"@sl , "First dataset"@en ;
    dct:description "Opis prve zbirke, dovolj dolg za standard mesta Kranj."@sl ;
    dcat:distribution <https://vir.example/1/csv> .
<https://vir.example/1/csv> a dcat:Distribution ; dct:title "Podatki"@sl ; dcat:accessURL <https://vir.example/1.csv> .
<https://vir.example/2> a dcat:Dataset ; dct:title "Druga zbirka"@sl .
[] a dcat:Dataset ; dct:identifier "tretja" ; dct:title "Tretja zbirka"@sl .
"""
FORMATS = {
    "text/turtle": "turtle",
    "application/rdf+xml": "pretty-xml",
    "application/ld+json": "json-ld",
    "application/n-triples": "nt",
}


def turtle(body, url=BASE + "catalog.ttl"):
    return {url: ("text/turtle", (HEAD + body).encode())}


def read(answers, url=BASE + "catalog.ttl", **settings):
    ctx = Context("vir", Answering(answers))
    source = connector_named("dcat").of({"url": url, **settings})
    return list(source.records(ctx)), ctx


def one(properties, distribution="", more="", **settings):
    """The reading of a dataset with these properties and one distribution with those."""
    body = f"""
    <https://vir.example/1> a dcat:Dataset ; dct:title "Zbirka"@sl ; {properties}
        dcat:distribution <https://vir.example/d> .
    <https://vir.example/d> a dcat:Distribution ; dct:title "Podatki"@sl ; {distribution} dct:description "Opis"@sl .
    {more}"""
    (reading,), _ = read(turtle(body), **settings)
    return reading


def codes(reading):
    return [(item.path, item.code) for item in reading.problems]


class TestTurtle(NetworkConnectorContract):
    @pytest.fixture
    def connector(self):
        return connector_named("dcat").of({"url": BASE + "catalog"})

    @pytest.fixture(params=FORMATS)
    def answers(self, request):
        graph = Graph().parse(data=HEAD + CATALOGUE, format="turtle")
        return {BASE + "catalog": (request.param, graph.serialize(format=FORMATS[request.param], encoding="utf-8"))}


class TestFormats:
    def test_all_formats_give_equal_records(self):
        graph = Graph().parse(data=HEAD + CATALOGUE, format="turtle")
        found = []
        for kind, name in FORMATS.items():
            body = graph.serialize(format=name, encoding="utf-8")
            found.append(read({BASE + "c": (kind, body)}, BASE + "c")[0])
        assert all(item == found[0] for item in found)

    @pytest.mark.parametrize("address", ["c.ttl", "c.ttl?page=1", "c.n3", "c"])
    def test_a_nameless_content_type_is_guessed(self, address):
        readings, _ = read({BASE + address: ("", (HEAD + CATALOGUE).encode())}, BASE + address)
        assert len(readings) == 3

    def test_slovene_legacy_encoding_is_read_with_a_warning(self):
        body = f'{HEAD}<https://vir.example/1> a dcat:Dataset ; dct:title "Števci prometa v Čirčah, žaga"@sl .'
        readings, ctx = read({BASE + "c.ttl": ("text/turtle", body.encode("cp1250"))}, BASE + "c.ttl")
        assert readings[0].record.dataset["title_translated"]["sl"] == "Števci prometa v Čirčah, žaga"
        assert [item.code for item in ctx.problems if item.code == "source-charset"]

    def test_xml_with_its_own_encoding_is_read(self):
        graph = Graph().parse(data=HEAD + CATALOGUE.replace("Prva", "Čista"), format="turtle")
        text = graph.serialize(format="xml").replace("utf-8", "windows-1250")
        readings, ctx = read({BASE + "c.rdf": ("application/rdf+xml", text.encode("cp1250"))}, BASE + "c.rdf")
        assert "Čista zbirka" in json.dumps([item.record.dataset for item in readings], ensure_ascii=False)
        assert not [item for item in ctx.problems if item.code == "source-charset"]

    @pytest.mark.parametrize(
        "context", ["http://127.0.0.1:9/c", ["http://127.0.0.1:9/c"], {"@import": "file:///etc/passwd"}]
    )
    def test_a_context_elsewhere_is_never_fetched(self, context):
        body = json.dumps({"@graph": [{"@context": context, "@id": "a"}]}).encode()
        report = run(
            connector_named("dcat").of({"url": BASE + "c"}),
            Context("vir", Answering({BASE + "c": ("application/ld+json", body)})),
            MemorySink(),
        )
        assert report.reason_code == "unreadable"
        assert "@context" in report.reason


class TestPages:
    def paged(self, next_of, total=""):
        def page(number):
            return f"""
            <https://vir.example/{number}> a dcat:Dataset ; dct:title "Zbirka {number}"@sl .
            {next_of(number)} {total}"""

        answers = {}
        for number in (1, 2, 3):
            answers |= turtle(page(number), f"{BASE}c.ttl?page={number}")
        return answers

    def follow(self, kind, predicate, as_literal):
        def next_of(number):
            if number == 3:
                return f"<{BASE}c.ttl?page=3> a hydra:{kind} ."
            address = f"{BASE}c.ttl?page={number + 1}"
            return f"<{BASE}c.ttl?page={number}> a hydra:{kind} ; hydra:{predicate} " + (
                f'"{address}" .' if as_literal else f"<{address}> ."
            )

        return next_of

    @pytest.mark.parametrize("as_literal", [True, False])
    @pytest.mark.parametrize(
        ("kind", "predicate"), [("PagedCollection", "nextPage"), ("PartialCollectionView", "next")]
    )
    def test_both_dialects_of_hydra(self, kind, predicate, as_literal):
        readings, ctx = read(self.paged(self.follow(kind, predicate, as_literal)), BASE + "c.ttl?page=1")
        assert len(readings) == 3
        assert ctx.completed

    @pytest.mark.parametrize("target", ["c.ttl?page=1", "c.ttl?page=2"], ids=["back to the first", "to itself"])
    def test_a_circle_ends_the_run_incomplete(self, target):
        def next_of(number):
            address = f"{BASE}c.ttl?page=2" if number == 1 else BASE + target
            return f"[] a hydra:PagedCollection ; hydra:nextPage <{address}> ."

        report = run(
            connector_named("dcat").of({"url": BASE + "c.ttl?page=1"}),
            Context("vir", Answering(self.paged(next_of))),
            MemorySink(),
        )
        assert report.reason_code == "endless-paging"
        assert report.counts["read"] == 2

    def test_the_same_page_under_ever_new_addresses_ends(self):
        class Endless(Answering):
            def get(self, url, *, accept="*/*"):
                answer = super().get(BASE + "c.ttl")
                return type(answer)(url, answer.content, answer.content_type, None)

        body = f"<> a hydra:PagedCollection ; hydra:nextPage <{BASE}c.ttl?again> . <{BASE}x> a dcat:Dataset ."
        report = run(
            connector_named("dcat").of({"url": BASE + "c.ttl"}),
            Context("vir", Endless(turtle(body, BASE + "c.ttl"))),
            MemorySink(),
        )
        assert report.reason_code == "endless-paging"

    def test_a_limit_of_pages(self):
        follow = self.paged(self.follow("PagedCollection", "nextPage", as_literal=False))
        report = run(
            connector_named("dcat").of({"url": BASE + "c.ttl?page=1", "max_pages": 2}),
            Context("vir", Answering(follow)),
            MemorySink(),
        )
        assert report.reason_code == "endless-paging"

    def test_fewer_datasets_than_announced_is_incomplete(self):
        answers = turtle(f"<{BASE}1> a dcat:Dataset . [] a hydra:PagedCollection ; hydra:totalItems 217 .")
        _, ctx = read(answers)
        assert not ctx.completed
        assert "217" in ctx.reason


class TestIdentity:
    def test_a_dataset_without_any_name_is_reported(self):
        readings, ctx = read(turtle('[] a dcat:Dataset ; dct:title "Brez oznake"@sl .'))
        assert readings[0].record is None
        assert codes(readings[0]) == [("", "no-identifier")]
        assert ctx.completed

    def test_ids_of_resources_do_not_depend_on_the_order_of_the_document(self):
        parts = [
            f"""<{BASE}1> dcat:distribution [ a dcat:Distribution ; dcat:accessURL <{BASE}{n}> ] .""" for n in range(5)
        ]
        head = f'<{BASE}1> a dcat:Dataset ; dct:title "Z"@sl .'
        forward, _ = read(turtle(head + "".join(parts)))
        backward, _ = read(turtle(head + "".join(reversed(parts))))
        assert forward == backward
        assert len({item["id"] for item in forward[0].record.dataset["resources"]}) == 5


class TestLanguages:
    def test_untagged_text_is_in_the_language_of_the_source(self):
        reading = one('dct:description "A description in English" ;', default_language="en")
        assert reading.record.dataset["notes_translated"] == {
            "sl": "A description in English",
            "en": "A description in English",
        }
        assert codes(reading) == [("notes_translated.sl", "not-translated")]

    def test_a_language_that_the_standard_does_not_hold_is_copied_and_said(self):
        reading = one('dct:description "Opis po francosko"@fr ;')
        assert reading.record.dataset["notes_translated"] == {"sl": "Opis po francosko"}
        assert codes(reading) == [("notes_translated.sl", "not-translated")]

    def test_html_is_taken_out_and_said(self):
        reading = one('dct:description "<p>Prvi &amp; drugi</p><script>x</script>"@sl ;')
        assert reading.record.dataset["notes_translated"]["sl"].startswith("Prvi & drugi")
        assert "<" not in reading.record.dataset["notes_translated"]["sl"]
        assert codes(reading) == [("notes_translated", "html")]

    def test_keywords_by_language(self):
        reading = one('dcat:keyword "promet"@sl , "ceste"@sl , "traffic"@en ;')
        assert reading.record.dataset["tags_translated"] == {"sl": ["ceste", "promet"], "en": ["traffic"]}


EU = "http://publications.europa.eu/resource/authority/"


class TestCodes:
    @pytest.mark.parametrize(
        ("properties", "field", "value"),
        [
            (f"dct:accrualPeriodicity <{EU}frequency/DAILY> ;", "frequency", "DAILY"),
            (
                "dct:accrualPeriodicity <https://publications.europa.eu/resource/authority/frequency/DAILY> ;",
                "frequency",
                "DAILY",
            ),
            ('dct:accrualPeriodicity "daily" ;', "frequency", "DAILY"),
            (f"dcat:theme <{EU}data-theme/TRAN> ;", "theme", ["TRAN"]),
            (f"dcat:theme <{EU}data-theme/TRAN> ;", "content_area", ["promet"]),
            (f'dct:language "{EU}language/SLV" ;', "language", ["SLV"]),
            ('dct:language "sl" ;', "language", ["SLV"]),
            (f"dct:accessRights <{EU}access-right/PUBLIC> ;", "secrecy", "javno"),
            (f"dct:accessRights <{EU}access-right/NON_PUBLIC> ;", "secrecy", "interno-poslovno"),
            ('kranj:secrecy "osebni-podatki" ;', "secrecy", "osebni-podatki"),
            ('kranj:protectionGround "osebni-podatki" ;', "protection_grounds", [{"ground": "osebni-podatki"}]),
            ('kranj:retentionPeriod "P5Y"^^xsd:duration ;', "retention_period", "P5Y"),
            ('kranj:usage "Za načrtovanje"@sl ;', "usage_translated", {"sl": "Za načrtovanje"}),
            ("dct:license <https://creativecommons.org/licenses/by/4.0/> ;", "license_id", "CC_BY_4_0"),
            ("dct:license <https://www.dcat-ap.de/def/licenses/cc-zero> ;", "license_id", "CC0"),
            ("dcatap:hvdCategory <http://data.europa.eu/bna/c_b79e35eb> ;", "hvd_category", ["c_b79e35eb"]),
            ("dct:conformsTo <http://www.opengis.net/def/crs/EPSG/0/3794> ;", "crs", "EPSG:3794"),
            ('prov:wasAttributedTo [ foaf:name "Upravljavec" ] ;', "operator", [{"name": "Upravljavec"}]),
        ],
    )
    def test_values_become_codes(self, properties, field, value):
        reading = one(properties)
        assert reading.record.dataset[field] == value
        assert codes(reading) == []

    @pytest.mark.parametrize(
        ("properties", "field", "value"),
        [
            (f"dct:format <{EU}file-type/WMS> ;", "format", "WMS_SRVC"),
            ('dct:format "csv" ;', "format", "CSV"),
            ('dct:format [ <http://www.w3.org/2000/01/rdf-schema#label> "XLSX" ] ;', "format", "XLSX"),
            ("dcat:mediaType <https://www.iana.org/assignments/media-types/text/csv> ;", "format", "CSV"),
            ("dcat:mediaType <https://www.iana.org/assignments/media-types/text/csv> ;", "mimetype", "text/csv"),
            ("adms:status <http://purl.org/adms/status/Completed> ;", "status", "COMPLETED"),
            (f"dcatap:availability <{EU}planned-availability/STABLE> ;", "availability", "STABLE"),
            ('dcat:byteSize "6776.0"^^xsd:decimal ;', "size", 6776),
            ("dcat:downloadURL <https://vir.example/x.csv> ;", "url", "https://vir.example/x.csv"),
            (
                "spdx:checksum [ spdx:algorithm <https://www.dcat-ap.de/def/hashAlgorithms/sha/256> ;"
                ' spdx:checksumValue "ab12" ] ;',
                "hash_algorithm",
                "http://spdx.org/rdf/terms#checksumAlgorithm_sha256",
            ),
        ],
    )
    def test_values_of_distributions(self, properties, field, value):
        reading = one("", properties)
        assert reading.record.dataset["resources"][0][field] == value
        assert codes(reading) == []

    @pytest.mark.parametrize(
        ("properties", "path", "code"),
        [
            ("dcat:theme <http://other.example/sport> ;", "theme", "unknown-code"),
            ('dct:accrualPeriodicity "včasih" ;', "frequency", "unknown-code"),
            ("dct:license <https://example.org/my-own> ;", "license_id", "unknown-code"),
            ('dct:modified "predvčerajšnjim" ;', "modified", "not-a-date"),
            ('dct:conformsTo "brez naslova" ;', "conforms_to", "not-a-uri"),
            ('dcat:spatialResolutionInMeters "deset" ;', "spatial_resolution_in_meters", "not-a-number"),
            ('dct:spatial [ locn:geometry "POLYGON rdeč" ] ;', "spatial_coverage.geom", "not-geojson"),
            ('dct:publisher [ foaf:name "Neznani urad" ] ;', "owner_org", "unknown-owner"),
        ],
    )
    def test_what_cannot_be_used_is_reported_with_a_code(self, properties, path, code):
        assert (path, code) in codes(one(properties))

    def test_unknown_licences_are_kept_as_conditions(self):
        reading = one("dct:license <https://example.org/a> ;", "dct:license <https://example.org/b> ;")
        assert "https://example.org/a" in reading.record.dataset["access_conditions_translated"]["sl"]
        assert reading.record.dataset["resources"][0]["rights"] == "https://example.org/b"
        assert codes(reading) == [("license_id", "unknown-code"), ("resources[0].license", "unknown-code")]

    def test_properties_without_a_line_in_the_mapping_are_counted(self):
        _, ctx = read(turtle('<https://vir.example/1> a dcat:Dataset ; dct:mediator "x" ; dct:title "Z"@sl .'))
        assert [(item.code, item.params) for item in ctx.problems] == [
            ("unmapped-property", {"property": "http://purl.org/dc/terms/mediator", "count": 1})
        ]


class TestStructures:
    @pytest.mark.parametrize(
        ("written", "iso"),
        [
            ('"2024-05-08T04:11:24.309486"^^xsd:dateTime', "2024-05-08"),
            ('"2024-04-15T09:08:10+02:00"^^xsd:dateTime', "2024-04-15"),
            ('"2024-05-08"^^xsd:date', "2024-05-08"),
            ('"2024-05-08Z"^^xsd:date', "2024-05-08"),
            ('"8. 5. 2024"', "2024-05-08"),
            ('"2024"^^xsd:gYear', "2024-01-01"),
            ('"2024-05"^^xsd:gYearMonth', "2024-05-01"),
        ],
    )
    def test_dates(self, written, iso):
        assert one(f"dct:issued {written} ;").record.dataset["issued"] == iso

    def test_periods(self):
        reading = one('dct:temporal [ dcat:startDate "2020-01-01"^^xsd:date ; dcat:endDate "2020-12-31"^^xsd:date ] ;')
        assert reading.record.dataset["temporal_coverage"] == [{"start": "2020-01-01", "end": "2020-12-31"}]

    @pytest.mark.parametrize(
        ("written", "kind"),
        [
            ("POINT (14.35 46.24)", "Point"),
            ("POLYGON ((14 46, 15 46, 15 47, 14 46))", "Polygon"),
            ("MULTIPOLYGON (((14 46, 15 46, 15 47, 14 46)), ((14 46, 15 46, 15 47, 14 46)))", "MultiPolygon"),
            ("<http://www.opengis.net/def/crs/OGC/1.3/CRS84> POINT(14.35 46.24)", "Point"),
            ("ENVELOPE(14, 15, 47, 46)", "Polygon"),
            ('{\\"type\\": \\"Point\\", \\"coordinates\\": [14.35, 46.24]}', "Point"),
        ],
    )
    def test_geometries_become_geojson(self, written, kind):
        reading = one(f'dct:spatial [ dcat:bbox "{written}" ] ;')
        assert json.loads(reading.record.dataset["spatial_coverage"][0]["bbox"])["type"] == kind

    def test_contacts(self):
        reading = one(
            'dcat:contactPoint [ vcard:fn "Služba" ; vcard:hasEmail <mailto:sluzba@kranj.si> ;'
            " vcard:hasTelephone [ vcard:hasValue <tel:+38642373000> ] ] ;"
        )
        assert reading.record.dataset["contact"] == [
            {"name": "Služba", "email": "sluzba@kranj.si", "phone": "+38642373000"}
        ]

    @pytest.mark.parametrize(
        "publisher",
        [
            '[ foaf:name "Komunala Kranj d. o. o." ]',
            '[ dct:identifier "komunala-kranj" ]',
            "<https://podatki.kranj.si/organization/komunala-kranj>",
            '"Komunala Kranj d. o. o."',
        ],
    )
    def test_owners(self, publisher):
        owners = {"Komunala Kranj d. o. o.": "komunala-kranj"}
        assert one(f"dct:publisher {publisher} ;", owners=owners).record.dataset["owner_org"] == "komunala-kranj"

    def test_an_unknown_publisher_is_kept_as_maker(self):
        reading = one('dct:publisher [ foaf:name "Neznani urad" ; foaf:mbox <mailto:u@urad.si> ] ;')
        assert reading.record.dataset["creator"] == [{"name": "Neznani urad", "email": "u@urad.si"}]

    def test_access_services(self):
        reading = one(
            "",
            'dcat:accessService [ a dcat:DataService ; dct:title "Storitev"@sl ;'
            " dcat:endpointURL <https://x.si/wfs> ] ;",
        )
        assert reading.record.dataset["resources"][0]["access_services"] == [
            {"title": "Storitev", "endpoint_url": ["https://x.si/wfs"]}
        ]

    def test_the_system_goes_into_the_internal_block(self):
        assert one('kranj:system "SCADA" ;').record.internal == {"location": {"system": "SCADA"}}
