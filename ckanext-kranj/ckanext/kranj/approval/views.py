"""The page on which a steward proposes a level, and the one on which the data office decides."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

import ckan.plugins.toolkit as tk

from ckanext.kranj import config

blueprint = Blueprint("kranj_approval", __name__)

REFUSALS = {
    "not-found": ("Predlog je bil medtem umaknjen.", "The proposal was taken back meanwhile."),
    "already-decided": (
        "O predlogu je medtem odločil nekdo drug. Osvežite stran, da vidite odločitev.",
        "Somebody else decided about the proposal meanwhile. Load the page again to see the decision.",
    ),
    "own-proposal": ("O svojem predlogu ne odločate sami.", "Nobody decides about a proposal of his own."),
}


def refusal(why: str) -> str:
    """Why a proposal could not be decided, in the language of the page."""
    if why in REFUSALS:
        return tk.h.kranj_text(*REFUSALS[why])
    lead = tk.h.kranj_text("Opis ne ustreza več, zato predlog še čaka: ",
                           "The description no longer meets the standard, so the proposal still waits: ")  # fmt: skip
    return f"{lead}{why}"


@blueprint.route("/approvals", methods=["GET", "POST"])
def approvals() -> Any:
    """What waits, and the decision about several at once; what was typed stays when nothing could be decided."""
    form = tk.request.form
    problems: list[str] = []
    if form.get("source"):
        return _approve_source(form["source"])
    if tk.request.method == "POST":
        problems = _lacking(form)
        if not problems:
            return _decide(form)
    try:
        waiting = tk.get_action("kranj_approval_list")({}, {})
        returned = tk.get_action("kranj_approval_list")({}, {"status": "returned"})
    except tk.NotAuthorized:
        return tk.abort(403)
    try:
        sources = tk.get_action("kranj_source_approval_list")({}, {})
    except tk.NotAuthorized:
        sources = []  # for the data office only
    extra = {"waiting": waiting, "returned": returned, "sources": sources, "problems": problems,
             "chosen": form.getlist("ids"), "comment": form.get("comment", "")}  # fmt: skip
    return tk.render("kranj/approvals.html", extra)


def _lacking(form: Any) -> list[str]:
    """What a posted decision lacks, in words."""
    text = tk.h.kranj_text
    if not form.getlist("ids"):
        return [text("Označite vsaj en predlog.", "Tick at least one proposal.")]
    if form.get("decision") == "return" and not form.get("comment", "").strip():
        return [text("Za vrnitev napišite razlog.", "To return a proposal, say why.")]
    return []


def _decide(form: Any) -> Any:
    given = {"ids": form.getlist("ids"), "decision": form.get("decision"), "comment": form.get("comment")}
    try:
        done = tk.get_action("kranj_approval_decide")({}, given)
    except tk.NotAuthorized:
        return tk.abort(403)
    except tk.ValidationError:  # no such decision
        return tk.abort(400)
    if done["decided"]:
        tk.h.flash_success(tk.h.kranj_text(f"Odločeno: {len(done['decided'])}", f"Decided: {len(done['decided'])}"))
    for why in sorted(set(done["refused"].values())):
        tk.h.flash_error(refusal(why))
    return tk.redirect_to("kranj_approval.approvals")


def _approve_source(source: str) -> Any:
    try:
        done = tk.get_action("kranj_source_approve")({}, {"id": source})
    except tk.ObjectNotFound:
        return tk.abort(404)
    except tk.NotAuthorized:
        tk.h.flash_error(
            tk.h.kranj_text(
                "Vira, ki ste ga nastavili sami, ne morete odobriti.",
                "You cannot approve a source that you configured.",
            )
        )
    else:
        tk.h.flash_success(
            tk.h.kranj_text(f"Vir je odobren; zbirk, ki so mu sledile: {done['followed']}.",
                            f"The source is approved; datasets that followed: {done['followed']}.")
        )  # fmt: skip
    return tk.redirect_to("kranj_approval.approvals")


@blueprint.route("/dataset/<id>/level", methods=["GET", "POST"])
def level(id: str) -> Any:  # noqa: A002 CKAN's name of it
    """What another level would mean, before it is proposed; narrower ones act at once."""
    errors: dict[str, Any] = {}
    asked = tk.request.values
    try:
        dataset = tk.get_action("package_show")({}, {"id": id})
        tk.check_access("kranj_level_preview", {}, {"id": dataset["id"]})
        if dataset["type"] != "dataset":
            return tk.abort(404)
        wanted = asked.get("visibility") or dataset["visibility"]
        if tk.request.method == "POST":
            return _change(dataset, wanted, asked.get("publish_on", ""))
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return tk.abort(404)
    except tk.ValidationError as error:
        errors = error.error_dict
    try:
        preview = tk.get_action("kranj_level_preview")({}, {"id": dataset["id"], "visibility": wanted})
    except tk.ValidationError:  # no such level
        return tk.abort(400)
    extra = {"pkg_dict": dataset, "dataset_type": "dataset", "preview": preview, "errors": errors,
             "publish_on": asked.get("publish_on", "")}  # fmt: skip
    return tk.render("kranj/level.html", extra)


def _change(dataset: dict[str, Any], wanted: str, publish_on: str) -> Any:
    found = tk.get_action("kranj_level_preview")({}, {"id": dataset["id"], "visibility": wanted})
    if found["needs_approval"] and config.approval():
        asked = {"id": dataset["id"], "visibility": wanted, "publish_on": publish_on}
        tk.get_action("kranj_approval_request")({}, asked)
        tk.h.flash_success(tk.h.kranj_text(
            "Predlog je pri podatkovni pisarni; do odločitve velja sedanja vidnost.",
            "The proposal is with the data office; until it decides, the present level stands.",
        ))  # fmt: skip
    else:
        tk.get_action("package_patch")({}, {"id": dataset["id"], "visibility": wanted})
        tk.h.flash_success(tk.h.kranj_text("Vidnost je spremenjena.", "The level was changed."))
    return tk.redirect_to("dataset.read", id=dataset["name"])
