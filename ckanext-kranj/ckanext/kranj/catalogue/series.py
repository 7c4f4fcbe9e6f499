"""Series of datasets (type ``dataset_series``): which datasets belong to one, and which series a dataset names."""

from __future__ import annotations

import json
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj.access.auth import may_read, unbound
from ckanext.kranj.access.labels import visible_to

MOST = 500


def _context() -> dict[str, Any]:
    return {"user": tk.current_user.name if tk.current_user.is_authenticated else ""}


def members(series: dict[str, Any]) -> list[dict[str, str]]:
    """Active datasets that name a series by id or short name, as far as the visitor sees them."""
    package, context = model.Package, _context()
    named = package.extras["in_series"].astext
    query = model.Session.query(package).filter(
        package.type == "dataset",
        package.state == "active",
        named.contains(json.dumps(series["id"])) | named.contains(json.dumps(series["name"])),
    )
    if not unbound(context):
        query = query.filter(visible_to(tk.current_user if context["user"] else None))
    return [{"name": row.name, "title": row.title} for row in query.order_by(package.title, package.id).limit(MOST)]


def named(identifiers: list[str]) -> list[dict[str, str]]:
    """Series by what a dataset calls them; one that the visitor may not see is left out."""
    found = []
    for identifier in identifiers:
        package = model.Package.get(identifier)
        if package is None or package.type != "dataset_series":
            found.append({"name": "", "title": identifier})  # of another catalogue
        elif package.state == "active" and may_read(_context(), package):
            found.append({"name": package.name, "title": package.title})
    return found
