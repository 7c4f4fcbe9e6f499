"""A problem with a description is data: path, code, severity, parameters; the words come from one catalogue."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

import yaml

Severity = Literal["error", "warning"]


@lru_cache(maxsize=1)
def texts() -> dict[str, dict[str, Any]]:
    """The catalogue of problems: code -> severity, sl, en, remedy {sl, en}, source of the rule."""
    raw = (files("schemas") / "problems.yaml").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, Any]] = yaml.safe_load(raw)
    return loaded


class _Readable(dict[str, Any]):
    """Parameters of a text; a missing one shows as its own name instead of raising in front of a user."""

    def __missing__(self, key: str) -> str:
        return key


@dataclass(frozen=True)
class Problem:
    """What is wrong, where, and how bad it is.

    ``path`` is written as in JSON: ``contact[0].email``. Tests and programs look at ``code``, never at the words.
    """

    path: str
    code: str
    severity: Severity = "error"
    params: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, path: str, code: str, **params: Any) -> Problem:
        """Make a problem with the severity that the catalogue gives its code."""
        return cls(path, code, texts()[code]["severity"], params)

    def text(self, lang: str = "sl") -> str:
        """One sentence that says what is wrong, in ``sl`` or ``en``."""
        return str(texts()[self.code][lang]).format_map(_Readable(self.params, path=self.path))

    def remedy(self, lang: str = "sl") -> str:
        """One sentence that says what to do about it, in ``sl`` or ``en``."""
        return str(texts()[self.code]["remedy"][lang]).format_map(_Readable(self.params, path=self.path))

    def as_dict(self) -> dict[str, Any]:
        """The JSON form, with the words in both languages."""
        return {
            "path": self.path,
            "code": self.code,
            "severity": self.severity,
            "params": self.params,
            "text": {lang: self.text(lang) for lang in ("sl", "en")},
            "remedy": {lang: self.remedy(lang) for lang in ("sl", "en")},
        }
