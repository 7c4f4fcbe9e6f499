"""The data dictionary over the API."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import authz, model
from ckan.lib import search

from ckanext.kranj.access.auth import may_read, user_of
from ckanext.kranj.access.labels import is_data_office
from ckanext.kranj.catalogue import describe
from ckanext.kranj.catalogue.dictionary import tables
from ckanext.kranj.language import language

from schemas import Problem, validate_columns, without_empty

MOST_NOTICES = 50


def resource_of(context: dict[str, Any], data_dict: dict[str, Any]) -> tuple[Any, Any]:
    """The resource and its dataset; a hidden one does not exist for the caller."""
    resource = model.Resource.get(tk.get_or_bust(data_dict, "id"))
    package = model.Package.get(resource.package_id) if resource is not None and resource.state == "active" else None
    if package is None or package.type != "dataset" or not may_read(context, package):
        raise tk.ObjectNotFound
    return resource, package


@tk.side_effect_free
@tk.auth_allow_anonymous_access
def kranj_columns_show(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """The data dictionary of a resource.

    Args:
        context: of CKAN.
        data_dict: ``{"id": id of the resource}``.

    Returns:
        ``{"resource_id", "package_id", "columns": [{"name", "type", …}], "gone": {name: day}}``; ``gone``: columns that
        the source has no longer.

    Raises:
        tk.ObjectNotFound: there is no such resource, or the caller may not see its dataset.
    """
    resource, package = resource_of(context, data_dict)
    tk.check_access("kranj_columns_show", context, {"id": resource.id})
    return {
        "resource_id": resource.id,
        "package_id": package.id,
        "columns": tables.columns_of(resource.id),
        "gone": tables.gone_of(resource.id),
    }


def kranj_columns_update(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """Replace the data dictionary of a resource; the dataset is found by its columns from then on.

    Args:
        context: of CKAN.
        data_dict: ``{"id": id of the resource, "columns": [{"name", "type", …}]}``.

    Returns:
        As kranj_columns_show, with ``notices``: terms that another dataset holds with authority (once only).

    Raises:
        tk.ObjectNotFound, tk.NotAuthorized: as package_update of the dataset.
        tk.ValidationError: every problem at once; nothing was written.
    """
    resource, package = resource_of(context, data_dict)
    tk.check_access("kranj_columns_update", context, {"id": resource.id})
    given = tk.get_or_bust(data_dict, "columns")
    columns = (
        [without_empty(item) if isinstance(item, dict) else item for item in given]
        if isinstance(given, list)
        else given
    )
    problems = validate_columns(columns, tables.terms())
    if problems:
        raise tk.ValidationError(describe.error_dict(problems))
    tables.replace(resource.id, columns)
    model.repo.commit()
    search.rebuild(package.id)
    return {**kranj_columns_show(context, {"id": resource.id}), "notices": held_elsewhere(context, columns, package.id)}


def held_elsewhere(context: dict[str, Any], columns: list[dict[str, Any]], package_id: str) -> list[dict[str, Any]]:
    """Columns whose term another dataset, which the caller sees, holds with authority."""
    by_term = {column["term"]: column["name"] for column in columns if column.get("term")}
    found = []
    for term, holder in tables.holders(by_term, package_id):
        package = model.Package.get(holder)
        if len(found) < MOST_NOTICES and may_read(context, package):
            problem = Problem.of("columns", "held-elsewhere", term=term, dataset=package.title)
            words = {"message": problem.text(language()), "remedy": problem.remedy(language())}
            found.append(
                {"column": by_term[term], "term": term, "dataset": package.name, "code": problem.code, **words}
            )
    return found


@tk.side_effect_free
@tk.auth_allow_anonymous_access
def kranj_term_list(context: dict[str, Any], _data_dict: dict[str, Any]) -> list[dict[str, str]]:
    """The glossary: ``[{"code", "title_sl", "title_en", "definition_sl"}]``, by code."""
    tk.check_access("kranj_term_list", context, {})
    return [term.as_dict() for term in tables.terms().values()]


def kranj_term_update(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, str]:
    """Add a term to the glossary, or change its words. For the data office.

    Args:
        context: of CKAN.
        data_dict: ``{"code", "title_sl", "title_en" (optional), "definition_sl"}``.

    Raises:
        tk.ValidationError: a value is missing, too long or of a wrong form.
    """
    tk.check_access("kranj_term_update", context, {})
    code = data_dict.get("code")
    problems = [item for item in validate_columns([{"name": "x", "term": code}], {code}) if item.code != "missing"]
    problems = [Problem("code", item.code, item.severity, item.params) for item in problems]
    for name in ("code", "title_sl", "definition_sl"):
        if not isinstance(data_dict.get(name), str) or not data_dict[name].strip():
            problems.append(Problem.of(name, "missing"))
        elif len(data_dict[name]) > 2000:
            problems.append(Problem.of(name, "too-long", limit=2000, length=len(data_dict[name])))
    if problems:
        raise tk.ValidationError(describe.error_dict(problems))
    term = model.Session.get(tables.Term, code) or tables.Term(code=code)
    term.title_sl, term.definition_sl = data_dict["title_sl"].strip(), data_dict["definition_sl"].strip()
    term.title_en = str(data_dict.get("title_en") or "").strip() or None
    model.Session.add(term)
    model.repo.commit()
    return term.as_dict()


@tk.auth_allow_anonymous_access
def may_read_columns(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """Whoever sees the dataset."""
    resource_of(context, data_dict)
    return {"success": True}


def may_write_columns(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """Whoever may edit the dataset."""
    _, package = resource_of(context, data_dict)
    return {"success": authz.is_authorized_boolean("package_update", dict(context), {"id": package.id})}


@tk.auth_allow_anonymous_access
def may_read_terms(_context: dict[str, Any], _data_dict: dict[str, Any]) -> dict[str, Any]:
    """Everybody: the glossary is a code list."""
    return {"success": True}


def may_write_terms(context: dict[str, Any], _data_dict: dict[str, Any]) -> dict[str, Any]:
    """The data office."""
    user = user_of(context)
    return {"success": user is not None and is_data_office(user), "msg": tk._("Not authorized")}


RIGHTS = {
    "kranj_columns_show": may_read_columns,
    "kranj_columns_update": may_write_columns,
    "kranj_term_list": may_read_terms,
    "kranj_term_update": may_write_terms,
}
"""Auth functions by the name of their action."""
