"""What only a person may decide: removals, renamings, the end of a steward's word, a pause."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import search

from ckanext.kranj.catalogue import indexing
from ckanext.kranj.harvest import events, memory, state
from ckanext.kranj.harvest.model import HarvestAlias, HarvestDecision, HarvestRecord, HarvestRun

from harvesters.ownership import merge


def waiting(source_id: str) -> HarvestRun | None:
    """The last run of a source, if it asks for a decision."""
    run = (
        model.Session.query(HarvestRun)
        .filter(HarvestRun.source_id == source_id, HarvestRun.finished.isnot(None), HarvestRun.complete.is_(True))
        .order_by(HarvestRun.started.desc())
        .first()
    )
    return run if run is not None and run.decided_at is None and asks(run) else None


def asks(run: HarvestRun) -> bool:
    """Whether something in a run's plan waits for an answer."""
    return bool(run.plan.get("missing") or run.plan.get("renames"))


def decide(
    run: HarvestRun,
    user: str,
    *,
    accept: bool,
    missing: Collection[str] | None = None,
    renames: Collection[str] | None = None,
) -> dict[str, int]:
    """Answer what a run asks, or a part of it.

    Accepted, what is still missing is archived and renamed records keep their datasets. Refused, what is missing stays
    (the next complete run asks again) and renamed records are new ones.

    Args:
        run: the run that waits.
        user: who answers.
        accept: the answer.
        missing: identifiers of missing records; None: all, if no renames are named either.
        renames: new identifiers; None: all, if no missing ones are named either.

    Returns:
        ``{"archived": number, "renamed": number}``.
    """
    everything = missing is None and renames is None
    planned: list[str] = [guid for guid in run.plan.get("missing", []) if everything or guid in (missing or ())]
    pairs = {new: old for new, old in run.plan.get("renames", {}).items() if everything or new in (renames or ())}
    still: list[str] = []
    if accept:
        still = _archive(run.source_id, planned)
    else:
        memory.note_back(run.source_id, planned)
    for guid, old in pairs.items():
        if accept:
            _rename(run.source_id, guid, old, user)
        else:
            _alias(run.source_id, guid, guid, user)
    answered(run, planned, pairs, user, accept=accept)
    read_everything(run.source_id)
    to_index(run.source_id, still, user)
    return {"archived": len(still), "renamed": len(pairs) if accept else 0}


def decide_withdrawals(source_id: str, guids: Collection[str], user: str, *, accept: bool) -> int:
    """Archive missing records before their grace is over, or keep them: they count as seen until the next run.

    Returns:
        How many were archived, or kept.
    """
    run = waiting(source_id)
    planned = [guid for guid in (run.plan.get("missing", []) if run else []) if guid in guids]
    done = 0
    if run is not None and planned:
        still = _still_missing(source_id, planned)
        decide(run, user, accept=accept, missing=planned, renames=())
        done = len(still)
    rest = _still_missing(source_id, [guid for guid in guids if guid not in planned])
    if rest and accept:
        _archive(source_id, rest)
        read_everything(source_id)
        to_index(source_id, rest, user)
    elif rest:
        memory.note_back(source_id, rest)
        read_everything(source_id)
    return done + len(rest)


def _archive(source_id: str, guids: Collection[str]) -> list[str]:
    still = _still_missing(source_id, guids)
    memory.note_archived(source_id, still)
    return still


def answered(run: HarvestRun, missing: Collection[str], renames: dict[str, str], user: str, *, accept: bool) -> None:
    """Move what was answered from the open part of a run's plan to its history; the last answer closes the run."""
    now = datetime.now(tz=UTC)
    answer = {"by": user, "at": now.isoformat(), "accepted": accept, "missing": list(missing), "renames": renames}
    run.plan = {
        "missing": [guid for guid in run.plan.get("missing", []) if guid not in missing],
        "renames": {new: old for new, old in run.plan.get("renames", {}).items() if new not in renames},
        "answers": [*run.plan.get("answers", []), answer],
    }
    if not asks(run):
        run.decided_by, run.decided_at = user, now


def to_index(source_id: str, guids: Collection[str], user: str) -> None:
    """Bring what the index says of these records up to date."""
    ids = memory.packages_of(source_id, guids)
    indexing.send(ids, user)
    search.commit()
    _indexed(ids)


def _still_missing(source_id: str, guids: Collection[str]) -> list[str]:
    rows = model.Session.query(HarvestRecord.guid).filter(
        HarvestRecord.source_id == source_id,
        HarvestRecord.guid.in_(list(guids)),
        HarvestRecord.missing_since.isnot(None),
        HarvestRecord.archived_at.is_(None),
        HarvestRecord.held_at.is_(None),
    )
    return sorted(guid for (guid,) in rows)


def _rename(source_id: str, guid: str, old: str, user: str) -> None:
    origin = memory.aliases(source_id).get(old, old)
    _alias(source_id, guid, origin, user)
    model.Session.query(HarvestRecord).filter_by(source_id=source_id, guid=guid).delete()
    model.Session.execute(
        sa.update(HarvestRecord)
        .where(HarvestRecord.source_id == source_id, HarvestRecord.guid == old)
        .values(guid=guid, fingerprint="", missing_since=None, missing_runs=0)
        .execution_options(synchronize_session=False)
    )


def _alias(source_id: str, guid: str, origin: str, user: str) -> None:
    now = datetime.now(tz=UTC)
    model.Session.merge(HarvestAlias(source_id=source_id, guid=guid, origin=origin, decided_by=user, decided_at=now))


def read_everything(source_id: str) -> None:
    """The next run asks for everything, whatever the source says about changes."""
    state.of(source_id).marks = []
    model.Session.commit()


def _indexed(package_ids: list[str]) -> None:
    model.Session.execute(
        sa.update(HarvestRecord)
        .where(HarvestRecord.package_id.in_(package_ids))
        .values(indexed=True)
        .execution_options(synchronize_session=False)
    )
    model.Session.commit()


def release(package_id: str, paths: Collection[str]) -> list[str]:
    """Give fields back to the source: the next run writes its values again.

    Args:
        package_id: the dataset.
        paths: names of fields as they stand in ``kept``; empty: all of them.

    Returns:
        What was given back.
    """
    row = model.Session.query(HarvestRecord).filter_by(package_id=package_id).one_or_none()
    if row is None or row.written is None:
        return []
    current = memory.held_of(row.source_id, [row.guid])[row.guid]
    owned = set(merge(row.written, row.written_internal or {}, current).kept)
    chosen = [path for path in sorted(owned | set(row.kept)) if not paths or path in paths]
    written, internal = dict(row.written), dict(row.written_internal or {})
    for path in chosen:
        if path.startswith("resources."):
            written["resources"] = [dict(item) for item in current.dataset.get("resources") or ()]
        elif path.startswith("internal."):
            _put(internal, path.partition(".")[2], current.internal)
        else:
            _put(written, path, current.dataset)
    row.written, row.written_internal = written, internal
    row.kept = {path: value for path, value in row.kept.items() if path not in chosen}
    row.fingerprint, row.hash = "", "given back"
    state.of(row.source_id).marks = []
    model.Session.commit()
    return chosen


def _put(target: dict[str, Any], name: str, current: Any) -> None:
    if current.get(name) is None:
        target.pop(name, None)
    else:
        target[name] = current[name]


def pause(source_id: str, user: str, *, on: bool) -> None:
    """Stop a source from being harvested, or let it go on."""
    held = state.of(source_id)
    held.paused_by, held.paused_at = (user, datetime.now(tz=UTC)) if on else (None, None)
    if not on:
        held.failures = 0
    events.note(source_id, user, "paused" if on else "resumed")
    model.Session.commit()


def source_of(package_id: str) -> dict[str, Any] | None:
    """Where a dataset comes from and whose words it holds; None when it was not harvested."""
    row = model.Session.query(HarvestRecord).filter_by(package_id=package_id).one_or_none()
    if row is None:
        return None
    source = model.Package.get(row.source_id)
    return {
        "source": source.name if source else row.source_id,
        "guid": row.guid,
        "first_seen": row.first_seen.isoformat(),
        "changed_at": row.changed_at.isoformat(),
        "missing_since": row.missing_since.isoformat() if row.missing_since else None,
        "archived_at": row.archived_at.isoformat() if row.archived_at else None,
        "held_by": row.held_by,
        "kept": row.kept,
        "problems": row.problems,
        "proposals": row.proposals,
    }


def proposals_of(package_id: str) -> list[dict[str, Any]]:
    """What is proposed for a dataset and nobody has decided yet."""
    row = model.Session.query(HarvestRecord).filter_by(package_id=package_id).one_or_none()
    decided = {
        (item.field, item.value) for item in model.Session.query(HarvestDecision).filter_by(package_id=package_id)
    }
    fields = {field for field, _ in decided if field in {"content_area", "secrecy"}}
    return [
        item
        for item in (row.proposals if row else ())
        if (item["field"], item["value"]) not in decided and item["field"] not in fields
    ]


def decide_proposal(package_id: str, field: str, value: str, user: str, *, accepted: bool) -> bool:
    """Remember what a steward says to a proposal; accepted, it is written and is from then on the steward's word.

    Returns:
        Whether there was such a proposal.

    Raises:
        tk.ValidationError: the standard does not take the value as the dataset stands; nothing is remembered.
    """
    proposal = next(
        (item for item in proposals_of(package_id) if (item["field"], item["value"]) == (field, value)), None
    )
    if proposal is None:
        return False
    if accepted:
        context = {"user": user, "ignore_auth": True}
        shown = tk.get_action("package_show")(dict(context), {"id": package_id})
        tk.get_action("package_patch")(dict(context), {"id": package_id, field: _with(shown.get(field), field, value)})
    model.Session.merge(
        HarvestDecision(
            package_id=package_id,
            field=field,
            value=value,
            accepted=accepted,
            confidence=proposal["confidence"],
            decided_by=user,
            decided_at=datetime.now(tz=UTC),
        )
    )
    model.Session.commit()
    return True


def _with(current: Any, field: str, value: str) -> Any:
    """A field with an accepted value: areas and classes are replaced, themes and keywords added."""
    if field == "content_area":
        return [value]
    if field == "theme":
        return list(dict.fromkeys([*(current or ()), value]))
    if field == "tags_translated":
        words = current or {}
        return {**words, "sl": list(dict.fromkeys([*words.get("sl", ()), value]))}
    return value
