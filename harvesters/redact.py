"""Secrets out of texts: one function for messages, logs and stored addresses (risk R27)."""

from __future__ import annotations

import logging
import re

HIDDEN = "•••"

_known: set[str] = set()
"""Values that were resolved from a reference in this process: whoever reads a log is not meant to see any of them."""

_NAMES = (
    r"(?:pass(?:word|wd|phrase)?|pwd|geslo|[a-z_\-]*token|(?:api|access|private|subscription|account)?[_\-]?key"
    r"|[a-z_\-]*secret|sig(?:nature)?|auth|credentials?|session(?:id)?|jwt)"
)
_NAMED = rf"(?P<name>(?<![a-z]){_NAMES}[\"']?\s*[=:]\s*)(?!{HIDDEN})(?P<mark>[\"']?)[^\s&,;\"'<>]+"
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?P<scheme>[a-z][a-z0-9+.\-]*://)[^\s/@'\"<>]+@", re.I), rf"\g<scheme>{HIDDEN}@"),
    (re.compile(r"\b(?P<how>Bearer|Basic|Digest|Token)\s+[A-Za-z0-9+/=._~\-]{6,}", re.I), rf"\g<how> {HIDDEN}"),
    (re.compile(r"\beyJ[A-Za-z0-9_\-]{5,}\.[A-Za-z0-9_\-]+\.[A-Za-z0-9_\-]*"), HIDDEN),
    (re.compile(_NAMED, re.I), rf"\g<name>\g<mark>{HIDDEN}"),
)


def remember_secret(value: str) -> None:
    """Let this value be blotted out of every text from now on."""
    if len(value) >= 4:
        _known.add(value)


def redact(text: str) -> str:
    """The text without passwords in addresses, without values that are called secrets or that are known ones."""
    for value in _known:
        text = text.replace(value, HIDDEN)
    for rule, replacement in _RULES:
        text = rule.sub(replacement, text)
    return text


def looks_secret(text: str) -> bool:
    """Whether a text carries something that the redactor would take out."""
    return redact(text) != text


class Redacting(logging.Filter):
    """Puts the redactor before the handlers of a logger."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the message; a traceback keeps its lines and loses its secrets."""
        record.msg, record.args = redact(record.getMessage()), None
        if record.exc_info and not record.exc_text:
            record.exc_text = redact(logging.Formatter().formatException(record.exc_info))
        return True
