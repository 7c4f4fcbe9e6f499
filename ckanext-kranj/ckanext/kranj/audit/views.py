"""The page "kdo je kaj naredil" of a dataset."""

from __future__ import annotations

from flask import Blueprint

import ckan.plugins.toolkit as tk

blueprint = Blueprint("kranj_audit", __name__)


@blueprint.route("/dataset/<id>/history")
def history(id: str) -> str:  # noqa: A002 CKAN's name of it
    """Steps of a dataset's history."""
    try:
        dataset = tk.get_action("package_show")({}, {"id": id})
        reads = tk.request.args.get("reads") != "0"
        listed = tk.get_action("kranj_audit_list")
        steps = listed({}, {"id": id, "before": tk.request.args.get("before"), "reads": reads})
        older = bool(steps) and bool(listed({}, {"id": id, "before": steps[-1]["id"], "reads": reads, "limit": 1}))
    except tk.ObjectNotFound:
        return tk.abort(404)
    except tk.NotAuthorized:
        return tk.abort(403)
    variables = {
        "pkg_dict": dataset,
        "pkg": dataset,
        "steps": steps,
        "older": older,
        "reads": reads,
        "dataset_type": dataset["type"],
    }
    return tk.render("kranj/history.html", variables)
