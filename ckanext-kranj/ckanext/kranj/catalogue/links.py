"""What only the database can tell of a description: whether what it names is there, and whether its title is new.

Same Problems as ``schemas.validate``; only what a save changes is looked up, so that an old fault does not stop it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ckan import model

from ckanext.kranj.access import references
from ckanext.kranj.access.auth import may_read, unbound
from ckanext.kranj.catalogue.origins import Before
from ckanext.kranj.catalogue.storage import can_hold

from schemas import Problem

LINKS = ("authority_of", "in_series")
"""Fields that name records of ours by id (or short name)."""
APPEND_ONLY = ("disposal", "discovery")
"""Lists of the internal block whose entries are only added (fields.md 3)."""


def problems(context: dict[str, Any], judged: dict[str, Any], owner: Any, before: Before) -> list[Problem]:
    """Check what a description names.

    Args:
        context: CKAN's; a dataset that its caller may not see does not exist for him.
        judged: the completed description with its internal block.
        owner: the organisation, or None.
        before: what is stored of it.
    """
    found = [*_links(context, judged, before.dataset), *_resources(context, judged, before.dataset)]
    internal = judged.get("internal")
    if isinstance(internal, dict):
        found += internal_problems(internal, before.block, owner)
    found += _title(context, judged, owner, before.dataset)
    return found


def internal_problems(block: dict[str, Any], stored: dict[str, Any], owner: Any) -> list[Problem]:
    """The steward is a member of the owner; what is append-only only grows."""
    found = list(_kept(block, stored))
    steward = block.get("steward")
    if isinstance(steward, str) and steward and steward != stored.get("steward") and owner is not None:
        user = model.User.get(steward) if can_hold(steward) else None
        if user is None or not _is_member(user.id, owner.id):
            found.append(Problem.of("internal.steward", "not-a-member", value=steward[:100]))
    return found


def _kept(block: dict[str, Any], stored: dict[str, Any]) -> Iterator[Problem]:
    for name in APPEND_ONLY:
        old, new = stored.get(name) or [], block.get(name) or []
        if isinstance(new, list) and new[: len(old)] != old:
            yield Problem.of(f"internal.{name}", "append-only")


def _links(context: dict[str, Any], judged: dict[str, Any], before: dict[str, Any]) -> Iterator[Problem]:
    for name in LINKS:
        for path, one in _new(name, judged, before):
            package = model.Package.get(one) if isinstance(one, str) and can_hold(one) else None
            wanted = "dataset_series" if name == "in_series" else "dataset"
            there = package is not None and package.type == wanted and package.state != "deleted"
            if not there or not may_read(context, package):
                yield Problem.of(path, "unknown-dataset", value=str(one)[:100])
    added = [pair for name in references.BY_ADDRESS for pair in _new(name, judged, before)]
    texts = [(path, one) for path, one in added if isinstance(one, str) and can_hold(one)]
    unseen = references.hidden(context, [one for _, one in texts])
    yield from (Problem.of(path, "unknown-dataset", value=one[:100]) for path, one in texts if one in unseen)


def _resources(context: dict[str, Any], judged: dict[str, Any], before: dict[str, Any]) -> Iterator[Problem]:
    """Ids of resources are the catalogue's: one that is taken elsewhere, or was, is refused as one that never was."""
    given = judged.get("resources")
    known = {item.get("id") for item in before.get("resources") or ()}
    named = {
        index: item["id"]
        for index, item in enumerate(given if isinstance(given, list) else ())
        if isinstance(item, dict) and isinstance(item.get("id"), str) and item["id"] and item["id"] not in known
    }
    if not named or unbound(context):
        return
    package = context.get("package")
    asked = model.Session.query(model.Resource.id).filter_by(package_id=package.id if package is not None else None)
    with model.Session.no_autoflush:
        own = {identifier for (identifier,) in asked}  # also of those that were taken away
    for index, one in named.items():
        if one not in own:
            yield Problem.of(f"resources[{index}].id", "unknown-resource", value=one[:100])


def _new(name: str, judged: dict[str, Any], before: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The entries of a field that are not stored, each with its path."""
    value, known = judged.get(name), references.many(before.get(name))
    for index, one in enumerate(references.many(value)):
        if one not in known:
            yield f"{name}[{index}]" if isinstance(value, list) else name, one


def _is_member(user_id: str, group_id: str) -> bool:
    query = model.Session.query(model.Member.id).filter_by(
        group_id=group_id, table_name="user", table_id=user_id, state="active"
    )
    return query.first() is not None


def _title(context: dict[str, Any], judged: dict[str, Any], owner: Any, before: dict[str, Any]) -> Iterator[Problem]:
    titles = judged.get("title_translated")
    title = titles.get("sl") if isinstance(titles, dict) else None
    if not isinstance(title, str) or owner is None or title == before.get("title") or not can_hold(title):
        return  # the rules say what is wrong with characters
    query = model.Session.query(model.Package.id).filter_by(title=title, owner_org=owner.id, state="active")
    if context.get("package") is not None:
        query = query.filter(model.Package.id != context["package"].id)
    with model.Session.no_autoflush:
        found = query.first()
        other = model.Package.get(found.id) if found else None
    if other is not None and may_read(context, other):
        yield Problem.of("title_translated.sl", "title-not-unique", name=other.name)
