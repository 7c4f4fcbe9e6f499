"""The page of the report: what to mend first, and where."""

from __future__ import annotations

from flask import Blueprint

import ckan.plugins.toolkit as tk

blueprint = Blueprint("kranj_report", __name__)


@blueprint.route("/report")
def index() -> str:
    """Every rule that descriptions of the visitor's organisations break, what helps, and the descriptions."""
    asked = {name: tk.request.args[name] for name in ("organization", "code") if tk.request.args.get(name)}
    try:
        found = tk.get_action("kranj_report")({}, asked)
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return tk.abort(404)
    fields = {"all_fields": True, "include_extras": True, "include_dataset_count": False}
    listed = tk.get_action("organization_list")({}, fields)
    names = {row["name"]: tk.h.kranj_title(row) for row in listed}
    return tk.render("kranj/report.html", {"found": found, "names": names, "asked": asked})
