"""Tables of retention."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from ckan import model
from ckan.plugins import toolkit as tk

OPEN = ("due", "proposed", "confirmed")


def _identifier() -> Any:
    return sa.Column(sa.UnicodeText, primary_key=True, default=lambda: str(uuid4()))


class AsDict:
    """Rows as actions give them."""

    def as_dict(self) -> dict[str, Any]:
        """Columns by name, dates as ISO text."""
        return {
            column.name: value.isoformat() if hasattr(value := getattr(self, column.name), "isoformat") else value
            for column in self.__table__.columns  # type: ignore[attr-defined]
        }


class PlanSign(AsDict, tk.BaseModel):
    """A sign of the classification plan; signs are never deleted, only taken out of use (UUP 45)."""

    __tablename__ = "kranj_retention_plan"

    sign = sa.Column(sa.UnicodeText, primary_key=True)
    title = sa.Column(sa.UnicodeText, nullable=False)
    retention_kind = sa.Column(sa.UnicodeText, nullable=False)
    retention_period = sa.Column(sa.UnicodeText)
    retention_starts = sa.Column(sa.UnicodeText)
    legal_basis = sa.Column(sa.UnicodeText)
    since = sa.Column(sa.Date, nullable=False)
    in_use = sa.Column(sa.Boolean, nullable=False)


class Event(AsDict, tk.BaseModel):
    """Something happened that starts a period."""

    __tablename__ = "kranj_retention_event"

    id = _identifier()
    package_id = sa.Column(sa.UnicodeText, nullable=False)
    trigger = sa.Column(sa.UnicodeText, nullable=False)
    happened_on = sa.Column(sa.Date, nullable=False)
    noted_by = sa.Column(sa.UnicodeText, nullable=False)
    noted_at = sa.Column(sa.DateTime(timezone=True), nullable=False)

    @classmethod
    def of(cls, package_id: str) -> dict[str, date]:
        """The last day of each trigger."""
        rows = model.Session.query(cls.trigger, sa.func.max(cls.happened_on)).filter(cls.package_id == package_id)
        return {row[0]: row[1] for row in rows.group_by(cls.trigger)}


class Hold(AsDict, tk.BaseModel):
    """Nothing of the dataset may be destroyed while a hold is in force."""

    __tablename__ = "kranj_retention_hold"

    id = _identifier()
    package_id = sa.Column(sa.UnicodeText, nullable=False)
    reason = sa.Column(sa.UnicodeText, nullable=False)
    placed_by = sa.Column(sa.UnicodeText, nullable=False)
    placed_at = sa.Column(sa.DateTime(timezone=True), nullable=False)
    lifted_by = sa.Column(sa.UnicodeText)
    lifted_at = sa.Column(sa.DateTime(timezone=True))

    @classmethod
    def of(cls, package_id: str) -> Hold | None:
        """The hold in force, or None."""
        return model.Session.query(cls).filter(cls.package_id == package_id, cls.lifted_at.is_(None)).first()


class Decision(AsDict, tk.BaseModel):
    """What was decided about data whose period ended, by whom, and that it was done: the disposal record."""

    __tablename__ = "kranj_retention_decision"

    id = _identifier()
    package_id = sa.Column(sa.UnicodeText, nullable=False)
    due_on = sa.Column(sa.Date, nullable=False)
    status = sa.Column(sa.UnicodeText, nullable=False)
    decision = sa.Column(sa.UnicodeText)
    reason = sa.Column(sa.UnicodeText)
    until = sa.Column(sa.Date)
    proposed_by = sa.Column(sa.UnicodeText)
    proposed_at = sa.Column(sa.DateTime(timezone=True))
    confirmed_by = sa.Column(sa.UnicodeText)
    confirmed_at = sa.Column(sa.DateTime(timezone=True))
    evidence = sa.Column(sa.UnicodeText)
    done_by = sa.Column(sa.UnicodeText)
    done_on = sa.Column(sa.Date)

    @classmethod
    def open_of(cls, package_id: str) -> Decision | None:
        """The open decision of a dataset, or None."""
        return model.Session.query(cls).filter(cls.package_id == package_id, cls.status.in_(OPEN)).first()

    @classmethod
    def settled(cls, package_id: str | None = None) -> Any:
        """Decisions that were carried out, newest first; of one dataset or of all."""
        query = model.Session.query(cls).filter(cls.status == "done").order_by(cls.confirmed_at.desc())
        return query if package_id is None else query.filter(cls.package_id == package_id)

    def next_end(self) -> date | None:
        """When the data are due again after this decision was carried out; None when never."""
        return self.until if self.decision == "extend" else None

    def told(self) -> dict[str, Any]:
        """The row with the names of its people."""
        people = {
            name: model.User.get(getattr(self, name) or "") for name in ("proposed_by", "confirmed_by", "done_by")
        }
        names = {f"{name}_name": user.display_name if user else None for name, user in people.items()}
        return {**self.as_dict(), **names}

    @classmethod
    def held(cls, package_id: str) -> Decision | None:
        """The same as it stands now; until the transaction ends nobody else decides about it."""
        query = model.Session.query(cls).filter(cls.package_id == package_id, cls.status.in_(OPEN))
        return query.populate_existing().with_for_update().first()
