"""What is public, read with the rights of nobody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

# The condition of the feed (``feed.rows.PUBLIC``), here for a portal that runs without the feed.
_IDS = sa.text(
    "SELECT id FROM package WHERE state = 'active' AND type = 'dataset' AND private IS FALSE"
    " AND extras ->> 'visibility' = 'public' ORDER BY metadata_created, id"
)


def identifiers() -> list[str]:
    """Ids of all public datasets, the oldest first."""
    return list(model.Session.execute(_IDS).scalars())


def show(identifier: str) -> dict[str, Any] | None:
    """A public dataset as anybody sees it, with ``landing``, its page; None for everything else."""
    try:
        found = tk.get_action("package_show")({"user": "", "use_cache": False}, {"id": identifier})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return None
    if found.get("type") != "dataset" or found.get("visibility") != "public":
        return None
    return {**found, "landing": f"{tk.config['ckan.site_url'].rstrip('/')}/dataset/{found['name']}"}


def datasets() -> Iterator[dict[str, Any]]:
    """All of them."""
    for identifier in identifiers():
        found = show(identifier)
        if found:
            yield found
