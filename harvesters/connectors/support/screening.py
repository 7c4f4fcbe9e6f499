"""Texts that a system holds about its data (comments, names, labels), looked at before they go on (risks R28, R29).

The engine takes personal numbers out of any record; here a text that holds any is blanked as a whole, and e-mail
addresses, telephone numbers and passwords in plain words count too: half a comment is not worth the risk.
"""

from __future__ import annotations

import re

from harvesters.secrecy import screened

_SPOKEN = re.compile(r"(?:geslo|password|pwd|token|klju[cč]|key|skrivnost|secret)\s+(?:je|is)\b\s*\S+", re.IGNORECASE)
_KEYS = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY|\bAKIA[A-Z0-9]{16}\b|\b(?:ghp|gho|sk|xox[bp])[_-][A-Za-z0-9_-]{16,}")


def found_in(text: str) -> tuple[str, ...]:
    """Names of what a text holds that must not go on; empty when it may."""
    found = screened(text, strict=True)[1]
    return found or (("geslo ali ključ",) if _SPOKEN.search(text) or _KEYS.search(text) else ())
