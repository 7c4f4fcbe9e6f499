"""Whether a harvest source is trusted with a level: approved once, as it is configured now (sources.py)."""

from __future__ import annotations

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj.approval import checklist

_CONFIGURED = sa.text("SELECT md5(concat_ws('|', type, url, config)) FROM harvest_source WHERE id = :id")


class SourceApproval(tk.BaseModel):
    """The configuration of a source, who gave it that, and who else agreed to the level of what it brings."""

    __tablename__ = "kranj_source_approval"

    source_id = sa.Column(sa.UnicodeText, primary_key=True)
    configured = sa.Column(sa.UnicodeText, nullable=False)
    changed_by = sa.Column(sa.UnicodeText, nullable=False)
    level = sa.Column(sa.UnicodeText)
    approved_by = sa.Column(sa.UnicodeText)
    approved_at = sa.Column(sa.DateTime(timezone=True))


def configured_as(source_id: str) -> str:
    """A digest of what a source is: type, address, configuration."""
    return str(model.Session.scalar(_CONFIGURED, {"id": source_id}) or "")


def allows(source_id: str, wanted: str) -> bool:
    """Whether a source is approved, as it is configured now, for datasets of that level."""
    row = model.Session.get(SourceApproval, source_id)
    if row is None or not row.approved_by or row.configured != configured_as(source_id):
        return False
    return not checklist.widens(row.level, wanted)
