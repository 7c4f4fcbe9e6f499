"""A steward's word is never overwritten; the source's new value is shown beside it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvesters import Context, Held, MemorySink, connector_named, run
from harvesters.conformance import Answering
from harvesters.ownership import merge

pytestmark = pytest.mark.unit

WRITTEN = {
    "title_translated": {"sl": "Naslov vira"},
    "accuracy": "vir",
    "secrecy": "javno",
    "visibility": "public",
    "resources": [
        {"id": "a", "name_translated": {"sl": "A"}, "format": "CSV", "url": "https://x.si/a"},
        {"id": "b", "name_translated": {"sl": "B"}, "format": "CSV", "url": "https://x.si/b"},
    ],
}


def merged(new, current, written=None, **options):
    return merge(new, {}, Held(current, {}, WRITTEN if written is None else written, **options))


class TestFields:
    def test_what_nobody_touched_follows_the_source(self):
        found = merged({**WRITTEN, "accuracy": "nova"}, WRITTEN)
        assert (found.dataset["accuracy"], found.kept) == ("nova", {})

    def test_what_a_steward_wrote_stays_and_the_source_is_shown_beside(self):
        found = merged({**WRITTEN, "accuracy": "nova"}, {**WRITTEN, "accuracy": "moja"})
        assert (found.dataset["accuracy"], found.kept) == ("moja", {"accuracy": "nova"})

    def test_what_a_steward_added_stays(self):
        found = merged(WRITTEN, {**WRITTEN, "provenance": "Popis 2020"})
        assert found.dataset["provenance"] == "Popis 2020"

    def test_what_a_steward_took_away_stays_away(self):
        current = {key: value for key, value in WRITTEN.items() if key != "accuracy"}
        found = merged({**WRITTEN, "accuracy": "nova"}, current)
        assert "accuracy" not in found.dataset
        assert found.kept == {"accuracy": "nova"}

    def test_what_the_source_takes_away_goes(self):
        new = {key: value for key, value in WRITTEN.items() if key != "accuracy"}
        assert "accuracy" not in merged(new, WRITTEN).dataset

    def test_a_word_stays_the_stewards_also_when_the_source_says_the_same_for_a_while(self):
        agreed = {**WRITTEN, "accuracy": "moja"}
        found = merged({**WRITTEN, "accuracy": "tretja"}, agreed, agreed, owned=frozenset({"accuracy"}))
        assert found.dataset["accuracy"] == "moja"

    def test_blanks_and_empty_parts_are_no_words(self):
        current = {**WRITTEN, "accuracy": " vir ", "provenance": "", "creator": []}
        assert merged({**WRITTEN, "accuracy": "nova"}, current).dataset["accuracy"] == "nova"

    def test_lost_memory_means_the_source_speaks(self):
        found = merge({"accuracy": "nova"}, {}, Held({"accuracy": "moja"}, {}, None))
        assert (found.dataset, found.kept) == ({"accuracy": "nova"}, {})

    def test_the_internal_block_has_owners_too(self):
        held = Held(WRITTEN, {"notes": "moje", "location": {"system": "S"}}, WRITTEN, {"location": {"system": "S"}})
        found = merge(WRITTEN, {"location": {"system": "Nov"}, "notes": "vir"}, held)
        assert found.internal == {"location": {"system": "Nov"}, "notes": "moje"}
        assert found.kept == {"internal.notes": "vir"}


class TestResources:
    def with_first(self, **changes):
        first, second = WRITTEN["resources"]
        return {**WRITTEN, "resources": [{**first, **changes}, second]}

    def test_words_in_a_resource_stay(self):
        found = merged(self.with_first(url="https://x.si/nov"), self.with_first(name_translated={"sl": "Moje ime"}))
        first = found.dataset["resources"][0]
        assert (first["name_translated"]["sl"], first["url"]) == ("Moje ime", "https://x.si/nov")
        assert found.kept == {"resources.a.name_translated": {"sl": "A"}}

    def test_a_resource_that_a_steward_added_stays_and_one_taken_away_stays_away(self):
        own = {"id": "c", "name_translated": {"sl": "Moja"}, "url": "https://x.si/c", "format": "PDF"}
        current = {**WRITTEN, "resources": [WRITTEN["resources"][0], own]}
        found = merged(WRITTEN, current)
        assert [item["id"] for item in found.dataset["resources"]] == ["a", "c"]
        assert found.kept == {"resources.b": WRITTEN["resources"][1]}

    def test_new_resources_of_the_source_come_and_old_ones_go(self):
        new = {**WRITTEN, "resources": [WRITTEN["resources"][1], {"id": "d"}]}
        assert [item["id"] for item in merged(new, WRITTEN).dataset["resources"]] == ["b", "d"]


class TestStricter:
    def test_a_source_that_becomes_secret_is_believed_at_once(self):
        current = {**WRITTEN, "secrecy": "javno", "accuracy": "moja", "visibility": "public"}
        found = merged({**WRITTEN, "secrecy": "osebni-podatki"}, current, owned=frozenset({"secrecy", "visibility"}))
        assert found.dataset["secrecy"] == "osebni-podatki"
        assert found.dataset["visibility"] == "internal"

    def test_a_source_that_narrows_its_level_is_believed_at_once(self):
        found = merged({**WRITTEN, "visibility": "organization"}, WRITTEN, owned=frozenset({"visibility"}))
        assert found.dataset["visibility"] == "organization"

    def test_a_source_that_stays_strict_does_not_undo_what_a_steward_opened(self):
        written = {**WRITTEN, "visibility": "internal"}
        found = merged({**written, "accuracy": "nova"}, {**written, "visibility": "public"}, written)
        assert found.dataset["visibility"] == "public"


VALUES = st.sampled_from([None, "a", "b", "c"])


@given(VALUES, VALUES, VALUES, st.booleans())
def test_no_steward_ever_loses_a_word(before, current, new, owned):
    """For every combination of what was written, what stands there and what comes."""

    def value(text):
        return {} if text is None else {"accuracy": text}

    paths = frozenset({"accuracy"} if owned else ())
    found = merge(value(new), {}, Held(value(current), {}, value(before), owned=paths))
    if owned or current != before:
        assert found.dataset.get("accuracy") == current
        assert "accuracy" in found.kept
    else:
        assert found.dataset.get("accuracy") == new


class TestInARun:
    def record(self, **changes):
        return {
            "guid": "a",
            "dataset": {
                "title_translated": {"sl": "Zbirka"},
                "notes_translated": {"sl": "Opis zbirke, ki je dovolj dolg, da ustreza standardu mesta."},
                "resources": [
                    {"id": "r", "name_translated": {"sl": "P"}, "format": "CSV", "url": "https://x.si/a.csv"}
                ],
                **changes,
            },
        }

    def go(self, sink, defaults, **changes):
        source = connector_named("memory").of({"records": [self.record(**changes)]})
        return run(source, Context("vir", Answering({})), sink, defaults)

    def test_a_kept_word_is_said_in_the_report(self, defaults):
        sink = MemorySink()
        self.go(sink, defaults)
        sink.edited["a"] = {"accuracy": "moja"}
        report = self.go(sink, defaults, accuracy="vir")
        assert report.codes()["steward-value-kept"] == 1
        assert sink.records["a"][1].dataset["accuracy"] == "moja"

    def test_a_steward_may_complete_what_the_source_lacks(self, defaults):
        sink = MemorySink()
        lacking = {key: value for key, value in defaults.dataset.items() if key != "frequency"}
        bare = type(defaults)(lacking, defaults.internal)
        assert self.go(sink, bare).counts["draft"] == 1
        sink.edited["a"] = {"frequency": "DAILY"}
        report = self.go(sink, bare, accuracy="nova")
        assert (report.counts["update"], report.counts["draft"]) == (1, 0)

    def test_words_that_contradict_each_other_keep_the_last_good_version(self, defaults):
        sink = MemorySink()
        self.go(sink, defaults)
        sink.edited["a"] = {"retention_kind": "LETA", "retention_period": "ni trajanje"}
        report = self.go(sink, defaults, accuracy="nova")
        assert report.counts["error"] == 1
        assert "steward-conflict" in report.codes()
        assert sink.records["a"][1].dataset.get("accuracy") is None
