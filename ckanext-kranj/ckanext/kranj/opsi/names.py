"""What a dataset is in the words of OPSI's API."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from schemas import vocabulary


@lru_cache(maxsize=1)
def _areas() -> dict[str, str]:
    return dict(yaml.safe_load((Path(__file__).parent / "areas.yaml").read_text(encoding="utf-8")))


def area_of(theme: str) -> str:
    """The area of the national portal that an EU theme belongs to; the theme's own label when it is not listed."""
    return _areas().get(theme) or vocabulary("data_theme").label(theme, "sl")


def opsi_names(dataset: dict[str, Any]) -> dict[str, Any]:
    """OPSI's keys and facets, all derived.

    Args:
        dataset: as ``package_show`` returns it.
    """
    areas = sorted({area_of(theme) for theme in dataset.get("theme") or ()})
    owner = (dataset.get("organization") or {}).get("name") or ""
    return {
        "podrocje": areas[0] if areas else "",
        "all_podrocje": areas,
        "open_data": dataset.get("secrecy") == "javno" and bool(dataset.get("license_id")),
        "all_licence": dataset.get("license_id") or "",
        # OPSI writes slugs with underscores, as the software it comes from did
        "publisher": owner.replace("-", "_"),
    }
