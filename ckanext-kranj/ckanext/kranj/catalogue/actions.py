"""Saving descriptions: CKAN's actions, with the standard in front of them and the internal block beside them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj.access import references, reindex
from ckanext.kranj.access.auth import may_read, user_of
from ckanext.kranj.access.labels import is_data_office
from ckanext.kranj.approval import flow
from ckanext.kranj.approval.tell import tell_users
from ckanext.kranj.audit import actor, record
from ckanext.kranj.catalogue import describe, forms, internal, internal_history, links, storage
from ckanext.kranj.catalogue.hooks import INTERNAL, WANTED
from ckanext.kranj.retention import holds

from schemas import Problem, validate

Action = Callable[[dict[str, Any], dict[str, Any]], Any]


@tk.chained_action
def package_create(next_action: Action, context: dict[str, Any], data_dict: dict[str, Any]) -> Any:
    """Create a dataset that keeps the standard; the optional key ``internal`` goes into the internal block.

    Returns:
        The dataset without its internal block; warnings under ``kranj_warnings``.

    Raises:
        tk.ValidationError: ``{field: ["[code] text"]}``, complete; nothing was written.
    """
    if data_dict.get("type", "dataset") != "dataset":
        return next_action(context, data_dict)
    tk.check_access("package_create", context, data_dict)
    description = describe.describe(context, data_dict)
    context[INTERNAL] = description.internal
    context[WANTED] = flow.hold(context, None, description.dataset)
    return _stored(next_action, context, description, waits=context[WANTED])


@tk.chained_action
def package_update(next_action: Action, context: dict[str, Any], data_dict: dict[str, Any]) -> Any:
    """Update a dataset; ``internal`` is left as it is when absent. Returns and raises as package_create."""
    package = model.Package.get(data_dict.get("id") or data_dict.get("name"))
    if package is None or package.type != "dataset":
        return next_action(context, data_dict)
    tk.check_access("package_update", context, {"id": package.id})
    context["package"] = package
    original = context.get("original_package")
    if original is None or original.get("id") != package.id or references.lacking(context, package):
        original = tk.get_action("package_show")(tk.fresh_context(context, ignore_auth=True), {"id": package.id})
        context["original_package"] = original
    _spare_block(context, package, data_dict)
    description = describe.describe(context, *references.kept(context, data_dict, original))
    # Written here and not in a hook: an update that changes nothing else never reaches the hooks (traps A2).
    user = user_of(context)
    changed = description.internal is not None and internal.store(
        package.id, description.internal, user.id if user else None
    )
    waits = flow.hold(context, package, description.dataset)
    levels = {package.extras.get("visibility"), description.dataset.get("visibility")}
    if waits:
        flow.propose(context, package, waits)
    elif not context.get(flow.CARRIED_OUT) and description.dataset.get("visibility") != package.extras.get(
        "visibility"
    ):
        flow.withdraw(package.id)  # somebody decided otherwise meanwhile
    if len(levels) > 1 and package.state == "active":
        tell_users(package.id)
    # An open description that stays open tells nothing when its save fails; every other one is noted.
    # A deferred save touches the index only after its commit, and whoever deferred it keeps the note of that.
    moves = levels != {"public"} or package.state != "active" or description.dataset.get("state") == "draft"
    with reindex.noted(package.id, needed=moves and not context.get("defer_commit")):
        result = _stored(next_action, context, description, waits=waits)
    if (changed or waits) and not context.get("defer_commit"):
        model.repo.commit()
    return result


def _spare_block(context: dict[str, Any], package: Any, data_dict: dict[str, Any]) -> None:
    """A collaborator edits the description; its internal block is as much for its owner to write as to read.

    Raises:
        tk.NotAuthorized: as kranj_internal_update would. A form asks everybody: what it says of the block is left out.
    """
    said = [name for name in data_dict if name == "internal" or name.startswith("internal-")]
    if not any(data_dict[name] for name in said):
        return
    try:
        tk.check_access("kranj_internal_update", tk.fresh_context(context), {"id": package.id})
    except tk.NotAuthorized:
        if forms.MARK not in data_dict:
            raise
        for name in said:
            del data_dict[name]


def _stored(
    next_action: Action, context: dict[str, Any], description: describe.Description, *, waits: str | None
) -> Any:
    if description.dataset.get("state") == "draft":
        context["allow_state_change"] = True  # stewards save drafts; CKAN lets only its own form do so
    context[describe.DESCRIBED] = True
    free = context.get("ignore_auth", False)
    user = user_of(context)
    # CKAN asks once more whether the user belongs to the owner; the data office was let in above and need not.
    context["ignore_auth"] = free or (user is not None and not user.sysadmin and is_data_office(user))
    try:
        result = next_action(context, description.dataset)
    finally:
        context.pop(describe.DESCRIBED, None)
        context["ignore_auth"] = free
    warnings = [*description.warnings, *([Problem.of("visibility", "needs-approval")] if waits else [])]
    if isinstance(result, dict):
        references.shown(context, [result])
    if isinstance(result, dict) and warnings:
        result = {**result, "kranj_warnings": [problem.as_dict() for problem in warnings]}
    return result


@tk.chained_action
def dataset_purge(next_action: Action, context: dict[str, Any], data_dict: dict[str, Any]) -> Any:
    """Purge a dataset with what hangs on it; stock leaves collaborators and fails on them (traps B).

    Raises:
        tk.ValidationError: it is on hold.
    """
    package = model.Package.get(tk.get_or_bust(data_dict, "id"))
    if package is not None:
        tk.check_access("dataset_purge", context, {"id": package.id})
        holds.demand_free(package.id)
        internal.remove(package.id)
        model.Session.query(model.PackageMember).filter_by(package_id=package.id).delete()
        data_dict = {**data_dict, "id": package.id}
    return next_action(context, data_dict)


def _readable(context: dict[str, Any], data_dict: dict[str, Any]) -> Any:
    """The dataset of that id or name; one that may not be read does not exist for the caller."""
    package = model.Package.get(tk.get_or_bust(data_dict, "id"))
    if package is None or package.type != "dataset" or not may_read(context, package):
        raise tk.ObjectNotFound
    return package


@tk.side_effect_free
def kranj_internal_show(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """The internal block of a dataset.

    Args:
        context: of CKAN.
        data_dict: ``{"id": id or name of the dataset}``.

    Returns:
        ``{"package_id", "internal", "revision"}``; an empty block has revision 0.

    Raises:
        tk.ObjectNotFound: there is no such dataset, or the caller may not see it.
        tk.NotAuthorized: the caller sees the description but does not belong to its owner.
    """
    package = _readable(context, data_dict)
    tk.check_access("kranj_internal_show", context, {"id": package.id})
    block = internal.InternalBlock.of(package.id)
    if not context.get("ignore_auth"):
        record.read(context, package.id, "internal")
    return {
        "package_id": package.id,
        "internal": dict(block.data) if block else {},
        "revision": block.revision if block else 0,
    }


@tk.side_effect_free
def kranj_internal_history(context: dict[str, Any], data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """Who changed what in the internal block of a dataset, newest first.

    Args:
        context: of CKAN.
        data_dict: ``{"id": id or name of the dataset}``.

    Returns:
        ``[{"revision", "changed_at", "changed_by", "changes": [{"field", "label", "before", "after"}]}]``.

    Raises:
        tk.ObjectNotFound, tk.NotAuthorized: as kranj_internal_show.
    """
    package = _readable(context, data_dict)
    tk.check_access("kranj_internal_show", context, {"id": package.id})
    return internal_history.changes(package.id)


def kranj_internal_update(context: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    """Replace the internal block of a dataset.

    Args:
        context: of CKAN.
        data_dict: ``{"id": id or name of the dataset, "internal": {…}, "revision": the one that was read, optional}``.

    Returns:
        As kranj_internal_show.

    Raises:
        tk.ObjectNotFound, tk.NotAuthorized: as kranj_internal_show.
        tk.ValidationError: the block breaks the standard, or somebody changed it since ``revision`` was read.
    """
    package = _readable(context, data_dict)
    tk.check_access("kranj_internal_update", context, {"id": package.id})
    block = tk.get_or_bust(data_dict, "internal")
    stored = internal.InternalBlock.of(package.id)
    found = _internal_problems(block, package)
    if isinstance(block, dict):
        owner = model.Group.get(package.owner_org)
        found += links.internal_problems(block, dict(stored.data) if stored else {}, owner)
    problems = [problem for problem in found if problem.severity == "error"]
    if problems:
        raise tk.ValidationError(describe.error_dict(problems))
    expected = data_dict.get("revision")
    if expected is not None and stored is not None and stored.revision != expected:
        raise tk.ValidationError(describe.error_dict([Problem.of("internal", "changed-meanwhile")]))
    user = user_of(context)
    actor.act_as(context)
    internal.store(package.id, block, user.id if user else None)
    model.repo.commit()
    return tk.get_action("kranj_internal_show")(context, {"id": package.id})


def _internal_problems(block: Any, package: Any) -> list[Problem]:
    """Judged beside what it depends on: how public and how secret the dataset is, and what is measured."""
    draft = package.state == "draft"
    shown = storage.decoded(
        {name: package.extras[name] for name in ("visibility", "secrecy", "measured_subject") if name in package.extras}
    )
    return [item for item in validate({**shown, "internal": block}, draft=draft) if item.path.startswith("internal")]
