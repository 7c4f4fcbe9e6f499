"""The files that pages and command line hand out."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj.catalogue.organizations import find
from ckanext.kranj.exchange import statutory, stored

from schemas.exchange import write_workbook

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/schema+json",
}


def workbook(context: dict[str, Any], query: str = "", filters: str = "") -> bytes:
    """Any search result as a workbook that can be changed and sent back."""
    return write_workbook(stored.found(context, query, filters))


def statutory_list(context: dict[str, Any], kind: str, ending: str) -> bytes:
    """One of the lists that the law asks for, as CSV or XLSX."""
    names = [name for (name,) in model.Session.query(model.Group.name).filter_by(is_organization=True)]
    owners = {name: getattr(find(name), "title", name) for name in names}
    table = statutory.rows(context, kind, owners, lambda name: tk.url_for("dataset.read", id=name, _external=True))
    return statutory.as_csv(table) if ending == "csv" else statutory.as_xlsx(table)
