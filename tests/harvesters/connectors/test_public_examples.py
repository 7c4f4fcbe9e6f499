"""Formats of which no answer was recorded, after examples in public documentation and test data.

The files here were written for these tests; only their structure is taken over, from the sources named beside each.
What the records should be was written by reading the files.
"""

import json

import pytest

from harvesters import Context, connector_named
from harvesters.conformance import Answering
from harvesters.errors import EndlessPaging

pytestmark = pytest.mark.unit

U = "https://vir.example"
XML = "text/xml"


def read(name, answers, **settings):
    ctx = Context("vir", Answering(answers))
    return list(connector_named(name).of({"url": U, **settings}).records(ctx)), ctx


def body(value):
    return "application/json", json.dumps(value, ensure_ascii=False).encode()


class TestArso:
    # Structure of https://www.arso.gov.si/xml/vode/hidro_podatki_zadnji.xml, version 1.5, as cut from the live file in
    # the tests of a public reader of river gauges (August 2026): the attributes wgs84_*, values of a station that
    # measures nothing as empty elements. Version 1.3 (2020, test data of a public TYPO3 extension) has ge_*.
    WATER = """<?xml version="1.0" encoding="UTF-8"?>
<arsopodatki verzija="1.5"><vir>Agencija RS za okolje</vir><predlagan_zajem>5 minut &#x010D;ez polno uro ali pol ure
</predlagan_zajem><predlagan_zajem_perioda>30 min</predlagan_zajem_perioda>
<datum_priprave>2026-08-14 17:30</datum_priprave>
<postaja  sifra="4200"  wgs84_dolzina="14.3601"  wgs84_sirina="46.2402"  kota_0="351.00" ><reka>Kokra</reka>
<merilno_mesto>Kokra v Kranju</merilno_mesto><ime_kratko>Kokra - Kranj</ime_kratko><datum>2026-08-14 17:30</datum>
<datum_cet>2026-08-14 16:30</datum_cet><vodostaj>71</vodostaj><pretok>4.4</pretok><prvi_vv_pretok>60.0</prvi_vv_pretok>
<drugi_vv_pretok>90.0</drugi_vv_pretok><pretok_znacilni>mali pretok</pretok_znacilni>
<temp_vode>12.9</temp_vode></postaja>
<postaja  sifra="4230"  wgs84_dolzina="14.02"  wgs84_sirina="46.71"  kota_0="206.0" ><reka>Ro&#x010D;ica</reka>
<merilno_mesto>Zgornji kraj</merilno_mesto><datum>2026-08-14 17:30</datum><vodostaj/><pretok>0.001</pretok>
<temp_vode/></postaja>
<postaja  sifra="4240"  wgs84_dolzina="14.03"  wgs84_sirina="46.81"  kota_0="232.2" ><reka>Suha</reka>
<merilno_mesto>Suhi kraj</merilno_mesto><vodostaj/><pretok/><pretok_znacilni/><temp_vode/></postaja></arsopodatki>"""
    OLD = """<arsopodatki verzija="1.3"><postaja sifra="4200" ge_dolzina="14.36" ge_sirina="46.24" kota_0="351.0">
<reka>Kokra</reka><merilno_mesto>Kokra v Kranju</merilno_mesto><vodostaj>112</vodostaj></postaja></arsopodatki>"""
    # Structure of https://www.arso.gov.si/xml/zrak/ones_zrak_urni_podatki_zadnji.xml, from tests of a public client.
    AIR = """<?xml version="1.0" encoding="UTF-8"?><arsopodatki verzija="1.0">
<postaja sifra="E99" wgs84_dolzina="14.355" wgs84_sirina="46.238" nadm_visina="391"><merilno_mesto>Kranj</merilno_mesto>
<datum_od>2026-08-14 16:00</datum_od><datum_do>2026-08-14 17:00</datum_do><so2/><co/><o3>&lt;2</o3><no2>7</no2>
<pm10>16</pm10><pm2.5>9</pm2.5><benzen/></postaja></arsopodatki>"""
    # Structure of observationAms_si_latest.xml of meteo.arso.gov.si, from the tests of two public clients.
    WEATHER = """<?xml version="1.0" encoding="UTF-8"?><data>
<metData><domain_title>KRANJ</domain_title><domain_longTitle>Kranj, letališče</domain_longTitle>
<domain_meteosiId>KRANJ_</domain_meteosiId><domain_lat>46.21</domain_lat><domain_lon>14.47</domain_lon>
<domain_altitude>364</domain_altitude><t>22.4</t><rh>63</rh><msl></msl><rr_val>0</rr_val></metData>
<metData><domain_longTitle>Brez meritev</domain_longTitle><domain_meteosiId></domain_meteosiId></metData></data>"""

    def rows(self, text, **settings):
        (reading,), ctx = read("arso", {U: (XML, text.encode())}, **settings)
        assert ctx.completed
        return reading, [
            (row["place_name"], row["observed_property"], row["unit"])
            for row in reading.record.dataset.get("measurement", ())
        ]

    def test_water_names_what_is_measured_and_nothing_of_empty_elements(self):
        reading, rows = self.rows(self.WATER)
        assert rows == [
            ("Kokra v Kranju", "vodostaj", "cm"),
            ("Kokra v Kranju", "pretok", "m3/s"),
            ("Kokra v Kranju", "temperatura vode", "Cel"),
            ("Zgornji kraj", "pretok", "m3/s"),
        ]
        assert reading.guid == "arsopodatki"
        first = reading.record.dataset["measurement"][0]
        assert (first["lon"], first["lat"]) == (14.3601, 46.2402)
        assert "4.4" not in json.dumps(reading.record.dataset)

    def test_older_files_name_their_coordinates_otherwise(self):
        reading, rows = self.rows(self.OLD)
        assert rows == [("Kokra v Kranju", "vodostaj", "cm")]
        assert reading.record.dataset["measurement"][0]["lat"] == 46.24

    def test_air_below_the_limit_of_detection_is_measured(self):
        _, rows = self.rows(self.AIR)
        assert [quantity for _, quantity, _ in rows] == ["ozon", "dušikov dioksid", "delci PM10", "delci PM2,5"]

    def test_weather_stations_are_called_by_their_long_name(self):
        _, rows = self.rows(self.WEATHER)
        assert rows == [
            ("Kranj, letališče", "temperatura zraka", "Cel"),
            ("Kranj, letališče", "relativna vlažnost", "%"),
            ("Kranj, letališče", "padavine", "mm"),
        ]

    @pytest.mark.parametrize("name", ["4200", "Kokra v Kranju", "KOKRA V KRANJU"])
    def test_one_station_is_asked_for_by_code_or_name(self, name):
        _, rows = self.rows(self.WATER, stations=[name])
        assert {place for place, _, _ in rows} == {"Kokra v Kranju"}


class TestPxWeb:
    # Version 1: folders and tables of https://pxweb.stat.si/SiStatData/api/v1/sl/Data, variables {code, text, values,
    # valueTexts, elimination, time} and values 2025M03, 2025Q1 as public clients of SURS ask for.
    TABLE = {
        "title": "Prebivalstvo po občinah in mesecih",
        "variables": [
            {"code": "OBČINE", "text": "OBČINE", "values": ["0", "052"], "valueTexts": ["SLOVENIJA", "Kranj"]},
            {"code": "MESEC", "text": "MESEC", "values": ["2024M11", "2025M02"], "valueTexts": ["2024M11", "2025M02"],
             "time": True},
        ],
    }  # fmt: skip

    def test_version_1(self):
        answers = {
            U: body([{"id": "05C10.px", "type": "t", "text": "Prebivalstvo", "updated": "2026-07-15T10:30:00"}]),
            f"{U}/05C10.px": body(self.TABLE),
        }
        (reading,), ctx = read("pxweb", answers)
        made = reading.record
        assert ctx.completed
        assert reading.guid == "05C10.px"
        assert made.dataset["title_translated"]["sl"] == "Prebivalstvo po občinah in mesecih"
        assert made.dataset["modified"] == "2026-07-15"
        assert made.dataset["temporal_coverage"] == [{"start": "2024-11-01", "end": "2025-02-28"}]
        assert [column["name"] for column in next(iter(made.columns.values()))] == ["OBČINE", "MESEC"]
        assert "Kranj" not in json.dumps(made.dataset, ensure_ascii=False)

    @pytest.mark.parametrize(
        ("code", "values", "period"),
        [
            ("ČETRTLETJE", ["2024Q3", "2025Q1"], {"start": "2024-07-01", "end": "2025-03-31"}),
            ("Tid", ["2023K1", "2024K4"], {"start": "2023-01-01", "end": "2024-12-31"}),
            ("POLLETJE", ["2023H1", "2024H2"], {"start": "2023-01-01", "end": "2024-12-31"}),
            ("LETO", ["2011", "2025"], {"start": "2011-01-01", "end": "2025-12-31"}),
        ],
    )
    def test_quarters_half_years_and_years(self, code, values, period):
        table = {"title": "Tabela", "variables": [{"code": code, "text": code, "values": values}]}
        (reading,), _ = read("pxweb", {f"{U}/a.px": body(table)}, tables=["a.px"])
        assert reading.record.dataset["temporal_coverage"] == [period]

    # Version 2: github.com/PxTools/PxApiSpecs (PxAPI-2.yml): tables in pages, metadata in JSON-stat 2.0.
    METADATA = {
        "version": "2.0", "class": "dataset", "label": "Population by region and year",
        "updated": "2026-02-22T07:00:00Z",
        "role": {"time": ["Leto1"], "geo": ["Region"]}, "id": ["Region", "Leto1"], "size": [1, 3],
        "dimension": {
            "Region": {"label": "region", "category": {"index": {"0180": 0}, "label": {"0180": "Kranj"}}},
            "Leto1": {"label": "year", "category": {"index": {"2025": 2, "2023": 0, "2024": 1}}},
        },
    }  # fmt: skip

    def page(self, number, *names, last=2):
        tables = [{"type": "Table", "id": name, "label": name, "updated": "2026-02-22T07:00:00Z"} for name in names]
        paging = {"pageNumber": number, "pageSize": 2, "totalElements": 3, "totalPages": last, "links": []}
        return body({"language": "sl", "tables": tables, "page": paging})

    def test_version_2_reads_every_page(self):
        answers = {
            U: self.page(1, "TAB1", "TAB2"),
            f"{U}?pageNumber=2": self.page(2, "TAB3"),
            **{f"{U}/TAB{number}/metadata": body(self.METADATA) for number in (1, 2, 3)},
        }
        readings, ctx = read("pxweb", answers, default_language="en")
        assert ctx.completed
        assert [reading.guid for reading in readings] == ["TAB1", "TAB2", "TAB3"]
        made = readings[0].record.dataset
        assert made["title_translated"]["en"] == "Population by region and year"
        assert made["temporal_coverage"] == [{"start": "2023-01-01", "end": "2025-12-31"}]

    def test_pages_without_end_are_noticed(self):
        class Endless(Answering):
            def get(self, url, *, accept="*/*"):
                return Answering({url: outer.page(1, f"T{len(url)}", last=10**9)}).get(url)

        outer = self
        ctx = Context("vir", Endless({}))
        with pytest.raises(EndlessPaging):
            list(connector_named("pxweb").of({"url": U}).records(ctx))


class TestOpen311:
    # GeoReport v2 (wiki.open311.org/GeoReport_v2, GET Service List): XML is required of servers, JSON may be offered.
    SERVICES = """<?xml version="1.0" encoding="utf-8"?>
<services>
    <service>
        <service_code>001</service_code>
        <service_name>Zabojniki</service_name>
        <description>Zabojniki, ki po odvozu ostanejo na pločniku.</description>
        <metadata>true</metadata>
        <type>realtime</type>
        <keywords>odpadki, odvoz, pločnik</keywords>
        <group>odpadki</group>
    </service>
    <service>
        <service_code>002</service_code>
        <metadata>false</metadata>
        <type>batch</type>
        <keywords>luč</keywords>
        <group>razsvetljava</group>
        <service_name>Ugasnjena svetilka</service_name>
        <description/>
    </service>
</services>"""

    def check(self, reading, ending):
        made = reading.record.dataset
        assert [item["name_translated"]["sl"] for item in made["resources"]] == [
            "Prijave: Zabojniki",
            "Prijave: Ugasnjena svetilka",
        ]
        assert made["resources"][0]["url"] == f"{U}/requests.{ending}?service_code=001&jurisdiction_id=kranj.si"
        assert made["tags_translated"]["sl"] == ["odpadki", "odvoz", "pločnik", "luč"]
        users = reading.record.internal["users"]
        assert [(user["who"], user["purpose"]) for user in users] == [
            ("Komunala Kranj", "Odprava prijav: Zabojniki"),
            ("Vigred", "Odprava prijav: Ugasnjena svetilka"),
        ]

    def test_xml_and_json_give_the_same(self):
        operators = {"odpadki": "Komunala Kranj", "002": "Vigred"}
        answers = {f"{U}/services.xml?jurisdiction_id=kranj.si": (XML, self.SERVICES.encode())}
        (reading,), ctx = read("open311", answers, format="xml", jurisdiction="kranj.si", operators=operators)
        assert ctx.completed
        self.check(reading, "xml")
        services = [
            {"service_code": "001", "service_name": "Zabojniki", "keywords": "odpadki, odvoz, pločnik",
             "group": "odpadki", "metadata": True, "type": "realtime"},
            {"service_code": "002", "service_name": "Ugasnjena svetilka", "keywords": "luč", "group": "razsvetljava"},
        ]  # fmt: skip
        answers = {f"{U}/services.json?jurisdiction_id=kranj.si": body(services)}
        (reading,), _ = read("open311", answers, jurisdiction="kranj.si", operators=operators)
        self.check(reading, "json")

    def test_codes_that_are_numbers(self):
        answers = {f"{U}/services.json": body([{"service_code": 0, "service_name": "Drugo"}])}
        (reading,), _ = read("open311", answers)
        assert reading.record.dataset["resources"][0]["url"] == f"{U}/requests.json?service_code=0"
