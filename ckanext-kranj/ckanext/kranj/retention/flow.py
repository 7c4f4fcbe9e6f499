"""What becomes of data whose period ended: due → proposed → confirmed by a second person → done."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj import config
from ckanext.kranj.catalogue.describe import refuse
from ckanext.kranj.retention.due import due_of, older_than
from ckanext.kranj.retention.model import Decision, Event, Hold

DECISIONS = ("destroy", "archive", "extend", "keep")


def refresh(today: date) -> int:
    """Open a decision for every dataset whose period ended and that has none; safe to repeat.

    Returns:
        How many were opened.
    """
    opened = 0
    for package, due in ends():
        if due is None or due > _bar(package.id, today):
            continue
        row = {"id": str(uuid4()), "package_id": package.id, "due_on": due, "status": "due"}
        statement = insert(Decision.__table__).values(**row).on_conflict_do_nothing()
        opened += model.Session.execute(statement).rowcount
    model.Session.commit()
    return opened


def _bar(package_id: str, today: date) -> date:
    """The last day that counts as ended: the day before an extension ends nothing is due."""
    last = Decision.settled(package_id).first()
    if last is None:
        return today
    if last.decision == "extend" and last.until and last.until <= today:
        return today
    return date.min  # decided: kept, archived, destroyed, or extended into the future


def ends() -> list[tuple[Any, date | None]]:
    """Every active dataset with the end of its period."""
    events: dict[str, dict[str, date]] = {}
    for event in model.Session.query(Event):
        days = events.setdefault(event.package_id, {})
        days[event.trigger] = max(days.get(event.trigger, event.happened_on), event.happened_on)
    datasets = model.Session.query(model.Package).filter_by(type="dataset", state="active")
    return [(package, due_of(package.extras or {}, events.get(package.id, {})).on) for package in datasets]


def propose(decision: Decision, user_id: str, *, what: str, reason: str, until: date | None) -> None:
    """A steward says what should become of the data.

    Raises:
        tk.ValidationError: it is confirmed already, or incomplete.
    """
    if decision.status not in ("due", "proposed"):
        raise refuse("decision", "already-decided")
    if what not in DECISIONS or not reason or (what == "extend") != (until is not None):
        raise refuse("decision", "decision-incomplete")
    decision.status, decision.decision, decision.reason, decision.until = "proposed", what, reason, until
    decision.proposed_by, decision.proposed_at = user_id, datetime.now(tz=UTC)
    model.Session.flush()


def confirm(decision: Decision, user_id: str, *, agree: bool, reason: str = "") -> None:
    """A second person agrees, or sends it back and says why; the reason then stands in place of the proposer's.

    Raises:
        tk.NotAuthorized: it is the one who proposed.
        tk.ValidationError: nothing is proposed, a hold is in force, or it is sent back without a reason.
    """
    if decision.status == "confirmed":
        raise refuse("decision", "already-decided")
    if decision.status != "proposed":
        raise refuse("decision", "not-proposed")
    if decision.proposed_by == user_id:
        raise tk.NotAuthorized(tk._("Not authorized"))
    if agree and decision.decision in ("destroy", "archive") and Hold.of(decision.package_id):
        raise refuse("decision", "on-hold")
    if not agree:
        if not reason:
            raise refuse("reason", "missing")
        decision.reason, decision.until = reason, None
        decision.status, decision.decision, decision.proposed_by, decision.proposed_at = "due", None, None, None
        model.Session.flush()
        return
    decision.confirmed_by, decision.confirmed_at = user_id, datetime.now(tz=UTC)
    # To extend or to keep needs no further work; what is destroyed or handed over is done when somebody says so.
    decision.status = "done" if decision.decision in ("extend", "keep") else "confirmed"
    model.Session.flush()


def done(context: dict[str, Any], decision: Decision, user_id: str, *, evidence: str, on: date) -> None:
    """The data were destroyed or handed over; the description stays as a stub without resources.

    Raises:
        tk.ValidationError: it is not confirmed, evidence is missing, or a hold was placed meanwhile.
    """
    if decision.status != "confirmed":
        raise refuse("decision", "not-confirmed")
    if not evidence:
        raise refuse("evidence", "missing")
    if Hold.of(decision.package_id):
        raise refuse("decision", "on-hold")
    decision.status, decision.evidence, decision.done_by, decision.done_on = "done", evidence, user_id, on
    model.Session.flush()
    stub = {"id": decision.package_id, "resources": [], "lifecycle": "ukinjen", "lifecycle_ended": on.isoformat()}
    patch = tk.get_action("package_patch")
    held = model.Package.get(decision.package_id).extras.get("visibility")
    # Without its files an open description may lead nowhere; then it narrows to its organisation.
    narrower = {} if held != "public" or model.Package.get(decision.package_id).extras.get("url") else {
        "visibility": "organization"}  # fmt: skip
    patch(tk.fresh_context(context, ignore_auth=True), {**stub, **narrower})


def forget_content(today: date) -> int:
    """Delete stored values of old changes; who changed which field stays in the audit."""
    before = older_than(today, config.keep_revisions())
    result = model.Session.execute(
        sa.text("DELETE FROM kranj_revision r USING kranj_audit a WHERE a.id = r.audit_id AND a.at < :before"),
        {"before": before},
    )
    model.Session.commit()
    return result.rowcount


def old_stubs(today: date) -> list[str]:
    """Datasets whose data are gone for longer than their description is to be kept: for an administrator to purge."""
    before = older_than(today, config.keep_stubs())
    rows = model.Session.query(Decision.package_id).filter(
        Decision.status == "done", Decision.decision.in_(("destroy", "archive")), Decision.done_on < before
    )
    return sorted({identifier for (identifier,) in rows if model.Package.get(identifier) is not None})


def old_entries(today: date) -> int:
    """Entries of the audit that are past the audit's own clock. They are named, never deleted: it is append-only."""
    before = older_than(today, config.keep_audit())
    statement = sa.text("SELECT count(*) FROM kranj_audit WHERE at < :before")
    return int(model.Session.scalar(statement, {"before": before}) or 0)
