"""What a dataset is in the words of OPSI's API."""

from __future__ import annotations

from typing import Any

from ckanext.kranj.exchange.areas import area_of


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
