"""What the result of a table still tells whoever sent it: rights that he had then may be gone."""

from __future__ import annotations

from typing import Any

from ckan import model

from ckanext.kranj.access.auth import may_read, unbound, user_of
from ckanext.kranj.access.labels import is_data_office, labels_for, memberships


def still(context: dict[str, Any], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows as their sender may read them now.

    Of a dataset that he sees no longer only its place in the table stays; of one whose owner he left, what the public
    half said.

    Args:
        context: of CKAN.
        rows: as ``batches.result`` gives them; they are changed in place.
    """
    if unbound(context):
        return rows
    user = user_of(context)
    held, office = set(labels_for(user)), is_data_office(user)
    own = {identifier for identifier, _, _ in memberships(user.id)} if user is not None else set()
    asked = [row["id"] for row in rows if row["id"]]
    packages = {one.id: one for one in model.Session.query(model.Package).filter(model.Package.id.in_(asked))}
    for row in rows:
        package = packages.get(row["id"])
        if package is None and row["action"] in ("new", "refused"):
            continue  # nothing is stored of it: the row says what he wrote himself
        if package is None or not may_read(context, package, held):
            row.update(id=None, title="", changes=[], problems=[])
        elif not office and package.owner_org not in own:
            row["changes"] = [one for one in row["changes"] if not one["column"].startswith("internal.")]
    return rows
