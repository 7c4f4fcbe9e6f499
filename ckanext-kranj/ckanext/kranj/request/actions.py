"""Actions of requests for access. Saying yes gives no right in the catalogue: the data are given out by their owner."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj.access import existence
from ckanext.kranj.access.auth import user_of
from ckanext.kranj.approval.tell import tell
from ckanext.kranj.audit import actor, sealer
from ckanext.kranj.catalogue.internal import InternalBlock
from ckanext.kranj.request.model import ANSWERS, WAITING, AccessRequest

LONGEST = 4000


def _dataset(context: dict[str, Any], given: Any, action: str) -> Any:
    existence.demand_visible(context, model.Package.get, given)
    package = model.Package.get(given)
    if package is None or package.type != "dataset" or package.state != "active":
        raise tk.ObjectNotFound
    tk.check_access(action, context, {"id": package.id})
    actor.act_as(context)
    return package


def kranj_access_request_create(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """Ask for data that are described and not given out.

    Args:
        context: of CKAN.
        data_dict: ``{"id": dataset, "purpose", "legal_basis"}``.

    Returns:
        The request.

    Raises:
        tk.ValidationError: the data are public, or purpose or basis is missing.
    """
    package = _dataset(context, tk.get_or_bust(data_dict, "id"), "kranj_access_request_create")
    user = user_of(context)
    texts = {name: str(data_dict.get(name) or "").strip() for name in ("purpose", "legal_basis")}
    wrong = {name: ["[missing]"] for name, text in texts.items() if not 0 < len(text) <= LONGEST}
    if package.extras.get("secrecy") == "javno":
        wrong["id"] = ["[data-are-public]"]
    if wrong or user is None:
        raise tk.ValidationError(wrong)
    made = AccessRequest(
        package_id=package.id, requested_by=user.id, requested_at=datetime.now(tz=UTC), status=WAITING, **texts
    )
    model.Session.add(made)
    tell(stewards_of(package), "Prošnja za dostop do podatkov / A request for access to data", package.id)
    model.repo.commit()
    sealer.poke()
    return made.as_dict()


def stewards_of(package: Any) -> list[Any]:
    """The steward of the dataset, else the editors of its owner."""
    block = InternalBlock.of(package.id)
    steward = model.User.get(block.data["steward"]) if block and block.data.get("steward") else None
    if steward is not None and steward.state == "active":
        return [steward]
    rows = (
        model.Session.query(model.User)
        .join(model.Member, model.Member.table_id == model.User.id)
        .filter(model.Member.group_id == package.owner_org, model.Member.state == "active",
                model.Member.capacity.in_(("editor", "admin")), model.User.state == "active")
    )  # fmt: skip
    return list(rows)


@tk.side_effect_free
def kranj_access_request_list(context: dict[str, Any], data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """Requests for the data of a dataset, newest first.

    Args:
        context: of CKAN.
        data_dict: ``{"id": dataset}``.
    """
    package = _dataset(context, tk.get_or_bust(data_dict, "id"), "kranj_access_request_list")
    rows = model.Session.query(AccessRequest).filter_by(package_id=package.id)
    return [row.as_dict() for row in rows.order_by(AccessRequest.requested_at.desc())]


def kranj_access_request_decide(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """Answer a request.

    Args:
        context: of CKAN.
        data_dict: ``{"request": its id, "status": granted | refused, "answer": words for whoever asked}``.

    Returns:
        The request.
    """
    row = model.Session.get(AccessRequest, str(tk.get_or_bust(data_dict, "request")))
    if row is None:
        raise tk.ObjectNotFound
    _dataset(context, row.package_id, "kranj_access_request_decide")
    answer = str(data_dict.get("answer") or "").strip()
    if data_dict.get("status") not in ANSWERS or not answer or row.status != WAITING:
        raise tk.ValidationError({"status": [f"[missing] status ({', '.join(ANSWERS)}) and answer, once"]})
    user = user_of(context)
    row.status, row.answer, row.decided_at = data_dict["status"], answer, datetime.now(tz=UTC)
    row.decided_by = user.id if user is not None else None
    asked = model.User.get(row.requested_by)
    tell([asked] if asked else [], "Odgovor na prošnjo za dostop / Answer to a request for access", row.package_id)
    model.repo.commit()
    sealer.poke()
    return row.as_dict()
