"""Requests for access."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from ckan.plugins import toolkit as tk

WAITING = "waiting"
ANSWERS = ("granted", "refused")


class AccessRequest(tk.BaseModel):
    """Who asks for which data, for what and on which basis; and what he was told."""

    __tablename__ = "kranj_access_request"

    id = sa.Column(sa.UnicodeText, primary_key=True, default=lambda: str(uuid4()))
    package_id = sa.Column(sa.UnicodeText, nullable=False)
    status = sa.Column(sa.UnicodeText, nullable=False, default=WAITING)
    purpose = sa.Column(sa.UnicodeText, nullable=False)
    legal_basis = sa.Column(sa.UnicodeText, nullable=False)
    requested_by = sa.Column(sa.UnicodeText, nullable=False)
    requested_at = sa.Column(sa.DateTime(timezone=True), nullable=False)
    answer = sa.Column(sa.UnicodeText)
    decided_by = sa.Column(sa.UnicodeText)
    decided_at = sa.Column(sa.DateTime(timezone=True))

    def as_dict(self) -> dict[str, Any]:
        """As the actions give it."""
        return {
            column.name: value.isoformat() if hasattr(value := getattr(self, column.name), "isoformat") else value
            for column in self.__table__.columns
        }
