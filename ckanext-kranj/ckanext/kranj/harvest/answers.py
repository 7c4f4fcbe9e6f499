"""What a steward answers about single records: a value that the source sees differently, a pair, a record set aside."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj.harvest import decisions, memory, state
from ckanext.kranj.harvest.model import HarvestDecision, HarvestFinding, HarvestRecord

from harvesters.errors import clean
from harvesters.ownership import Held, plain
from harvesters.sink import QUARANTINE

KEPT = "kept:"
"""Before the path of a field in kranj_harvest_decision: a steward saw the source's value and keeps his own."""
PAIRS = ("same-identifier", "likely-duplicate")
UNCLAIMED = ("unclaimed-table", "unclaimed-share")
PAIR_ANSWERS = ("different", "same")
NOT_OURS = "not-ours"


def values_of(package_id: str) -> list[dict[str, Any]]:
    """Fields whose word is a steward's, with what the source says there.

    Returns:
        ``[{"field", "value", "source_value", "differs", "seen"}]``; ``seen``: somebody saw this value of the source and
        kept his own.
    """
    row = model.Session.query(HarvestRecord).filter_by(package_id=package_id).one_or_none()
    held = memory.held_of(row.source_id, [row.guid], lock=False).get(row.guid) if row is not None and row.kept else None
    if row is None or held is None:
        return []
    seen = {
        (item.field, item.value)
        for item in model.Session.query(HarvestDecision).filter(
            HarvestDecision.package_id == package_id, HarvestDecision.field.startswith(KEPT)
        )
    }
    found = []
    for path, said in sorted(row.kept.items()):
        here = _at(held, path)
        found.append(
            {
                "field": path,
                "value": here,
                "source_value": said,
                "differs": plain(here) != plain(said),
                "seen": (KEPT + path, _text(said)) in seen,
            }
        )
    return found


def decide_value(package_id: str, path: str, user: str, *, accept: bool) -> bool:
    """Take the source's value of a field, which from then on is the source's again, or keep one's own.

    Returns:
        Whether that field was a steward's.

    Raises:
        tk.ValidationError: the standard does not take the source's value as the dataset stands; nothing is remembered.
    """
    found = next((item for item in values_of(package_id) if item["field"] == path), None)
    if found is None:
        return False
    if accept:
        _write(package_id, path, found["source_value"], user)
        decisions.release(package_id, [path])
    _remember(package_id, KEPT + path, _text(found["source_value"]), user, accepted=accept)
    model.Session.commit()
    return True


def _remember(package_id: str, field: str, value: str, user: str, *, accepted: bool) -> None:
    model.Session.merge(
        HarvestDecision(
            package_id=package_id,
            field=field,
            value=value,
            accepted=accepted,
            confidence=1.0,
            decided_by=user,
            decided_at=datetime.now(tz=UTC),
        )
    )


def short(value: Any) -> str:
    """A value as a sentence shows it."""
    return clean(value if isinstance(value, str) else _text(value))[:200]


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def _at(held: Held, path: str) -> Any:
    if path.startswith("internal."):
        return held.internal.get(path.partition(".")[2])
    if path.startswith("resources."):
        _, identifier, name = [*path.split(".", 2), ""][:3]
        resource = next((item for item in held.dataset.get("resources") or () if item.get("id") == identifier), None)
        return resource.get(name) if resource and name else resource
    return held.dataset.get(path)


def _write(package_id: str, path: str, value: Any, user: str) -> None:
    # By the rights of who decides: a wider level waits for its approval as in every save. Without an account it is the
    # machine (the command line).
    context = {"user": user, "ignore_auth": model.User.get(user) is None}
    patch: dict[str, Any] = {"id": package_id}
    if path.startswith("internal."):
        patch["internal"] = {path.partition(".")[2]: value if value is not None else ""}
    elif path.startswith("resources."):
        _, identifier, name = [*path.split(".", 2), ""][:3]
        shown = tk.get_action("package_show")(dict(context), {"id": package_id})
        resources = [dict(item) for item in shown.get("resources") or ()]
        if not name:
            resources.append(dict(value))
        for item in resources:
            if name and item["id"] == identifier:
                item[name] = value if value is not None else ""
        patch["resources"] = resources
    else:
        patch[path] = value if value is not None else ""
    tk.get_action("package_patch")(dict(context), patch)


def decide_finding(first: str, second: str, kind: str, user: str, *, answer: str, reason: str = "") -> bool:  # noqa: PLR0913 what is said of what, by whom
    """Remember what somebody says about a finding.

    Args:
        first: of a pair one dataset; of a table or folder that nobody claims the source.
        second: the other dataset; the name of the table or folder.
        kind: of the finding.
        user: who says it.
        answer: ``different`` or ``same`` of a pair, ``not-ours`` of what does not belong into the catalogue.
        reason: why.

    Returns:
        Whether there is such a finding.
    """
    if kind in UNCLAIMED:
        found = HarvestFinding(package_id=first, other_id=second, kind=kind, found_at=datetime.now(tz=UTC))
        found = model.Session.get(HarvestFinding, (first, second, kind)) or found
    else:
        one, other = sorted((first, second))
        found = model.Session.get(HarvestFinding, (one, other, kind))
    if found is None:
        return False
    found.decision, found.reason = answer, reason or None
    found.decided_by, found.decided_at = user, datetime.now(tz=UTC)
    model.Session.add(found)
    model.Session.commit()
    return True


def release_quarantined(source_id: str, guids: Collection[str]) -> int:
    """Try records that are set aside once more in the next run; none named means all of the source.

    Returns:
        How many there were.
    """
    chosen = [HarvestRecord.source_id == source_id, HarvestRecord.failures >= QUARANTINE]
    if guids:
        chosen.append(HarvestRecord.guid.in_(list(guids)))
    done = model.Session.execute(
        sa.update(HarvestRecord)
        .where(*chosen)
        .values(failures=1, fingerprint="")
        .execution_options(synchronize_session=False)
    )
    state.of(source_id).marks = []
    model.Session.commit()
    return int(done.rowcount)
