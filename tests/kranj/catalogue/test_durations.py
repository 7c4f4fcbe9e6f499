"""Durations in words."""

import pytest

from ckanext.kranj.catalogue.durations import in_words


@pytest.mark.unit
@pytest.mark.parametrize(
    ("iso", "sl", "en"),
    [
        ("P1Y", "1 leto", "1 year"), ("P2Y", "2 leti", "2 years"), ("P3Y", "3 leta", "3 years"),
        ("P5Y", "5 let", "5 years"), ("P101Y", "101 leto", "101 years"), ("P30D", "30 dni", "30 days"),
        ("P1Y6M", "1 leto 6 mesecev", "1 year 6 months"), ("PT15M", "15 minut", "15 minutes"),
        ("P2W", "2 tedna", "2 weeks"), ("PT1H30M5S", "1 ura 30 minut 5 sekund", "1 hour 30 minutes 5 seconds"),
        ("P0.5Y", "P0.5Y", "P0.5Y"), ("P", "P", "P"), ("x", "x", "x"),
    ],
)  # fmt: skip
def test_words(iso, sl, en):
    assert (in_words(iso, "sl"), in_words(iso, "en")) == (sl, en)
