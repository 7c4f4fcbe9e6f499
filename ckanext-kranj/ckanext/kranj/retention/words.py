"""What states and decisions of retention are called, on pages and in files."""

from __future__ import annotations

from ckanext.kranj.language import in_language

STATUS = {
    "coming": ("še teče", "running"),
    "due": ("poteklo", "due"),
    "proposed": ("predlagano", "proposed"),
    "confirmed": ("potrjeno", "confirmed"),
    "done": ("izvedeno", "done"),
}
DECISION = {
    "extend": ("podaljšanje", "extend"),
    "keep": ("trajna hramba", "keep for ever"),
    "archive": ("izročitev arhivu", "hand over to the archive"),
    "destroy": ("uničenje", "destroy"),
    "review": ("pregled", "review"),
}


def said(column: str, code: str | None) -> str:
    """A code of ``status`` or ``decision`` in the language of the page."""
    words = {"status": STATUS, "decision": DECISION}[column]
    return in_language(*words[code]) if code in words else code or ""
