"""What is missing: grace, archive, halt and ask; renamed records wait for a person. Nothing is ever deleted."""

from datetime import UTC, datetime, timedelta

import pytest

from harvesters import Circumstances, Context, Gone, MemorySink, connector_named, run
from harvesters.conformance import Answering
from harvesters.removal import weigh

pytestmark = pytest.mark.unit

START = datetime(2026, 1, 1, tzinfo=UTC)


def record(guid, title=None):
    title = title or f"Zbirka {guid}"
    return {
        "guid": guid,
        "dataset": {
            "title_translated": {"sl": title},
            "notes_translated": {"sl": f"{title}: opis, ki je dovolj dolg, da ustreza standardu mesta."},
            "resources": [],
        },
    }


class Source:
    """Runs over a list that changes, a day apart unless told otherwise."""

    def __init__(self, defaults, *guids):
        self.defaults, self.sink, self.now, self.last = defaults, MemorySink(), START, None
        self.run(*guids)

    def run(self, *guids, days=1, aliases=None, **settings):
        self.now += timedelta(days=days)
        self.sink.today = self.now
        records = [item if isinstance(item, dict) else record(item) for item in guids]
        connector = connector_named("memory").of({"records": records, **settings})
        report = run(
            connector,
            Context("vir", Answering({}), aliases=aliases or {}),
            self.sink,
            self.defaults,
            circumstances=Circumstances(self.now, last=self.last),
        )
        if report.complete:
            self.last = report.counts["read"]
        return report


ALL = [f"z{number:02}" for number in range(20)]


class TestGrace:
    def test_three_complete_runs_and_seven_days(self, defaults):
        source = Source(defaults, *ALL)
        for day in range(1, 8):
            report = source.run(*ALL[1:])
            assert (report.missing, report.archived) == (["z00"], []), day
        report = source.run(*ALL[1:])
        assert report.archived == ["z00"]
        assert source.sink.archived == {"z00"}
        assert source.run(*ALL[1:]).missing == []

    def test_seven_days_alone_are_not_enough(self, defaults):
        source = Source(defaults, *ALL)
        source.run(*ALL[1:])
        assert source.run(*ALL[1:], days=30).archived == []
        assert source.run(*ALL[1:]).archived == ["z00"]

    def test_who_comes_back_within_the_grace_starts_anew(self, defaults):
        source = Source(defaults, *ALL)
        source.run(*ALL[1:])
        source.run(*ALL[1:])
        source.run(*ALL)
        assert source.run(*ALL[1:], days=30).archived == []

    def test_who_comes_back_after_it_is_restored(self, defaults):
        source = Source(defaults, *ALL)
        for _ in range(8):
            source.run(*ALL[1:])
        report = source.run(*ALL)
        assert report.counts["restore"] == 1
        assert source.sink.archived == set()

    def test_an_incomplete_run_counts_for_nothing(self, defaults):
        source = Source(defaults, *ALL)
        for _ in range(10):
            report = source.run(*ALL, breaks_after=10)
            assert (report.complete, report.missing) == (False, [])
        assert source.sink.missing == {}
        assert source.sink.archived == set()

    def test_a_record_that_cannot_be_read_is_not_missing(self, defaults):
        source = Source(defaults, *ALL)
        assert source.run(*ALL[1:], {"guid": "z00"}).missing == []


class TestHalt:
    @pytest.mark.parametrize(
        ("left", "reason"), [(0, "source-empty"), (9, "too-many-missing"), (14, "too-many-missing"), (15, "")]
    )
    def test_a_source_that_shrinks_is_not_believed(self, defaults, left, reason):
        source = Source(defaults, *ALL)
        for _ in range(10):
            report = source.run(*ALL[:left])
            assert report.halted == reason
            assert bool(source.sink.archived) == (not reason and _ >= 7)
        assert ("removals-halted" in report.codes()) == bool(reason)

    def test_the_rest_of_the_run_goes_on(self, defaults):
        source = Source(defaults, *ALL)
        report = source.run(record("z00", "Nov naslov"), "nov-1", "nov-2")
        assert report.halted == "too-many-missing"
        assert (report.counts["update"], report.counts["create"]) == (1, 2)

    def test_a_few_of_a_small_source_may_go(self, defaults):
        source = Source(defaults, *ALL[:6])
        assert source.run(*ALL[:3]).halted == ""

    def test_half_of_what_was_there_last_time(self):
        gone = [Gone(str(number)) for number in range(4)]
        assert weigh(gone, known=100, seen=40, last=100, now=START).halted == "source-halved"
        assert weigh(gone, known=100, seen=60, last=100, now=START).halted == ""
        assert weigh(gone, known=100, seen=96, last=100, now=START, moved=True).halted == "source-moved"
        assert weigh([], known=100, seen=100, last=100, now=START, moved=True).halted == ""


class TestRenames:
    def test_renamed_records_are_neither_created_nor_missed_but_proposed(self, defaults):
        source = Source(defaults, *ALL)
        renamed = [record(f"nova-{guid}", f"Zbirka {guid}") for guid in ALL]
        report = source.run(*renamed)
        assert report.renames == {f"nova-{guid}": guid for guid in ALL}
        assert (report.counts["create"], report.counts["held"], report.missing) == (0, 20, [])
        assert set(source.sink.records) == set(ALL)

    def test_a_confirmed_renaming_keeps_identity_of_dataset_and_resources(self):
        from schemas import dataset_id, resource_id

        ctx = Context("vir", Answering({}), aliases={"nova": "stara"})
        assert ctx.resource_id("nova", "csv") == resource_id(dataset_id("vir", "stara"), "csv")

    def test_a_record_that_a_person_called_new_is_created(self, defaults):
        source = Source(defaults, *ALL)
        report = source.run(*ALL[1:], record("nova", "Zbirka z00"), aliases={"nova": "nova"})
        assert report.counts["create"] == 1
        assert report.renames == {}

    def test_a_second_record_of_the_same_words_is_no_renaming(self, defaults):
        source = Source(defaults, *ALL)
        report = source.run(record("dvojnik", "Zbirka z19"), *ALL)
        assert (report.renames, report.counts["create"], report.counts["held"]) == ({}, 1, 0)

    def test_an_incomplete_run_proposes_nothing_and_creates_nothing_twice(self, defaults):
        source = Source(defaults, *ALL)
        report = source.run(record("nova", "Zbirka z00"), *ALL[1:], breaks_after=5)
        assert (report.renames, report.counts["held"], report.counts["create"]) == ({}, 1, 0)
