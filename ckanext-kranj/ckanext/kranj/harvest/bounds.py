"""How far a source reaches: harvesting is bound by no right of an account, so the source itself is bound.

An editor configures a source of his organisation: whose its descriptions are and what they are called. Until somebody
else approved that (approval/sources.py), it writes for that organisation only. Ids follow from the name of a source,
and a name that was given up may be taken again: what another source brought stays that one's.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from ckan import model

from ckanext.kranj.approval import trust

_OTHERS = sa.text(
    "SELECT r.package_id FROM kranj_harvest_record r JOIN harvest_source s ON s.id = r.source_id"
    " WHERE r.package_id = ANY(:ids) AND r.source_id <> :source AND s.active"
)
_ELSEWHERE = sa.text("SELECT id FROM package WHERE id = ANY(:ids) AND owner_org IS DISTINCT FROM :owner")


class Bounds:
    """What one source may write to, asked of the database as the run goes on."""

    def __init__(self, source_id: str):
        """Look at the source."""
        self._source = source_id
        package = model.Package.get(source_id)
        group = model.Group.get(package.owner_org) if package is not None and package.owner_org else None
        self._owner, self._names = (group.id, {group.id, group.name}) if group is not None else (None, set())
        self._free = group is None or trust.allows(source_id, "restricted")

    def may_own(self, owner: str) -> bool:
        """Whether a description of this organisation, by name or id, may come from the source."""
        return self._free or owner in self._names

    def foreign(self, package_ids: Sequence[str]) -> set[str]:
        """Those of existing datasets that are not for this source to change."""
        if not package_ids:
            return set()
        values = {"ids": list(package_ids), "source": self._source, "owner": self._owner}
        found = set(model.Session.scalars(_OTHERS, values))
        return found if self._free else found | set(model.Session.scalars(_ELSEWHERE, values))
