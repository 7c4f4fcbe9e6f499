"""The page for stewards: how the feed is, what it left out, and which fix gains most."""

from __future__ import annotations

from flask import Blueprint

import ckan.plugins.toolkit as tk

from ckanext.kranj.access.labels import memberships

from . import inspection, mqa, quality
from .config import feed_config

kranj_feed_stewards = Blueprint("kranj_feed_stewards", __name__)


@kranj_feed_stewards.route("/kranj/feed")
def overview() -> str:
    """For members of an organisation and administrators; for everybody else there is no such page."""
    user = tk.current_user
    known = getattr(user, "is_authenticated", False) and user.state == "active"
    if not known or not (user.sysadmin or memberships(user.id)):
        tk.abort(404)
    settings = feed_config()
    rows = quality.stored()
    scores = quality.scores_of(rows, settings)
    points = [one.points for one in scores]
    return tk.render(
        "kranj/feed.html",
        {
            "status": inspection.status(settings),
            "troubled": inspection.troubled(),
            "gains": mqa.gains(scores),
            "datasets": list(zip(rows, scores, strict=True)),
            "mean": round(sum(points) / len(points)) if points else None,
            "total": mqa.TOTAL,
        },
    )
