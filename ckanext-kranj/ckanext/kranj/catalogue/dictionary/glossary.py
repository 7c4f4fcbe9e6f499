"""``/glossary``: the shared terms, what they mean and which columns hold them; the data office writes them here."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from flask import Blueprint

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj.access.auth import unbound
from ckanext.kranj.access.labels import visible_to
from ckanext.kranj.catalogue.dictionary.tables import ColumnRow

blueprint = Blueprint("kranj_glossary", __name__)

NAMES = ("code", "title_sl", "title_en", "definition_sl")
MOST = 50
"""Columns that are listed under one term; search finds the others."""


def holders() -> dict[str, list[dict[str, str]]]:
    """Columns by the term that they hold, of datasets that the visitor sees."""
    context = {"user": tk.current_user.name} if tk.current_user.is_authenticated else {"user": ""}
    query = (
        model.Session.query(ColumnRow.term, ColumnRow.name, ColumnRow.resource_id, model.Package)
        .join(model.Resource, model.Resource.id == ColumnRow.resource_id)
        .join(model.Package, model.Package.id == model.Resource.package_id)
        .filter(
            ColumnRow.term.isnot(None),
            model.Resource.state == "active",
            model.Package.state == "active",
            model.Package.type == "dataset",
        )
        .order_by(ColumnRow.term, model.Package.title, model.Package.id, ColumnRow.name)
    )
    if not unbound(context):
        query = query.filter(visible_to(tk.current_user if context["user"] else None))
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    for term, column, resource, package in query:
        if len(found[term]) < MOST:
            found[term].append(
                {"column": column, "resource": resource, "dataset": package.name, "title": package.title}
            )
    return found


def page() -> Any:
    """Every term with its meaning and the columns that hold it; a form below for the data office."""
    editable = tk.h.check_access("kranj_term_update")
    errors: list[str] = []
    given: dict[str, str] = {}
    if tk.request.method == "POST":
        if not editable:
            return tk.abort(403)
        given = {name: tk.request.form.get(name, "") for name in NAMES}
        try:
            saved = tk.get_action("kranj_term_update")({}, dict(given))
            return tk.redirect_to(tk.url_for("kranj_glossary.page") + f"#{saved['code']}")
        except tk.ValidationError as error:
            errors = [text for texts in error.error_dict.values() for text in tk.h.kranj_errors(texts)]
    return tk.render(
        "kranj/glossary.html",
        {
            "terms": tk.get_action("kranj_term_list")({}, {}),
            "holders": holders(),
            "editable": editable,
            "errors": errors,
            "given": given,
        },
    )


blueprint.add_url_rule("/glossary", view_func=page, methods=["GET", "POST"])
