"""By what two records are recognised as the same thing under different identifiers (risks R18, R19)."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

_WORD = re.compile(r"[a-z0-9]+")


def likeness(dataset: Mapping[str, Any]) -> str:
    """A key (16 hex) that two records share when title, description and owner say the same; empty without a title."""
    title, notes = _text(dataset.get("title_translated")), _text(dataset.get("notes_translated"))
    if not title:
        return ""
    text = f"{title}|{notes}|{dataset.get('owner_org') or ''}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def title_key(dataset: Mapping[str, Any]) -> str:
    """The same for the title alone, whoever owns the data."""
    title = _text(dataset.get("title_translated"))
    return hashlib.sha256(title.encode()).hexdigest()[:16] if title else ""


def _text(value: Any) -> str:
    """The words of the Slovene text, without case, accents and punctuation."""
    text = str(value.get("sl") or next(iter(value.values()), "")) if isinstance(value, Mapping) else ""
    bare = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode("ascii")
    return " ".join(_WORD.findall(bare))
