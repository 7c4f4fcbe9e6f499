"""CKAN's actions that decide or reveal who sees what, bound to ``visibility``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.kranj.access import search
from ckanext.kranj.catalogue.facets import labelled
from ckanext.kranj.helpers import language

Action = Callable[[dict[str, Any], dict[str, Any]], Any]


@tk.chained_action
@tk.side_effect_free
def package_search(next_action: Action, context: dict[str, Any], data_dict: dict[str, Any]) -> Any:
    """Search, then check every row against the database: the index alone never decides what is seen."""
    found = next_action(context, search.with_identifier(search.restrict(context, data_dict)))
    return labelled(search.only_asked(data_dict, search.recheck(context, found)), language())


def _bulk(context: dict[str, Any], data_dict: dict[str, Any], action: str, visibility: str) -> None:
    tk.check_access(action, context, data_dict)
    for identifier in tk.get_or_bust(data_dict, "datasets"):
        tk.get_action("package_patch")(tk.fresh_context(context), {"id": identifier, "visibility": visibility})


@tk.chained_action
def bulk_update_private(_next_action: Action, context: dict[str, Any], data_dict: dict[str, Any]) -> None:
    """Narrow the visibility of datasets to their organisation; stock would set ``private`` alone (traps B)."""
    _bulk(context, data_dict, "bulk_update_private", "organization")


@tk.chained_action
def bulk_update_public(_next_action: Action, context: dict[str, Any], data_dict: dict[str, Any]) -> None:
    """Publish datasets, each judged by what publication needs.

    Raises:
        tk.ValidationError: a dataset lacks something; those before it are public already.
    """
    _bulk(context, data_dict, "bulk_update_public", "public")
