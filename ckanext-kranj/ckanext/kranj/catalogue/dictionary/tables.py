"""Where columns and terms are kept: as sub-fields, 300 columns would cost every save and page (traps A16)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from ckan import model
from ckan.plugins import toolkit as tk


class ColumnRow(tk.BaseModel):
    """One column of a resource; ``data`` is what schemas/column.yaml describes."""

    __tablename__ = "kranj_column"

    resource_id = sa.Column(sa.UnicodeText, primary_key=True)
    position = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.UnicodeText, nullable=False)
    term = sa.Column(sa.UnicodeText, index=True)
    data = sa.Column(JSONB, nullable=False)


class Term(tk.BaseModel):
    """One term of the glossary."""

    __tablename__ = "kranj_term"

    code = sa.Column(sa.UnicodeText, primary_key=True)
    title_sl = sa.Column(sa.UnicodeText, nullable=False)
    title_en = sa.Column(sa.UnicodeText)
    definition_sl = sa.Column(sa.UnicodeText, nullable=False)

    def as_dict(self) -> dict[str, str]:
        """The term as the API gives it."""
        return {name: getattr(self, name) or "" for name in ("code", "title_sl", "title_en", "definition_sl")}


def columns_of(resource_id: str) -> list[dict[str, Any]]:
    """The columns of a resource, in order."""
    rows = model.Session.query(ColumnRow).filter_by(resource_id=resource_id).order_by(ColumnRow.position)
    return [dict(row.data) for row in rows]


def replace(resource_id: str, columns: list[dict[str, Any]]) -> None:
    """Write the columns of a resource into the running transaction, in place of those that are there."""
    model.Session.query(ColumnRow).filter_by(resource_id=resource_id).delete()
    model.Session.add_all(
        ColumnRow(resource_id=resource_id, position=number, name=column["name"], term=column.get("term"), data=column)
        for number, column in enumerate(columns)
    )
    model.Session.flush()


def words_of(resource_ids: Collection[str]) -> list[str]:
    """Names, titles and meanings of the columns of resources, for the search index."""
    if not resource_ids:
        return []
    rows = model.Session.query(ColumnRow.data).filter(ColumnRow.resource_id.in_(resource_ids))
    described = [data for (data,) in rows.order_by(ColumnRow.position)]
    return [text for data in described for key in ("name", "title_sl", "meaning_sl") if (text := data.get(key))]


def terms() -> dict[str, Term]:
    """The glossary by code."""
    return {term.code: term for term in model.Session.query(Term).order_by(Term.code)}


_HOLDERS = sa.text(
    "SELECT DISTINCT c.term, p.id FROM kranj_column c JOIN resource r ON r.id = c.resource_id"
    " JOIN package p ON p.id = r.package_id WHERE c.term = ANY(:terms) AND r.state = 'active' AND p.state = 'active'"
    " AND p.type = 'dataset' AND p.id <> :except AND p.extras ->> 'record_role' = 'pravi-vir' ORDER BY c.term, p.id"
)


def holders(wanted: Collection[str], except_package: str) -> list[tuple[str, str]]:
    """Other datasets that hold one of the terms with authority: ``(term, package id)``."""
    if not wanted:
        return []
    rows = model.Session.execute(_HOLDERS, {"terms": list(wanted), "except": except_package})
    return [(row.term, row.id) for row in rows]
