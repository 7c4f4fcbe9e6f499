"""The memory connector keeps the contract; the engine is tested with it."""

import pytest

from harvesters import Context, Defaults, MemorySink, connector_named, run
from harvesters.conformance import Answering, ConnectorContract

pytestmark = pytest.mark.unit


def record(guid, **changes):
    dataset = {
        "title_translated": {"sl": f"Zbirka {guid}"},
        "notes_translated": {"sl": "Opis zbirke, ki je dovolj dolg, da ustreza standardu mesta."},
        "resources": [
            {"id": f"r-{guid}", "name_translated": {"sl": "Podatki"}, "format": "CSV", "url": "https://x.si/a.csv"}
        ],
        **changes,
    }
    return {"guid": guid, "dataset": dataset}


def harvested(records, sink, defaults, **settings):
    source = connector_named("memory").of({"records": records, **settings})
    return run(source, Context("vir", Answering({})), sink, defaults)


class TestMemory(ConnectorContract):
    @pytest.fixture
    def connector(self):
        return connector_named("memory").of({"records": [record("a"), record("b")]})


class TestPlan:
    def test_new_changed_unchanged_and_missing(self, defaults):
        sink = MemorySink()
        first = harvested([record("a"), record("b"), record("c")], sink, defaults)
        assert first.counts["create"] == 3
        second = harvested([record("a"), record("b", accuracy="dobra")], sink, defaults)
        counts = second.counts
        assert (counts["update"], counts["unchanged"], counts["missing"]) == (1, 1, 1)
        assert second.missing == ["c"]
        assert set(sink.records) == {"a", "b", "c"}

    def test_a_changed_default_is_a_change(self, defaults):
        sink = MemorySink()
        harvested([record("a")], sink, defaults)
        changed = Defaults({**defaults.dataset, "frequency": "DAILY"}, defaults.internal)
        assert harvested([record("a")], sink, changed).counts["update"] == 1

    def test_defaults_of_the_organisation_are_nearer_than_those_of_the_source(self, defaults):
        sink = MemorySink()
        of_city = {"mestna-obcina-kranj": {"frequency": "WEEKLY"}}
        layered = Defaults(defaults.dataset, defaults.internal, lambda owner: of_city.get(owner, {}))
        harvested([record("a")], sink, layered)
        assert sink.records["a"][1].dataset["frequency"] == "WEEKLY"

    def test_the_first_of_two_equals_is_kept(self, defaults):
        sink = MemorySink()
        report = harvested([record("a"), record("a", accuracy="druga")], sink, defaults)
        assert (report.counts["create"], report.counts["error"]) == (1, 1)
        assert "accuracy" not in sink.records["a"][1].dataset
        assert report.codes()["duplicate-identifier"] == 1
        assert report.missing == []

    def test_a_source_that_breaks_halfway_removes_nothing(self, defaults):
        sink = MemorySink()
        harvested([record(str(n)) for n in range(60)], sink, defaults)
        report = harvested([record(str(n), accuracy="nova") for n in range(60)], sink, defaults, breaks_after=55)
        assert not report.complete
        assert report.reason_code == "source-unavailable"
        assert (report.counts["update"], report.missing) == (55, [])

    def test_a_broken_record_does_not_end_the_run_and_is_not_missing(self, defaults):
        sink = MemorySink()
        harvested([record("a"), record("b")], sink, defaults)
        report = harvested([record("a"), {"guid": "b"}, {"dataset": {}}], sink, defaults)
        assert report.complete
        assert report.counts["error"] == 2
        assert report.missing == []
        assert report.codes() == {"no-identifier": 1, "unreadable-record": 1}

    def test_a_limited_run_is_never_complete(self, defaults):
        source = connector_named("memory").of({"records": [record("a")]})
        report = run(source, Context("vir", Answering({})), MemorySink(), defaults, limit=1)
        assert not report.complete


class TestVerdict:
    def test_a_record_without_mandatory_values_is_a_draft_with_its_problems(self):
        sink = MemorySink()
        report = harvested([record("a")], sink, Defaults())
        assert report.counts["draft"] == 1
        assert sink.records["a"][0].draft
        missing = {problem.path for problem in report.lines[0].problems if problem.code == "missing"}
        assert {"owner_org", "secrecy", "contact", "frequency"} <= missing

    def test_a_refused_optional_value_is_taken_out_and_reported_with_its_content(self, defaults):
        sink = MemorySink()
        report = harvested([record("a", url="ni naslov", accuracy=["x"])], sink, defaults)
        assert report.counts["draft"] == 0
        assert "url" not in sink.records["a"][1].dataset
        problem = next(item for item in report.lines[0].problems if item.path == "url")
        assert (problem.code, problem.params["dropped"]) == ("not-a-uri", "ni naslov")

    def test_unknown_keys_are_refused_and_said(self, defaults):
        sink = MemorySink()
        report = harvested([record("a", color="red")], sink, defaults)
        assert "unknown-key" in report.codes()
        assert "color" not in sink.records["a"][1].dataset

    def test_a_row_that_lacks_its_mandatory_part_goes_as_a_whole(self, defaults):
        sink = MemorySink()
        harvested([record("a", creator=[{"uri": "https://x.si/"}, {"name": "Kdo"}])], sink, defaults)
        assert sink.records["a"][1].dataset["creator"] == [{"name": "Kdo"}]

    def test_the_date_of_issue_stays_that_of_the_first_day(self, defaults):
        from datetime import date

        sink = MemorySink()
        source = connector_named("memory").of({"records": [record("a")]})
        run(source, Context("vir", Answering({})), sink, defaults)
        again = run(source, Context("vir", Answering({})), sink, defaults, today=date(2031, 5, 5))
        assert again.counts["unchanged"] == 1

    def test_a_record_is_not_issued_after_its_last_change(self, defaults):
        sink = MemorySink()
        report = harvested([record("a", modified="2019-05-01")], sink, defaults)
        assert report.counts["draft"] == 0
        assert sink.records["a"][1].dataset["issued"] == "2019-05-01"

    def test_the_report_has_a_json_form(self, defaults):
        import json

        report = harvested([record("a", url="ni naslov"), {"guid": "b"}], MemorySink(), defaults)
        shown = json.loads(json.dumps(report.as_dict()))
        assert shown["counts"]["read"] == 2
        assert shown["records"][0]["problems"][0]["text"]["sl"]
