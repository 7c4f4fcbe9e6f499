"""The internal block on pages of its own: what it says, its form, and who changed what."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

import ckan.plugins.toolkit as tk

from ckanext.kranj.catalogue.complaints import complaints
from ckanext.kranj.catalogue.forms import MARK, folded
from ckanext.kranj.catalogue.internal_history import described
from ckanext.kranj.catalogue.origins import ORIGIN

from schemas import internal_fields, without_empty

blueprint = Blueprint("kranj_internal", __name__, url_prefix="/dataset/<package_id>/internal")


def _package(package_id: str) -> dict[str, Any]:
    try:
        return tk.get_action("package_show")({}, {"id": package_id})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return tk.abort(404)


def _block(package_id: str) -> dict[str, Any]:
    try:
        return tk.get_action("kranj_internal_show")({}, {"id": package_id})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return tk.abort(404)  # whoever may not see it is not told whether there is one


def show(package_id: str) -> str:
    """The tab of the internal block, with its history."""
    package, found = _package(package_id), _block(package_id)
    history = tk.get_action("kranj_internal_history")({}, {"id": package["id"]})
    extra = {"pkg_dict": package, "dataset_type": "dataset", "shown": described(found["internal"]), "history": history}
    return tk.render("kranj/internal.html", extra)


def edit(package_id: str) -> Any:
    """The form of the internal block alone."""
    package, found = _package(package_id), _block(package_id)
    try:
        tk.check_access("kranj_internal_update", {}, {"id": package["id"]})
    except tk.NotAuthorized:
        return tk.abort(403)
    block, errors, revision = found["internal"], {}, found["revision"]
    if tk.request.method == "POST":
        posted = {**tk.request.form.to_dict(), **_many(), MARK: "1"}
        sent = folded(posted).get("internal", {})
        revision = int(posted["revision"]) if posted.get("revision", "").isdigit() else None
        block = _merged(block, sent)
        try:
            tk.get_action("kranj_internal_update")({}, {"id": package["id"], "internal": block, "revision": revision})
            return tk.redirect_to("kranj_internal.show", package_id=package["name"])
        except tk.ValidationError as error:
            errors = error.error_dict
    extra = {
        "pkg_dict": package,
        "dataset_type": "dataset",
        "values": {f"internal-{name}": value for name, value in block.items()},
        "revision": revision or 0,
        "errors": errors,
        "complaints": complaints(errors),
    }
    return tk.render("kranj/internal_edit.html", extra)


def _many() -> dict[str, list[str]]:
    """Fields that were posted more than once: the boxes ticked of one list."""
    return {key: values for key, values in tk.request.form.lists() if len(values) > 1}


def _merged(stored: dict[str, Any], sent: dict[str, Any]) -> dict[str, Any]:
    """The stored block with what was sent; a value that was typed over is no longer inherited."""
    block = without_empty({**stored, **sent})
    notes = block.pop(ORIGIN, {})
    # Notes about fields of the public record stay; those of the block stay while its values do.
    kept = {name: note for name, note in notes.items() if name not in _OWN or block.get(name) == stored.get(name)}
    return {**block, ORIGIN: kept} if kept else block


_OWN = frozenset(field.name for field in internal_fields())

blueprint.add_url_rule("", endpoint="show", view_func=show)
blueprint.add_url_rule("/edit", endpoint="edit", view_func=edit, methods=["GET", "POST"])
