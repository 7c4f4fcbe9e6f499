"""The two languages of the portal."""

from __future__ import annotations

import ckan.plugins.toolkit as tk


def language() -> str:
    """``sl`` or ``en``: the language of the request, outside of one that of the site."""
    lang = tk.h.lang() if tk.request else tk.config["ckan.locale_default"]
    return "en" if str(lang).startswith("en") else "sl"


def in_language(sl: str, en: str) -> str:
    """The one of two texts that is in the language of the page."""
    return en if language() == "en" else sl
