"""Who did what with a source: what was noted, and what is written with the runs themselves."""

from __future__ import annotations

from typing import Any

from ckan import model

from ckanext.kranj.harvest import events
from ckanext.kranj.harvest.model import HarvestRun


def of_source(source_id: str, limit: int = 50) -> list[dict[str, Any]]:
    """The history of a source, the newest first: ``[{"at", "who", "what", "params"}]``."""
    runs = (
        model.Session.query(HarvestRun)
        .filter(HarvestRun.source_id == source_id, HarvestRun.decided_at.isnot(None))
        .order_by(HarvestRun.decided_at.desc())
        .limit(limit)
    )
    found = [line for run in runs for line in _answers(run)] + events.of_source(source_id, limit)
    return sorted(found, key=lambda line: line["at"], reverse=True)[:limit]


def _answers(run: Any) -> list[dict[str, Any]]:
    """The answers to what a run asked; an older run says only who closed it."""
    given = run.plan.get("answers") or []
    if not given:
        at = run.decided_at.isoformat(timespec="seconds")
        return [{"at": at, "who": run.decided_by, "what": "decided", "params": {"job": run.id}}]
    return [
        {
            "at": item["at"],
            "who": item["by"],
            "what": "approved" if item["accepted"] else "discarded",
            "params": {"job": run.id, "missing": len(item["missing"]), "renames": len(item["renames"])},
        }
        for item in given
    ]
