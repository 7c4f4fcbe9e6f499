"""What is remembered of a source's records, as the engine asks for it."""

from __future__ import annotations

from collections.abc import Collection, Container
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj.catalogue.internal import InternalBlock
from ckanext.kranj.harvest.model import HarvestAlias, HarvestRecord

from harvesters import Gone, Held, Known
from schemas import dataset_id

CHUNK = 500


def aliases(source_id: str) -> dict[str, str]:
    """Renamed identifiers of a source -> those under which its records first came."""
    rows = model.Session.query(HarvestAlias.guid, HarvestAlias.origin).filter_by(source_id=source_id)
    return dict(rows.all())


def known_of(source_id: str, slug: str, guids: Collection[str], renamed: dict[str, str]) -> dict[str, Known]:
    """What is remembered of these records; also of datasets whose memory was lost, by their derived id."""
    ids = {guid: dataset_id(slug, renamed.get(guid, guid)) for guid in guids if guid}
    columns = (
        HarvestRecord.guid,
        HarvestRecord.hash,
        HarvestRecord.first_seen,
        HarvestRecord.fingerprint,
        HarvestRecord.failures,
        HarvestRecord.archived_at,
    )
    asked = model.Session.query(*columns).filter(
        HarvestRecord.source_id == source_id, HarvestRecord.guid.in_(list(ids))
    )
    rows = {row.guid: row for row in asked}
    packages = {
        row.id: row
        for row in model.Session.query(model.Package.id, model.Package.state, model.Package.metadata_created).filter(
            model.Package.id.in_(list(ids.values()))
        )
    }
    known = {}
    for guid, package_id in ids.items():
        row, package = rows.get(guid), packages.get(package_id)
        if package is None and row is None:
            continue
        known[guid] = Known(
            row.hash if row and package else "",
            package_id,
            row.first_seen if row else package.metadata_created.date(),
            draft=package is not None and package.state == "draft",
            deleted=package is not None and (package.state == "deleted" or bool(row and row.archived_at)),
            stored=package is not None,
            fingerprint=row.fingerprint if row else "",
            failures=row.failures if row else 0,
        )
    return known


def held_of(source_id: str, guids: Collection[str], *, lock: bool = True) -> dict[str, Held]:
    """These datasets as they stand, and what harvesting last wrote into them.

    Args:
        source_id: the source.
        guids: identifiers of its records.
        lock: keep others from changing them until the transaction ends; who only looks must not.
    """
    found = {}
    rows = model.Session.query(HarvestRecord).filter(
        HarvestRecord.source_id == source_id, HarvestRecord.guid.in_(list(guids))
    )
    for row in rows:
        package = model.Package.get(row.package_id) if row.package_id else None
        if package is None:
            continue
        context = {"ignore_auth": True, "use_cache": False, "for_update": lock}
        shown: dict[str, Any] = dict(tk.get_action("package_show")(context, {"id": package.id}))
        group = model.Group.get(package.owner_org) if package.owner_org else None
        shown["owner_org"] = group.name if group else None
        block = InternalBlock.of(package.id)
        found[row.guid] = Held(
            shown,
            dict(block.data) if block else {},
            row.written,
            row.written_internal or {},
            frozenset(row.kept or {}),
        )
    return found


def alike_of(source_id: str, keys: Collection[str]) -> dict[str, str]:
    """Likeness -> guid of the only record in force that has it."""
    rows = (
        model.Session.query(HarvestRecord.likeness, sa.func.min(HarvestRecord.guid), sa.func.count())
        .filter(_in_force(source_id), HarvestRecord.likeness.in_(list(keys)))
        .group_by(HarvestRecord.likeness)
    )
    return {key: guid for key, guid, count in rows if count == 1}


def _in_force(source_id: str) -> Any:
    return sa.and_(
        HarvestRecord.source_id == source_id,
        HarvestRecord.package_id.isnot(None),
        HarvestRecord.archived_at.is_(None),
    )


def count_of(source_id: str) -> int:
    """Records in force."""
    return int(model.Session.query(HarvestRecord).filter(_in_force(source_id)).count())


def gone_of(source_id: str, present: Container[str]) -> tuple[list[Gone], list[str]]:
    """Records in force that were not seen, and those seen that were missing before. What a steward keeps is none."""
    gone, back = [], []
    row = HarvestRecord
    rows = model.Session.query(row.guid, row.missing_runs, row.missing_since, row.held_at)
    for guid, runs, since, held in rows.filter(_in_force(source_id)).yield_per(1000):
        if guid not in present:
            if held is None:
                gone.append(Gone(guid, runs, since))
        elif since is not None:
            back.append(guid)
    return gone, back


def note_missing(source_id: str, guids: Collection[str], *, counted: bool) -> None:
    """Note in the running transaction that these are missing, and whether the run counts towards their grace."""
    values = {
        "missing_since": sa.func.coalesce(HarvestRecord.missing_since, datetime.now(tz=UTC)),
        "missing_runs": HarvestRecord.missing_runs + int(counted),
    }
    _update(source_id, guids, values)


def note_back(source_id: str, guids: Collection[str]) -> None:
    """Note in the running transaction that these are there again."""
    _update(source_id, guids, {"missing_since": None, "missing_runs": 0})


def note_archived(source_id: str, guids: Collection[str]) -> None:
    """Note in the running transaction that these are archived, and that the index does not know it yet."""
    _update(source_id, guids, {"archived_at": datetime.now(tz=UTC), "indexed": False})


def _update(source_id: str, guids: Collection[str], values: dict[str, Any]) -> None:
    names = list(guids)
    for start in range(0, len(names), CHUNK):
        model.Session.execute(
            sa.update(HarvestRecord)
            .where(HarvestRecord.source_id == source_id, HarvestRecord.guid.in_(names[start : start + CHUNK]))
            .values(**values)
            .execution_options(synchronize_session=False)
        )


def packages_of(source_id: str, guids: Collection[str]) -> list[str]:
    """Datasets of these records."""
    rows = model.Session.query(HarvestRecord.package_id).filter(
        HarvestRecord.source_id == source_id, HarvestRecord.guid.in_(list(guids))
    )
    return [package_id for (package_id,) in rows if package_id]


def settled(source_id: str, slug: str) -> int | None:
    """How many records are in force, if nothing about them is open: the source need not be read to repeat that.

    Returns:
        None when a record failed, is missing, waits for the index, or its dataset was removed.
    """
    open_ones = model.Session.query(HarvestRecord).filter(
        HarvestRecord.source_id == source_id,
        sa.or_(
            HarvestRecord.failures > 0,
            sa.and_(HarvestRecord.missing_since.isnot(None), HarvestRecord.held_at.is_(None)),
            HarvestRecord.indexed.is_(False),
            HarvestRecord.package_id.is_(None),
        ),
    )
    there = (
        model.Session.query(HarvestRecord)
        .join(model.Package, model.Package.id == HarvestRecord.package_id)
        .filter(_in_force(source_id), model.Package.state.in_(["active", "draft"]))
        .count()
    )
    count = count_of(source_id)
    return count if count and there == count and not open_ones.limit(1).count() else None


@dataclass
class Remembering:
    """The part of a sink that only reads."""

    source_id: str
    slug: str
    aliases: dict[str, str] = field(default_factory=dict)
    """Renamed identifiers -> those under which the records first came."""

    def known(self, guids: Collection[str]) -> dict[str, Known]:
        """What is remembered of these records."""
        return known_of(self.source_id, self.slug, guids, self.aliases)

    def held(self, guids: Collection[str]) -> dict[str, Held]:
        """These datasets as they stand."""
        return held_of(self.source_id, guids)

    def alike(self, keys: Collection[str]) -> dict[str, str]:
        """Records in force by likeness."""
        return alike_of(self.source_id, keys)

    def count(self) -> int:
        """Records in force."""
        return count_of(self.source_id)
