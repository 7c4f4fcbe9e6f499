"""Who may see a description: permission labels, the one rule that also serves the feed and the search re-check."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, Protocol

import sqlalchemy as sa

import ckan.plugins as p
from ckan import model
from ckan.lib.plugins import DefaultPermissionLabels

from ckanext.kranj import config
from ckanext.kranj.access import protection

from schemas import vocabulary

PUBLIC = "public"
INTERNAL = "kranj-internal"
DATA_OFFICE = "kranj-data-office"


LEVELLED = ("dataset", "dataset_series")
"""Types whose records have every level; all others are never public."""


class PackageRow(Protocol):
    """A row of ``package``: the model object or the row of a SELECT."""

    id: str
    type: str
    state: str
    private: bool
    owner_org: str | None
    creator_user_id: str | None


def labels_of(package: PackageRow, visibility: str | None) -> list[str]:
    """The labels of a dataset (DESIGN 5: levels, rule of the switch)."""
    if package.state == "draft":
        return [f"creator-{package.creator_user_id}", DATA_OFFICE]
    if package.type == "system" and visibility == "internal":
        return [INTERNAL, DATA_OFFICE]
    if package.type not in LEVELLED:
        # Harvest sources and systems are never public; who works in the owning organisation sees them.
        return [f"member-{package.owner_org}", DATA_OFFICE]
    if package.state == "active" and not package.private and visibility == "public":
        return [PUBLIC]
    # A deleted public description is seen by those who worked on it.
    narrow = {"internal": INTERNAL, "restricted": f"collaborator-{package.id}"}
    return [narrow.get(visibility or "", f"member-{package.owner_org}"), DATA_OFFICE]


@lru_cache(maxsize=1)
def municipal_circles() -> tuple[str, ...]:
    """Circles whose members are municipal users."""
    circles = vocabulary("circle")
    return tuple(code for code in circles.codes if circles.extra(code)["municipal"])


def memberships(user_id: str) -> list[tuple[str, str, str | None]]:
    """Organisations a user belongs to himself: (id, name, circle). Membership of a parent grants nothing."""
    rows = (
        model.Session.query(model.Group.id, model.Group.name, model.Group.extras["circle"].astext)
        .join(model.Member, model.Member.group_id == model.Group.id)
        .filter(
            model.Member.table_name == "user",
            model.Member.table_id == user_id,
            model.Member.state == "active",
            model.Group.state == "active",
            model.Group.is_organization.is_(True),
        )
    )
    return [tuple(row) for row in rows]


def is_data_office(user: Any) -> bool:
    """Whether a user is a member of the data office."""
    return is_known(user) and any(name == config.data_office() for _, name, _ in memberships(user.id))


def is_known(user: Any) -> bool:
    """Whether this is the active account of a person who is logged in."""
    return user is not None and getattr(user, "is_authenticated", False) and getattr(user, "state", None) == "active"


_BELONGS = sa.text(
    "SELECT g.id, g.name, g.extras ->> 'circle', NULL FROM member m JOIN \"group\" g ON g.id = m.group_id"
    " WHERE m.table_name = 'user' AND m.table_id = :user AND m.state = 'active'"
    " AND g.state = 'active' AND g.is_organization"
    " UNION ALL SELECT NULL, NULL, NULL, package_id FROM package_member WHERE user_id = :user"
)
"""Organisations and invitations of an account in one question: every search and every reading asks it."""


def labels_for(user: Any) -> list[str]:
    """The labels that a user holds; anonymous and unknown users hold ``public`` only."""
    if not is_known(user):
        return [PUBLIC]
    labels = [PUBLIC, f"creator-{user.id}"]
    belongs = model.Session.execute(_BELONGS, {"user": user.id}).all()
    labels.extend(f"member-{identifier}" for identifier, _, _, _ in belongs if identifier)
    if any(circle in municipal_circles() for _, _, circle, _ in belongs):
        labels.append(INTERNAL)
    if any(name == config.data_office() for _, name, _, _ in belongs):
        labels.append(DATA_OFFICE)
    labels.extend(f"collaborator-{package_id}" for _, _, _, package_id in belongs if package_id)
    return labels


_held: ContextVar[dict[str, list[str]] | None] = ContextVar("kranj_held", default=None)


@contextmanager
def one_question() -> Iterator[None]:
    """Inside of this the labels of an account are asked for once: a search needs them before and after the index."""
    token = _held.set({})
    try:
        yield
    finally:
        _held.reset(token)


def labels_held(user: Any) -> list[str]:
    """As labels_for, from the same answer inside of one_question."""
    if not is_known(user):
        return [PUBLIC]
    known = _held.get()
    if known is None:
        return labels_for(user)
    if user.id not in known:
        known[user.id] = labels_for(user)
    return known[user.id]


def visible_to(user: Any) -> Any:
    """The same rule as a condition on rows of ``package``, for listings that answer from the database.

    Args:
        user: an account, or None for anonymous visitors. Administrators see everything and need no condition.
    """
    held = set(labels_for(user))
    package, level = model.Package, model.Package.extras["visibility"].astext
    organizations = [label.removeprefix("member-") for label in held if label.startswith("member-")]
    shared = [label.removeprefix("collaborator-") for label in held if label.startswith("collaborator-")]
    dataset, draft = package.type.in_(LEVELLED), package.state == "draft"
    public = sa.and_(dataset, package.state == "active", package.private.is_(False), level == "public")
    if DATA_OFFICE in held:
        return sa.true()
    if not is_known(user):
        return public
    own_draft = sa.and_(draft, package.creator_user_id == user.id)
    of_organization = sa.and_(
        ~draft,
        package.owner_org.in_(organizations),
        sa.or_(~dataset, sa.func.coalesce(level, "").notin_(("internal", "restricted"))),
    )
    of_city = sa.and_(~draft, dataset, level == "internal", sa.literal(INTERNAL in held))
    restricted = sa.and_(~draft, dataset, level == "restricted", package.id.in_(shared))
    return sa.or_(public, own_draft, of_organization, of_city, restricted)


class KranjLabels(p.IPermissionLabels):
    """IPermissionLabels of the plugin ``kranj``; CKAN asks the first such plugin only."""

    def get_dataset_labels(self, dataset_obj: Any) -> list[str]:
        """Labels of a package row."""
        if protection.off("labels"):
            return DefaultPermissionLabels().get_dataset_labels(dataset_obj)
        return labels_of(dataset_obj, (dataset_obj.extras or {}).get("visibility"))

    def get_user_dataset_labels(self, user_obj: Any) -> list[str]:
        """Labels of a user."""
        if protection.off("labels"):
            return DefaultPermissionLabels().get_user_dataset_labels(user_obj)
        return labels_held(user_obj)
