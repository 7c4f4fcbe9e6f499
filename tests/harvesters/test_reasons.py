"""Every reason for which a run ends early or waits has words that a steward understands."""

import re
from pathlib import Path

import pytest

import harvesters
from harvesters.errors import HarvestError
from harvesters.reasons import reason_of, reasons

pytestmark = pytest.mark.unit


def codes(kind=HarvestError):
    yield kind.code
    for below in kind.__subclasses__():
        yield from codes(below)


def test_every_error_has_its_reason():
    assert set(codes()) - set(reasons()) == set()


def test_reasons_that_the_engine_gives_itself_are_there():
    folder = Path(harvesters.__file__).parent
    said = set()
    for name in ("engine.py", "removal.py"):
        text = (folder / name).read_text(encoding="utf-8")
        said |= set(
            re.findall(
                r'_broke\("([a-z-]+)"|reason_code(?:, report\.reason)? = (?:report\.reason_code or )?"([a-z-]+)"', text
            )
        )
        said |= {(code, "") for code in re.findall(r'reason = "([a-z]+-[a-z-]+)"', text)}
    flat = {code for pair in said for code in pair if code}
    assert {"source-empty", "too-many-missing", "incomplete", "connector-fault"} <= flat
    assert flat - set(reasons()) == set()


def test_words_are_complete_sentences_in_both_languages():
    for reason in reasons().values():
        for text in (reason.sl, reason.en, reason.remedy["sl"], reason.remedy["en"]):
            assert text[0].isupper(), reason.code
            assert text.endswith("."), reason.code


def test_a_reason_that_nobody_described_is_still_said():
    assert reason_of("never-heard").code == "harvest-error"
    assert reason_of("bad-status").as_dict()["supplier"] is True
