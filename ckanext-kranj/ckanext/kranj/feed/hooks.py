"""What the feed does when the catalogue saves: say why a dataset leaves, and have it rendered soon."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

import ckan.plugins as p
from ckan import model

from .background import background
from .config import render_after_save

_REASON = sa.text("INSERT INTO kranj_feed_dirty (package_id, reason) VALUES (:package_id, :reason)")


class KranjFeedHooks(p.IPackageController, p.IConfigurable):
    """IPackageController and IConfigurable of the plugin ``kranj_feed``."""

    def configure(self, config: Any) -> None:
        """Nudge the renderer of this process after each of its commits; once, however often plugins are loaded."""
        if render_after_save() and not sa.event.contains(model.Session, "after_commit", background.nudge):
            sa.event.listen(model.Session, "after_commit", background.nudge)

    def after_dataset_update(self, context: dict[str, Any], pkg_dict: dict[str, Any]) -> None:
        """An update that leaves a dataset not public says so, in its own transaction (``guard``)."""
        row = model.Package.get(pkg_dict["id"])
        if row and (row.private or row.state != "active" or (row.extras or {}).get("visibility") != "public"):
            _explain(context, row.id, "update")

    def after_dataset_delete(self, context: dict[str, Any], pkg_dict: dict[str, Any]) -> None:
        """So does a deletion."""
        row = model.Package.get(pkg_dict["id"])  # CKAN hands on what the caller gave: an id or a name
        if row:
            _explain(context, row.id, "delete")


def _explain(context: dict[str, Any], identifier: str, what: str) -> None:
    model.Session.execute(_REASON, {"package_id": identifier, "reason": f"{what} by {context.get('user') or 'system'}"})
