"""By what people narrow a search."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import ckan.plugins as p

from ckanext.kranj.helpers import kranj_text

from schemas import field_named, vocabulary

CODED = ("dataset_kind", "frequency", "access_method", "lifecycle", "visibility", "secrecy")


class KranjFacets(p.IFacets):
    """IFacets of the plugin ``kranj``."""

    def dataset_facets(self, facets_dict: Any, _package_type: str) -> Any:
        """Content area and owner first, then format and the coded fields."""
        facets = OrderedDict()
        facets["groups"] = kranj_text("Vsebinsko področje", "Content area")
        facets["organization"] = kranj_text("Lastnik", "Owner")
        facets["res_format"] = kranj_text("Oblika zapisa", "Format")
        for name in CODED:
            label = field_named(name).label
            facets[name] = kranj_text(label["sl"], label["en"])
        facets["tags"] = kranj_text("Ključne besede", "Keywords")
        return facets

    def organization_facets(self, facets_dict: Any, _organization_type: str, package_type: str | None) -> Any:
        """The same, without the owner."""
        facets = self.dataset_facets(facets_dict, package_type or "dataset")
        facets.pop("organization")
        return facets

    def group_facets(self, facets_dict: Any, _group_type: str, package_type: str | None) -> Any:
        """The same, without the content area."""
        facets = self.dataset_facets(facets_dict, package_type or "dataset")
        facets.pop("groups")
        return facets


def labelled(result: dict[str, Any], lang: str) -> dict[str, Any]:
    """Put labels into the facets of coded fields, as CKAN does for organisations."""
    for name, facet in result.get("search_facets", {}).items():
        listed = _vocabulary_of(name.removeprefix("vocab_"))
        if listed:
            for item in facet["items"]:
                if name != "groups" and item.get("display_name", item["name"]) != item["name"]:
                    continue  # a plugin has given its own word
                item["display_name"] = vocabulary(listed).label(item["name"], lang)
    return result


def _vocabulary_of(facet: str) -> str | None:
    if facet in {"res_format", "groups"}:
        return {"res_format": "file_type", "groups": "content_area"}[facet]
    try:
        return field_named(facet).options.get("vocabulary")
    except KeyError:
        return None
