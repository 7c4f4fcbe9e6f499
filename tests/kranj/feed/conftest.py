"""Examples the tests of the feed share: a complete dataset, a high-value one, one of data that are not public."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from typing import Any

import pytest

SITE = "https://podatki.example.si"
BOX = json.dumps(
    {"type": "Polygon", "coordinates": [[[14.2, 46.1], [14.6, 46.1], [14.6, 46.4], [14.2, 46.4], [14.2, 46.1]]]}
)

DATASET: dict[str, Any] = {
    "id": "7f3c1b52-4b0e-4d0e-9a57-0d6f7a6b1c11",
    "name": "parkirisca-7f3c1b52",
    "title": "Zasedenost parkirišč",
    "notes": "Koliko prostih mest je na javnih parkiriščih.",
    "type": "dataset",
    "state": "active",
    "private": False,
    "owner_org": "org-mok",
    "metadata_created": "2026-01-01T10:00:00.000001",
    "metadata_modified": "2026-02-01T10:00:00.000001",
    "title_translated": {"sl": "Zasedenost parkirišč", "en": "Car park occupancy"},
    "notes_translated": {"sl": "Koliko prostih mest je na javnih parkiriščih.", "en": "Free places in car parks."},
    "dataset_kind": "kazalnik",
    "content_area": ["promet"],
    "priority_field": ["prometni-tokovi"],
    "life_situation": ["Iščem parkirišče"],
    "theme": ["TRAN"],
    "tags_translated": {"sl": ["parkiranje", "promet"], "en": ["parking"]},
    "eurovoc": ["http://eurovoc.europa.eu/4505"],
    "owner_status": "potrjen",
    "owner_unit": "Urad za gospodarstvo",
    "operator": [{"name": "Komunala Kranj", "uri": "https://www.komunala-kranj.si/"}],
    "contact": [
        {
            "name": "Podatkovna pisarna",
            "email": "podatki@kranj.si",
            "phone": "+386 4 237 30 00",
            "url": "https://kranj.si/",
        }
    ],
    "creator": [{"name": "Izvajalec d.o.o.", "email": "info@izvajalec.si", "url": "https://izvajalec.si/"}],
    "frequency": "HOURLY",
    "issued": "2024-05-01",
    "modified": "2026-01-15",
    "temporal_coverage": [{"start": "2024-01-01", "end": "2025"}, {"start": "2026-01"}],
    "temporal_resolution": "PT1H",
    "spatial_coverage": [
        {
            "uri": "http://publications.europa.eu/resource/authority/country/SVN",
            "text": "Mestna občina Kranj",
            "bbox": BOX,
            "centroid": '{"type": "Point", "coordinates": [14.36, 46.24]}',
            "geom": BOX,
        }
    ],
    "spatial_resolution_in_meters": "10.5",
    "crs": "EPSG:3794",
    "visibility": "public",
    "secrecy": "javno",
    "access_rights": "PUBLIC",
    "aggregation": "zdruzeni",
    "measured_subject": ["vozila"],
    "measurement": [
        {
            "observed_property": "Zasedenost",
            "unit": "1",
            "place_name": "Parkirišče Čukova jama",
            "lon": 14.3556,
            "lat": 46.2389,
            "interval": "PT5M",
            "result_type": "stetje",
            "accuracy": "± 1 vozilo",
            "device": "Indukcijska zanka",
            "method": "Štetje vozil",
            "network": "lorawan",
        }
    ],
    "access_method": "download",
    "access_conditions_translated": {"sl": "Ni omejitev", "en": "No restrictions"},
    "charging_terms_translated": {"sl": "Brezplačno", "en": "Free of charge"},
    "license_id": "CC_BY_4_0",
    "retention_kind": "LETA",
    "retention_period": "P5Y",
    "retention_starts": "year-end",
    "classification_sign": "371",
    "retention_legal_basis": "Interno: klasifikacijski načrt",
    "legal_basis": "Odlok o parkiranju",
    "applicable_legislation": ["http://www.pisrs.si/Pis.web/pregledPredpisa?id=ODLO1"],
    "language": ["SLV"],
    "url": "https://kranj.si/parkirisca",
    "related_resource": ["https://example.si/druga"],
    "source": ["https://example.si/izvor"],
    "is_version_of": ["https://example.si/zbirka"],
    "in_series": ["promet-po-letih", "https://example.si/niz"],
    "named_series": {
        "promet-po-letih": {
            "id": "51111111-0000-4000-8000-000000000001",
            "name": "promet-po-letih",
            "title_translated": {"sl": "Promet po letih", "en": "Traffic by year"},
            "notes_translated": {"sl": "Zasedenost parkirišč, vsako leto posebej."},
            "owner_org": "org-niz",
            "contact": [{"name": "Skrbnik niza", "email": "niz@kranj.si"}],
            "frequency": "ANNUAL",
        }
    },
    "record_role": "pravi-vir",
    "lifecycle": "v-uporabi",
    "usage_translated": {"sl": "Prikaz na tablah", "en": "Shown on signs"},
    "accuracy": "±1 vozilo",
    "provenance": "Zaporniški sistem",
    "conforms_to": ["https://example.si/standard"],
    "documentation": ["https://kranj.si/parkirisca/opis"],
    "version": "2.1",
    "version_notes": "Dodana ura",
    "alternate_identifier": ["MOK-17"],
    "resources": [
        {
            "id": "a0000000-0000-4000-8000-000000000001",
            "name": "Po urah",
            "name_translated": {"sl": "Po urah", "en": "By hour"},
            "description_translated": {"sl": "Tabela po urah"},
            "url": "https://kranj.si/parkirisca/ure.csv",
            "format": "CSV",
            "license": "CC_BY_4_0",
            "rights": "Navedite vir.",
            "size": 1234,
            "hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "hash_algorithm": "http://spdx.org/rdf/terms#checksumAlgorithm_sha256",
            "issued": "2024-05-01",
            "modified": "2026-01-15T08:00:00+01:00",
            "language": ["SLV"],
            "conforms_to": ["https://www.rfc-editor.org/rfc/rfc4180"],
            "documentation": ["https://kranj.si/parkirisca/stolpci"],
            "availability": "STABLE",
            "status": "COMPLETED",
            "compress_format": "application/gzip",
            "package_format": "application/zip",
            "crs": "EPSG:4326",
        },
        {
            "id": "a0000000-0000-4000-8000-000000000002",
            "name_translated": {"sl": "Vmesnik"},
            "url": "https://api.kranj.si/parkirisca",
            "format": "JSON",
            "access_services": [
                {
                    "title": "Vmesnik parkirišč",
                    "endpoint_url": ["https://api.kranj.si/parkirisca"],
                    "endpoint_description": "https://api.kranj.si/openapi.json",
                    "conforms_to": ["https://spec.openapis.org/oas/v3.1.0"],
                }
            ],
        },
    ],
}

ORGANIZATIONS: dict[str, dict[str, Any]] = {
    "org-mok": {
        "id": "org-mok",
        "name": "mestna-obcina-kranj",
        "title": "Mestna občina Kranj",
        "title_translated": {"sl": "Mestna občina Kranj", "en": "City Municipality of Kranj"},
        "organization_kind": "obcina",
        "registration_number": "5874653000",
        "url": "https://www.kranj.si/",
        "email": "mok@kranj.si",
        "defaults": {"contact": [{"name": "Skrito", "email": "skrito@kranj.si"}]},
    },
    "org-niz": {
        "id": "org-niz",
        "name": "lastnik-niza",
        "title": "Lastnik niza",
        "organization_kind": "javni-zavod",
        "url": "https://niz.example.si/",
    },
}


@dataclass(frozen=True)
class Settings:
    """Stands for ``config.FeedConfig`` where no CKAN runs."""

    site_url: str = SITE
    base_uri: str = SITE
    catalog_uri: str = f"{SITE}/catalog"
    title: dict[str, str] = field(default_factory=lambda: {"sl": "Katalog", "en": "Catalogue"})
    description: dict[str, str] = field(default_factory=lambda: {"sl": "Opis kataloga", "en": "What it is"})
    publisher: str = "mestna-obcina-kranj"
    publisher_name: str = "Mestna občina Kranj"
    publisher_uri: str = ""
    publisher_type: str = "LocalAuthority"
    license: str = "CC0"
    page_size: int = 250
    tombstone_days: int = 365


@pytest.fixture
def settings() -> Settings:
    """Settings as an operator would leave them."""
    return Settings()


@pytest.fixture
def dataset() -> dict[str, Any]:
    """Every field that the feed reads is filled."""
    return copy.deepcopy(DATASET)


@pytest.fixture
def organizations() -> dict[str, dict[str, Any]]:
    """The owner of the examples."""
    return copy.deepcopy(ORGANIZATIONS)


@pytest.fixture
def high_value(dataset: dict[str, Any]) -> dict[str, Any]:
    """A dataset under the regulation on high-value datasets."""
    return {**dataset, "id": "7f3c1b52-4b0e-4d0e-9a57-0d6f7a6b1c22", "hvd_category": ["c_b79e35eb"]}


@pytest.fixture
def not_open(dataset: dict[str, Any]) -> dict[str, Any]:
    """A public description of data that are not public, with addresses that must stay inside."""
    changed = {
        **dataset,
        "id": "7f3c1b52-4b0e-4d0e-9a57-0d6f7a6b1c33",
        "secrecy": "osebni-podatki",
        "access_rights": "RESTRICTED",
        "license_id": "",
        "protection_grounds": [{"ground": "osebni-podatki", "article": "6", "note": "Notranja opomba"}],
        "url": "https://notranji.kranj.si/sistem",
    }
    for number, resource in enumerate(changed["resources"]):
        resource.update(
            url=f"https://notranji.kranj.si/skrivnost/{number}",
            access_url=f"https://notranji.kranj.si/dostop/{number}",
            download_url=f"https://notranji.kranj.si/prenos/{number}",
            documentation=["https://notranji.kranj.si/opis"],
        )
        for service in resource.get("access_services", []):
            service["endpoint_url"] = ["https://notranji.kranj.si/api"]
            service["endpoint_description"] = "https://notranji.kranj.si/openapi"
    return changed


@pytest.fixture
def examples(dataset: dict[str, Any], high_value: dict[str, Any], not_open: dict[str, Any]) -> list[dict[str, Any]]:
    """One of each kind."""
    return [dataset, high_value, not_open]


class Portal:
    """The running portal, read as the outside world reads it."""

    def __init__(self, app: Any) -> None:
        self.app = app

    def read(self, address: str, **more: Any) -> Any:
        """GET of an absolute or relative address, redirects not followed."""
        return self.app.get(self._path(address), follow_redirects=False, **more)

    def crawl(self, name: str) -> list[dict[str, Any]]:
        """Follow the rule of ckanext-dcat's harvester: its parser, its next_page, HEAD before GET."""
        from ckanext.dcat.processors import RDFParser

        address: str | None = f"/catalog.{name}"
        seen: list[dict[str, Any]] = []
        while address:
            head = self.app.flask_app.test_client().head(self._path(address))
            assert head.status_code == 200
            assert not head.data
            response = self.read(address)
            assert response.status_code == 200, response.data
            assert response.headers["Content-Length"] == head.headers["Content-Length"]
            parser = RDFParser(profiles=["euro_dcat_ap_3"])
            parser.parse(response.data.decode("utf-8"), _format=response.headers["Content-Type"])
            seen += list(parser.datasets())
            address = parser.next_page()
        return seen

    @staticmethod
    def told(dataset: dict[str, Any], key: str) -> Any:
        """A value of a dataset as ckanext-dcat's parser gives it: a field or an extra."""
        return dataset.get(key) or next((one["value"] for one in dataset["extras"] if one["key"] == key), None)

    @staticmethod
    def _path(address: str) -> str:
        import ckan.plugins.toolkit as tk

        return address.replace(tk.config["ckan.site_url"], "")


@pytest.fixture
def portal(catalogue: Any) -> Portal:
    """An empty catalogue, read over HTTP."""
    return Portal(catalogue)


@pytest.fixture
def act(portal: Portal) -> Any:
    """Call an action as the site user."""
    import ckan.plugins.toolkit as tk

    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    return lambda name, **data: tk.get_action(name)({"ignore_auth": True, "user": user}, data)


@pytest.fixture
def create(act: Any, complete_dataset: dict[str, Any]) -> Any:
    """Create a dataset from the complete one; keyword arguments replace fields."""

    def make(title: str, **changes: Any) -> dict[str, Any]:
        titles = {"sl": title, "en": f"{title} (en)"}
        return act("package_create", **{**copy.deepcopy(complete_dataset), "title_translated": titles, **changes})

    return make


@pytest.fixture
def mixed(create: Any, act: Any) -> dict[str, dict[str, Any]]:
    """Three public datasets and one of everything that must not be seen, by title."""
    made = {title: create(title) for title in ("Prva zbirka", "Druga zbirka", "Tretja zbirka")}
    for level in ("internal", "organization", "restricted"):
        made[f"Skrivna {level}"] = create(f"Skrivna {level}", visibility=level)
    made["Skrivni osnutek"] = create("Skrivni osnutek", state="draft")
    made["Skrivna izbrisana"] = create("Skrivna izbrisana")
    act("package_delete", id=made["Skrivna izbrisana"]["id"])
    return made


@pytest.fixture
def page_size(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Set how many datasets a page holds."""
    import ckan.plugins.toolkit as tk

    return lambda size: monkeypatch.setitem(tk.config, "kranj.feed.page_size", size)
