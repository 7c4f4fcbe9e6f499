"""GBFS 2.3 and 3.0, one system or a manifest of several."""

import json

import pytest

from harvesters import Context, Defaults, MemorySink, connector_named, run
from harvesters.conformance import Answering, NetworkConnectorContract

pytestmark = pytest.mark.unit

BASE = "https://kolesa.example/"


def served(**files):
    return {BASE + name + ".json": ("application/json", json.dumps(data).encode()) for name, data in files.items()}


def version2(**info):
    feeds = [{"name": name, "url": BASE + name + ".json"} for name in ("system_information", "station_status")]
    return served(
        gbfs={
            "last_updated": 1606727710,
            "ttl": 300,
            "version": "2.3",
            "data": {"sl": {"feeds": feeds}, "en": {"feeds": feeds}},
        },
        system_information={
            "last_updated": 1606830357,
            "ttl": 300,
            "version": "2.3",
            "data": {
                "system_id": "krs",
                "language": "sl",
                "name": "KRsKOLESOM",
                "url": "https://kolesa.example/",
                **info,
            },
        },
    )


def version3(ttl=60):
    feeds = [{"name": name, "url": BASE + name + ".json"} for name in ("system_information", "vehicle_status")]
    return served(
        gbfs={"last_updated": "2019-07-04T13:33:03.969Z", "ttl": ttl, "version": "3.0", "data": {"feeds": feeds}},
        system_information={
            "last_updated": "2019-07-04T13:33:03.969Z",
            "ttl": 60,
            "version": "3.0",
            "data": {
                "system_id": "krs",
                "languages": ["sl", "en"],
                "name": [{"language": "sl", "text": "Kolesa Kranj"}, {"language": "en", "text": "Bikes Kranj"}],
                "feed_contact_email": "kolesa@kranj.si",
                "license_id": "CC-BY-4.0",
            },
        },
    )


def manifest(*systems):
    rows = [
        {"system_id": name, "versions": [{"version": number, "url": url} for number, url in all_]}
        for name, all_ in systems
    ]
    return served(manifest={"last_updated": 1, "ttl": 0, "version": "3.0", "data": {"datasets": rows}})


def read(answers, name="gbfs", **settings):
    ctx = Context("vir", Answering(answers))
    return list(connector_named("gbfs").of({"url": BASE + name + ".json", **settings}).records(ctx)), ctx


class TestVersion2(NetworkConnectorContract):
    @pytest.fixture
    def connector(self):
        return connector_named("gbfs").of({"url": BASE + "gbfs.json"})

    @pytest.fixture
    def answers(self):
        return version2()


class TestVersion3(TestVersion2):
    @pytest.fixture
    def answers(self):
        return version3()


class TestMapping:
    def test_one_dataset_with_a_resource_per_feed_and_language(self):
        (reading,), _ = read(version2())
        dataset = reading.record.dataset
        assert reading.guid == "krs"
        assert [item["name_translated"]["sl"] for item in dataset["resources"]] == [
            "Podatki o sistemu (sl)", "Stanje postaj (sl)", "Podatki o sistemu (en)", "Stanje postaj (en)",
        ]  # fmt: skip
        assert {item["format"] for item in dataset["resources"]} == {"JSON"}
        assert dataset["frequency"] == "5MIN"
        assert dataset["modified"] == "2020-12-01"

    def test_version_3_gives_names_by_language_licence_and_contact(self):
        (reading,), _ = read(version3())
        dataset = reading.record.dataset
        assert dataset["title_translated"]["sl"].startswith("Kolesa Kranj")
        assert dataset["title_translated"]["en"].startswith("Bikes Kranj")
        assert dataset["license_id"] == "CC_BY_4_0"
        assert dataset["contact"][0]["email"] == "kolesa@kranj.si"
        assert dataset["modified"] == "2019-07-04"
        assert [len(dataset["resources"]), dataset["frequency"]] == [2, "1MIN"]

    @pytest.mark.parametrize(
        ("ttl", "code"), [(0, "CONT"), (1, "1MIN"), (61, "5MIN"), (3600, "HOURLY"), (86400, "DAILY"), (10**9, "IRREG")]
    )
    def test_ttl_is_a_frequency(self, ttl, code):
        (reading,), _ = read(version3(ttl))
        assert reading.record.dataset["frequency"] == code

    @pytest.mark.parametrize("ttl", ["soon", -1, True])
    def test_a_ttl_that_is_no_number_is_reported(self, ttl):
        (reading,), _ = read(version3(ttl))
        assert "frequency" not in reading.record.dataset
        assert [(item.path, item.code) for item in reading.problems] == [("frequency", "not-a-number")]

    def test_an_unknown_licence_is_reported_and_kept_among_the_conditions(self):
        (reading,), _ = read(version2(license_url="https://kolesa.example/licenca"))
        assert [item.code for item in reading.problems] == ["unknown-code"]
        assert "https://kolesa.example/licenca" in reading.record.dataset["access_conditions_translated"]["sl"]


class TestManifest:
    def test_the_newest_version_of_each_system_is_read(self):
        answers = manifest(("krs", [("2.3", BASE + "old.json"), ("3.0", BASE + "gbfs.json"), ("4.0", BASE + "x.json")]))
        readings, ctx = read({**answers, **version3()}, "manifest")
        assert [reading.guid for reading in readings] == ["krs"]
        assert ctx.completed

    def test_a_system_that_fails_is_reported_and_makes_the_run_incomplete(self):
        answers = manifest(("krs", [("3.0", BASE + "gbfs.json")]), ("lj", [("3.0", BASE + "gone.json")]), ("mb", []))
        readings, ctx = read({**answers, **version3()}, "manifest")
        assert [(reading.guid, reading.record is not None) for reading in readings] == [
            ("krs", True), ("lj", False), ("mb", False),
        ]  # fmt: skip
        assert not ctx.completed
        report = run(
            connector_named("gbfs").of({"url": BASE + "manifest.json"}),
            Context("vir", Answering({**answers, **version3()})),
            MemorySink(),
            Defaults(),
        )
        assert report.reason == "2 of 3 systems could not be read"
        assert report.counts["error"] == 2
