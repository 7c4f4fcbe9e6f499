"""Actions of retention."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import authz, model

from ckanext.kranj.access import existence
from ckanext.kranj.access.auth import user_of
from ckanext.kranj.access.labels import is_data_office, memberships
from ckanext.kranj.audit import actor, sealer
from ckanext.kranj.catalogue.describe import refuse
from ckanext.kranj.database.alone import alone
from ckanext.kranj.language import in_language, title_of
from ckanext.kranj.retention import flow
from ckanext.kranj.retention.due import due_of
from ckanext.kranj.retention.model import OPEN, Decision, Event, Hold

TRIGGERS = ("case-closed", "purpose-met", "contract-end")
MOST = 2000


def _dataset(context: dict[str, Any], data_dict: dict[str, Any], action: str) -> tuple[Any, Any]:
    """The dataset and the acting account, after the check."""
    given = tk.get_or_bust(data_dict, "id")
    existence.demand_visible(context, model.Package.get, given)
    package = model.Package.get(given)
    if package is None or package.type != "dataset":
        raise tk.ObjectNotFound
    tk.check_access(action, context, {"id": package.id})
    actor.act_as(context)
    user = user_of(context)
    if user is None:
        raise tk.NotAuthorized
    return package, user


def _to_change(context: dict[str, Any], data_dict: dict[str, Any], action: str) -> tuple[Any, Any]:
    """The same, for one at a time: a hold and the destruction that it forbids must not pass each other."""
    package, user = _dataset(context, data_dict, action)
    alone("retention", package.id)
    return package, user


def _day(data_dict: dict[str, Any], key: str) -> date | None:
    try:
        return date.fromisoformat(data_dict[key]) if data_dict.get(key) else None
    except (TypeError, ValueError) as error:
        raise refuse(key, "not-a-date", value=str(data_dict[key])) from error


def _stored(row: Any) -> dict[str, Any]:
    model.repo.commit()
    sealer.poke()
    return row.as_dict()


def kranj_retention_event(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """Note what starts a period.

    Args:
        context: of CKAN.
        data_dict: ``{"id": dataset, "trigger": case-closed | purpose-met | contract-end, "on": ISO date}``.

    Returns:
        The event.
    """
    package, user = _to_change(context, data_dict, "kranj_retention_event")
    on = _day(data_dict, "on")
    if data_dict.get("trigger") not in TRIGGERS or on is None:
        raise refuse("on" if on is None else "trigger", "missing")
    row = Event(package_id=package.id, trigger=data_dict["trigger"], happened_on=on, noted_by=user.id,
                noted_at=datetime.now(tz=UTC))  # fmt: skip
    model.Session.add(row)
    return _stored(row)


def kranj_retention_hold(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """Place a hold, or lift it.

    Args:
        context: of CKAN.
        data_dict: ``{"id": dataset, "reason"}`` or ``{"id", "lift": true}``.

    Returns:
        The hold.
    """
    package, user = _to_change(context, data_dict, "kranj_retention_hold")
    held = Hold.of(package.id)
    if tk.asbool(data_dict.get("lift", False)):
        if held is None:
            raise tk.ObjectNotFound
        held.lifted_by, held.lifted_at = user.id, datetime.now(tz=UTC)
        return _stored(held)
    if held is not None:
        raise refuse("reason", "hold-in-force")
    if not data_dict.get("reason"):
        raise refuse("reason", "missing")
    held = Hold(
        package_id=package.id, reason=str(data_dict["reason"]), placed_by=user.id, placed_at=datetime.now(tz=UTC)
    )
    model.Session.add(held)
    return _stored(held)


def kranj_retention_propose(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """Say what should become of data whose period ended.

    Args:
        context: of CKAN.
        data_dict: ``{"id": dataset, "decision": destroy | archive | extend | keep, "reason", "until": to extend}``.

    Returns:
        The decision.
    """
    package, user = _to_change(context, data_dict, "kranj_retention_propose")
    row = _open(package.id)
    flow.propose(row, user.id, what=str(data_dict.get("decision")),
                 reason=str(data_dict.get("reason") or ""), until=_day(data_dict, "until"))  # fmt: skip
    return _stored(row)


def kranj_retention_confirm(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """Agree to a proposal, or send it back; not one's own.

    Args:
        context: of CKAN.
        data_dict: ``{"id": dataset, "agree": true by default, "reason": needed to send it back}``.

    Returns:
        The decision.
    """
    package, user = _to_change(context, data_dict, "kranj_retention_confirm")
    row = _open(package.id)
    reason = str(data_dict.get("reason") or "").strip()
    flow.confirm(row, user.id, agree=tk.asbool(data_dict.get("agree", True)), reason=reason)
    return _stored(row)


def kranj_retention_done(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """Note that data were destroyed or handed over; the description becomes a stub.

    Args:
        context: of CKAN.
        data_dict: ``{"id": dataset, "evidence", "on": ISO date, today by default}``.

    Returns:
        The decision: the disposal record.
    """
    package, user = _to_change(context, data_dict, "kranj_retention_done")
    row = _open(package.id)
    on = _day(data_dict, "on") or datetime.now(tz=UTC).date()
    flow.done(context, row, user.id, evidence=str(data_dict.get("evidence") or ""), on=on)
    return _stored(row)


def _open(package_id: str) -> Decision:
    row = Decision.held(package_id)
    if row is None:
        if model.Session.query(Decision).filter_by(package_id=package_id, status="done").first():
            raise refuse("decision", "already-decided")
        raise tk.ObjectNotFound
    return row


@tk.side_effect_free
def kranj_retention_show(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """How the retention of one dataset stands.

    Args:
        context: of CKAN.
        data_dict: ``{"id": dataset}``.

    Returns:
        ``{"due_on": ISO date or null, "action": archive | destroy | review or null, "missing": what must be known or
        happen before the day is known, "events": {trigger: ISO date}, "hold", "decision": the open one or null,
        "past": decisions that were carried out, newest first}``; decisions with the names of their people.
    """
    package, _ = _dataset(context, data_dict, "kranj_retention_show")
    events = Event.of(package.id)
    end = due_of(package.extras or {}, events)
    row, held = Decision.open_of(package.id), Hold.of(package.id)
    past = Decision.settled(package.id).all()
    day = row.due_on if row else past[0].next_end() if past else end.on
    return {
        "due_on": day.isoformat() if day else None,
        "action": end.action,
        "missing": end.missing,
        "events": {trigger: day.isoformat() for trigger, day in events.items()},
        "hold": held.as_dict() if held else None,
        "decision": row.told() if row else None,
        "past": [other.told() for other in past],
    }


@tk.side_effect_free
def kranj_retention_list(context: dict[str, Any], data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """Ends of periods: those that came and wait for a decision, and those that come.

    Args:
        context: of CKAN.
        data_dict: ``{"before": ISO date, optional}``.

    Returns:
        By day: ``{"package_id", "name", "title", "owner_org", "owner", "due_on", "status", "decision", "hold"}``; all
        to the data office and administrators, those of their organisations to others; ``hold`` is its reason, to
        readers that it is in force. What was destroyed, handed over or is kept for ever is not among them; what was
        extended is, with its new day.
    """
    tk.check_access("kranj_retention_list", context, data_dict)
    before = _day(data_dict, "before") or date.max
    user = user_of(context)
    everything = user is None or user.sysadmin or is_data_office(user)
    own = {identifier for identifier, _, _ in memberships(user.id)} if user is not None else set()
    edits = {one for one in own if authz.has_user_permission_for_group_or_org(one, user.name, "update_dataset")}
    decisions = {row.package_id: row for row in model.Session.query(Decision).filter(Decision.status.in_(OPEN))}
    settled: dict[str, Decision] = {}
    for last in Decision.settled():
        settled.setdefault(last.package_id, last)
    holds = {row.package_id: row.reason for row in model.Session.query(Hold).filter(Hold.lifted_at.is_(None))}
    owners = {owner.id: title_of(owner) for owner in model.Session.query(model.Group).filter_by(is_organization=True)}
    found = []
    for package, day in flow.ends():
        row = decisions.get(package.id)
        last = settled.get(package.id)
        due = row.due_on if row else last.next_end() if last else day
        if due is None or due > before or not (everything or package.owner_org in own):
            continue
        if not existence.visible(context, package):
            continue
        found.append(
            {
                "package_id": package.id,
                "name": package.name,
                "title": title_of(package),
                "owner_org": package.owner_org,
                "owner": owners.get(package.owner_org, ""),
                "due_on": due.isoformat(),
                "status": row.status if row else "coming",
                "decision": row.decision if row else None,
                "hold": _reason(holds.get(package.id), everything or package.owner_org in edits),
            }
        )
    return sorted(found, key=lambda item: (item["due_on"], item["name"]))[:MOST]


def _reason(hold: str | None, told: bool) -> str | None:
    """Why a hold is in force is told to those who may place one; to readers, that it is."""
    return hold if hold is None or told else in_language("velja", "in force")
