"""The road of a proposal: held back at the save, decided by somebody else, carried out at once or on its day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj import config
from ckanext.kranj.access.auth import unbound, user_of
from ckanext.kranj.approval import checklist, trust
from ckanext.kranj.approval.model import APPROVED, DONE, RETURNED, WAITING, WITHDRAWN, Approval
from ckanext.kranj.approval.tell import tell_office, tell_requester

CARRIED_OUT = "kranj_approved"
"""Context key: this save carries out a decision."""

SOURCE = "kranj_source"
"""Context key: id of the harvest source that brings this description."""

LATE = "already-decided"
"""Code of a problem: two people decided at the same moment, and the other one was first."""

NEW = "internal"
"""The level of a new description whose wider one waits."""


def hold(context: dict[str, Any], package: Any, dataset: dict[str, Any]) -> str | None:
    """Put the level back to the one in force when the wider one needs an approval.

    Administrators and the portal itself are not held; what a source brings is, until the source is approved.

    Args:
        context: CKAN's.
        package: the stored row, or None for a new one.
        dataset: the judged description; ``visibility`` and ``private`` are changed in place.

    Returns:
        The level that waits, or None.
    """
    wanted = dataset.get("visibility")
    level = package.extras.get("visibility") if package is not None and package.state == "active" else NEW
    if not config.approval() or wanted not in checklist.WIDENING or not checklist.widens(level, wanted):
        return None
    source = context.get(SOURCE)
    if context.get(CARRIED_OUT) or (_approved(source, wanted) if source else unbound(context)):
        return None
    if dataset.get("state", package.state if package is not None else "active") == "draft":
        return None  # a draft shows nothing to anybody; its level is decided when it becomes active
    dataset["visibility"], dataset["private"] = level, True
    return wanted


def _approved(source: str, wanted: Any) -> bool:
    return wanted in checklist.WIDENING and trust.allows(source, wanted)


def propose(context: dict[str, Any], package: Any, wanted: str, publish_on: date | None = None) -> Approval:
    """Write a proposal into the running transaction; one that is open already is replaced."""
    user = user_of(context)
    if user is None:
        raise tk.NotAuthorized
    found = Approval.open_of(package.id)
    if found is not None and found.wanted == wanted and found.status == WAITING and publish_on is None:
        return found
    withdraw(package.id)
    made = Approval(
        package_id=package.id,
        level=package.extras.get("visibility") or NEW,
        wanted=wanted,
        status=WAITING,
        requested_by=user.id,
        requested_at=datetime.now(tz=UTC),
        publish_on=publish_on,
        checklist=checklist.of(package, wanted),
    )
    model.Session.add(made)
    model.Session.flush()
    if not context.get(SOURCE):
        tell_office(package.id)  # of a source one is told once, not of each of its datasets
    return made


def withdraw(package_id: str) -> None:
    """Close the open proposal of a dataset, if there is one."""
    found = Approval.open_of(package_id)
    if found is not None:
        found.status = WITHDRAWN
        model.Session.flush()


def decide(context: dict[str, Any], proposal: Approval, *, approve: bool, comment: str) -> Approval:
    """Approve or return a proposal that is held; an approved one is carried out at once or on its day.

    Raises:
        tk.NotAuthorized: whoever decides proposed it.
        tk.ValidationError: it is decided already, or the standard refuses the level now.
    """
    user = user_of(context)
    if user is None or user.id == proposal.requested_by:
        raise tk.NotAuthorized(tk._("Not authorized"))
    if proposal.status != WAITING:
        raise tk.ValidationError({"id": [f"[{LATE}]"]})
    proposal.decided_by, proposal.decided_at, proposal.comment = user.id, datetime.now(tz=UTC), comment
    proposal.status = APPROVED if approve else RETURNED
    if approve and (proposal.publish_on is None or proposal.publish_on <= datetime.now(tz=UTC).date()):
        _carry_out(context, proposal)
    tell_requester(proposal)
    model.repo.commit()
    return proposal


def _carry_out(context: dict[str, Any], proposal: Approval) -> None:
    proposal.status = DONE
    model.Session.flush()
    patch = {"id": proposal.package_id, "visibility": proposal.wanted}
    tk.get_action("package_patch")(tk.fresh_context(context, **{CARRIED_OUT: True}), patch)


def due(today: date) -> list[str]:
    """Ids of approved proposals whose day has come."""
    rows = model.Session.query(Approval.id).filter(Approval.status == APPROVED, Approval.publish_on <= today)
    return [identifier for (identifier,) in rows]


def carry_out_due(today: date) -> tuple[int, list[str]]:
    """Carry out what is due; safe to repeat.

    Returns:
        How many, and the ids of those that the standard refuses by now.
    """
    site = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    done, refused = 0, []
    for identifier in due(today):
        proposal = Approval.held(identifier)
        if proposal is None or proposal.status != APPROVED:
            continue  # another process was first
        try:
            _carry_out({"user": site, "ignore_auth": True}, proposal)
            model.repo.commit()
            done += 1
        except (tk.ValidationError, tk.ObjectNotFound):
            model.Session.rollback()
            refused.append(identifier)
    return done, refused
