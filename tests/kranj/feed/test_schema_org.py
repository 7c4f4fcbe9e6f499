"""What search engines and machine learning are told of a dataset."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from ckanext.kranj.feed.schema_org import croissant, dataset_page, script
from ckanext.kranj.feed.writer import Place

SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


@pytest.fixture
def place(settings: Any) -> Place:
    return Place(settings.base_uri, settings.site_url)


@pytest.mark.unit
class TestDocument:
    def test_schema_org(self, dataset: dict[str, Any], organizations: dict[str, Any], place: Place) -> None:
        dataset["organization"] = organizations["org-mok"]
        found = dataset_page(dataset, place, "en")
        assert (found["@type"], found["name"]) == ("Dataset", "Car park occupancy")
        assert found["license"] == "http://publications.europa.eu/resource/authority/licence/CC_BY_4_0"
        assert found["publisher"]["name"] == "Mestna občina Kranj"
        assert found["temporalCoverage"] == ["2024-01-01/2025", "2026-01/.."]
        assert [one["encodingFormat"] for one in found["distribution"]] == ["text/csv", "application/json"]
        assert all(value not in (None, "", [], {}) for value in found.values())

    def test_no_address_of_data_that_are_not_public(self, not_open: dict[str, Any], place: Place) -> None:
        assert "notranji" not in json.dumps(dataset_page(not_open, place, "sl"))
        assert croissant(not_open, place) is None

    def test_croissant_is_about_files_that_can_be_checked(self, dataset: dict[str, Any], place: Place) -> None:
        found = croissant(dataset, place)
        assert found is not None
        assert found["conformsTo"] == "http://mlcommons.org/croissant/1.0"
        assert [(one["@type"], one["sha256"]) for one in found["distribution"]] == [("cr:FileObject", SHA)]
        dataset["resources"][0]["hash"] = ""
        assert croissant(dataset, place) is None

    def test_no_text_leaves_its_element(self, dataset: dict[str, Any], place: Place) -> None:
        hostile = "</script><script>alert(1)</script>\u2028<!-- &"
        dataset["title_translated"] = {"sl": hostile}
        text = script(dataset_page(dataset, place, "sl"))
        assert not re.search("[<>&\u2028]", text)
        assert json.loads(text)["name"] == hostile


class TestPages:
    def test_in_the_page_of_a_public_dataset_only(self, portal: Any, create: Any) -> None:
        from ckan.tests import factories

        token = factories.SysadminWithToken()["token"]
        made = create("Ceste & poti")
        text = portal.read(f"/dataset/{made['name']}").get_data(as_text=True)
        told = re.search(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)
        assert told
        assert json.loads(told.group(1))["name"] == "Ceste & poti"
        hidden = create("Skrivna", visibility="internal")
        page = portal.read(f"/dataset/{hidden['name']}", headers={"Authorization": token})
        assert page.status_code == 200
        assert 'application/ld+json">{' not in page.get_data(as_text=True)

    def test_croissant(self, portal: Any, create: Any, complete_dataset: dict[str, Any]) -> None:
        file = {
            **complete_dataset["resources"][0],
            "hash": SHA,
            "hash_algorithm": "http://spdx.org/rdf/terms#checksumAlgorithm_sha256",
        }
        made, without = create("Datoteka", resources=[file]), create("Brez izvlečka")
        found = portal.read(f"/dataset/{made['id']}/croissant.jsonld")
        assert json.loads(found.data)["distribution"][0]["sha256"] == SHA
        hidden = create("Skrivna", visibility="internal", resources=[file])
        for one in (without["id"], hidden["id"], "je-ni"):
            assert portal.read(f"/dataset/{one}/croissant.jsonld").status_code == 404
