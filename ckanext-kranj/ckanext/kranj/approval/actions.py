"""Actions of proposals."""

from __future__ import annotations

from datetime import date
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj.access import existence
from ckanext.kranj.access.auth import user_of
from ckanext.kranj.access.labels import is_data_office, memberships
from ckanext.kranj.approval import checklist, flow
from ckanext.kranj.approval.model import RETURNED, WAITING, Approval
from ckanext.kranj.audit import actor, sealer
from ckanext.kranj.catalogue.complaints import complaints
from ckanext.kranj.catalogue.describe import refuse
from ckanext.kranj.language import title_of

MOST = 500


def _package(context: dict[str, Any], data_dict: dict[str, Any], action: str) -> Any:
    given = tk.get_or_bust(data_dict, "id")
    existence.demand_visible(context, model.Package.get, given)
    package = model.Package.get(given)
    if package is None or package.type != "dataset":
        raise tk.ObjectNotFound
    tk.check_access(action, context, {"id": package.id})
    return package


def _wanted(data_dict: dict[str, Any]) -> str:
    wanted = tk.get_or_bust(data_dict, "visibility")
    if wanted not in checklist.WIDENING:
        raise tk.ValidationError({"visibility": [f"[unknown-code] {', '.join(checklist.WIDENING)}"]})
    return str(wanted)


@tk.side_effect_free
def kranj_level_preview(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """What a change of level would mean, before it is made.

    Args:
        context: of CKAN.
        data_dict: ``{"id", "visibility": the level to be}``.

    Returns:
        ``{"level", "wanted", "needs_approval", "problems", "doubts", "gain", "lose", "told", "unreached",
        "proposal"}``; the last is the latest one of the dataset with its comment and the names of its people, or null.
    """
    package = _package(context, data_dict, "kranj_level_preview")
    wanted, level = _wanted(data_dict), package.extras.get("visibility")
    found = checklist.of(package, wanted)
    last = Approval.last_of(package.id)
    return {
        **found,
        "proposal": last.told() if last else None,
        "level": level,
        "wanted": wanted,
        "needs_approval": checklist.widens(level, wanted),
    }


def kranj_approval_request(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """Propose a wider level, on a day if wished.

    Args:
        context: of CKAN.
        data_dict: ``{"id", "visibility", "publish_on": ISO date, optional}``.

    Returns:
        The proposal with its checklist.

    Raises:
        tk.ValidationError: the level is no wider, or the standard refuses it.
    """
    package = _package(context, data_dict, "kranj_approval_request")
    wanted = _wanted(data_dict)
    if not checklist.widens(package.extras.get("visibility"), wanted):
        raise refuse("visibility", "not-wider")
    try:
        on = date.fromisoformat(data_dict["publish_on"]) if data_dict.get("publish_on") else None
    except (TypeError, ValueError) as error:
        raise refuse("publish_on", "not-a-date", value=str(data_dict["publish_on"])) from error
    problems = checklist.of(package, wanted)["problems"]
    if problems:
        raise tk.ValidationError({item["path"]: [f"[{item['code']}] {item['text']}"] for item in problems})
    actor.act_as(context)
    made = flow.propose(context, package, wanted, on)
    model.repo.commit()
    sealer.poke()
    return made.as_dict()


def kranj_approval_decide(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """Approve or return proposals; nobody decides about his own.

    Args:
        context: of CKAN.
        data_dict: ``{"ids": [...] or "id", "decision": "approve" or "return", "comment": needed to return}``.

    Returns:
        ``{"decided": [ids], "refused": {id: why}}``.
    """
    tk.check_access("kranj_approval_decide", context, data_dict)
    decision, comment = data_dict.get("decision"), str(data_dict.get("comment") or "").strip()
    if decision not in ("approve", "return"):
        raise tk.ValidationError({"decision": ["[unknown-code] approve, return"]})
    if decision == "return" and not comment:
        raise tk.ValidationError({"comment": ["[missing]"]})
    ids = data_dict.get("ids") or [tk.get_or_bust(data_dict, "id")]
    decided, refused = [], {}
    for identifier in [ids] if isinstance(ids, str) else ids:
        actor.act_as(context)
        proposal = Approval.held(identifier) if isinstance(identifier, str) else None
        if proposal is None:
            refused[str(identifier)] = "not-found"
            continue
        try:
            flow.decide(tk.fresh_context(context), proposal, approve=decision == "approve", comment=comment)
            decided.append(identifier)
        except tk.NotAuthorized:
            model.Session.rollback()
            refused[identifier] = "own-proposal"
        except tk.ValidationError as error:
            model.Session.rollback()
            late = error.error_dict.get("id") == [f"[{flow.LATE}]"]
            refused[identifier] = flow.LATE if late else _sentences(error.error_dict)
    sealer.poke()
    return {"decided": decided, "refused": refused}


@tk.side_effect_free
def kranj_approval_list(context: dict[str, Any], data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """Proposals: all to the data office, those of their organisations to others.

    Args:
        context: of CKAN.
        data_dict: ``{"status": "waiting" by default}``; ``returned`` gives those that were not proposed again.

    Returns:
        Proposals, oldest first, each with ``title``, ``name`` and ``owner`` of its dataset and the names of its people.
    """
    tk.check_access("kranj_approval_list", context, data_dict)
    query = model.Session.query(Approval, model.Package).join(model.Package, model.Package.id == Approval.package_id)
    status = data_dict.get("status", WAITING)
    query = query.filter(Approval.status == status, model.Package.state == "active")
    if status == RETURNED:
        query = query.filter(Approval.is_last())
    user = user_of(context)
    if user is None or not (user.sysadmin or is_data_office(user)):
        own = [identifier for identifier, _, _ in memberships(user.id)] if user is not None else []
        query = query.filter(model.Package.owner_org.in_(own))
    rows = query.order_by(Approval.requested_at).limit(MOST)
    return [
        {**proposal.told(), "title": title_of(package), "name": package.name, "owner": _owner(package)}
        for proposal, package in rows
        if existence.visible(context, package)
    ]


def _sentences(errors: dict[str, Any]) -> str:
    """What the standard says against a level, as sentences."""
    found = complaints(errors)
    return " ".join(f"{item.label}: {item.text}" for item in found) or str(errors)


def _owner(package: Any) -> str:
    owner = model.Session.get(model.Group, package.owner_org or "")
    return title_of(owner) if owner else ""
