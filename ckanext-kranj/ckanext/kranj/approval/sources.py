"""A harvested source is approved once, for its configuration and a level; what it brings then needs no second word.

Who changes its configuration makes it wait again. Administrators and the machine itself approve by what they do.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

import ckan.plugins.toolkit as tk
from ckan import authz, model

from ckanext.kranj import config
from ckanext.kranj.access.auth import user_of
from ckanext.kranj.approval import checklist, flow
from ckanext.kranj.approval.model import WAITING, Approval
from ckanext.kranj.approval.tell import tell_office
from ckanext.kranj.approval.trust import SourceApproval, allows, configured_as
from ckanext.kranj.audit import actor, sealer

Action = Any

_HELD = sa.text(
    "SELECT a.id FROM kranj_approval a JOIN kranj_harvest_record r ON r.package_id = a.package_id"
    " WHERE r.source_id = :id AND a.status = :status AND a.requested_by = :site ORDER BY a.requested_at"
)


def note(context: dict[str, Any], source_id: str) -> None:
    """A source was made or changed: it waits, unless an administrator or the machine did it or nothing changed."""
    configured, row = configured_as(source_id), model.Session.get(SourceApproval, source_id)
    if row is not None and row.configured == configured:
        return
    user = user_of(context)
    who = user.id if user is not None else actor.name_of(context)
    trusted = authz.is_sysadmin(context.get("user"))
    values = {
        "source_id": source_id, "configured": configured, "changed_by": who,
        "level": "public" if trusted else None, "approved_by": who if trusted else None,
        "approved_at": datetime.now(tz=UTC) if trusted else None,
    }  # fmt: skip
    statement = insert(SourceApproval).values(values)
    model.Session.execute(statement.on_conflict_do_update(index_elements=["source_id"], set_=values))
    if not trusted and config.approval():
        tell_office(source_id)
    model.repo.commit()


def _noting(name: str) -> Action:
    @tk.chained_action
    def action(next_action: Action, context: dict[str, Any], data_dict: dict[str, Any]) -> Any:
        asking = {"user": context.get("user"), "ignore_auth": context.get("ignore_auth")}
        result = next_action(context, data_dict)
        note(asking, result["id"] if isinstance(result, dict) else result)
        return result

    action.__name__ = name
    action.auth_audit_exempt = True  # as CKAN exempts the extension that brings them
    action.__doc__ = f"ckanext-harvest's {name}; a source that is new or configured otherwise waits for approval."
    return action


CHAINED = tuple(_noting(f"harvest_source_{what}") for what in ("create", "update", "patch"))
"""For portals with ckanext-harvest only."""


@tk.side_effect_free
def kranj_source_approval_list(context: dict[str, Any], data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """Harvest sources that wait for approval. The data office.

    Args:
        context: of CKAN.
        data_dict: empty.

    Returns:
        ``{"id", "name", "title", "changed_by", "held": datasets whose level waits}`` of each.
    """
    tk.check_access("kranj_approval_decide", context, data_dict)
    found = []
    for row in model.Session.query(SourceApproval):
        package = model.Package.get(row.source_id)
        if package is None or package.state != "active" or allows(row.source_id, "restricted"):
            continue
        found.append({"id": package.id, "name": package.name, "title": package.title, "changed_by": row.changed_by,
                      "held": len(_held(package.id))})  # fmt: skip
    return sorted(found, key=lambda item: item["name"])


def kranj_source_approve(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """Agree to the level of what a source brings, once; datasets that were held follow, wider ones wait on.

    Args:
        context: of CKAN.
        data_dict: ``{"id": source, "level": the widest level of its datasets, public by default}``.

    Returns:
        ``{"id", "level", "followed": datasets that got their level, "refused": {id: why}}``.

    Raises:
        tk.NotAuthorized: whoever configured it is the one who asks.
    """
    tk.check_access("kranj_approval_decide", context, data_dict)
    package = model.Package.get(tk.get_or_bust(data_dict, "id"))
    row = model.Session.get(SourceApproval, package.id) if package is not None else None
    if row is None:
        raise tk.ObjectNotFound
    level, user = data_dict.get("level") or "public", user_of(context)
    if level not in checklist.WIDENING:
        raise tk.ValidationError({"level": [f"[unknown-code] {', '.join(checklist.WIDENING)}"]})
    if user is None or user.id == row.changed_by:
        raise tk.NotAuthorized(tk._("Not authorized"))
    actor.act_as(context)
    row.level, row.approved_by, row.approved_at = level, user.id, datetime.now(tz=UTC)
    row.configured = configured_as(package.id)
    model.repo.commit()
    followed, refused = 0, {}
    for identifier in _held(package.id):
        proposal = Approval.held(identifier)
        if proposal is None or checklist.widens(level, proposal.wanted):
            continue
        actor.act_as(context)
        try:
            flow.decide(tk.fresh_context(context), proposal, approve=True, comment="")
            followed += 1
        except tk.ValidationError as error:
            model.Session.rollback()
            refused[proposal.package_id] = str(error.error_dict)
    sealer.poke()
    return {"id": package.id, "level": level, "followed": followed, "refused": refused}


def _held(source_id: str) -> list[str]:
    site = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    values = {"id": source_id, "status": WAITING, "site": model.User.get(site).id}
    return list(model.Session.scalars(_HELD, values))
