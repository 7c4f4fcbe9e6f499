"""The form on which access is asked for, and the page on which stewards answer."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

import ckan.plugins.toolkit as tk

blueprint = Blueprint("kranj_request", __name__)


@blueprint.route("/dataset/<id>/request-access", methods=["GET", "POST"])
def ask(id: str) -> Any:  # noqa: A002 CKAN's name of it
    """Ask for the data of a description."""
    errors: dict[str, Any] = {}
    try:
        dataset = tk.get_action("package_show")({}, {"id": id})
        if tk.request.method == "POST":
            form = {name: tk.request.form.get(name, "") for name in ("purpose", "legal_basis")}
            tk.get_action("kranj_access_request_create")({}, {"id": dataset["id"], **form})
            tk.h.flash_success(tk.h.kranj_text(
                "Prošnja je oddana skrbniku. Odgovor bo na tej strani.",
                "The request was sent to the steward. The answer will be on this page.",
            ))  # fmt: skip
            return tk.redirect_to("kranj_request.requests")
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return tk.abort(404)
    except tk.ValidationError as error:
        errors = error.error_dict
    earlier = tk.get_action("kranj_access_request_list")({}, {"mine": True})
    extra = {"dataset": dataset, "form": tk.request.form, "errors": errors,
             "earlier": [row for row in earlier if row["package_id"] == dataset["id"]]}  # fmt: skip
    return tk.render("kranj/request_access.html", extra)


@blueprint.route("/requests", methods=["GET", "POST"])
def requests() -> Any:
    """Requests that the visitor answers, one form for each that waits, and those that the visitor made."""
    errors: dict[str, Any] = {}
    form = tk.request.form
    try:
        if tk.request.method == "POST":
            answer = {name: form.get(name, "") for name in ("request", "status", "answer")}
            tk.get_action("kranj_access_request_decide")({}, answer)
            tk.h.flash_success(tk.h.kranj_text("Odgovor je poslan.", "The answer was sent."))
            return tk.redirect_to("kranj_request.requests")
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return tk.abort(404)
    except tk.ValidationError as error:
        errors = error.error_dict
    listed = tk.get_action("kranj_access_request_list")
    rows, own = listed({}, {}), listed({}, {"mine": True})
    return tk.render("kranj/requests.html", {"rows": rows, "own": own, "errors": errors, "form": form})
