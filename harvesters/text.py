"""Bytes to text, the way sources really write them, and texts without markup (risks R12, R13, R32)."""

from __future__ import annotations

import codecs
import re
from html.parser import HTMLParser
from typing import Any

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
LEGACY = "cp1250"
"""The code page of older Slovene systems: the last resort, and always worth a warning."""

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_TAG = re.compile(r"<(?:/?[a-zA-Z][a-zA-Z0-9-]*(?:\s[^<>]*)?/?|!--)>?")

_PAGE_STARTS = ("<!doctype html", "<html", "<head", "<body")


def decode(content: bytes, declared: str | None = None) -> tuple[str, str | None]:
    """Decode a body: byte order mark, then the declared charset, then UTF-8, then the Slovene legacy code page.

    Args:
        content: the bytes.
        declared: charset of the Content-Type or of the XML declaration, if any.

    Returns:
        The text, and the charset it was guessed to have when nobody declared it rightly (else None).
    """
    for mark, charset in _BOMS:
        if content.startswith(mark):
            return content.decode(charset, errors="replace"), None
    for candidate in filter(None, (declared, "utf-8")):
        try:
            return content.decode(candidate), None
        except (ValueError, LookupError):  # not this charset, or no charset at all
            continue
    return content.decode(LEGACY, errors="replace"), LEGACY


def is_web_page(content: bytes, content_type: str = "") -> bool:
    """Whether a body is an HTML page, whatever its status and Content-Type say."""
    start = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").decode("latin-1").casefold()
    if start.startswith("<?xml"):
        start = start.partition("?>")[2].lstrip()
    if start.startswith(_PAGE_STARTS):
        return True
    return content_type.startswith("text/html") and start.startswith("<")


class _Stripper(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag in {"p", "br", "li", "div", "tr", "h1", "h2", "h3"}:
            self.parts.append("\n")


def plain(text: str) -> tuple[str, bool]:
    """A text without HTML and control characters, and whether HTML was taken out (risk R32)."""
    text = _CONTROL.sub("", text)
    if not _TAG.search(text):
        return text.strip(), False
    stripper = _Stripper()
    stripper.feed(text)
    stripper.close()
    bare = _TAG.sub("", "".join(stripper.parts))
    lines = (" ".join(line.split()) for line in bare.splitlines())
    return "\n".join(line for line in lines if line), True
