"""Exits for the national portal: a client made for it works on ours, and sees what is public, nothing else."""

from __future__ import annotations

import copy
import csv
import io
import json
from typing import Any

import pytest
from ckanapi import TestAppCKAN
from openpyxl import load_workbook

import ckan.plugins.toolkit as tk

from ckanext.kranj.exchange.areas import area_of
from ckanext.kranj.exchange.statutory import UREDBA, as_csv, table
from ckanext.kranj.opsi.names import opsi_names

from schemas import vocabulary


@pytest.fixture
def create(catalogue: Any, complete_dataset: dict[str, Any]) -> Any:
    """Create a dataset from the complete one; keyword arguments replace fields."""
    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]

    def make(title: str, **changes: Any) -> dict[str, Any]:
        titles = {"sl": title, "en": f"{title} (en)"}
        data = {**copy.deepcopy(complete_dataset), "title_translated": titles, **changes}
        return tk.get_action("package_create")({"ignore_auth": True, "user": user}, data)

    return make


@pytest.fixture
def made(create: Any, complete_dataset: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        "open": create("Odprta zbirka"),
        "closed": create(
            "Opis zaprte zbirke", secrecy="osebni-podatki", protection_grounds=[{"ground": "osebni-podatki"}],
            access_method="on-request", aggregation="izvorni", license_id="",
            resources=[{"name_translated": {"sl": "Register"}, "format": "CSV"}],
            internal={**complete_dataset["internal"], "processing": {"purpose": "Naloga", "legal_basis": ["6-1-e"]}},
        ),
        "hidden": create("Skrivna zbirka", visibility="internal"),
    }  # fmt: skip


@pytest.fixture
def switched_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(tk.config, "kranj.opsi.rest", True)


@pytest.mark.unit
class TestNames:
    def test_every_theme_has_an_area(self) -> None:
        for theme in vocabulary("data_theme").codes:
            assert area_of(theme)
        assert area_of("GOVE") == "Javni sektor"

    def test_open_means_public_data_under_a_licence(self) -> None:
        for secrecy, licence, expected in (
            ("javno", "CC0", True),
            ("javno", "", False),
            ("osebni-podatki", "CC0", False),
        ):
            assert opsi_names({"secrecy": secrecy, "license_id": licence})["open_data"] is expected

    def test_the_form_has_18_columns_and_no_formulas(self) -> None:
        assert len(UREDBA) == 18
        body = as_csv(
            table(
                "uredba",
                [{"title_translated": {"sl": '=HYPERLINK("https://x")'}, "notes_translated": {"sl": 'a;b\n"c"'}}],
            )
        )
        rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig")), delimiter=";"))
        assert [len(row) for row in rows] == [18, 18]
        assert rows[1][1] == '\'=HYPERLINK("https://x")'
        assert rows[1][3] == 'a;b\n"c"'


class TestActionApi:
    """``ckanapi`` as a client of the national portal uses it: anonymous, with OPSI's filters and facets."""

    def test_opsi_filters_and_facets(self, catalogue: Any, made: dict[str, dict[str, Any]]) -> None:
        client = TestAppCKAN(catalogue)
        found = client.action.package_search(
            fq='podrocje:"Transport" AND open_data:true',
            **{"facet.field": json.dumps(["podrocje", "open_data", "publisher", "all_licence", "all_podrocje"])},
        )
        assert [one["id"] for one in found["results"]] == [made["open"]["id"]]
        row = found["results"][0]
        assert (row["podrocje"], row["open_data"], row["publisher"]) == ("Transport", True, "mestna_obcina_kranj")
        assert found["facets"]["podrocje"] == {"Transport": 1}
        assert found["facets"]["all_podrocje"] == {"Transport": 1}
        assert client.action.package_search(fq='all_podrocje:"Transport"')["count"] == 2
        assert found["facets"]["all_licence"] == {"CC_BY_4_0": 1}
        every = client.action.package_search(fq="publisher:mestna_obcina_kranj")
        assert {one["id"] for one in every["results"]} == {made["open"]["id"], made["closed"]["id"]}

    def test_package_show_and_back(self, catalogue: Any, made: dict[str, dict[str, Any]]) -> None:
        shown = TestAppCKAN(catalogue).action.package_show(id=made["closed"]["id"])
        assert (shown["podrocje"], shown["open_data"]) == ("Transport", False)
        user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
        again = tk.get_action("package_update")({"ignore_auth": True, "user": user}, shown)  # accepted, and ignored
        assert again["podrocje"] == "Transport"

    def test_switched_off(
        self, catalogue: Any, made: dict[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(tk.config, "kranj.opsi.facets", False)
        shown = tk.get_action("package_show")({"user": "", "use_cache": False}, {"id": made["open"]["id"]})
        assert "podrocje" not in shown


@pytest.mark.usefixtures("switched_on")
class TestRest:
    """The calls of ckanext-harvest before its version for CKAN 2.3."""

    def get(self, catalogue: Any, path: str) -> tuple[int, Any]:
        response = catalogue.get(path)
        return response.status_code, json.loads(response.data)

    def test_full_list_and_packages(self, catalogue: Any, made: dict[str, dict[str, Any]]) -> None:
        status, listed = self.get(catalogue, "/api/2/rest/package")
        assert (status, set(listed)) == (200, {made["open"]["id"], made["closed"]["id"]})
        status, package = self.get(catalogue, f"/api/2/rest/package/{made['open']['id']}")
        assert (status, package["title"], package["license_id"]) == (200, "Odprta zbirka", "CC_BY_4_0")
        assert package["tags"] == ["parkirišča", "cene", "promet"]
        assert package["extras"]["podrocje"] == "Transport"
        assert package["resources"][0]["url"] == "https://podatki.example.org/parkirisca.csv"

    def test_hidden_and_unknown_alike(self, catalogue: Any, made: dict[str, dict[str, Any]]) -> None:
        for key in (made["hidden"]["id"], made["hidden"]["name"], "je-ni"):
            assert self.get(catalogue, f"/api/2/rest/package/{key}") == (404, "Not found")
        for path in ("/api/2/rest/revision/999999", "/api/2/rest/revision/x", "/api/2/rest/group/je-ni"):
            assert self.get(catalogue, path) == (404, "Not found")

    def test_revisions(self, catalogue: Any, made: dict[str, dict[str, Any]]) -> None:
        status, listed = self.get(catalogue, "/api/2/search/revision?since_time=2020-01-01T00:00:00.0")
        assert (status, len(listed)) == (200, 2)
        changed = [self.get(catalogue, f"/api/2/rest/revision/{one}")[1]["packages"] for one in listed]
        assert sorted(changed) == sorted([[made["open"]["id"]], [made["closed"]["id"]]])
        assert self.get(catalogue, "/api/2/search/revision?since_time=2100-01-01")[1] == []
        assert self.get(catalogue, "/api/2/search/revision")[0] == 400

    def test_groups(self, catalogue: Any, made: dict[str, dict[str, Any]]) -> None:
        public = {made["open"]["id"], made["closed"]["id"]}
        for name in ("mestna-obcina-kranj", "promet"):
            status, found = self.get(catalogue, f"/api/2/rest/group/{name}")
            assert (status, found["name"], set(found["packages"])) == (200, name, public)
            assert "users" not in found


class TestSwitches:
    def test_rest_is_off_unless_asked_for(self, catalogue: Any, made: dict[str, dict[str, Any]]) -> None:
        assert catalogue.get("/api/2/rest/package").status_code == 404

    def test_form(self, catalogue: Any, made: dict[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
        body = catalogue.get("/opsi/zbirke.csv").data.decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(body), delimiter=";"))
        assert {row["Naziv zbirke podatkov"] for row in rows} == {"Odprta zbirka", "Opis zaprte zbirke"}
        by_title = {row["Naziv zbirke podatkov"]: row for row in rows}
        assert by_title["Odprta zbirka"]["Oblika zapisa"] == "csv"
        assert by_title["Odprta zbirka"]["Jezik zapisa"] == "slv"
        assert by_title["Odprta zbirka"]["Odgovorna oseba"].endswith(", podatki@kranj.si")
        assert by_title["Opis zaprte zbirke"]["Internetni naslov do odprtih podatkov"] == ""
        page = f"{tk.config['ckan.site_url']}/dataset/{made['closed']['name']}"
        assert by_title["Opis zaprte zbirke"]["Internetni naslov za dostop/vpogled"] == page
        assert by_title["Odprta zbirka"]["Področje"] == "Transport"
        # the same table that a person without an account gets from the page of the standard
        other = catalogue.get("/standard/izvoz/uredba.csv").data.decode("utf-8-sig")
        assert sorted(csv.reader(io.StringIO(other))) == sorted(csv.reader(io.StringIO(body)))
        sheet = load_workbook(io.BytesIO(catalogue.get("/opsi/zbirke.xlsx").data), read_only=True).active
        written = [[cell or "" for cell in row] for row in sheet.iter_rows(values_only=True)]
        assert written == [list(rows[0]), *(list(row.values()) for row in rows)]
        assert catalogue.get("/opsi/zbirke.ods").status_code == 404
        monkeypatch.setitem(tk.config, "kranj.opsi.form", False)
        assert catalogue.get("/opsi/zbirke.csv").status_code == 404
