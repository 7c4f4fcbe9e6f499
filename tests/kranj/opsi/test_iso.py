"""Spatial layers as records of ISO 19139: read back by OWSLib and by our own connector, poison included."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from lxml import etree
from owslib.iso import MD_Metadata

import ckan.plugins.toolkit as tk

from ckanext.kranj.opsi import iso

from harvesters.connector import Context
from harvesters.connectors.csw import Csw, CswSettings
from harvesters.http import Session
from schemas import vocabulary

LAYER: dict[str, Any] = json.loads((Path(__file__).parents[2] / "data/spatial_layer.json").read_text(encoding="utf-8"))
NOW = datetime(2026, 11, 27, tzinfo=UTC)


def read(body: bytes) -> Any:
    """What OWSLib makes of a record."""
    return MD_Metadata(etree.fromstring(body))  # noqa: S320 - our own bytes


@pytest.mark.unit
class TestRecord:
    def test_owslib_reads_it_back(self) -> None:
        found = read(iso.single(LAYER))
        about = found.identification[0]
        assert (found.identifier, found.languagecode, found.hierarchy) == (LAYER["id"], "slv", "dataset")
        assert (about.title, about.abstract) == ("Parkirišča & garaže", "Obrisi <javnih> parkirišč.")
        assert {(date.type, date.date) for date in about.date} == {
            ("publication", "2024-05-01"),
            ("revision", "2026-01-15"),
        }
        assert [word.name for group in about.keywords for word in group.keywords] == ["parkiranje", "promet"]
        assert about.topiccategory == ["transportation"]
        box = about.extent.boundingBox
        assert [float(one) for one in (box.minx, box.miny, box.maxx, box.maxy)] == [14.2, 46.1, 14.6, 46.4]
        assert about.temporalextent_start == "2024-01-01"
        assert found.referencesystem.code == "http://www.opengis.net/def/crs/EPSG/0/3794"
        assert (found.contact[0].organization, found.contact[0].email) == ("Mestna občina Kranj", "podatki@kranj.si")
        assert [(one.url, one.protocol, one.name, one.function) for one in found.distribution.online] == [
            (LAYER["landing"], "WWW:LINK-1.0-http--link", "Parkirišča & garaže", "information"),
            ("https://kranj.si/p.gpkg", "WWW:DOWNLOAD-1.0-http--download", "Sloj", "download"),
            ("https://kranj.si/wms", "OGC:WMS", "Pregled", "download"),
        ]
        assert found.distribution.format == "GPKG"
        assert (found.contact[0].phone, about.contact[0].email) == ("+386 4 237 30 00", "podatki@kranj.si")
        assert (about.useconstraints, about.accessconstraints) == (["otherRestrictions"], ["otherRestrictions"])
        assert (found.dataquality.conformancedate, found.dataquality.conformancedegree) == (["2010-12-08"], [])
        assert found.dataquality.lineage == "Geodetska izmera"

    def test_data_that_are_not_public_have_no_address(self) -> None:
        body = iso.single({**LAYER, "secrecy": "osebni-podatki", "license_id": ""})
        assert b"kranj.si/p.gpkg" not in body
        assert b"kranj.si/wms" not in body
        assert vocabulary("secrecy").label("osebni-podatki", "sl") in body.decode()

    @pytest.mark.parametrize(
        "poison",
        [
            {"title_translated": {"sl": "pred\x0bpotem ]]> </gmd:MD_Metadata>"}},
            {"notes_translated": {}, "title_translated": {}, "contact": [], "tags_translated": {}, "theme": []},
            {"spatial_coverage": [{"bbox": "POLYGON"}, {"geom": '{"coordinates":[]}'}, {}]},
            {"crs": "", "license_id": "?", "frequency": "VSAK DAN", "issued": None, "modified": None, "language": []},
            {"resources": [{"url": "javascript:alert(1)"}, {"url": "x y"}, {}], "temporal_coverage": [{}]},
            {"organization": None, "metadata_modified": None, "metadata_created": None, "issued": "", "modified": ""},
        ],
    )  # fmt: skip
    def test_poison(self, poison: dict[str, Any]) -> None:
        found = read(iso.single({**LAYER, **poison}))
        assert found.identifier == LAYER["id"]
        assert all("javascript" not in one.url for one in found.distribution.online)

    def test_codes_are_known(self) -> None:
        assert set(iso.FREQUENCIES) <= set(vocabulary("frequency").codes)
        assert set(iso.PROTOCOLS) <= set(vocabulary("file_type").codes)
        assert set(iso.TOPICS) == set(vocabulary("data_theme").codes) - {"OP_DATPRO"}
        assert set(iso.STATUS) == set(vocabulary("lifecycle").codes)

    def test_only_layers(self) -> None:
        body = iso.document([LAYER, {**LAYER, "id": "register-1", "dataset_kind": "evidenca"}], NOW)
        root = etree.fromstring(body)  # noqa: S320 - our own bytes
        assert root.find(f"{{{iso.CSW}}}SearchResults").get("numberOfRecordsMatched") == "1"
        assert b"register-1" not in body


class TestRoutes:
    @pytest.fixture
    def create(self, catalogue: Any, complete_dataset: dict[str, Any]) -> Any:
        user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]

        def make(title: str, **changes: Any) -> dict[str, Any]:
            titles = {"sl": title, "en": title}
            data = {**copy.deepcopy(complete_dataset), "title_translated": titles, **changes}
            return tk.get_action("package_create")({"ignore_auth": True, "user": user}, data)

        return make

    def test_our_own_connector_reads_the_document(
        self, catalogue: Any, create: Any, httpserver: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        layer = create("Javni sloj", dataset_kind="prostorski-sloj")
        hidden = create("Skrivni sloj", dataset_kind="prostorski-sloj", visibility="internal")
        table = create("Tabela")
        body = catalogue.get("/opsi/prostor.xml").data
        assert hidden["id"].encode() not in body
        assert table["id"].encode() not in body
        httpserver.expect_request("/prostor.xml").respond_with_data(body, content_type="application/xml")
        with Session(allowed_hosts=[httpserver.host]) as session:
            context = Context("prostor", session)
            found = list(Csw(CswSettings(url=httpserver.url_for("/prostor.xml"))).records(context))
        assert context.completed
        assert [one.guid for one in found] == [layer["id"]]
        described = found[0].record.dataset
        assert described["title_translated"]["sl"] == "Javni sloj"
        assert described["dataset_kind"] == "prostorski-sloj"
        folder = BeautifulSoup(catalogue.get("/opsi/prostor/").data, "html.parser")
        assert [link["href"] for link in folder.find_all("a")] == [f"{layer['id']}.xml"]
        one = read(catalogue.get(f"/opsi/prostor/{layer['id']}.xml").data)
        assert one.identifier == layer["id"]
        for other in (hidden, table):
            assert catalogue.get(f"/opsi/prostor/{other['id']}.xml").status_code == 404
        monkeypatch.setitem(tk.config, "kranj.opsi.iso", False)
        for address in ("/opsi/prostor.xml", "/opsi/prostor/", f"/opsi/prostor/{layer['id']}.xml"):
            assert catalogue.get(address).status_code == 404
