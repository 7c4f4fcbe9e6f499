"""A batch: a table that somebody sent, what it would change, what it changed, and how to undo it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

import ckan.plugins.toolkit as tk


class Batch(tk.BaseModel):
    """``state``: planning, planned, applying, applied, undoing, undone. ``content`` is the file while it is planned."""

    __tablename__ = "kranj_batch"

    id = sa.Column(sa.UnicodeText, primary_key=True)
    user_id = sa.Column(sa.UnicodeText, nullable=False)
    name = sa.Column(sa.UnicodeText, nullable=False)
    state = sa.Column(sa.UnicodeText, nullable=False)
    created = sa.Column(sa.DateTime(timezone=True), nullable=False)
    changed = sa.Column(sa.DateTime(timezone=True), nullable=False)
    problems = sa.Column(JSONB, nullable=False, default=list)
    content = sa.orm.deferred(sa.Column(sa.LargeBinary))


class BatchRow(tk.BaseModel):
    """One row of the table.

    ``action``: new, changed, unchanged, refused. ``state``: planned, running, done, failed, undone. ``seen`` is the
    version of the dataset that the row was compared with, later the one that it made; ``after`` what is to be stored,
    ``before`` what was there.
    """

    __tablename__ = "kranj_batch_row"

    batch_id = sa.Column(sa.UnicodeText, primary_key=True)
    number = sa.Column(sa.Integer, primary_key=True)
    package_id = sa.Column(sa.UnicodeText)
    title = sa.Column(sa.UnicodeText, nullable=False, default="")
    action = sa.Column(sa.UnicodeText, nullable=False)
    state = sa.Column(sa.UnicodeText, nullable=False)
    seen = sa.Column(sa.UnicodeText, nullable=False, default="")
    changes = sa.Column(JSONB, nullable=False, default=list)
    problems = sa.Column(JSONB, nullable=False, default=list)
    after = sa.Column(JSONB)
    before = sa.Column(JSONB)
