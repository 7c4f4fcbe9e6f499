"""OPSI's names in what CKAN shows and indexes."""

from __future__ import annotations

import json
import re
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from .names import opsi_names

_SEVERAL, _INDEXED = "all_podrocje", "vocab_all_podrocje"
_NAMED = re.compile(r"(?<!\w)all_podrocje(?!\w)")


class KranjOpsiNames(p.IPackageController):
    """IPackageController of the plugin ``kranj_opsi``."""

    def after_dataset_show(self, context: dict[str, Any], pkg_dict: dict[str, Any]) -> None:
        """Add them to package_show."""
        _add(pkg_dict)

    def after_dataset_search(self, search_results: dict[str, Any], search_params: dict[str, Any]) -> dict[str, Any]:
        """Add them to every whole result of package_search; a search with ``fl`` gives what it asked for."""
        for row in search_results.get("results", ()):
            if "resources" in row:
                _add(row)
        for facets in (search_results.get("facets") or {}, search_results.get("search_facets") or {}):
            if _INDEXED in facets:
                facets[_SEVERAL] = facets.pop(_INDEXED)
        return search_results

    def before_dataset_index(self, pkg_dict: dict[str, Any]) -> dict[str, Any]:
        """Index them, so that OPSI's filters and facets work; what the catalogue keeps out of the index stays out."""
        if tk.config["kranj.opsi.facets"] and pkg_dict.get("dataset_type") == "dataset":
            names = opsi_names(json.loads(pkg_dict["validated_data_dict"]))
            several = names.pop("all_podrocje")
            pkg_dict.update(
                {key: str(value).lower() if isinstance(value, bool) else value for key, value in names.items()}
            )
            pkg_dict["vocab_all_podrocje"] = several
        return pkg_dict


def _add(dataset: dict[str, Any]) -> None:
    if tk.config["kranj.opsi.facets"] and dataset.get("type") == "dataset":
        dataset.update(opsi_names(dataset))
