"""Adding a source and changing its settings: a form, a live check, then ckanext-harvest's own action."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

import ckan.plugins.toolkit as tk

from ckanext.kranj.harvest import gallery, kinds, source_form
from ckanext.kranj.harvest.source_form import Form
from ckanext.kranj.harvest.spec import connector_of
from ckanext.kranj.harvest.words import refused

from harvesters import installed_connectors
from harvesters.errors import HarvestError

blueprint = Blueprint("kranj_harvest_source", __name__, url_prefix="/harvest")


@blueprint.route("/add/preset/<slug>", methods=["GET", "POST"])
def add_preset(slug: str) -> Any:
    """A prepared source."""
    if not gallery.is_offered(slug):
        return tk.abort(404)
    return _answer(source_form.of_preset(slug))


@blueprint.route("/add/kind/<name>", methods=["GET", "POST"])
def add_kind(name: str) -> Any:
    """Another system of a kind that the portal can read."""
    if name not in installed_connectors() or name in kinds.HIDDEN:
        return tk.abort(404)
    return _answer(source_form.of_kind(name))


@blueprint.route("/settings/<id>", methods=["GET", "POST"])
def settings(id: str) -> Any:  # noqa: A002 as in the other addresses of sources
    """The settings of a source that exists."""
    context = {"user": tk.current_user.name}
    try:
        tk.check_access("harvest_source_update", dict(context), {"id": id})
        source = tk.get_action("harvest_source_show")(dict(context), {"id": id})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return tk.abort(404)
    if connector_of(source["source_type"]) is None:
        return tk.redirect_to("harvest.edit", id=id)
    return _answer(source_form.of_source(source), source)


def _answer(form: Form, source: dict[str, Any] | None = None) -> Any:
    """The form; after a check with its result, after saving the page of the source."""
    errors: dict[str, list[str]] = {}
    checked = None
    if tk.request.method == "POST":
        form = source_form.typed(form, tk.request.form)
        try:
            if tk.request.form.get("do") == "save":
                saved = source_form.save(form)
                tk.h.flash_success(tk.h.kranj_text("Vir je shranjen.", "The source is saved."))
                return tk.redirect_to("harvester.admin", id=saved["name"])
            if tk.request.form.get("do") == "check":
                checked = _checked(form)
        except HarvestError as error:
            errors = refused(error).error_dict
        except tk.ValidationError as error:
            errors = error.error_dict
        except tk.NotAuthorized:
            refusal = "V tej organizaciji ne smete dodajati virov.", "You may not add sources to this organisation."
            errors = {"owner_org": [tk.h.kranj_text(*refusal)]}
    return tk.render(
        "kranj_harvest/source_form.html",
        {
            "form": form,
            "harvest_source": source,
            "errors": errors,
            "checked": checked,
            "organizations": _organizations(),
        },
    )


def _checked(form: Form) -> dict[str, Any]:
    data = source_form.data_of(form)
    token = kinds.approved.set(source_form.approved_for(form, data))
    try:
        result: dict[str, Any] = tk.get_action("kranj_harvest_check")({"user": tk.current_user.name}, data)
    finally:
        kinds.approved.reset(token)
    return result


def _organizations() -> list[dict[str, Any]]:
    asked = {"permission": "create_dataset"}
    found: list[dict[str, Any]] = tk.get_action("organization_list_for_user")({"user": tk.current_user.name}, asked)
    return sorted(found, key=tk.h.kranj_title)
