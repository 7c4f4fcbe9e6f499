"""Proposals where a source is silent: content area, themes, keywords and class of personal data, with a confidence.

A proposal is never written into a record: it waits for a steward, whose answer is remembered and wins.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from schemas import vocabulary

TITLE = 3
"""A word of the title counts as often as three of the text."""
LEAST = 0.45
"""Below this confidence nothing is proposed."""
MOST_KEYWORDS = 5

_START = 3
"""Letters by which stems are looked up; none is shorter."""
_WORD = re.compile(r"[a-z0-9-]+")


@dataclass(frozen=True)
class Proposal:
    """One value for one field."""

    field: str
    value: str
    confidence: float
    """0 to 1: how clearly the words speak for this value and not for another one."""

    def as_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {"field": self.field, "value": self.value, "confidence": round(self.confidence, 2)}


@dataclass(frozen=True)
class _Lexicon:
    by_start: dict[str, list[tuple[str, tuple[str, ...], str]]]
    """First letters of a stem -> area, stem, keyword."""
    themes: dict[str, tuple[tuple[str, ...], ...]]
    personal: dict[str, tuple[tuple[str, ...], ...]]


def propose(dataset: Mapping[str, Any], silent: Collection[str]) -> list[Proposal]:
    """What the words of a description speak for.

    Args:
        dataset: the description.
        silent: the fields that its source left empty; only these are proposed. ``content_area``, ``theme``,
            ``tags_translated`` and ``secrecy`` are known.

    Returns:
        Proposals by field, the surest first.
    """
    words = Counter(_stems(_text(dataset, "title_translated")))
    title = list(words)
    text = _stems(_text(dataset, "notes_translated"))
    found: list[Proposal] = []
    if not words and not text:
        return found
    scores, keywords = _areas(title, text)
    ranked = scores.most_common(2)
    area = ranked[0][0] if ranked else ""
    sure = _confidence(scores)
    if area and sure >= LEAST and "content_area" in silent:
        found.append(Proposal("content_area", area, sure))
    if "theme" in silent and sure >= LEAST and area:
        found += _themes(area, title + text, sure)
    if "tags_translated" in silent:
        total = sum(keywords.values()) or 1
        found += [
            Proposal("tags_translated", word, min(0.95, 0.4 + count / total))
            for word, count in keywords.most_common(MOST_KEYWORDS)
        ]
    if "secrecy" in silent:
        found += _personal(title + text)
    return found


def _areas(title: list[str], text: list[str]) -> tuple[Counter[str], Counter[str]]:
    scores: Counter[str] = Counter()
    keywords: Counter[str] = Counter()
    for words, weight in ((title, TITLE), (text, 1)):
        hits: Counter[tuple[str, tuple[str, ...], str]] = Counter()
        for index in range(len(words)):
            hits.update(_longest(words, index))
        for (area, stem, keyword), count in hits.items():
            scores[area] += weight * len(stem) * min(count, 2)
            keywords[keyword] += weight * min(count, 2) if keyword else 0
    return scores, +keywords


def _longest(words: list[str], index: int) -> list[tuple[str, tuple[str, ...], str]]:
    """What the word at this place speaks for: ``parkirišče`` for parkir-, not for park-."""
    found = [entry for entry in _lexicon().by_start.get(words[index][:_START], ()) if _fits(words, index, entry[1])]
    longest = max((sum(map(len, stem)) for _, stem, _ in found), default=0)
    return [item for item in found if sum(map(len, item[1])) == longest]


def _confidence(scores: Counter[str]) -> float:
    """Near 1 when one area has many words and the next has few; low when two are even, or words are scarce."""
    ranked = [score for _, score in scores.most_common(2)] + [0, 0]
    first, second = ranked[0], ranked[1]
    return (first - second) / first * first / (first + 1.5) if first else 0.0


def _themes(area: str, words: list[str], sure: float) -> list[Proposal]:
    allowed: list[str] = vocabulary("content_area").extra(area).get("themes", [])
    counted = {theme: sum(_hits(words, stem) for stem in _lexicon().themes.get(theme, ())) for theme in allowed}
    chosen = [theme for theme in allowed if counted[theme]] or allowed[:1]
    return [Proposal("theme", theme, sure if len(chosen) == 1 else sure * 0.8) for theme in chosen]


def _personal(words: list[str]) -> list[Proposal]:
    hits = {name: sum(_hits(words, stem) for stem in stems) for name, stems in _lexicon().personal.items()}
    people = hits["personal"] + hits["special"]
    if not people or hits["none"] > people:
        return []
    value = "posebne-vrste-op" if hits["special"] and hits["special"] >= hits["personal"] else "osebni-podatki"
    if hits["special"] and hits["personal"] and not hits["none"]:
        value = "posebne-vrste-op"
    return [Proposal("secrecy", value, people / (people + hits["none"] + 0.7))]


def _hits(words: list[str], stem: tuple[str, ...]) -> int:
    return sum(_fits(words, index, stem) for index in range(len(words)))


def _fits(words: list[str], index: int, stem: tuple[str, ...]) -> bool:
    return len(stem) <= len(words) - index and all(
        words[index + step].startswith(part) for step, part in enumerate(stem)
    )


def _text(dataset: Mapping[str, Any], name: str) -> str:
    value = dataset.get(name)
    return str(value.get("sl") or "") if isinstance(value, Mapping) else ""


def _stems(text: str) -> list[str]:
    bare = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode("ascii")
    return _WORD.findall(bare)


@lru_cache(maxsize=1)
def _lexicon() -> _Lexicon:
    raw = yaml.safe_load((files("harvesters") / "proposals.yaml").read_text(encoding="utf-8"))

    def stems(texts: list[str]) -> tuple[tuple[str, ...], ...]:
        return tuple(tuple(_stems(text)) for text in texts)

    by_start: dict[str, list[tuple[str, tuple[str, ...], str]]] = {}
    for area, given in raw["content_area"].items():
        for text, keyword in given.items():
            stem = tuple(_stems(text))
            by_start.setdefault(stem[0][:_START], []).append((area, stem, keyword))
    return _Lexicon(
        by_start,
        {theme: stems(given) for theme, given in raw["theme"].items()},
        {name: stems(given) for name, given in raw["personal"].items()},
    )
