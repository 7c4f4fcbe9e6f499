"""The internal block: a table of its own, outside CKAN's metadata, search index and package_show."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from ckan import model
from ckan.plugins import toolkit as tk


class InternalBlock(tk.BaseModel):
    """One row per dataset: ``data`` is what schemas/internal.yaml describes, ``revision`` counts its changes."""

    __tablename__ = "kranj_internal"

    package_id = sa.Column(sa.UnicodeText, primary_key=True)
    data = sa.Column(JSONB, nullable=False)
    revision = sa.Column(sa.Integer, nullable=False, default=1)
    changed_at = sa.Column(sa.DateTime(timezone=True), nullable=False)
    changed_by = sa.Column(sa.UnicodeText)

    @classmethod
    def of(cls, package_id: str) -> InternalBlock | None:
        """The block of a dataset, or None."""
        return model.Session.get(cls, package_id)


class InternalRevision(tk.BaseModel):
    """One row per state that a block was ever in."""

    __tablename__ = "kranj_internal_revision"

    package_id = sa.Column(sa.UnicodeText, primary_key=True)
    revision = sa.Column(sa.Integer, primary_key=True)
    data = sa.Column(JSONB, nullable=False)
    changed_at = sa.Column(sa.DateTime(timezone=True), nullable=False)
    changed_by = sa.Column(sa.UnicodeText)

    @classmethod
    def of(cls, package_id: str) -> list[InternalRevision]:
        """The states of the block of a dataset, oldest first."""
        return list(model.Session.query(cls).filter_by(package_id=package_id).order_by(cls.revision))


def store(package_id: str, data: dict[str, Any], user_id: str | None) -> bool:
    """Write the block into the running transaction.

    Returns:
        Whether anything changed.
    """
    block = InternalBlock.of(package_id)
    if block is not None and block.data == data:
        return False
    now = datetime.now(tz=UTC)
    row = {"package_id": package_id, "revision": 1, "data": data, "changed_at": now, "changed_by": user_id}
    if block is None:
        model.Session.execute(sa.insert(InternalBlock.__table__), row)
    else:
        block.data, block.revision = data, block.revision + 1
        block.changed_at, block.changed_by = now, user_id
        model.Session.flush()
        row["revision"] = block.revision
    model.Session.execute(sa.insert(InternalRevision.__table__), row)
    return True


def remove(package_id: str) -> None:
    """Delete the block of a purged dataset and its history in the running transaction."""
    for table in (InternalBlock, InternalRevision):
        model.Session.query(table).filter_by(package_id=package_id).delete()
