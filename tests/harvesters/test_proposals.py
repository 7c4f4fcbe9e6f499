"""Proposals, measured on descriptions that people judged; the figures stand in docs/proposals.md."""

import re
from collections import Counter
from pathlib import Path

import pytest

from harvesters.proposals import Proposal, propose

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[2]
JUDGED = ROOT / "tests" / "data" / "judged_descriptions.txt"
CLASSES = {"-": set(), "OP": {"osebni-podatki"}, "PVOP": {"posebne-vrste-op"}}
FIELDS = ("content_area", "theme", "tags_translated", "secrecy")


def judged():
    for line in JUDGED.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            area, themes, personal, keywords, title, text = line.split("|")
            wanted = {
                "content_area": set(area.split(",")),
                "theme": set(themes.split(",")),
                "secrecy": CLASSES[personal],
                "tags_translated": set(keywords.split(",")),
            }
            yield title, text, wanted


def described(title, text=""):
    return {"title_translated": {"sl": title}, "notes_translated": {"sl": text}}


def measured():
    """{field: (precision, recall)} over all judged descriptions."""
    right, said, wanted = Counter(), Counter(), Counter()
    for title, text, judgement in judged():
        found = propose(described(title, text), FIELDS)
        for field in FIELDS:
            values = {item.value for item in found if item.field == field}
            right[field] += len(values & judgement[field])
            said[field] += len(values)
            # Of two areas one is enough: a proposal names one.
            wanted[field] += 1 if field == "content_area" else len(judgement[field])
    return {field: (right[field] / said[field], right[field] / wanted[field]) for field in FIELDS}


def test_the_judged_set_is_large_and_in_order():
    rows = list(judged())
    assert len(rows) >= 150
    assert len({title for title, _, _ in rows}) == len(rows)
    assert len({area for _, _, wanted in rows for area in wanted["content_area"]}) == 9


def test_precision_and_recall_are_those_of_the_documentation():
    page = (ROOT / "docs" / "proposals.md").read_text(encoding="utf-8")
    for field, (precision, recall) in measured().items():
        row = re.search(rf"^\| `{field}` \|.*\| ([\d.]+) \| ([\d.]+) \|$", page, re.M)
        assert row, field
        assert (row[1], row[2]) == (f"{precision:.2f}", f"{recall:.2f}"), field
    assert measured()["content_area"][0] >= 0.85


def test_a_sure_proposal_is_more_often_right_than_an_unsure_one():
    right = {True: [0, 0], False: [0, 0]}
    for title, text, wanted in judged():
        for item in propose(described(title, text), ("content_area",)):
            counted = right[item.confidence >= 0.75]
            counted[0] += item.value in wanted["content_area"]
            counted[1] += 1
    assert right[True][0] / right[True][1] > right[False][0] / max(right[False][1], 1)


class TestRules:
    def test_only_what_the_source_leaves_empty_is_proposed(self):
        dataset = described("Zasedenost parkirišč", "Prosta mesta na parkiriščih ob cesti.")
        assert {item.field for item in propose(dataset, ("content_area",))} == {"content_area"}
        assert propose(dataset, ()) == []

    def test_without_words_nothing_is_proposed(self):
        assert propose({}, FIELDS) == []
        assert propose(described("Tabela 7"), FIELDS) == []

    def test_counted_people_are_no_personal_data(self):
        assert propose(described("Število oseb po naseljih", "Združeni statistični podatki."), ("secrecy",)) == []

    def test_a_proposal_has_a_json_form(self):
        assert Proposal("theme", "TRAN", 0.912).as_dict() == {"field": "theme", "value": "TRAN", "confidence": 0.91}
