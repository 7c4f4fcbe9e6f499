"""What stands on the desk (cards.yaml). What waits is counted by the action that lists it, so by its rights."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.kranj.access.labels import is_data_office
from ckanext.kranj.language import language


def drafts(rows: int = 0) -> dict[str, Any]:
    """Drafts that the visitor sees, as package_search answers."""
    asked = {"fq": "state:draft", "include_drafts": True, "rows": rows, "sort": "metadata_modified desc"}
    found: dict[str, Any] = tk.get_action("package_search")({}, asked)
    return found


def _drafts() -> int:
    return int(drafts()["count"])


def _approvals() -> int:
    return len(tk.get_action("kranj_approval_list")({}, {}))


def _returned() -> int:
    user = tk.current_user
    if user.sysadmin or is_data_office(user):
        raise tk.NotAuthorized  # they wait for those who proposed
    return len(tk.get_action("kranj_approval_list")({}, {"status": "returned"}))


def _requests() -> int:
    return len(tk.get_action("kranj_access_request_list")({}, {"status": "waiting"}))


def _due() -> int:
    today = datetime.now(tz=UTC).date().isoformat()
    return len(tk.get_action("kranj_retention_list")({}, {"before": today}))


def _findings() -> int:
    return len(tk.get_action("kranj_system_findings")({}, {}))


def _harvest() -> int:
    return len(tk.get_action("kranj_harvest_finding_list")({}, {}))


COUNTS: dict[str, Callable[[], int]] = {
    "approvals": _approvals,
    "drafts": _drafts,
    "due": _due,
    "findings": _findings,
    "harvest": _harvest,
    "requests": _requests,
    "returned": _returned,
}
"""Who counts, by the name that cards.yaml uses."""


@lru_cache(maxsize=1)
def cards() -> list[dict[str, Any]]:
    """The table of cards."""
    loaded: list[dict[str, Any]] = yaml.safe_load((files(__package__) / "cards.yaml").read_text(encoding="utf-8"))
    return loaded


def desk() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What waits for the visitor, and the tools; what the visitor may not use is left out.

    Returns:
        Two lists of ``{"title", "hint", "url", "count"}``; ``count`` is None for tools.
    """
    shown = [line for card in cards() if (line := _line(card)) is not None]
    return [line for line in shown if line["count"] is not None], [line for line in shown if line["count"] is None]


def _line(card: dict[str, Any]) -> dict[str, Any] | None:
    if not p.plugin_loaded(card.get("plugin", "kranj")):
        return None
    try:
        if "needs" in card:
            tk.check_access(card["needs"], {}, {})
        count = COUNTS[card["count"]]() if "count" in card else None
    except tk.NotAuthorized:
        return None
    lang = language()
    return {
        "title": card["title"][lang],
        "hint": card["hint"][lang],
        "url": tk.h.url_for(card["route"]),
        "count": count,
    }
