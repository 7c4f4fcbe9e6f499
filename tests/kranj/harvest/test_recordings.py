"""Recorded real answers, served over HTTP: every record is a dataset or a draft, a second run writes nothing.

The recordings are not in the repository: ``KRANJ_CORPUS`` names their folder.
"""

import json
import re

import pytest

from ckan import model

HRO = "https://www.opendata-hro.de/catalog.rdf"
DEFAULTS = {
    "secrecy": "javno",
    "visibility": "internal",
    "owner_status": "predlagan",
    "access_method": "download",
    "frequency": "UNKNOWN",
    "retention_kind": "T",
    "content_area": ["mestna-obcina"],
    "contact": [{"name": "Podatkovna pisarna", "email": "podatki@kranj.si"}],
}


@pytest.fixture
def city(corpus, httpserver):
    """A function that serves the recorded city catalogue, as it is or as one page."""

    def serve(*, one_page):
        text = (corpus / "dcat/city-catalog-100-datasets.rdf").read_text(encoding="utf-8")
        address = httpserver.url_for("/catalog.rdf")
        text = (
            text.replace("<hydra:nextPage>", "<hydra:lastPage>").replace("</hydra:nextPage>", "</hydra:lastPage>")
            if (one_page)
            else text
        )
        text = text.replace(">217<", ">100<") if one_page else text
        data = text.replace(HRO, address).encode()
        httpserver.expect_request("/catalog.rdf", query_string="").respond_with_data(
            data, content_type="application/rdf+xml"
        )
        httpserver.expect_request("/catalog.rdf").respond_with_data("", status=404)
        return address

    return serve


@pytest.fixture
def file(corpus, httpserver):
    """A function that serves one recorded file."""

    def serve(name, content_type):
        path = "/" + name.rpartition("/")[2]
        httpserver.expect_request(path).respond_with_data((corpus / name).read_bytes(), content_type=content_type)
        return httpserver.url_for(path)

    return serve


@pytest.fixture
def gbfs(corpus, httpserver):
    """A function that serves a recorded GBFS system."""

    def serve(version, entry="gbfs.json"):
        here = httpserver.url_for("/")
        httpserver.expect_request(re.compile("^/gone/")).respond_with_data("", status=404)
        for path in sorted((corpus / "gbfs" / version).glob("*.json")):
            text = path.read_text(encoding="utf-8")
            text = text.replace("https://test.com/", here)
            text = text.replace("https://berlin.example.tier-services.io/tier_paris/gbfs/3.0/", here)
            # One of the systems of the manifest is the one that was recorded; the others are gone.
            text = text.replace("https://berlin.example.com/data-sharing/tier_tier_boras/gbfs/3.0", here + "gbfs.json")
            text = text.replace("https://berlin.example.com/", here + "gone/")
            for name in {"/" + path.name, "/" + path.stem, "/" + path.stem.replace("_", "-")}:
                httpserver.expect_request(name).respond_with_data(text, content_type="application/json")
        return httpserver.url_for("/" + entry)

    return serve


def stored():
    model.Session.expire_all()
    return model.Session.query(model.Package).filter_by(type="dataset").all()


def assert_kept(spec, counted, *, records, drafts, errors=0, complete=True):
    """Run twice; everything is kept, everything rejected has a code, the second run writes nothing."""
    from ckanext.kranj.harvest.model import HarvestRecord
    from ckanext.kranj.harvest.runner import harvest

    first = harvest(spec)
    assert (first.counts["read"], first.counts["create"], first.counts["draft"], first.counts["error"]) == (
        records + errors, records, drafts, errors,
    )  # fmt: skip
    assert first.complete == complete
    assert first.complete or first.reason
    packages = stored()
    assert len(packages) == records
    assert sum(package.state == "draft" for package in packages) == drafts
    for line in first.lines:
        if line.draft or line.action == "error":
            assert any(problem.severity == "error" for problem in line.problems), line
        assert all(problem.code and problem.text("sl") and problem.remedy("en") for problem in line.problems)
    rows = {
        row.package_id: row for row in model.Session.query(HarvestRecord).filter(HarvestRecord.package_id.isnot(None))
    }
    assert all(rows[package.id].problems for package in packages if package.state == "draft")
    with counted() as writes:
        second = harvest(spec)
    assert (second.counts["unchanged"], second.writes) == (records, 0)
    assert (writes.packages, writes.index) == (0, 0)
    assert second.counts["missing"] == 0
    return first


class TestCityCatalogue:
    def test_the_whole_catalogue(self, city, source, counted):
        spec = source(city(one_page=True), defaults=DEFAULTS, settings={"default_language": "de"})
        report = assert_kept(spec, counted, records=100, drafts=27)
        assert set(report.codes()) == {
            "missing",
            "not-translated",
            "unknown-code",
            "unknown-owner",
            "unmapped-property",
        }

    def test_its_first_page_when_the_others_are_gone(self, city, source, counted):
        spec = source(city(one_page=False), defaults=DEFAULTS, settings={"default_language": "de"})
        report = assert_kept(spec, counted, records=100, drafts=27, complete=False)
        assert report.reason_code == "bad-status"

    def test_german_text_is_under_both_languages(self, city, source):
        from ckanext.kranj.harvest.runner import harvest

        harvest(source(city(one_page=True), defaults=DEFAULTS, settings={"default_language": "de"}))
        titles = [json.loads(package.extras["title_translated"]) for package in stored()]
        assert all(title["sl"] == title["de"] for title in titles)


class TestSingleDatasets:
    def test_spanish_national_profile(self, file, source, counted):
        spec = source(file("dcat/dataset_gob_es.ttl", "text/turtle"), defaults=DEFAULTS)
        report = assert_kept(spec, counted, records=1, drafts=0)
        assert report.codes()["unknown-code"] == 2

    def test_german_national_profile(self, file, source, counted):
        spec = source(file("dcat/dataset_gov_de.rdf", "application/rdf+xml"), defaults=DEFAULTS)
        report = assert_kept(spec, counted, records=1, drafts=1)
        assert report.codes()["missing"] == 2


class TestGbfs:
    @pytest.mark.parametrize("version", ["v2.3", "v3.0"])
    def test_one_system(self, gbfs, source, counted, version):
        assert_kept(source(gbfs(version), kind="gbfs", defaults=DEFAULTS), counted, records=1, drafts=0)

    def test_a_manifest_of_which_one_system_is_left(self, gbfs, source, counted):
        spec = source(gbfs("v3.0", "manifest.json"), kind="gbfs", defaults=DEFAULTS)
        report = assert_kept(spec, counted, records=1, drafts=0, errors=6, complete=False)
        assert report.codes()["unreadable-record"] == 6
