"""The page of one dataset's retention: what happened, holds, and the decision of two people."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.kranj.catalogue.describe import refuse
from ckanext.kranj.retention.actions import TRIGGERS
from ckanext.kranj.retention.flow import DECISIONS

STEPS: dict[str, tuple[str, tuple[str, ...], dict[str, Any]]] = {
    "event": ("kranj_retention_event", ("trigger", "on"), {}),
    "hold": ("kranj_retention_hold", ("reason",), {}),
    "lift": ("kranj_retention_hold", (), {"lift": True}),
    "propose": ("kranj_retention_propose", ("decision", "reason", "until"), {}),
    "agree": ("kranj_retention_confirm", (), {"agree": True}),
    "return": ("kranj_retention_confirm", ("reason",), {"agree": False}),
    "done": ("kranj_retention_done", ("evidence", "on"), {}),
}
"""What a button of the page does: the action, the fields of its form, and what it always says."""


def decide(id: str) -> Any:  # noqa: A002 CKAN's name of it
    """Show the page, or do what one of its buttons says."""
    errors: dict[str, Any] = {}
    form, step = tk.request.form, tk.request.form.get("step", "")
    try:
        dataset = tk.get_action("package_show")({}, {"id": id})
        if dataset["type"] != "dataset":
            return tk.abort(404)
        tk.check_access("kranj_retention_show", {}, {"id": dataset["id"]})
        if step == "done" and not form.get("sure"):
            raise refuse("sure", "missing")
        if step in STEPS:
            action, fields, fixed = STEPS[step]
            given = {name: form.get(name, "").strip() for name in fields}
            tk.get_action(action)({}, {"id": dataset["id"], **given, **fixed})
            tk.h.flash_success(tk.h.kranj_text("Zapisano.", "Written."))
            return tk.redirect_to("kranj_retention.decide", id=dataset["name"])
        found = tk.get_action("kranj_retention_show")({}, {"id": dataset["id"]})
    except tk.NotAuthorized:
        if step not in ("agree", "return"):
            return tk.abort(404)
        # Whoever sees the page may know why: it takes a second person, of the data office.
        tk.h.flash_error(tk.h.kranj_text(
            "Potrdi ali vrne druga oseba iz podatkovne pisarne.",
            "A second person of the data office confirms or returns.",
        ))  # fmt: skip
        return tk.redirect_to("kranj_retention.decide", id=dataset["name"])
    except tk.ObjectNotFound:
        return tk.abort(404)
    except tk.ValidationError as error:
        errors = error.error_dict
        found = tk.get_action("kranj_retention_show")({}, {"id": dataset["id"]})
    extra = {
        "pkg_dict": dataset, "dataset_type": "dataset", "found": found, "errors": errors, "form": form, "step": step,
        "triggers": TRIGGERS, "decisions": DECISIONS,
    }  # fmt: skip
    return tk.render("kranj/retention_dataset.html", extra)
