"""The page on which the data office decides."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

import ckan.plugins.toolkit as tk

blueprint = Blueprint("kranj_approval", __name__)


@blueprint.route("/approvals", methods=["GET", "POST"])
def approvals() -> Any:
    """What waits, and the decision about several at once."""
    if tk.request.method == "POST":
        form = tk.request.form
        try:
            done = tk.get_action("kranj_approval_decide")(
                {}, {"ids": form.getlist("ids"), "decision": form.get("decision"), "comment": form.get("comment")}
            )
        except tk.NotAuthorized:
            return tk.abort(403)
        except tk.ValidationError:
            tk.h.flash_error(tk.h.kranj_text("Za vrnitev napišite razlog.", "To return a proposal, say why."))
        else:
            tk.h.flash_success(tk.h.kranj_text(f"Odločeno: {len(done['decided'])}", f"Decided: {len(done['decided'])}"))
            for why in sorted(set(done["refused"].values())):
                tk.h.flash_error(why)
        return tk.redirect_to("kranj_approval.approvals")
    try:
        waiting = tk.get_action("kranj_approval_list")({}, {})
    except tk.NotAuthorized:
        return tk.abort(403)
    return tk.render("kranj/approvals.html", {"waiting": waiting})
