"""Why a run did not come to its end or waits for somebody, in the words of reasons.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

OTHER = "harvest-error"


@dataclass(frozen=True)
class Reason:
    """What happened, and what to do about it."""

    code: str
    sl: str
    en: str
    remedy: dict[str, str]
    supplier: bool = False
    """The supplier of the source is the one to ask."""

    def as_dict(self) -> dict[str, Any]:
        """The JSON form, as that of a problem."""
        return {
            "code": self.code,
            "text": {"sl": self.sl, "en": self.en},
            "remedy": self.remedy,
            "supplier": self.supplier,
        }


@lru_cache(maxsize=1)
def reasons() -> dict[str, Reason]:
    """All reasons by code."""
    raw = yaml.safe_load((files("harvesters") / "reasons.yaml").read_text(encoding="utf-8"))
    return {code: Reason(code, **words) for code, words in raw.items()}


def reason_of(code: str) -> Reason:
    """The reason of that code; one that nobody described says that the harvest failed."""
    return reasons().get(code) or reasons()[OTHER]
