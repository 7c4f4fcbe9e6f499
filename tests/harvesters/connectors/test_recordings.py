"""Recorded real answers: each gives the records that a reader of the file expects, and nothing that is not in the file.

What is expected here was read from the files with the eye, not written down from a run. The recordings are not in the
repository: ``KRANJ_CORPUS`` names their folder. ``-s -k table`` prints connector, recording, records, drafts, problems.
"""

import html
import io
import json
import re
import zipfile
from collections import Counter
from datetime import date

import pytest

from harvesters import Context, Defaults, connector_named
from harvesters.conformance import Answering
from harvesters.errors import SourceUnavailable
from harvesters.plan import judge

pytestmark = pytest.mark.unit

U = "https://vir.example"
PRESET = Defaults(
    {
        "title_translated": {"sl": "Zbirka vira"},
        "owner_org": "mestna-obcina-kranj",
        "secrecy": "javno",
        "visibility": "internal",
        "owner_status": "potrjen",
        "access_method": "download",
        "frequency": "UNKNOWN",
        "retention_kind": "T",
        "accuracy": "Ni znana.",
        "content_area": ["mestna-obcina"],
        "contact": [{"name": "Podatkovna pisarna", "email": "podatki@kranj.si"}],
    },
    {"location": {"system": "Posnetek"}},
)
"""What every preset supplies; a record that still is a draft lacks something that its source should say."""
FULL = "xx-some-dataset-id-yy"


def at(url):
    return lambda content: {url: content}


def gtfs(content):
    return {f"{U}/a.zip": content}


def in_search(content):
    found = json.loads(content)
    answer = {"success": True, "result": {"count": 1, "results": [found]}}
    return {f"{U}/api/3/action/package_search?rows=100&start=0&sort=id+asc": json.dumps(answer).encode()}


def entity(kind):
    address = f"{U}/ngsi-ld/v1/entities?type={kind}&limit=1"
    return lambda content: {address: b"[" + content + b"]"}


THINGS = (
    f"{U}/v1.1/Things?%24expand=Locations%2CDatastreams%28%24expand%3DSensor%2CObservedProperty%29&%24orderby=id+asc"
)
CSW = (
    f"{U}/csw?service=CSW&version=2.0.2&request=GetRecords&resultType=results&elementSetName=full"
    "&typeNames=gmd%3AMD_Metadata&outputSchema=http%3A%2F%2Fwww.isotc211.org%2F2005%2Fgmd&startPosition=1&maxRecords=50"
)


def as_recorded(content):
    return {THINGS: b'{"value": [' + content + b"]}"}


def with_ids(content):
    found = json.loads(content)
    found["@iot.id"] = 1
    for number, stream in enumerate(found["Datastreams"], 1):
        stream["@iot.id"] = number
    return {THINGS: json.dumps({"value": [found]}).encode()}


# recording, connector, settings, how it is served, records, rejected, problems of the readings
ROWS = [
    ("arcgis/carson-metadata.json", "arcgis", {"url": f"{U}/rest/services/a/MapServer/1"},
     at(f"{U}/rest/services/a/MapServer/1?f=json"), 1, 0, {"not-translated": 0}),
    ("arcgis/carson-0.json", "arcgis", {"url": f"{U}/rest/services/a"}, at(f"{U}/rest/services/a?f=json"), "unreadable", 0, {}),
    ("arcgis/carson-count-only.json", "arcgis", {"url": f"{U}/rest/services/a"}, at(f"{U}/rest/services/a?f=json"), "unreadable", 0, {}),
    # Unknown here: three themes of example.org, Catalan, the publisher. It is all in English.
    ("ckan/full_dataset.json", "ckan", {"url": U, "default_language": "en"}, in_search, 1, 0,
     {"unknown-code": 4, "unknown-owner": 1, "not-translated": 5}),
    ("datex2/roadwork_lane_closed.xml", "datex2", {"url": f"{U}/a.xml"}, at(f"{U}/a.xml"), 1, 0, {"source-restricts": 1}),
    ("datex2/situation_v35.xml", "datex2", {"url": f"{U}/a.xml"}, at(f"{U}/a.xml"), 1, 0, {"source-restricts": 1}),
    ("parking/aachen-static.xml", "datex2", {"url": f"{U}/a.xml"}, at(f"{U}/a.xml"), 1, 0, {}),
    ("parking/aachen-realtime.xml", "datex2", {"url": f"{U}/a.xml"}, at(f"{U}/a.xml"), 1, 0, {}),
    ("gtfs", "gtfs", {"url": f"{U}/a.zip"}, gtfs, 1, 0, {}),
    ("gurs/NA.csv", "mapping", {"url": U, "files": [{"guid": "NA", "path": "NA.csv", "format": "CSV", "expects": ["NA_MID", "NA_UIME"]}]},
     at(f"{U}/NA.csv"), 1, 0, {}),
    ("gurs/OB.csv", "mapping", {"url": U, "files": [{"guid": "OB", "path": "OB.csv", "format": "CSV", "expects": ["OB_MID", "OB_UIME"]}]},
     at(f"{U}/OB.csv"), 1, 0, {}),
    ("ical/example.ics", "ical", {"url": f"{U}/a.ics", "default_language": "en"}, at(f"{U}/a.ics"), 1, 0, {"not-translated": 1}),
    ("ical/unicode.ics", "ical", {"url": f"{U}/a.ics", "default_language": "de"}, at(f"{U}/a.ics"), 1, 0, {"not-translated": 2}),
    ("ical/broken.ics", "ical", {"url": f"{U}/a.ics"}, at(f"{U}/a.ics"), "unreadable", 0, {}),
    ("ngsi-ld/air_quality_observed.jsonld", "ngsild", {"url": U, "types": ["AirQualityObserved"]}, entity("AirQualityObserved"), 1, 0, {}),
    ("ngsi-ld/off_street_parking.jsonld", "ngsild", {"url": U, "types": ["OffStreetParking"]}, entity("OffStreetParking"), 1, 0, {}),
    # Two records of 216; the page of the others was not recorded.
    ("ogc/csw_inspire_getrecords.xml", "csw", {"url": f"{U}/csw"}, at(CSW), 2, 0, {"unknown-owner": 2}),
    ("ogc/iso19139_record.xml", "csw", {"url": f"{U}/a.xml"}, at(f"{U}/a.xml"), 1, 0, {"unknown-owner": 1, "not-translated": 3}),
    ("ogc/wfs_koeln_capabilities_200.xml", "wfs", {"url": f"{U}/wfs", "default_language": "de"},
     at(f"{U}/wfs?service=WFS&request=GetCapabilities&version=2.0.0"), 86, 0, {"not-translated": 86}),
    ("ogc/wms_datageo_capabilities_130.xml", "wms", {"url": f"{U}/wms"},
     at(f"{U}/wms?service=WMS&request=GetCapabilities&version=1.3.0"), 1, 0, {}),
    ("open311/georeport_v2-1.yaml", "openapi", {"url": f"{U}/a.yaml", "default_language": "en"}, at(f"{U}/a.yaml"), 1, 0,
     {"not-translated": 2, "unknown-code": 1}),
    ("open311/servers.json", "open311", {"url": U}, at(f"{U}/services.json"), "unreadable", 0, {}),
    ("parking/bielefeld.csv", "parking", {"url": f"{U}/a"}, at(f"{U}/a"), 1, 0, {}),
    ("parking/ellwangen.xlsx", "parking", {"url": f"{U}/a"}, at(f"{U}/a"), 1, 0, {}),
    ("parking/freiburg.json", "parking", {"url": f"{U}/a"}, at(f"{U}/a"), 1, 0, {}),
    ("promet/parkirisca.xml", "parking", {"url": f"{U}/a"}, at(f"{U}/a"), 1, 0, {}),
    ("promet/structure.json", "promet", {"url": f"{U}/a"}, at(f"{U}/a"), 4, 0, {}),
    ("promet/events_invalid_json.json", "promet", {"url": f"{U}/a"}, at(f"{U}/a"), "unreadable", 0, {}),
    ("pxweb/api.json", "pxweb", {"url": f"{U}/a"}, at(f"{U}/a"), "unreadable", 0, {}),
    ("pxweb/query_example.json", "pxweb", {"url": f"{U}/a"}, at(f"{U}/a"), "unreadable", 0, {}),
    # What a client sends to a server has no identifiers yet; the server gives them.
    ("sensorthings/entities.json", "sensorthings", {"url": f"{U}/v1.1"}, as_recorded, 0, 1, {}),
    ("sensorthings/entities.json", "sensorthings", {"url": f"{U}/v1.1", "default_language": "en"}, with_ids, 1, 0, {"not-translated": 2}),
]  # fmt: skip


def content_of(corpus, name):
    if (corpus / name).is_file():
        return (corpus / name).read_bytes()
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for file in sorted((corpus / name).iterdir()):
            archive.write(file, file.name)
    return made.getvalue()


def read(corpus, row):
    name, kind, settings, serve, *_ = row
    served = serve(content_of(corpus, name))
    reader = connector_named(kind).of(settings)
    ctx = Context("vir", Answering({address: ("", body) for address, body in served.items()}))
    readings, failure = [], None
    try:
        readings.extend(reader.records(ctx))
    except SourceUnavailable as error:
        failure = error
    return readings, ctx, failure


def row_of(name, number=0):
    return [row for row in ROWS if row[0] == name][number]


@pytest.fixture
def one(corpus):
    """A function: the dataset, internal block and problems of the only record of a recording."""

    def find(name, number=0):
        ((reading),) = read(corpus, row_of(name, number))[0]
        return reading

    return find


@pytest.mark.parametrize("row", ROWS, ids=[f"{row[1]}-{row[0]}-{number}" for number, row in enumerate(ROWS)])
class TestEach:
    def test_it_gives_as_many_records_as_a_reader_counts(self, corpus, row):
        readings, _ctx, failure = read(corpus, row)
        if row[4] == "unreadable":
            assert failure is not None
            assert failure.code in {"unreadable", "source-error"}
            assert readings == []
            return
        assert sum(reading.record is not None for reading in readings) == row[4]
        assert sum(reading.record is None for reading in readings) == row[5]
        assert failure is None or row[0] == "ogc/csw_inspire_getrecords.xml"

    def test_what_could_not_be_used_is_reported(self, corpus, row):
        readings, _ctx, _ = read(corpus, row)
        found = Counter(problem.code for reading in readings if reading.record for problem in reading.problems)
        for code, count in row[6].items():
            assert found[code] == count, found
        assert set(found) <= {code for code, count in row[6].items() if count} | {"not-translated"}, found

    def test_every_word_of_a_record_stands_in_the_recording(self, corpus, row):
        readings, _ctx, _ = read(corpus, row)
        said = words(content_of(corpus, row[0]))
        for reading in readings:
            if reading.record:
                for path, text in leaves(reading.record.dataset):
                    assert vouched(path, text, said), (path, text)

    def test_no_record_carries_a_value_of_a_cell(self, corpus, row):
        """Values that are in the data, not in their description."""
        for reading in read(corpus, row)[0]:
            if reading.record:
                written = json.dumps(reading.record.dataset, ensure_ascii=False)
                for value in (
                    "GH Kozolec",
                    "Zur Unterführung",
                    "Ajdovščina",
                    "Eurogress",
                    "Stagecoach",
                    "Parque de estac",
                ):
                    assert value not in written

    def test_it_can_be_stored(self, corpus, row):
        for reading in read(corpus, row)[0]:
            if reading.record:
                judge(reading, PRESET, version=1, first_seen=date(2026, 1, 1))


OURS = re.compile(
    r"(: |\b)(vozni redi|timetables|Parkirišča izven cestišča|storitev WFS|WFS service|Dogodki in zapore na cestah|Road events and closures|Parkirišča|Car parks"
    r"|Zasedenost parkirišč|Occupancy of car parks|Dogodki v prometu|Traffic events|Izbrani dogodki v prometu"
    r"|Selected traffic events|Prometno poročilo|Traffic report|Potovalni časi|Travel times|Kakovost zraka|Air quality"
    r"|Off-street parking|Brezplačno|Free of charge|Ni omejitev|None)\b"
)
"""Words of the connectors: what they call a kind of publication, and the terms NONE."""
CHECKED = ("title_translated", "notes_translated", "tags_translated", "contact", "creator", "provenance", "version")


def words(content):
    if content[:2] == b"PK":
        return ""
    try:
        text = (
            json.dumps(json.loads(content), ensure_ascii=False)
            .replace("\\r", " ")
            .replace("\\n", " ")
            .replace('\\"', '"')
        )
    except ValueError:
        text = html.unescape(content.decode("utf-8", "replace"))
    return " ".join(text.split())


def leaves(value, path=""):
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item, path)
    elif isinstance(value, str):
        yield path, value


def vouched(path, text, said):
    if not said or path.partition(".")[0] not in CHECKED or path.startswith("tags_translated.en") and text in said:
        return True
    rest = " ".join(OURS.sub("", text).split())
    # DATEX II: country and identifier stand in two elements; the country code is written in capitals.
    pieces = re.findall(r"[^\s()]+", rest) if "(" in text or len(rest.split()) == 2 else [rest]
    return rest in said or all(piece in said or piece.lower() in said for piece in pieces)


class TestFacts:
    def test_arcgis_layer(self, one):
        made = one("arcgis/carson-metadata.json").record
        assert made.dataset["title_translated"] == {"sl": "Address Points"}
        assert "notes_translated" not in made.dataset
        assert (made.dataset["crs"], made.dataset["dataset_kind"]) == ("EPSG:2229", "prostorski-sloj")
        columns = made.dataset["resources"][0]["description_translated"]["sl"]
        assert columns.startswith("Stolpci: OBJECTID (oid); Shape (geometry); SITENUMBER (string); SITEFRAC (string)")
        assert columns.count(";") == 18

    def test_ckan_package(self, one):
        reading = one("ckan/full_dataset.json")
        made = reading.record.dataset
        assert reading.guid == FULL
        assert made["title_translated"] == {"sl": "Test DCAT dataset", "en": "Test DCAT dataset"}
        assert made["notes_translated"]["en"] == "Lorem ipsum"
        assert made["tags_translated"]["en"] == ["Tag 1", "Tag 2"]
        assert (made["issued"], made["modified"], made["frequency"]) == ("2024-05-01", "2024-05-05", "MONTHLY")
        assert (made["version"], made["temporal_resolution"], made["spatial_resolution_in_meters"]) == (
            "1.0b",
            "PT15M",
            1.5,
        )
        assert made["temporal_coverage"] == [{"start": "1905-03-01", "end": "2013-01-05"}]
        assert [item["email"] for item in made["contact"]] == ["contact1@example.org", "contact2@example.org"]
        assert [item["name"] for item in made["creator"]] == ["Test Publisher", "Test Creator"]
        assert {"ENG", "SPA"} <= set(made["language"])
        assert made["spatial_coverage"][0]["text"] == "Tarragona"
        assert made["secrecy"] == "javno"
        (resource,) = made["resources"]
        assert (resource["format"], resource["size"], resource["license"]) == ("CSV", 12323, "CC_BYNC_4_0")
        assert resource["hash"] == "4304cf2e751e6053c90b1804c89c0ebb758f395a"
        assert resource["access_services"][0]["endpoint_url"][1] == "https://example.org/access_service/2"

    @pytest.mark.parametrize(
        ("name", "title", "day", "secrecy"),
        [
            (
                "datex2/roadwork_lane_closed.xml",
                "Dogodki in zapore na cestah (FI FTA)",
                "2024-09-12",
                "interno-poslovno",
            ),
            ("datex2/situation_v35.xml", "Dogodki in zapore na cestah (FI FTA)", "2025-11-27", "interno-poslovno"),
            ("parking/aachen-static.xml", "Parkirišča (DE DE-MDM-Aachen)", "2024-11-15", None),
            ("parking/aachen-realtime.xml", "Zasedenost parkirišč (DE DE-MDM-Aachen)", "2025-02-07", None),
        ],
    )
    def test_datex(self, one, name, title, day, secrecy):
        made = one(name).record.dataset
        assert (made["title_translated"]["sl"], made["modified"], made.get("secrecy")) == (title, day, secrecy)

    def test_gtfs(self, one):
        made = one("gtfs").record.dataset
        assert made["title_translated"]["sl"] == "Autorité de passage de démonstration: vozni redi"
        assert made["temporal_coverage"] == [{"start": "2007-01-01", "end": "2025-12-31"}]
        assert made["url"] == "http://google.com"

    @pytest.mark.parametrize(("name", "columns"), [("gurs/NA.csv", "ENOTA; NA_MID; NA_ID; NA_UIME; NA_DJ; OB_MID; POV_KM2; D_OD; DV_OD; STATUS; CEN_E; CEN_N"),
                                                   ("gurs/OB.csv", "ENOTA; OB_MID; OB_ID; OB_UIME; OB_TIP; POV_KM2; D_OD; DV_OD; STATUS; CEN_E; CEN_N")])  # fmt: skip
    def test_registers_of_places(self, one, name, columns):
        (resource,) = one(name).record.dataset["resources"]
        assert resource["description_translated"]["sl"] == f"Stolpci: {columns}."
        assert (resource["format"], resource["delimiter"], resource["encoding"]) == ("CSV", ",", "UTF-8")

    def test_calendars(self, one):
        made = one("ical/example.ics").record.dataset
        assert made["title_translated"]["en"] == "Holidays"
        assert made["temporal_coverage"] == [{"start": "2022-01-01", "end": "2022-03-08"}]
        made = one("ical/unicode.ics").record.dataset
        assert made["title_translated"]["de"] == "äöü ÄÖÜ €"
        assert made["notes_translated"]["de"] == "test non ascii: äöü ÄÖÜ €"
        assert made["alternate_identifier"] == ["12345"]
        assert "temporal_coverage" not in made

    def test_context_brokers(self, one):
        made = one("ngsi-ld/air_quality_observed.jsonld").record.dataset
        assert (made["title_translated"]["sl"], made["dataset_kind"]) == ("Kakovost zraka", "senzor")
        assert [row["observed_property"] for row in made["measurement"]] == [
            "co", "no", "no2", "nox", "so2", "airQualityIndex", "precipitation", "relativeHumidity", "reliability",
            "temperature", "windDirection", "windSpeed", "pm4", "tpc", "tsp", "pressure", "charge",
        ]  # fmt: skip
        assert made["measurement"][0]["unit"] == "GP"
        made = one("ngsi-ld/off_street_parking.jsonld").record.dataset
        assert (made["title_translated"]["en"], made["dataset_kind"]) == ("Off-street parking", "tabela")
        assert "availableSpotNumber" in made["resources"][0]["description_translated"]["sl"]

    def test_catalogues_of_spatial_data(self, corpus):
        readings, ctx, failure = read(corpus, row_of("ogc/csw_inspire_getrecords.xml"))
        assert [reading.guid for reading in readings] == [
            "8dad9c98-0512-4845-a2bf-3ace1c93df6f", "eeae2de7-0a09-4b69-b7a0-0b6b20903fd5",
        ]  # fmt: skip
        assert [list(reading.record.dataset["title_translated"].values())[-1] for reading in readings] == [
            "SUVIM station network WMS", "CSW Suchdienst der ZAMG",
        ]  # fmt: skip
        assert failure.code == "bad-status"
        assert not ctx.completed

    def test_iso_record(self, one):
        made = one("ogc/iso19139_record.xml").record.dataset
        assert made["title_translated"]["en"] == "ALLSPECIES"
        assert made["notes_translated"]["en"].startswith("272 Categorized Initiatives")
        assert (made["issued"], made["language"]) == ("2009-09-03", ["ENG"])
        assert made["contact"] == [
            {"name": "Environment Canada", "email": "Marlene.Doyle@ec.gc.ca", "phone": "+01-905-336-4453"}
        ]

    def test_layers(self, corpus, one):
        readings, ctx, _ = read(corpus, row_of("ogc/wfs_koeln_capabilities_200.xml"))
        made = readings[0].record.dataset
        assert ctx.completed
        assert made["title_translated"] == {"sl": "Altstadt_Nord", "de": "Altstadt_Nord"}
        assert (made["crs"], "notes_translated" in made) == ("EPSG:25832", False)
        assert made["contact"][0]["email"] == "statistik-rbs@stadt-koeln.de"
        assert [item["format"] for item in made["resources"]] == ["WFS_SRVC", "GEOJSON"]
        made = one("ogc/wms_datageo_capabilities_130.xml").record.dataset
        assert made["title_translated"]["sl"].startswith("IPT - Mapa de áreas de alto e muito alto risco")
        assert made["contact"][0]["email"] == "labgeo@ipt.br"
        assert (made["crs"], made["charging_terms_translated"]["sl"]) == ("EPSG:4674", "Brezplačno")
        assert json.loads(made["spatial_coverage"][0]["bbox"])["coordinates"][0][0] == [-46.981373, -23.102699]

    def test_interface(self, one):
        made = one("open311/georeport_v2-1.yaml").record.dataset
        assert made["title_translated"]["en"] == "Open311 GeoReport API"
        assert made["contact"] == [{"name": "Open311 community", "email": "discuss@lists.open311.org"}]
        assert "/services.{response_format}" in made["resources"][0]["description_translated"]["en"]
        assert "access_services" not in made["resources"][0]

    def test_car_parks(self, one):
        made = one("parking/bielefeld.csv").record.dataset["resources"][0]
        assert (made["format"], made["delimiter"], made["description_translated"]["sl"].count(";")) == ("CSV", ";", 22)
        made = one("parking/freiburg.json").record.dataset
        assert (made["crs"], made["resources"][0]["format"], "spatial_coverage" in made) == (
            "EPSG:25832",
            "GEOJSON",
            False,
        )
        made = one("parking/ellwangen.xlsx").record.dataset["resources"]
        assert [item["name_translated"]["sl"] for item in made] == ["Parkirišča (Daten)"]
        assert made[0]["description_translated"]["sl"].startswith("Stolpci: ID; Name; Art der Anlage; Betreiber Name")
        made = one("promet/parkirisca.xml").record.dataset["resources"][0]
        assert made["description_translated"]["sl"].startswith("Stolpci: A_St_Mest; Cena_dan_Eur; Cena_mesecna_Eur")

    def test_traffic_of_the_national_access_point(self, corpus):
        readings, ctx, _ = read(corpus, row_of("promet/structure.json"))
        assert [reading.guid for reading in readings] == ["dogodki", "porocilo", "potovalnicasi", "dogodki_a"]
        assert ctx.completed

    def test_sensors(self, one):
        made = one("sensorthings/entities.json", 1).record.dataset
        assert made["title_translated"]["en"] == "thing name 1"
        assert [(row["observed_property"], row["unit"]) for row in made["measurement"]] == [
            ("Luminous Flux", "lm"), ("Tempretaure", "C"),
        ]  # fmt: skip
        assert json.loads(made["spatial_coverage"][0]["centroid"])["coordinates"] == [-117.05, 51.05]


def test_table(corpus):
    """Print the account of all recordings."""
    print()
    print("| connector | recording | records | drafts | rejected or why not | problems of the readings |")
    print("|---|---|---|---|---|---|")
    for row in ROWS:
        readings, _ctx, failure = read(corpus, row)
        records = [reading for reading in readings if reading.record]
        judged = [judge(item, PRESET, version=1, first_seen=date(2026, 1, 1)) for item in records]
        codes = Counter(problem.code for reading in readings for problem in reading.problems)
        counted = ", ".join(f"{code} {count}" for code, count in sorted(codes.items()))
        why = failure.code if failure else sum(reading.record is None for reading in readings)
        print(f"| {row[1]} | {row[0]} | {len(records)} | {sum(item.draft for item in judged)} | {why} | {counted} |")
    assert sum(row[4] for row in ROWS if row[4] != "unreadable") == 113
