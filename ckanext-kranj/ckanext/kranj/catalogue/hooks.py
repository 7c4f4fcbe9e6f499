"""What happens around a save and an index update, as CKAN's IPackageController asks."""

from __future__ import annotations

from typing import Any

import ckan.plugins as p
from ckan import model

from ckanext.kranj.access.auth import account_of
from ckanext.kranj.approval import flow
from ckanext.kranj.catalogue import index, internal

INTERNAL = "kranj_internal"
"""Context key: the internal block of a dataset that is being created."""
WANTED = "kranj_wanted"
"""Context key: the level of a new dataset that waits for approval."""


class KranjDatasetHooks(p.IPackageController):
    """IPackageController of the plugin ``kranj``."""

    def after_dataset_create(self, context: dict[str, Any], pkg_dict: dict[str, Any]) -> None:
        """Write what belongs to a new dataset into its own transaction (its id is known only now)."""
        block = context.pop(INTERNAL, None)
        if block is not None:
            internal.store(pkg_dict["id"], block, _actor(context))
        _let_in(context, pkg_dict)
        wanted = context.pop(WANTED, None)
        if wanted:
            flow.propose(context, model.Package.get(pkg_dict["id"]), wanted)

    def after_dataset_update(self, context: dict[str, Any], pkg_dict: dict[str, Any]) -> None:
        """Keep sight of a dataset that its editor just made restricted."""
        _let_in(context, pkg_dict)

    def before_dataset_index(self, pkg_dict: dict[str, Any]) -> dict[str, Any]:
        """Index only what the allow-list names."""
        return index.document(pkg_dict)


def _actor(context: dict[str, Any]) -> str | None:
    user = account_of(context)
    return user.id if user else None


def _let_in(context: dict[str, Any], pkg_dict: dict[str, Any]) -> None:
    """Make creator and steward of a restricted dataset its collaborators, in the same transaction (traps A4)."""
    if pkg_dict.get("type") != "dataset" or pkg_dict.get("visibility") != "restricted":
        return
    block = internal.InternalBlock.of(pkg_dict["id"])
    steward = model.User.get(block.data["steward"]) if block and block.data.get("steward") else None
    for user_id in {_actor(context), steward.id if steward else None} - {None}:
        key = {"package_id": pkg_dict["id"], "user_id": user_id}
        if not model.Session.query(model.PackageMember).filter_by(**key).first():
            model.Session.add(model.PackageMember(**key, capacity="editor"))
    model.Session.flush()
