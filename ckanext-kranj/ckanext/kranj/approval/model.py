"""Proposed changes of level."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from ckan import model
from ckan.plugins import toolkit as tk

WAITING = "waiting"
APPROVED = "approved"
"""Approved with a date of publication that is still to come."""
DONE = "done"
RETURNED = "returned"
WITHDRAWN = "withdrawn"


class Approval(tk.BaseModel):
    """One proposal; a dataset has at most one that is open (waiting, or approved and not yet due)."""

    __tablename__ = "kranj_approval"

    id = sa.Column(sa.UnicodeText, primary_key=True, default=lambda: str(uuid4()))
    package_id = sa.Column(sa.UnicodeText, nullable=False)
    level = sa.Column(sa.UnicodeText, nullable=False)
    wanted = sa.Column(sa.UnicodeText, nullable=False)
    status = sa.Column(sa.UnicodeText, nullable=False)
    requested_by = sa.Column(sa.UnicodeText, nullable=False)
    requested_at = sa.Column(sa.DateTime(timezone=True), nullable=False)
    publish_on = sa.Column(sa.Date)
    checklist = sa.Column(JSONB, nullable=False)
    decided_by = sa.Column(sa.UnicodeText)
    decided_at = sa.Column(sa.DateTime(timezone=True))
    comment = sa.Column(sa.UnicodeText)

    @classmethod
    def open_of(cls, package_id: str) -> Approval | None:
        """The open proposal of a dataset, or None."""
        query = model.Session.query(cls).filter(cls.package_id == package_id, cls.status.in_((WAITING, APPROVED)))
        return query.first()

    @classmethod
    def last_of(cls, package_id: str) -> Approval | None:
        """The latest proposal of a dataset, whatever became of it; None also when it was taken back."""
        query = model.Session.query(cls).filter(cls.package_id == package_id)
        last = query.order_by(cls.requested_at.desc()).first()
        return last if last is not None and last.status != WITHDRAWN else None

    @classmethod
    def is_last(cls) -> Any:
        """The condition that no later proposal of the dataset exists."""
        later = sa.orm.aliased(cls)
        return ~sa.exists().where(later.package_id == cls.package_id, later.requested_at > cls.requested_at)

    @classmethod
    def held(cls, identifier: str) -> Approval | None:
        """The proposal as it stands now; until the transaction ends nobody else decides about it."""
        return model.Session.get(cls, identifier, with_for_update=True, populate_existing=True)

    def as_dict(self) -> dict[str, Any]:
        """As the actions give it."""
        return {
            column.name: value.isoformat() if hasattr(value := getattr(self, column.name), "isoformat") else value
            for column in self.__table__.columns
        }

    def told(self) -> dict[str, Any]:
        """The same with the names of whoever asked and decided."""
        shown = self.as_dict()
        for name in ("requested_by", "decided_by"):
            user = model.User.get(shown[name] or "")
            shown[f"{name}_name"] = user.display_name if user else None
        return shown
