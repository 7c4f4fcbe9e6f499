"""Who did what with a source: asked for a run, stopped one, paused it, decided, changed its settings."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ckan import model

from ckanext.kranj.harvest.model import HarvestEvent

WHAT = (
    "created", "settings", "asked", "cancelled", "paused", "resumed", "quiet-hours",
    "approved", "discarded", "restored", "let-go", "released", "decided",
)  # fmt: skip


def note(source_id: str, who: str, what: str, **params: Any) -> None:
    """Note something in the running transaction.

    Args:
        source_id: the source.
        who: name of the user.
        what: one of WHAT.
        params: what it was about; never a title or a value.
    """
    if what not in WHAT:
        raise ValueError(what)
    model.Session.add(HarvestEvent(source_id=source_id, at=datetime.now(tz=UTC), who=who, what=what, params=params))


def of_source(source_id: str, limit: int = 50) -> list[dict[str, Any]]:
    """The last events of a source, the newest first."""
    rows = model.Session.query(HarvestEvent).filter_by(source_id=source_id).order_by(HarvestEvent.id.desc())
    return [
        {"at": row.at.isoformat(timespec="seconds"), "who": row.who, "what": row.what, "params": row.params}
        for row in rows.limit(limit)
    ]
