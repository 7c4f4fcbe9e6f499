"""What waits for a steward: findings with their answers, the preview with its differences, health of all sources."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj.harvest import decisions, events, health, words

blueprint = Blueprint("kranj_harvest_review", __name__, url_prefix="/harvest")

ANSWERS = frozenset({
    "kranj_harvest_run_decide", "kranj_harvest_rename_decide", "kranj_harvest_withdrawal_decide",
    "kranj_harvest_finding_decide", "kranj_harvest_value_decide", "kranj_harvest_proposal_decide",
    "kranj_harvest_quarantine_release", "kranj_harvest_restore",
})  # fmt: skip
"""Actions that the button of a finding, or of a withdrawn dataset, may call."""


def _context() -> dict[str, Any]:
    return {"user": tk.current_user.name, "model": model, "session": model.Session}


@blueprint.route("/health")
def overview() -> Any:
    """How all sources are doing."""
    try:
        rows = tk.get_action("kranj_harvest_health")(_context(), {})
    except tk.NotAuthorized:
        return tk.abort(403)
    shown = [{**row, "spark": words.spark(row["line"])} for row in rows]
    counts = {state: sum(row["state"] == state for row in rows) for state in health.STATES}
    return tk.render("kranj_harvest/health.html", {"rows": shown, "counts": counts})


@blueprint.route("/findings")
def findings() -> Any:
    """Everything that waits for a person, of one source or of all."""
    source = tk.request.args.get("source", "")
    try:
        found = tk.get_action("kranj_harvest_finding_list")(_context(), {"source": source} if source else {})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return tk.abort(404)
    return tk.render("kranj_harvest/findings.html", {"findings": found, "source": source})


@blueprint.route("/answer", methods=["POST"])
def answer() -> Any:
    """One answer to a finding, or the same answer to several: each is decided by itself, one refusal stops no other."""
    form = tk.request.form
    action = form.get("action", "")
    if action not in ANSWERS:
        return tk.abort(404)
    decided = sum(_answered(action, given, form) for given in form.getlist("data") or ["{}"])
    if decided:
        said = "Odločitev je shranjena.", "The decision is saved."
        several = f"Shranjenih odločitev: {decided}.", f"Decisions saved: {decided}."
        tk.h.flash_success(tk.h.kranj_text(*(said if decided == 1 else several)))
    return tk.redirect_to(_back(form.get("back", "")))


def _answered(action: str, given: str, form: Any) -> bool:
    """Whether one decision was stored; why not is said on the page that follows."""
    try:
        data = {**json.loads(given), "decision": form.get("decision", ""), "reason": form.get("reason", "")}
        tk.get_action(action)(_context(), data)
    except (tk.NotAuthorized, tk.ObjectNotFound):
        refusal = "O tem je že odločeno ali ne smete odločati.", "This is decided already, or you may not decide."
        tk.h.flash_error(tk.h.kranj_text(*refusal))
    except (tk.ValidationError, TypeError, ValueError) as error:
        said = getattr(error, "error_dict", {"": ["?"]})
        for messages in said.values():
            tk.h.flash_error(" ".join(words.of_message(str(item)) for item in messages))
    else:
        if action == "kranj_harvest_quarantine_release":
            package = model.Package.get(data.get("source"))
            events.note(package.id, tk.current_user.name, "released")
            model.Session.commit()
        return True
    return False


def _back(path: str) -> str:
    """A page of harvesting or of a dataset to go back to, in the language that was spoken; nothing else is followed."""
    findings = str(tk.h.url_for("kranj_harvest_review.findings"))
    ours = path.startswith("/") and not path.startswith(("//", "/\\"))
    if not ours or ("/harvest/" not in path and "/dataset/" not in path):
        return findings
    spoken = findings.removesuffix("/harvest/findings")  # CKAN takes the language off the path of a request
    return path if path.startswith(f"{spoken}/") else spoken + path


@blueprint.route("/preview/<id>", methods=["GET", "POST"])
def preview(id: str) -> Any:  # noqa: A002 as in the other addresses of sources
    """What the next run would change; a field can be taken or kept."""
    tk.g.dataset_type = "harvest"  # the frame of ckanext-harvest's pages asks for it
    try:
        source = tk.get_action("harvest_source_show")(_context(), {"id": id})
        if tk.request.method == "POST":
            _decide_field(tk.request.form)
            return tk.redirect_to("kranj_harvest_review.preview", id=id)
        found = tk.get_action("kranj_harvest_preview")(_context(), {"source": id})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return tk.abort(404)
    except tk.ValidationError as error:
        for messages in error.error_dict.values():
            tk.h.flash_error(" ".join(words.of_message(str(item)) for item in messages))
        return tk.redirect_to("harvester.admin", id=id)
    return tk.render("kranj_harvest/preview.html", {"harvest_source": source, "preview": found})


def _decide_field(form: Any) -> None:
    """Take the source's value of a field, or keep one's own."""
    package_id, path, decision = form.get("package_id", ""), form.get("field", ""), form.get("decision", "")
    try:
        given = {"id": package_id, "field": path, "decision": decision}
        tk.get_action("kranj_harvest_value_decide")(_context(), given)
    except tk.ObjectNotFound:
        # Written after the last run: no run has met it yet, so nothing is kept beside it. The next run keeps it anyway.
        tk.check_access("package_update", _context(), {"id": package_id})
        if decision == "source":
            decisions.release(package_id, [path])
    except tk.ValidationError as error:
        for messages in error.error_dict.values():
            tk.h.flash_error(" ".join(words.of_message(str(item)) for item in messages))
        return
    tk.h.flash_success(tk.h.kranj_text("Odločitev je shranjena.", "The decision is saved."))
