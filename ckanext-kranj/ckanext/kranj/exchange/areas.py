"""Areas (področja) of the national portal: a field of the statutory form, and what its API filters by."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import yaml

from schemas import vocabulary


@lru_cache(maxsize=1)
def _areas() -> dict[str, str]:
    return dict(yaml.safe_load((Path(__file__).parent / "areas.yaml").read_text(encoding="utf-8")))


def area_of(theme: str) -> str:
    """The area of the national portal that an EU theme belongs to; the theme's own label when it is not listed."""
    return _areas().get(theme) or vocabulary("data_theme").label(theme, "sl")
