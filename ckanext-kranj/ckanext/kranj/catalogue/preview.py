"""While a steward writes: what is still wrong, what empty fields will get, and what the public will see."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib.navl.dictization_functions import DataError, unflatten
from ckan.logic import clean_dict, parse_params, tuplize_dict

from ckanext.kranj.access import references
from ckanext.kranj.catalogue import describe, inherited, organizations
from ckanext.kranj.catalogue.complaints import complaints
from ckanext.kranj.catalogue.steps import steps
from ckanext.kranj.language import language, title_of

from schemas import field_named

blueprint = Blueprint("kranj_form", __name__, url_prefix="/kranj/form")


def _posted() -> tuple[dict[str, Any], dict[str, Any]]:
    """The context of the visitor and the form as posted; nobody without the right to describe gets further."""
    context: dict[str, Any] = {"user": tk.current_user.name, "auth_user_obj": tk.current_user}
    try:
        data = clean_dict(unflatten(tuplize_dict(parse_params(tk.request.form))))
    except DataError:
        tk.abort(400)
    named = data.pop("pkg_name", None) or data.pop("id", None)
    package = model.Package.get(named) if isinstance(named, str) else None
    try:
        if named and package is None:
            raise tk.ObjectNotFound  # noqa: TRY301 as of one that the visitor may not see
        if package is None:
            tk.check_access("package_create", dict(context))
        else:
            tk.check_access("package_update", dict(context), {"id": package.id})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        tk.abort(403)
    context["package"] = package
    return context, data


def _original(context: dict[str, Any]) -> dict[str, Any] | None:
    package = context["package"]
    if package is None:
        return None
    shown = tk.get_action("package_show")({"ignore_auth": True, "use_cache": False}, {"id": package.id})
    return references.shown(context, [shown])[0]  # what a visitor guesses of what it names is judged as anything else


def _shown(found: describe.Judgement, original: dict[str, Any] | None) -> str:
    """The part of a page that shows a description as the public will see it."""
    dataset = dict(found.dataset)
    if "resources" not in dataset and original is not None:
        dataset["resources"] = original.get("resources", [])
    describe.derive(dataset, draft=found.draft)
    owner = organizations.find(dataset.get("owner_org"))
    return tk.render(
        "kranj/preview.html",
        {
            "pkg": dataset,
            "owner": title_of(owner) if owner is not None else "",
            "schema": tk.h.scheming_get_dataset_schema("dataset"),
            "seen": dataset.get("visibility") == "public" and not found.draft,
        },
    )


def check() -> Response:
    """What the form needs while it is filled in: problems by step, inherited values, the preview."""
    context, data = _posted()
    original = _original(context)
    data["state"] = "active"  # a draft, too, is told what is missing
    found = describe.judge(context, data, original)
    errors = describe.error_dict([item for item in found.problems if item.severity == "error"])
    listed = complaints(errors)
    owner = organizations.find(data.get("owner_org"))
    internal = organizations.inner_told(tk.current_user, owner)
    return jsonify(
        {
            "problems": [
                {
                    "box": f"box-field-{item.box}",
                    "target": item.target,
                    "label": item.label,
                    "text": item.text,
                    "missing": item.code.startswith("missing"),
                }
                for item in listed
            ],  # fmt: skip
            "missing": {step.name: sum(item.step == step.name for item in listed) for step in steps()},
            "inherited": {
                name: {**entry, "html": value_html(name, entry["value"]), "value": _code(entry["value"])}
                for name, entry in inherited.inherited(data, owner).items()
            },
            "system": (internal.get("location") or {}).get("system"),
            "preview": _shown(found, original),
        }
    )


def _code(value: Any) -> str:
    return value if isinstance(value, str) else ""


def value_html(name: str, value: Any) -> str:
    """A value of a field as the page of a dataset shows it."""
    field = next(
        item
        for item in tk.h.scheming_get_dataset_schema("dataset")["dataset_fields"]
        if item["field_name"] == field_named(name).name
    )
    return str(tk.h.kranj_value(field, value))


def page() -> str:
    """The preview as a page of its own, for browsers without JavaScript."""
    context, data = _posted()
    original = _original(context)
    found = describe.judge(context, data, original)
    errors = describe.error_dict([item for item in found.problems if item.severity == "error"])
    return tk.render(
        "kranj/preview_page.html",
        {"preview": _shown(found, original), "complaints": complaints(errors), "lang": language()},
    )


blueprint.add_url_rule("/check", view_func=check, methods=["POST"])
blueprint.add_url_rule("/preview", view_func=page, methods=["POST"])
