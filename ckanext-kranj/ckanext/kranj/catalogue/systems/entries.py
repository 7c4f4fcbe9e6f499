"""Entries of the register: judged on the way in, read with the datasets that lie in each on the way out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import authz, model

from ckanext.kranj.access.auth import may_read, unbound, user_of
from ckanext.kranj.access.labels import is_data_office, memberships
from ckanext.kranj.catalogue import describe as datasets
from ckanext.kranj.catalogue import forms, storage

from schemas import Problem, complete_entry, validate_entry


@dataclass(frozen=True)
class Dataset:
    """A dataset as the register needs it: what it is called, whose and how secret it is, where it says it lies."""

    id: str
    name: str
    title: str
    owner_org: str | None
    secrecy: str | None
    system: str


@dataclass(frozen=True)
class System:
    """An entry with the datasets that name it."""

    id: str
    name: str
    title: str
    owner_org: str | None
    data: dict[str, Any]
    datasets: list[Dataset] = field(default_factory=list)

    @property
    def called(self) -> frozenset[str]:
        """What datasets may call it: id, short name, title in any language."""
        titles = (self.data.get("title_translated") or {}).values()
        return frozenset(text.strip().casefold() for text in (self.id, self.name, *titles) if text)


def describe(context: dict[str, Any], data_dict: dict[str, Any], level: str) -> dict[str, Any]:
    """The entry, of the register or a series, as it may be stored.

    Raises:
        tk.ValidationError: ``{field: ["[code] text"]}``, every problem at once.
    """
    if forms.MARK in data_dict:
        folded = forms.folded(data_dict, level)
        data_dict.clear()  # a refused form is filled again from this very dict
        data_dict.update(dict.fromkeys(storage.names(level), ""), **folded)
    entry = complete_entry(data_dict, level)
    draft = entry.get("state") == "draft"
    errors = [item for item in validate_entry(entry, level, draft=draft) if item.severity == "error"]
    if entry.get("visibility") == "public" and not _may_publish(context):
        errors.append(Problem.of("visibility", "series-public-by-office"))
    if errors:
        raise tk.ValidationError(datasets.error_dict(errors))
    entry["title"] = (entry.get("title_translated") or {}).get("sl", "")
    entry["notes"] = (entry.get("notes_translated") or {}).get("sl", "")
    # The rule of the switch (DESIGN 5), as for datasets; an entry of the register is never public.
    entry["private"] = draft or entry.get("visibility") != "public"
    return entry


def _may_publish(context: dict[str, Any]) -> bool:
    """A series has no approval of its own: who would approve makes it public, or leaves a public one as it is."""
    package = context.get("package")
    already = package is not None and (package.extras or {}).get("visibility") == "public"
    return already or unbound(context) or is_data_office(user_of(context))


def register(context: dict[str, Any]) -> tuple[list[System], list[Dataset]]:
    """The systems that the caller sees, with the datasets whose internal block he sees; and datasets of no entry.

    Args:
        context: of CKAN. Members see datasets of their organisations, the data office those of all.
    """
    package = model.Package
    rows = model.Session.query(package).filter_by(type="system", state="active").order_by(package.title)
    systems = [_system(row) for row in rows if may_read(context, row)]
    named = {name: system for system in systems for name in system.called}
    unknown = []
    for dataset in _datasets(context):
        system = named.get(dataset.system.strip().casefold())
        (system.datasets if system is not None else unknown).append(dataset)
    return systems, unknown


def _system(row: Any) -> System:
    extras = storage.decoded(dict(row.extras or {}), "system")
    return System(row.id, row.name, row.title, row.owner_org, extras)


_LOCATED = sa.text(
    "SELECT p.id, p.name, p.title, p.owner_org, p.extras ->> 'secrecy' AS secrecy,"
    " i.data -> 'location' ->> 'system' AS system"
    " FROM package p JOIN kranj_internal i ON i.package_id = p.id"
    " WHERE p.type = 'dataset' AND p.state = 'active' AND i.data -> 'location' ->> 'system' <> ''"
    " ORDER BY p.title, p.id"
)


def _datasets(context: dict[str, Any]) -> list[Dataset]:
    user = user_of(context)
    everything = context.get("ignore_auth") or authz.is_sysadmin(context.get("user")) or is_data_office(user)
    mine = {identifier for identifier, _, _ in memberships(user.id)} if user is not None else set()
    rows = model.Session.execute(_LOCATED).mappings()
    return [
        Dataset(**row)
        for row in rows
        if everything or (row["owner_org"] in mine and may_read(context, model.Package.get(row["id"])))
    ]
