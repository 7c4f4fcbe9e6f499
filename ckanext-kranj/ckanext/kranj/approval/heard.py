"""Who hears of a change of level: everybody who uses the data, as far as the portal knows how to reach them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from ckan import model

from ckanext.kranj.catalogue.internal import InternalBlock

_ASKED = sa.text(
    "SELECT follower_id FROM user_following_dataset WHERE object_id = :id"
    " UNION SELECT requested_by FROM kranj_access_request WHERE package_id = :id AND status <> 'refused'"
)
_NAMED = sa.text(
    "SELECT lower(called), id FROM ("
    " SELECT unnest(ARRAY[name, fullname, email]) AS called, id FROM \"user\" WHERE state = 'active'"
    " UNION ALL SELECT unnest(ARRAY[g.name, g.title]), m.table_id"
    " FROM \"group\" g JOIN member m ON m.group_id = g.id AND m.table_name = 'user' AND m.state = 'active'"
    " AND m.capacity IN ('admin', 'editor') WHERE g.is_organization AND g.state = 'active'"
    ") AS known WHERE lower(called) = ANY(:called)"
)
"""An account by its names or e-mail; an organisation by its names: those who keep its data."""


@dataclass(frozen=True)
class Heard:
    """``accounts`` are told; ``unreached`` are names in the internal block to which no account answers."""

    accounts: list[Any]
    unreached: list[str]


def of(package_id: str) -> Heard:
    """Followers, those who asked for the data and were not refused, and the users that the internal block lists.

    Args:
        package_id: of the dataset. A listed user whose ``until`` is past uses the data no more and is left out.
    """
    listed = _listed(package_id)
    rows = model.Session.execute(_NAMED, {"called": sorted(set(listed.values()))}).all() if listed else []
    known = {called for called, _ in rows}
    ids = {identifier for _, identifier in rows} | set(model.Session.scalars(_ASKED, {"id": package_id}))
    accounts = model.Session.query(model.User).filter(model.User.id.in_(sorted(ids)), model.User.state == "active")
    return Heard(list(accounts), [name for name, called in listed.items() if called not in known])


def _listed(package_id: str) -> dict[str, str]:
    """Users of the data by name, as the block lists them, and as they are looked for."""
    block = InternalBlock.of(package_id)
    today = datetime.now(tz=UTC).date().isoformat()
    users = (block.data or {}).get("users") if block is not None else None
    return {
        str(user["who"]): str(user["who"]).strip().lower()
        for user in users or ()
        if user.get("who") and str(user.get("until") or today) >= today
    }
