"""Who may decide about harvesting: who edits the source, or of a field of a dataset who edits the dataset."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj.access.auth import user_of
from ckanext.kranj.harvest.logic.auth import _answer, _edits, _sees_harvesting

Auth = Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]
OF_SOURCES = (
    "kranj_harvest_finding_decide", "kranj_harvest_run_decide", "kranj_harvest_withdrawal_decide",
    "kranj_harvest_rename_decide", "kranj_harvest_quarantine_release", "kranj_harvest_restore", "kranj_harvest_history",
    "kranj_harvest_pause",
)  # fmt: skip
LISTS = ("kranj_harvest_finding_list", "kranj_harvest_status")
OF_DATASETS = (
    "kranj_harvest_value_list", "kranj_harvest_value_decide",
    "kranj_harvest_proposal_list", "kranj_harvest_proposal_decide",
)  # fmt: skip


@tk.auth_allow_anonymous_access
def _of_source(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """Who edits the source."""
    return _answer(_edits(context, (data_dict or {}).get("source")))


@tk.auth_allow_anonymous_access
def _list(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """Who edits the source; without one, who works with sources (and gets those he edits)."""
    source = (data_dict or {}).get("source")
    return _answer(_edits(context, source) if source else _sees_harvesting(context))


@tk.auth_allow_anonymous_access
def _of_dataset(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """Who edits the dataset."""
    user, package = user_of(context), model.Package.get((data_dict or {}).get("id") or "")
    if user is None or package is None:
        return _answer(False)
    try:
        return _answer(bool(tk.check_access("package_update", {"user": user.name}, {"id": package.id})))
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return _answer(False)


RIGHTS: dict[str, Auth] = {
    **dict.fromkeys(OF_SOURCES, _of_source),
    **dict.fromkeys(LISTS, _list),
    **dict.fromkeys(OF_DATASETS, _of_dataset),
}
"""Auth functions by the name of their action."""
