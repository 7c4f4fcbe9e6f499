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
    missing_runs = sa.Column(sa.Integer, nullable=False, default=0)
    archived_at = sa.Column(sa.DateTime(timezone=True))
    held_by = sa.Column(sa.UnicodeText)
    held_at = sa.Column(sa.DateTime(timezone=True))
    """When a steward said that the dataset stays, whatever the source has."""
    fingerprint = sa.Column(sa.UnicodeText, nullable=False, default="")
    failures = sa.Column(sa.Integer, nullable=False, default=0)
    likeness = sa.Column(sa.UnicodeText, nullable=False, default="")
    title_key = sa.Column(sa.UnicodeText, nullable=False, default="")
    written = sa.Column(JSONB)
    """The dataset as the source had it when last stored; what differs from it in the catalogue is a steward's."""
    written_internal = sa.Column(JSONB, nullable=False, default=dict)
    kept = sa.Column(JSONB, nullable=False, default=dict)
    """Paths that a steward owns -> what the source says there."""
    proposals = sa.Column(JSONB, nullable=False, default=list)


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
    reason_code = sa.Column(sa.UnicodeText, nullable=False, default="")
    counts = sa.Column(JSONB, nullable=False, default=dict)
    codes = sa.Column(JSONB, nullable=False, default=dict)
    problems = sa.Column(JSONB, nullable=False, default=list)
    seen = sa.Column(sa.Integer, nullable=False, default=0)
    halted = sa.Column(sa.UnicodeText, nullable=False, default="")
    plan = sa.Column(JSONB, nullable=False, default=dict)
    """What waits for a person: ``missing`` (identifiers to archive) and ``renames`` (new identifier -> old one); beside
    it ``answers``: who answered what."""
    decided_by = sa.Column(sa.UnicodeText)
    decided_at = sa.Column(sa.DateTime(timezone=True))


class HarvestState(tk.BaseModel):
    """What a source answered last, and whether somebody paused it."""

    __tablename__ = "kranj_harvest_source"

    source_id = sa.Column(sa.UnicodeText, primary_key=True)
    fingerprint = sa.Column(sa.UnicodeText, nullable=False, default="")
    """Of everything besides the source's answers that the last complete run rested on."""
    marks = sa.Column(JSONB, nullable=False, default=list)
    seen = sa.Column(sa.Integer)
    full_at = sa.Column(sa.DateTime(timezone=True))
    """When everything was last read, whatever the source said about changes."""
    failures = sa.Column(sa.Integer, nullable=False, default=0)
    paused_by = sa.Column(sa.UnicodeText)
    paused_at = sa.Column(sa.DateTime(timezone=True))
    quiet_hours = sa.Column(sa.UnicodeText, nullable=False, default="")
    """``HH-HH`` in which the schedule does not start this source, beside those of the portal."""


class HarvestAlias(tk.BaseModel):
    """An identifier that a source gave to a record anew; its own origin when a person said that it is no renaming."""

    __tablename__ = "kranj_harvest_alias"

    source_id = sa.Column(sa.UnicodeText, primary_key=True)
    guid = sa.Column(sa.UnicodeText, primary_key=True)
    origin = sa.Column(sa.UnicodeText, nullable=False)
    decided_by = sa.Column(sa.UnicodeText)
    decided_at = sa.Column(sa.DateTime(timezone=True), nullable=False)


class HarvestFinding(tk.BaseModel):
    """Two datasets that may be one: ``same-identifier`` in two sources, or a ``likely-duplicate``.

    Of ``unclaimed-table`` and ``unclaimed-share`` there is a row only once somebody said that it does not belong into
    the catalogue: the source and the name of the table or folder.
    """

    __tablename__ = "kranj_harvest_finding"

    package_id = sa.Column(sa.UnicodeText, primary_key=True)
    other_id = sa.Column(sa.UnicodeText, primary_key=True)
    kind = sa.Column(sa.UnicodeText, primary_key=True)
    found_at = sa.Column(sa.DateTime(timezone=True), nullable=False)
    decision = sa.Column(sa.UnicodeText)
    reason = sa.Column(sa.UnicodeText)
    decided_by = sa.Column(sa.UnicodeText)
    decided_at = sa.Column(sa.DateTime(timezone=True))


class HarvestDecision(tk.BaseModel):
    """What a steward said to a proposal.

    Of ``kept:PATH``, a field whose word is a steward's: that he saw the source's value and keeps his own.
    """

    __tablename__ = "kranj_harvest_decision"

    package_id = sa.Column(sa.UnicodeText, primary_key=True)
    field = sa.Column(sa.UnicodeText, primary_key=True)
    value = sa.Column(sa.UnicodeText, primary_key=True)
    accepted = sa.Column(sa.Boolean, nullable=False)
    confidence = sa.Column(sa.Float, nullable=False)
    decided_by = sa.Column(sa.UnicodeText)
    decided_at = sa.Column(sa.DateTime(timezone=True), nullable=False)


class HarvestEvent(tk.BaseModel):
    """Something that a person did with a source."""

    __tablename__ = "kranj_harvest_event"

    id = sa.Column(sa.BigInteger, primary_key=True)
    source_id = sa.Column(sa.UnicodeText, nullable=False)
    at = sa.Column(sa.DateTime(timezone=True), nullable=False)
    who = sa.Column(sa.UnicodeText, nullable=False)
    what = sa.Column(sa.UnicodeText, nullable=False)
    params = sa.Column(JSONB, nullable=False, default=dict)
