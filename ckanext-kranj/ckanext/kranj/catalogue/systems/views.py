"""Pages of the register beside CKAN's own pages of each entry."""

from __future__ import annotations

from flask import Blueprint

import ckan.plugins.toolkit as tk

from ckanext.kranj.catalogue.systems import entries, judgement

blueprint = Blueprint("kranj_systems", __name__, url_prefix="/systems")


def index() -> str:
    """The register with its lock-in scorecard and findings."""
    try:
        scorecard = tk.get_action("kranj_system_scorecard")({}, {})
        findings = tk.get_action("kranj_system_findings")({}, {})
    except tk.NotAuthorized:
        return tk.abort(403)
    systems, _ = entries.register({"user": tk.current_user.name})
    extra = {
        "scorecard": scorecard,
        "findings": findings,
        "systems": {system.id: system for system in systems},
        "criteria": [(code, sl, en) for code, sl, en, _ in judgement.CRITERIA],
    }
    return tk.render("kranj/systems.html", extra)


blueprint.add_url_rule("", endpoint="index", view_func=index)
