"""What harvesting remembers: one row per record of a source, one row per run."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

import ckan.plugins.toolkit as tk


class HarvestRecord(tk.BaseModel):
    """A record of a source and what became of it.

    ``hash`` is empty until the record was stored once; ``indexed`` is false between its commit and the commit of the
    search index, so that a killed run leaves a note of what is still to be indexed.
    """

    __tablename__ = "kranj_harvest_record"

    source_id = sa.Column(sa.UnicodeText, primary_key=True)
    guid = sa.Column(sa.UnicodeText, primary_key=True)
    package_id = sa.Column(sa.UnicodeText, unique=True)
    hash = sa.Column(sa.UnicodeText, nullable=False, default="")
    draft = sa.Column(sa.Boolean, nullable=False, default=False)
    problems = sa.Column(JSONB, nullable=False, default=list)
    indexed = sa.Column(sa.Boolean, nullable=False, default=True)
    first_seen = sa.Column(sa.Date, nullable=False)
    changed_at = sa.Column(sa.DateTime(timezone=True), nullable=False)
    missing_since = sa.Column(sa.DateTime(timezone=True))


class HarvestRun(tk.BaseModel):
    """One run; its id is that of ckanext-harvest's job."""

    __tablename__ = "kranj_harvest_run"

    id = sa.Column(sa.UnicodeText, primary_key=True)
    source_id = sa.Column(sa.UnicodeText, nullable=False, index=True)
    started = sa.Column(sa.DateTime(timezone=True), nullable=False)
    heartbeat = sa.Column(sa.DateTime(timezone=True), nullable=False)
    finished = sa.Column(sa.DateTime(timezone=True))
    complete = sa.Column(sa.Boolean)
    reason = sa.Column(sa.UnicodeText, nullable=False, default="")
    counts = sa.Column(JSONB, nullable=False, default=dict)
    codes = sa.Column(JSONB, nullable=False, default=dict)
    problems = sa.Column(JSONB, nullable=False, default=list)
