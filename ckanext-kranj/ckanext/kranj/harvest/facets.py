"""By what the list of sources is narrowed: kinds and frequencies by their names."""

from __future__ import annotations

import re
from typing import Any

import ckan.plugins as p

from ckanext.kranj.harvest import words
from ckanext.kranj.harvest.spec import connector_of
from ckanext.kranj.language import language

from harvesters import connector_named

_OF_SOURCES = re.compile(r'(?<!-)\bdataset_type:"?harvest\b')


class KindsByName(p.IPackageController):
    """IPackageController of the plugin ``kranj_harvest``."""

    def after_dataset_search(self, search_results: dict[str, Any], search_params: dict[str, Any]) -> dict[str, Any]:
        """Put words where CKAN shows codes: the title of a connector, how often a source is asked."""
        for item in search_results.get("search_facets", {}).get("source_type", {}).get("items", ()):
            connector = connector_of(item["name"])
            if connector:
                item["display_name"] = connector_named(connector).title[language()]
        if _OF_SOURCES.search(_filters(search_params)):  # datasets have frequencies of their own, some of one name
            for item in search_results.get("search_facets", {}).get("frequency", {}).get("items", ()):
                item["display_name"] = words.word("frequency", item["name"])
        return search_results


def _filters(search_params: dict[str, Any]) -> str:
    return " ".join([str(search_params.get("fq") or ""), *map(str, search_params.get("fq_list") or ())])
