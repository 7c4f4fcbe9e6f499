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
            # What was indexed was shown before, and so has them already.
            if "resources" in row and _SEVERAL not in row:
                _add(row)
        for facets in (search_results.get("facets") or {}, search_results.get("search_facets") or {}):
            if _INDEXED in facets:
                facets[_SEVERAL] = facets.pop(_INDEXED)
        return search_results

    def before_dataset_index(self, pkg_dict: dict[str, Any]) -> dict[str, Any]:
        """Index them, so that OPSI's filters and facets work; what the catalogue keeps out of the index stays out."""
        if tk.config["kranj.opsi.facets"] and pkg_dict.get("dataset_type") == "dataset":
            names = opsi_names(json.loads(pkg_dict["validated_data_dict"]))
            pkg_dict[_INDEXED] = names.pop(_SEVERAL)
            pkg_dict.update({**names, "open_data": "true" if names["open_data"] else "false"})
        return pkg_dict

    def before_dataset_search(self, search_params: dict[str, Any]) -> dict[str, Any]:
        """Ask the index by its own name for the areas: only names with this start hold several values there."""
        for key in ("q", "fq", "fq_list", "facet.field"):
            if key in search_params:
                search_params[key] = _renamed(search_params[key])
        return search_params


def _renamed(value: Any) -> Any:
    if isinstance(value, list):
        return [_renamed(one) for one in value]
    return _NAMED.sub(_INDEXED, value) if isinstance(value, str) else value


def _add(dataset: dict[str, Any]) -> None:
    if tk.config["kranj.opsi.facets"] and dataset.get("type") == "dataset":
        dataset.update(opsi_names(dataset))
