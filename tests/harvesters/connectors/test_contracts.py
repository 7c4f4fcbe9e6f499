"""Every connector keeps the contract: a small working source of each kind, and then all that can happen to it."""

import io
import json
import zipfile

import pytest

from harvesters import Defaults, connector_named, installed_connectors
from harvesters.conformance import NetworkConnectorContract

pytestmark = pytest.mark.unit

ROOT = "https://vir.example"
JSON, XML = "application/json", "application/xml"


def text(value):
    return (JSON, json.dumps(value).encode())


def zipped(**files):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_txt", ".txt"), content)
    return made.getvalue()


WFS = b"""<?xml version="1.0"?><wfs:WFS_Capabilities version="2.0.0" xmlns:wfs="http://www.opengis.net/wfs/2.0"
 xmlns:ows="http://www.opengis.net/ows/1.1"><ows:ServiceIdentification><ows:Title>GIS</ows:Title><ows:Fees>NONE</ows:Fees>
 <ows:ServiceType>WFS</ows:ServiceType></ows:ServiceIdentification><ows:ServiceProvider><ows:ProviderName>Kranj
 </ows:ProviderName></ows:ServiceProvider><ows:OperationsMetadata><ows:Operation name="GetFeature"><ows:Parameter
 name="outputFormat"><ows:AllowedValues><ows:Value>application/json</ows:Value></ows:AllowedValues></ows:Parameter>
 </ows:Operation></ows:OperationsMetadata><wfs:FeatureTypeList><wfs:FeatureType><wfs:Name>k:parcele</wfs:Name>
 <wfs:Title>Parcele</wfs:Title><wfs:Abstract>Meje parcel.</wfs:Abstract><wfs:DefaultCRS>urn:ogc:def:crs:EPSG::3794
 </wfs:DefaultCRS><ows:WGS84BoundingBox><ows:LowerCorner>14.2 46.1</ows:LowerCorner><ows:UpperCorner>14.5 46.3
 </ows:UpperCorner></ows:WGS84BoundingBox></wfs:FeatureType></wfs:FeatureTypeList></wfs:WFS_Capabilities>"""
WMS = b"""<?xml version="1.0"?><WMS_Capabilities version="1.3.0" xmlns="http://www.opengis.net/wms"
 xmlns:xlink="http://www.w3.org/1999/xlink"><Service><Name>WMS</Name><Title>GIS</Title><AccessConstraints>NONE
 </AccessConstraints></Service><Capability><Request/><Exception/><Layer><Title>Vse</Title><Layer><Name>opn</Name>
 <Title>Namenska raba</Title><Abstract>OPN</Abstract><CRS>EPSG:3794</CRS></Layer></Layer></Capability></WMS_Capabilities>"""
ISO = """<gmd:MD_Metadata xmlns:gmd="http://www.isotc211.org/2005/gmd" xmlns:gco="http://www.isotc211.org/2005/gco">
 <gmd:fileIdentifier><gco:CharacterString>%s</gco:CharacterString></gmd:fileIdentifier><gmd:identificationInfo>
 <gmd:MD_DataIdentification><gmd:citation><gmd:CI_Citation><gmd:title><gco:CharacterString>Karta %s</gco:CharacterString>
 </gmd:title></gmd:CI_Citation></gmd:citation><gmd:abstract><gco:CharacterString>Opis karte.</gco:CharacterString>
 </gmd:abstract></gmd:MD_DataIdentification></gmd:identificationInfo></gmd:MD_Metadata>"""
CSW = (
    '<csw:GetRecordsResponse xmlns:csw="http://www.opengis.net/cat/csw/2.0.2"><csw:SearchResults nextRecord="0" '
    f'numberOfRecordsMatched="2" numberOfRecordsReturned="2">{ISO % ("a", "a")}{ISO % ("b", "b")}</csw:SearchResults>'
    "</csw:GetRecordsResponse>"
).encode()
DATEX = b"""<d2LogicalModel xmlns="http://datex2.eu/schema/2/2_0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <payloadPublication xsi:type="SituationPublication" lang="sl"><publicationTime>2026-11-01T10:00:00Z</publicationTime>
 <publicationCreator><country>si</country><nationalIdentifier>MOK</nationalIdentifier></publicationCreator><situation id="1">
 <headerInformation><confidentiality>noRestriction</confidentiality></headerInformation></situation></payloadPublication>
</d2LogicalModel>"""
ARSO = b"""<arsopodatki verzija="1.5"><postaja sifra="5060" wgs84_dolzina="14.35" wgs84_sirina="46.24"><reka>Kokra</reka>
 <merilno_mesto>Kokra Kranj</merilno_mesto><vodostaj>95</vodostaj><pretok>4.2</pretok></postaja></arsopodatki>"""
ICS = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//SL\r\nX-WR-CALNAME:Prireditve\r\nBEGIN:VEVENT\r\nUID:1\r\n" \
    b"DTSTART;VALUE=DATE:20261201\r\nSUMMARY:Koncert\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"  # fmt: skip
PACKAGE = {
    "id": "a1", "title": "Zbirka", "notes": "Opis", "state": "active", "type": "dataset", "tags": [{"name": "promet"}],
    "resources": [{"id": "r1", "name": "Tabela", "url": f"{ROOT}/a.csv", "format": "CSV"}],
}  # fmt: skip
CSW_URL = (
    f"{ROOT}/csw?service=CSW&version=2.0.2&request=GetRecords&resultType=results&elementSetName=full"
    "&typeNames=gmd%3AMD_Metadata&outputSchema=http%3A%2F%2Fwww.isotc211.org%2F2005%2Fgmd&startPosition=1&maxRecords=50"
)
THINGS = (
    f"{ROOT}/v1.1/Things?%24expand=Locations%2CDatastreams%28%24expand%3DSensor%2CObservedProperty%29&%24orderby=id+asc"
)

SOURCES = {
    "ckan": ({"url": ROOT}, {
        f"{ROOT}/api/3/action/package_search?rows=100&start=0&sort=id+asc":
            text({"success": True, "result": {"count": 1, "results": [PACKAGE]}})}),
    "ckan-rest": ({"url": ROOT, "api": "rest"}, {
        f"{ROOT}/api/2/search/dataset?q=&offset=0&limit=100": text({"count": 1, "results": ["a1"]}),
        f"{ROOT}/api/2/rest/dataset/a1": text(PACKAGE | {"tags": ["promet"], "extras": {"frequency": "DAILY"}})}),
    "csw": ({"url": f"{ROOT}/csw"}, {CSW_URL: (XML, CSW)}),
    "wfs": ({"url": f"{ROOT}/wfs"}, {f"{ROOT}/wfs?service=WFS&request=GetCapabilities&version=2.0.0": (XML, WFS)}),
    "wms": ({"url": f"{ROOT}/wms"}, {f"{ROOT}/wms?service=WMS&request=GetCapabilities&version=1.3.0": (XML, WMS)}),
    "ogcapi": ({"url": ROOT}, {
        f"{ROOT}/collections?f=json": text({"collections": [
            {"id": "ulice", "title": "Ulice", "description": "Osi ulic.",
             "extent": {"spatial": {"bbox": [[14.2, 46.1, 14.5, 46.3]]}, "temporal": {"interval": [["2020-01-01", None]]}}},
            {"id": "zapisi", "itemType": "record"}]}),
        f"{ROOT}/collections/zapisi/items": text({"features": [
            {"id": "z1", "properties": {"title": "Zapis", "description": "Opis"},
             "links": [{"rel": "enclosure", "href": f"{ROOT}/z1.csv", "type": "text/csv"}]}]})}),
    "arcgis": ({"url": f"{ROOT}/rest/services"}, {
        f"{ROOT}/rest/services?f=json": text({"folders": ["mesto"], "services": []}),
        f"{ROOT}/rest/services/mesto?f=json": text({"services": [{"name": "mesto/ceste", "type": "MapServer"}]}),
        f"{ROOT}/rest/services/mesto/ceste/MapServer?f=json": text({"serviceDescription": "Ceste", "layers": [{"id": 0}]}),
        f"{ROOT}/rest/services/mesto/ceste/MapServer/0?f=json": text(
            {"id": 0, "name": "Osi cest", "geometryType": "esriGeometryPolyline",
             "fields": [{"name": "IME", "type": "esriFieldTypeString", "alias": "Ime ceste"}]})}),
    "open311": ({"url": ROOT, "operators": {"luci": "Vigred"}}, {
        f"{ROOT}/services.json": text([{"service_code": "luci", "service_name": "Javna razsvetljava"},
                                       {"service_code": "ceste", "service_name": "Ceste"}])}),
    "ical": ({"url": f"{ROOT}/a.ics"}, {f"{ROOT}/a.ics": ("text/calendar", ICS)}),
    "schemaorg": ({"url": f"{ROOT}/a"}, {f"{ROOT}/a": text({"@graph": [
        {"@type": "WebSite", "name": "Visit Kranj"}, {"@type": "Hotel", "name": "Hotel"},
        {"@type": "Dataset", "@id": "urn:a", "name": "Obiski", "distribution": {"contentUrl": "/a.csv", "encodingFormat": "text/csv"}}]})}),
    "gtfs": ({"url": f"{ROOT}/a.zip", "realtime": {"alerts": f"{ROOT}/alerts"}}, {f"{ROOT}/a.zip": ("application/zip", zipped(
        agency_txt="agency_id,agency_name,agency_url\n1,Arriva,https://arriva.example\n", stops_txt="stop_id,stop_name\n1,A\n",
        routes_txt="route_id\n1\n", trips_txt="trip_id,route_id\n1,1\n", calendar_txt="service_id,start_date,end_date\n1,20260101,20261231\n"))}),
    "datex2": ({"url": f"{ROOT}/a.xml"}, {f"{ROOT}/a.xml": (XML, DATEX)}),
    "datex2-json": ({"url": f"{ROOT}/a.json"}, {f"{ROOT}/a.json": text(
        {"payload": {"situationPublication": {"publicationTime": "2026-11-01T10:00:00Z", "lang": "sl"}}})}),
    "promet": ({"url": ROOT, "feeds": ["b2b.roadworks.geojson.sl_SI"]}, {
        f"{ROOT}/b2b.roadworks.geojson.sl_SI": text({"type": "FeatureCollection", "features": [{"properties": {"cesta": "R1"}}]})}),
    "parking": ({"url": f"{ROOT}/a"}, {f"{ROOT}/a": text({"lots": [{"id": 1, "name": "Huje", "free": 3}]})}),
    "parking-csv": ({"url": f"{ROOT}/a"}, {f"{ROOT}/a": ("text/csv", b"ime;mesta\nHuje;120\n")}),
    "sensorthings": ({"url": f"{ROOT}/v1.1"}, {THINGS: text({"value": [
        {"@iot.id": 7, "name": "Postaja Planina", "description": "Kakovost zraka", "Locations": [
            {"name": "Planina", "location": {"type": "Point", "coordinates": [14.36, 46.23]}}],
         "Datastreams": [{"@iot.id": 1, "name": "PM10", "unitOfMeasurement": {"symbol": "ug/m3"}, "ObservedProperty": {"name": "PM10"}}]}]})}),
    "ngsild": ({"url": ROOT}, {
        f"{ROOT}/ngsi-ld/v1/types": text({"typeList": ["Streetlight"]}),
        f"{ROOT}/ngsi-ld/v1/entities?type=Streetlight&limit=1": text([{"id": "urn:1", "type": "Streetlight", "powerState": {"type": "Property", "value": "on"}}])}),
    "arso": ({"url": f"{ROOT}/a.xml"}, {f"{ROOT}/a.xml": (XML, ARSO)}),
    "pxweb": ({"url": f"{ROOT}/Data"}, {
        f"{ROOT}/Data": text([{"id": "05", "type": "l"}]),
        f"{ROOT}/Data/05": text([{"id": "05C4002S.px", "type": "t", "text": "Prebivalstvo", "updated": "2026-01-02T10:00:00"}]),
        f"{ROOT}/Data/05/05C4002S.px": text({"title": "Prebivalstvo po občinah", "variables": [
            {"code": "LETO", "text": "leto", "values": ["2020", "2025"]}]})}),
    "pxweb-2": ({"url": f"{ROOT}/tables"}, {
        f"{ROOT}/tables": text({"tables": [{"id": "T1", "updated": "2026-01-02"}]}),
        f"{ROOT}/tables/T1/metadata": text({"label": "Prebivalstvo", "dimension": {
            "LETO": {"label": "leto", "category": {"index": {"2020": 0, "2025": 1}}}}})}),
    "openapi": ({"url": f"{ROOT}/a.yaml"}, {f"{ROOT}/a.yaml": ("application/yaml",
        b"openapi: 3.1.0\ninfo: {title: Poraba, version: '1'}\nservers: [{url: /v1}]\npaths: {/poraba: {}}\n")}),
    "mapping": ({"url": ROOT, "files": [
        {"guid": "predlogi", "path": "predlogi.json", "rows": "items", "expects": ["id"], "says": {"title_translated": {"sl": "Predlogi"}}},
        {"guid": "obiski", "path": "obiski.csv", "format": "CSV", "expects": ["ura", "stevilo"]}]}, {
        f"{ROOT}/predlogi.json": text({"items": [{"id": 1, "naslov": "Klop"}]}),
        f"{ROOT}/obiski.csv": ("text/csv", b"ura,stevilo\n8,14\n")}),
}  # fmt: skip


@pytest.fixture(params=SOURCES)
def case(request):
    return request.param, *SOURCES[request.param]


class TestEvery(NetworkConnectorContract):
    defaults = Defaults({"title_translated": {"sl": "Zbirka vira"}})

    @pytest.fixture
    def connector(self, case):
        return connector_named(case[0].partition("-")[0]).of(case[1])

    @pytest.fixture
    def answers(self, case):
        return case[2]


def test_every_installed_connector_is_under_the_contract():
    elsewhere = {"dcat", "gbfs", "memory", "sql", "folder"}
    assert {name.partition("-")[0] for name in SOURCES} | elsewhere >= set(installed_connectors())
