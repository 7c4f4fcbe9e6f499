"""By what the list of sources is narrowed: kinds by their names."""

from __future__ import annotations

from typing import Any

import ckan.plugins as p

from ckanext.kranj.harvest.spec import connector_of
from ckanext.kranj.language import language

from harvesters import connector_named


class KindsByName(p.IPackageController):
    """IPackageController of the plugin ``kranj_harvest``."""

    def after_dataset_search(self, search_results: dict[str, Any], search_params: dict[str, Any]) -> dict[str, Any]:
        """Put the title of the connector where CKAN shows the code of its type."""
        for item in search_results.get("search_facets", {}).get("source_type", {}).get("items", ()):
            connector = connector_of(item["name"])
            if connector:
                item["display_name"] = connector_named(connector).title[language()]
        return search_results
