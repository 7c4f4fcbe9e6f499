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
from ckanext.kranj.catalogue.describe import error_dict, refuse
from ckanext.kranj.catalogue.internal import InternalBlock
from ckanext.kranj.database.alone import alone
from ckanext.kranj.language import title_of
from ckanext.kranj.request.model import ANSWERS, WAITING, AccessRequest

from schemas import Problem

LONGEST = 4000
MOST = 500


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
        The request; the same that waits for an answer already when nothing in it is new.

    Raises:
        tk.ValidationError: the data are public, or purpose or basis is missing.
    """
    package = _dataset(context, tk.get_or_bust(data_dict, "id"), "kranj_access_request_create")
    user = user_of(context)
    texts = {name: str(data_dict.get(name) or "").strip() for name in ("purpose", "legal_basis")}
    wrong = [Problem.of(name, "missing") for name, text in texts.items() if not text]
    wrong += [
        Problem.of(name, "too-long", length=len(text), limit=LONGEST)
        for name, text in texts.items()
        if len(text) > LONGEST
    ]
    if package.extras.get("secrecy") == "javno":
        wrong.append(Problem.of("id", "data-are-public"))
    if wrong:
        raise tk.ValidationError(error_dict(wrong))
    if user is None:
        raise tk.NotAuthorized
    alone("request", package.id, user.id)
    waits = model.Session.query(AccessRequest).filter_by(
        package_id=package.id, requested_by=user.id, status=WAITING, **texts
    )
    if same := waits.first():  # pressed twice: the steward is told once
        return same.as_dict()
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
    """Requests for data, newest first: for those of one dataset, or for those of every dataset that one may edit.

    Args:
        context: of CKAN.
        data_dict: ``{"id": dataset, optional; "status": waiting | granted | refused, optional; "mine": true for those
            that one made oneself, of datasets that one still sees, optional}``.

    Returns:
        Requests with ``name`` and ``title`` of the dataset and ``requested_by_name``.
    """
    package = model.Package
    query = model.Session.query(AccessRequest, package).join(package, package.id == AccessRequest.package_id)
    own = tk.asbool(data_dict.get("mine", False))
    if own:
        tk.check_access("kranj_access_request_list", context, {})
        user = user_of(context)
        query = query.filter(AccessRequest.requested_by == (user.id if user is not None else None))
    elif data_dict.get("id"):
        query = query.filter(package.id == _dataset(context, data_dict["id"], "kranj_access_request_list").id)
    else:
        tk.check_access("kranj_access_request_list", context, {})
    if data_dict.get("status"):
        query = query.filter(AccessRequest.status == data_dict["status"])
    rows = query.filter(package.state == "active").order_by(AccessRequest.requested_at.desc())
    mine = [(row, about) for row, about in rows if _concerns(context, about, data_dict, own=own)][:MOST]
    return [
        {
            **row.as_dict(),
            "name": about.name,
            "title": title_of(about),
            "requested_by_name": _name(row.requested_by),
        }
        for row, about in mine
    ]


def _concerns(context: dict[str, Any], package: Any, data_dict: dict[str, Any], *, own: bool) -> bool:
    """Whether a request for the data of a dataset is for the caller to read."""
    if own:
        return existence.visible(context, package)
    return bool(data_dict.get("id")) or _answers(context, package)


def _answers(context: dict[str, Any], package: Any) -> bool:
    """Whether the caller may answer requests for the data of a dataset."""
    try:
        existence.demand_visible(context, model.Package.get, package.id)
        tk.check_access("kranj_access_request_decide", context, {"id": package.id})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return False
    return True


def _name(user_id: str) -> str:
    user = model.User.get(user_id)
    return user.display_name if user is not None else user_id


def kranj_access_request_decide(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """Answer a request.

    Args:
        context: of CKAN.
        data_dict: ``{"request": its id, "status": granted | refused, "answer": words for whoever asked}``.

    Returns:
        The request.
    """
    # Held: of two who answer at the same moment one is second, and told so.
    identifier = str(tk.get_or_bust(data_dict, "request"))
    row = model.Session.get(AccessRequest, identifier, with_for_update=True, populate_existing=True)
    if row is None:
        raise tk.ObjectNotFound
    _dataset(context, row.package_id, "kranj_access_request_decide")
    answer = str(data_dict.get("answer") or "").strip()
    if row.status != WAITING:
        model.Session.rollback()
        raise refuse("status", "already-decided")
    if data_dict.get("status") not in ANSWERS:
        raise refuse("status", "unknown-code", value=str(data_dict.get("status")), vocabulary=", ".join(ANSWERS))
    if not answer:
        raise refuse("answer", "missing")
    user = user_of(context)
    row.status, row.answer, row.decided_at = data_dict["status"], answer, datetime.now(tz=UTC)
    row.decided_by = user.id if user is not None else None
    asked = model.User.get(row.requested_by)
    tell([asked] if asked else [], "Odgovor na prošnjo za dostop / Answer to a request for access", row.package_id)
    model.repo.commit()
    sealer.poke()
    return row.as_dict()
