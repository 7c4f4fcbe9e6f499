"""The two languages of the portal."""

from __future__ import annotations

import json
from typing import Any

import ckan.plugins.toolkit as tk


def language() -> str:
    """``sl`` or ``en``: the language of the request, outside of one that of the site."""
    lang = tk.h.lang() if tk.request else tk.config["ckan.locale_default"]
    return "en" if str(lang).startswith("en") else "sl"


def in_language(sl: str, en: str) -> str:
    """The one of two texts that is in the language of the page."""
    return en if language() == "en" else sl


def title_of(row: Any) -> str:
    """The name of a stored organisation or dataset in the language of the request.

    Args:
        row: of CKAN's tables ``group`` or ``package``.
    """
    try:
        titles = json.loads((row.extras or {}).get("title_translated") or "{}")
    except ValueError:
        titles = {}
    return str(titles.get(language()) or titles.get("sl") or row.title or row.name)
