"""What CKAN and its harvester read from a call without asking whether it is there: a lack is a sentence, not a 500."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

NEEDED = {
    "group_autocomplete": ("q",),
    "organization_autocomplete": ("q",),
    "harvest_job_create": ("source_id",),
    "harvest_source_clear": ("id",),
    "harvest_source_delete": ("id",),
    "harvest_source_patch": ("id",),
    "harvest_source_show": ("id",),
    "harvest_source_show_status": ("id",),
    "harvest_source_update": ("id",),
    "organization_member_create": ("id",),
    "organization_member_delete": ("id",),
    "user_invite": ("group_id",),
}
"""Parameters by action (CKAN 2.12.0, ckanext-harvest 1.6.3); test_needed.py watches two of them upstream."""

NAMES_GROUP = frozenset({"organization_member_delete"})
"""Actions that take for granted that the organisation they name exists."""


def demand(action: str, data: Mapping[str, Any]) -> None:
    """Pass only for a call that has what its action takes for granted.

    Raises:
        tk.ValidationError: naming every parameter that is missing.
        tk.ObjectNotFound: there is no such organisation.
    """
    lacking = [name for name in NEEDED.get(action, ()) if name not in data]
    if lacking:
        raise tk.ValidationError({name: [tk._("Missing value")] for name in lacking})
    if action in NAMES_GROUP and model.Group.get(str(data["id"])) is None:
        raise tk.ObjectNotFound
