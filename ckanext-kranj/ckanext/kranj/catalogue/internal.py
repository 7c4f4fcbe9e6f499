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


def store(package_id: str, data: dict[str, Any], user_id: str | None) -> bool:
    """Write the block into the running transaction.

    Returns:
        Whether anything changed.
    """
    block = InternalBlock.of(package_id)
    now = datetime.now(tz=UTC)
    if block is None:
        model.Session.add(
            InternalBlock(package_id=package_id, data=data, revision=1, changed_at=now, changed_by=user_id)
        )
    elif block.data == data:
        return False
    else:
        block.data, block.revision = data, block.revision + 1
        block.changed_at, block.changed_by = now, user_id
    model.Session.flush()
    return True


def remove(package_id: str) -> None:
    """Delete the block of a purged dataset in the running transaction."""
    model.Session.query(InternalBlock).filter_by(package_id=package_id).delete()
