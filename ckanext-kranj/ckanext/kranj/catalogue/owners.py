"""Whom a new description belongs to when nobody said so: an organisation is proposed only where one stands out."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj.catalogue import organizations

from schemas import complete, complete_internal, validate
from schemas.rules import RESERVED_OWNER

MAY_DESCRIBE = ("editor", "admin")


def proposed(user: Any) -> Any:
    """The organisation (model.Group) that a new description of a user most likely belongs to, or None.

    His own organisations go before those where he may write by office. Of these the one whose defaults leave the least
    to be typed, then the one that owns datasets already; of several equal ones none, the form asks.

    Args:
        user: model.User, or somebody anonymous.
    """
    available = [item["id"] for item in tk.h.organizations_available("create_dataset")]
    own = set(_own(user)) if isinstance(user, model.User) else set()
    wanted = [item for item in available if item in own] or available
    found = [item for item in _groups(wanted) if item.name != RESERVED_OWNER]
    if len(found) < 2:
        return found[0] if found else None
    owners = _owners(wanted)
    # 0 / 1 instead of a count of datasets: who owns more is no reason to be chosen.
    ranked = sorted(found, key=lambda group: _rank(group, owners))
    return ranked[0] if _rank(ranked[0], owners) < _rank(ranked[1], owners) else None


def _rank(group: Any, owners: set[str]) -> tuple[int, bool]:
    return left_to_type(group), group.id not in owners


def left_to_type(organization: Any) -> int:
    """How many mandatory entries of an empty description the defaults of an organisation leave open."""
    dataset = complete({"owner_org": organization.name}, organizations.defaults_of(organization)).dataset
    block = complete_internal({}, dataset, organizations.internal_defaults_of(organization) or {}).dataset
    return sum(item.code == "missing" for item in validate({**dataset, "internal": block}))


def _own(user: Any) -> list[str]:
    member = model.Member
    query = model.Session.query(member.group_id).filter(
        member.table_name == "user", member.table_id == user.id, member.state == "active",
        member.capacity.in_(MAY_DESCRIBE),
    )  # fmt: skip
    return [row[0] for row in query]


def _groups(identifiers: list[str]) -> list[Any]:
    return list(model.Session.query(model.Group).filter(model.Group.id.in_(identifiers)))


def _owners(identifiers: list[str]) -> set[str]:
    query = model.Session.query(model.Package.owner_org).filter(
        model.Package.owner_org.in_(identifiers), model.Package.state == "active", model.Package.type == "dataset"
    )
    return {row[0] for row in query.distinct()}
