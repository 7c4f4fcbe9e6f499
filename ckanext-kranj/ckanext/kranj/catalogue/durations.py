"""ISO 8601 durations as people say them: ``P5Y`` is ``5 let``, ``PT15M`` ``15 minut``."""

from __future__ import annotations

import re

_ISO = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
_UNITS = (
    (("leto", "leti", "leta", "let"), ("year", "years")),
    (("mesec", "meseca", "mesece", "mesecev"), ("month", "months")),
    (("teden", "tedna", "tedne", "tednov"), ("week", "weeks")),
    (("dan", "dneva", "dni", "dni"), ("day", "days")),
    (("ura", "uri", "ure", "ur"), ("hour", "hours")),
    (("minuta", "minuti", "minute", "minut"), ("minute", "minutes")),
    (("sekunda", "sekundi", "sekunde", "sekund"), ("second", "seconds")),
)
"""Slovene for 1, 2, 3 or 4, and 5 and more (by the last two digits); English for 1 and more."""


def in_words(duration: str, lang: str) -> str:
    """The words of a duration; what is none, or has fractions, comes back as it is.

    Args:
        duration: as a description holds it.
        lang: ``sl`` or ``en``.
    """
    match = _ISO.fullmatch(duration)
    if match is None or not any(match.groups()):
        return duration
    return " ".join(
        f"{int(digits)} {english[int(digits) != 1] if lang == 'en' else slovene[_form(int(digits))]}"
        for digits, (slovene, english) in zip(match.groups(), _UNITS, strict=True)
        if digits
    )


def _form(number: int) -> int:
    return {1: 0, 2: 1, 3: 2, 4: 2}.get(number % 100, 3)
