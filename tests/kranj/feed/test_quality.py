"""Points, conformity and addresses: what a steward is told."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from rdflib import RDF, Graph, Namespace

from ckanext.kranj.feed import mqa, pages, quality
from ckanext.kranj.feed.catalogue import Paging
from ckanext.kranj.feed.pages import Content
from ckanext.kranj.feed.shapes import violations

DQV = Namespace("http://www.w3.org/ns/dqv#")
RESOURCE = json.loads((Path(__file__).parents[2] / "data" / "complete_dataset.json").read_text(encoding="utf-8"))[
    "resources"
][0]
SHAPES = os.environ.get("KRANJ_SHACL", "")


def facts(dataset: dict[str, Any], organizations: dict[str, Any], settings: Any) -> mqa.Facts:
    return mqa.Facts.of(pages.dataset_document(Content([dataset], organizations), settings, "nt"))


def score(dataset: dict[str, Any], organizations: dict[str, Any], settings: Any, **more: Any) -> mqa.Score:
    address = f"{settings.base_uri}/dataset/{dataset['id']}"
    given = {"answer": lambda url: True, "compliant": True, **more}
    return mqa.score(address, facts(dataset, organizations, settings), **given)


@pytest.mark.unit
class TestPoints:
    def test_the_table_is_complete(self) -> None:
        assert mqa.TOTAL == 405
        dimensions: dict[str, int] = {}
        for one in (*mqa.DATASET, *mqa.DISTRIBUTION, *mqa.DATES, mqa.COMPLIANCE):
            dimensions[one.dimension] = dimensions.get(one.dimension, 0) + one.points
        assert dimensions == {
            "findability": 100, "accessibility": 100, "interoperability": 110, "reusability": 75, "contextuality": 20,
        }  # fmt: skip

    def test_the_complete_dataset_gets_all(
        self, dataset: dict[str, Any], organizations: dict[str, Any], settings: Any
    ) -> None:
        found = score(dataset, organizations, settings)
        assert (found.points, found.band, found.fixes, found.unknown) == (405, "excellent", [], [])

    @pytest.mark.parametrize(
        ("changes", "lost"),
        [
            ({"tags_translated": None}, 30),
            ({"spatial_coverage": None}, 20),
            ({"temporal_coverage": None}, 20),
            ({"contact": None}, 20),
            ({"theme": None, "content_area": None}, 30),
            ({"owner_org": None}, 10),
        ],
    )
    def test_what_is_missing_costs(
        self, dataset: dict[str, Any], organizations: dict[str, Any], settings: Any, changes: dict[str, Any], lost: int
    ) -> None:
        found = score({**dataset, **changes}, organizations, settings)
        assert found.points == 405 - lost
        assert sum(one.points for one in found.fixes) == lost

    def test_only_the_best_distribution_counts(
        self, dataset: dict[str, Any], organizations: dict[str, Any], settings: Any
    ) -> None:
        dataset["resources"][1] = {
            "id": "x",
            "name_translated": {"sl": "PDF"},
            "format": "PDF",
            "url": "https://a.si/x",
        }
        assert score(dataset, organizations, settings).points == 405
        del dataset["resources"][0]
        found = score(dataset, organizations, settings)
        assert {"formatMediaTypeNonProprietary", "formatMediaTypeMachineInterpretable"} <= {
            one.name for one in found.fixes
        }

    def test_addresses(self, dataset: dict[str, Any], organizations: dict[str, Any], settings: Any) -> None:
        nobody = score(dataset, organizations, settings, answer=lambda url: False)
        assert nobody.points == 405 - 80
        unknown = score(dataset, organizations, settings, answer=lambda url: None, compliant=None)
        assert unknown.points == 405 - 110
        assert {one.name for one in unknown.unknown} == {
            "accessUrlStatusCode", "downloadUrlStatusCode", "dcatApCompliance",
        }  # fmt: skip
        assert unknown.fixes == []

    def test_which_fix_gains_most(self, dataset: dict[str, Any], organizations: dict[str, Any], settings: Any) -> None:
        poor = {**dataset, "tags_translated": None, "temporal_coverage": None}
        poorer = {**poor, "id": "b", "contact": None}
        found = mqa.gains([score(one, organizations, settings) for one in (dataset, poor, poorer)])
        assert [(metric.name, count, points) for metric, count, points in found] == [
            ("keywordAvailability", 2, 60), ("temporalAvailability", 2, 40), ("contactPointAvailability", 1, 20),
        ]  # fmt: skip


@pytest.mark.unit
@pytest.mark.skipif(not SHAPES, reason="KRANJ_SHACL does not name the folder with the official shapes")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
class TestCompactShapes:
    """Our short file and the official ones agree on what is good and on what is spoilt."""

    OFFICIAL = ("shapes.ttl", "range.ttl")

    def both(self, body: bytes) -> tuple[bool, bool]:
        official = [one for name in self.OFFICIAL for one in violations(body, Path(SHAPES) / "dcat-ap-3.0.1" / name)]
        return not quality.compact(body), not official

    @pytest.fixture
    def body(self, examples: list[dict[str, Any]], organizations: dict[str, Any], settings: Any) -> bytes:
        paging = Paging(f"{settings.site_url}/catalog.ttl", 1, 2, len(examples), 250, 2, None)
        return pages.catalogue_page(Content(examples, organizations), settings, paging, "ttl")

    def test_on_a_good_page(self, body: bytes) -> None:
        assert self.both(body) == (True, True)

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            (b"dct:title", b"dct:alternative"),
            (b"dct:description", b"dct:abstract"),
            (b"foaf:name", b"foaf:nick"),
            (b"dct:publisher", b"dct:contributor"),
            (b"dcat:accessURL", b"dcat:landingPage"),
            (b"dcat:endpointURL", b"dcat:landingPage"),
            (b"spdx:checksumValue", b"spdx:value"),
            (b"spdx:algorithm", b"spdx:method"),
            (b"skos:prefLabel", b"skos:altLabel"),
            (b"dct:Frequency", b"dct:Other"),
            (b"dct:RightsStatement", b"dct:Other"),
            (b"dct:LicenseDocument", b"dct:Other"),
            (b"dct:LinguisticSystem", b"dct:Other"),
            (b"dct:MediaTypeOrExtent", b"dct:Other"),
            (b"dct:PeriodOfTime", b"dct:Other"),
            (b"dct:Location", b"dct:Other"),
            (b"vcard:Kind", b"vcard:Other"),
            (b"xsd:nonNegativeInteger", b"xsd:string"),
            (b"xsd:hexBinary", b"xsd:string"),
        ],
    )
    def test_on_a_spoilt_page(self, body: bytes, before: bytes, after: bytes) -> None:
        assert before in body
        ours, official = self.both(body.replace(before, after))
        assert ours == official


class TestLinks:
    def test_asked_gently_and_seldom(self, portal: Any) -> None:
        from ckanext.kranj.feed import links

        from harvesters.errors import ConnectionFailed

        asked: list[str] = []
        slept: list[float] = []
        now = [datetime(2026, 11, 1, tzinfo=UTC)]

        def ask(url: str) -> int:
            asked.append(url)
            if "down" in url:
                raise ConnectionFailed(url, "refused")
            return 503 if "busy" in url else 404 if "gone" in url else 200

        urls = [
            "https://a.si/1",
            "https://a.si/gone",
            "https://a.si/3",
            "https://b.si/1-busy",
            "https://b.si/2",
            "https://c.si/down",
        ]

        def run(limit: int = 100) -> dict[str, bool]:
            asked.clear()
            return links.check(urls, ask, limit, slept.append, lambda: now[0])

        found = run()
        assert found == {
            "https://a.si/1": True, "https://a.si/3": True, "https://a.si/gone": False, "https://b.si/1-busy": False,
            "https://c.si/down": False,
        }  # fmt: skip
        assert slept == [links.PAUSE] * 2  # three questions to a.si, and b.si was left alone once it said so
        assert run() == {"https://b.si/2": True}
        now[0] += timedelta(days=2)
        assert set(run()) == {"https://a.si/gone", "https://b.si/1-busy", "https://c.si/down"}
        now[0] += timedelta(days=6)
        assert len(run(limit=2)) == 2


class Answering(BaseHTTPRequestHandler):
    """Every address answers."""

    def do_HEAD(self) -> None:  # noqa: N802 the name that http.server calls
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    """A host whose every address answers."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_complete_dataset_gets_all_points_by_the_command(
    create: Any, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stored, rendered, read back, held against the shapes, its addresses asked: nothing given beforehand."""
    import ckan.plugins.toolkit as tk

    from ckanext.kranj.feed.cli import feed

    monkeypatch.setitem(tk.config, "kranj.reachable_hosts", ["127.0.0.1"])
    create("Popolna zbirka", resources=[{**RESOURCE, "url": f"{address}/a.csv", "download_url": f"{address}/a.csv"}])
    result = CliRunner().invoke(feed, ["check", "--json", "--links", "10"])
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert (found["datasets"], found["findings"], found["mqa"], found["gains"]) == (1, [], mqa.TOTAL, [])


class TestTold:
    @pytest.fixture
    def judged(self, portal: Any, create: Any) -> dict[str, Any]:
        from ckanext.kranj.feed.cli import feed

        made = create("Zbirka brez velikosti", resources=[{**RESOURCE, "size": None}])
        create("Skrivna", visibility="internal")
        result = CliRunner().invoke(feed, ["check", "--json"])
        assert result.exit_code == 0, result.output
        return {**made, "check": json.loads(result.output)}

    def test_the_command(self, judged: dict[str, Any]) -> None:
        found = judged["check"]
        assert (found["datasets"], found["findings"], found["mqa"]) == (1, [], 320.0)  # nobody asked the addresses
        assert [(one["metric"], one["points"]) for one in found["gains"]] == [("byteSizeAvailability", 5)]

    def test_the_page_is_for_people_of_the_city(self, portal: Any, judged: dict[str, Any]) -> None:
        import ckan.plugins.toolkit as tk
        from ckan.tests import factories

        stranger, steward = factories.UserWithToken(), factories.UserWithToken()
        tk.get_action("organization_member_create")(
            {"ignore_auth": True, "user": tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]},
            {"id": "mestna-obcina-kranj", "username": steward["name"], "role": "editor"},
        )
        assert portal.read("/kranj/feed").status_code == 302  # to the page where one logs in
        assert portal.read("/kranj/feed", headers={"Authorization": stranger["token"]}).status_code == 404
        page = portal.read("/kranj/feed", headers={"Authorization": steward["token"]})
        assert page.status_code == 200
        text = page.get_data(as_text=True)
        assert "Zbirka brez velikosti" in text
        assert "Navedite velikost datoteke." in text
        assert "Skrivna" not in text
        english = portal.read("/en/kranj/feed", headers={"Authorization": steward["token"]}).get_data(as_text=True)
        assert "State the size of the file." in english

    def test_the_quality_vocabulary(self, portal: Any, judged: dict[str, Any], act: Any) -> None:
        def values() -> dict[str, str]:
            graph = Graph().parse(data=portal.read("/catalog-quality.ttl").data, format="turtle")
            return {
                str(graph.value(one, DQV.isMeasurementOf)).rsplit("#", 1)[-1]: str(graph.value(one, DQV.value))
                for one in graph.subjects(RDF.type, DQV.QualityMeasurement)
            }

        found = values()
        assert found["scoring"] == "320"
        assert found["byteSizeAvailability"] == "false"
        assert found["keywordAvailability"] == "true"
        assert "accessUrlStatusCode" not in found  # unknown is not measured
        act("package_patch", id=judged["id"], visibility="internal")
        assert values() == {}
