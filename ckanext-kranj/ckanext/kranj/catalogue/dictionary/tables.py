"""Where columns and terms are kept: as sub-fields, 300 columns would cost every save and page (traps A16)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
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
    written = sa.Column(JSONB(none_as_null=True))
    """What harvesting last wrote; what differs from it in ``data`` is a steward's word. Empty: nobody harvested it."""
    gone_at = sa.Column(sa.DateTime(timezone=True))
    """Since when the source has this column no longer."""


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


def rows_of(resource_id: str) -> list[ColumnRow]:
    """The rows of a resource, in order."""
    return list(model.Session.query(ColumnRow).filter_by(resource_id=resource_id).order_by(ColumnRow.position))


def gone_of(resource_id: str) -> dict[str, str]:
    """Columns that the source has no longer -> the day since when."""
    return {row.name: row.gone_at.date().isoformat() for row in rows_of(resource_id) if row.gone_at is not None}


def replace(resource_id: str, columns: list[dict[str, Any]]) -> None:
    """Write the columns of a resource into the running transaction, in place of those that are there.

    What harvesting knows of a column of the same name stays.
    """
    known = {row.name: (row.written, row.gone_at) for row in rows_of(resource_id)}
    store(resource_id, [(column, *known.get(column["name"], (None, None))) for column in columns])


def store(resource_id: str, columns: list[tuple[dict[str, Any], dict[str, Any] | None, datetime | None]]) -> None:
    """Write columns with what harvesting knows of them into the running transaction: ``(data, written, gone_at)``."""
    model.Session.query(ColumnRow).filter_by(resource_id=resource_id).delete()
    for number, (data, written, gone_at) in enumerate(columns):
        row = ColumnRow(resource_id=resource_id, position=number, name=data["name"], term=data.get("term"))
        row.data, row.written, row.gone_at = data, written, gone_at
        model.Session.add(row)
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
