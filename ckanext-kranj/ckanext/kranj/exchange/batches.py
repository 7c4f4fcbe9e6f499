"""A batch from plan to undo: rows in the database, so that a killed job goes on where it stopped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.kranj.catalogue import internal
from ckanext.kranj.database.alone import alone
from ckanext.kranj.exchange import stored
from ckanext.kranj.exchange.model import Batch, BatchRow
from ckanext.kranj.exchange.plan import plan
from ckanext.kranj.retention.model import Hold

from schemas import Problem
from schemas.exchange import read_table

WORKING = {"planning": "planned", "applying": "applied", "undoing": "undone"}
"""State of a batch while a job is at it -> state when the job is done."""


def receive(user_id: str, name: str, content: bytes) -> Batch:
    """Take a file in; ``work`` reads it, compares it with the catalogue and forgets it."""
    now = datetime.now(tz=UTC)
    batch = Batch(
        id=str(uuid4()), user_id=user_id, name=name, state="planning", created=now, changed=now, problems=[],
        content=content,
    )  # fmt: skip
    model.Session.add(batch)
    model.Session.commit()
    return batch


def _plan(context: dict[str, Any], batch: Batch) -> None:
    """Read the file of a batch and remember what it would change; nothing else is written."""
    model.Session.query(BatchRow).filter_by(batch_id=batch.id).delete()
    table = read_table(batch.name, bytes(batch.content or b""))
    batch.problems = _storable([problem.as_dict() for problem in table.problems])
    if not any(problem.severity == "error" for problem in table.problems):
        for row in plan(context, table):
            model.Session.add(
                BatchRow(
                    batch_id=batch.id, number=row.number, package_id=row.package_id, title=_storable(row.title),
                    action=row.action, state="planned", seen=row.seen, changes=_storable(row.changes),
                    problems=_storable([problem.as_dict() for problem in row.problems]), after=row.after,
                )
            )  # fmt: skip
    batch.content = None
    begin(batch, WORKING[batch.state])


def _storable(value: Any) -> Any:
    """The same value without the characters that PostgreSQL cannot hold; a refused row may have any."""
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {_storable(key): _storable(item) for key, item in value.items()}
    return [_storable(item) for item in value] if isinstance(value, list) else value


def rows_of(batch_id: str) -> Any:
    """The rows of a batch in the order of the table."""
    return model.Session.query(BatchRow).filter_by(batch_id=batch_id).order_by(BatchRow.number)


def summary(batch: Batch) -> dict[str, Any]:
    """What a batch is and how far it is."""
    columns = model.Session.query(BatchRow.action, BatchRow.state).filter_by(batch_id=batch.id)
    pairs = Counter((action, state) for action, state in columns)
    actions: Counter[str] = Counter()
    states: Counter[str] = Counter()
    for (action, state), count in pairs.items():
        actions[action] += count
        if action in {"new", "changed"}:
            states[state] += count
    return {
        "id": batch.id, "name": batch.name, "state": batch.state, "created": batch.created.isoformat(),
        "problems": batch.problems, "rows": dict(actions), "progress": dict(states),
    }  # fmt: skip


def result(batch: Batch, action: str = "", limit: int | None = None, offset: int = 0) -> list[dict[str, Any]]:
    """The per-row result: what each row does or did, field by field, and why not.

    Args:
        batch: the batch.
        action: only rows that are new, changed, unchanged or refused; ``failed`` for what the job could not store.
        limit: at most so many rows.
        offset: after so many.
    """
    rows = rows_of(batch.id)
    if action == "failed":
        rows = rows.filter(BatchRow.state == "failed")
    elif action:
        rows = rows.filter(BatchRow.action == action)
    return [
        {
            "row": row.number, "id": row.package_id, "title": row.title, "action": row.action, "state": row.state,
            "changes": row.changes, "problems": row.problems,
        }
        for row in rows.limit(limit).offset(offset)
    ]  # fmt: skip


def of_user(user_id: str, limit: int = 20) -> list[dict[str, Any]]:
    """The latest batches of a user."""
    found = model.Session.query(Batch).filter_by(user_id=user_id).order_by(Batch.created.desc()).limit(limit)
    return [summary(batch) for batch in found]


def begin(batch: Batch, state: str) -> None:
    """Note that a job is to work on the batch."""
    batch.state, batch.changed = state, datetime.now(tz=UTC)
    model.Session.commit()


@contextmanager
def _alone(batch_id: str) -> Iterator[bool]:
    """Whether nobody else is at work on a batch; a job that was started twice runs once."""
    key = {"key": f"kranj_batch {batch_id}"}
    with model.meta.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        alone = bool(connection.scalar(sa.text("SELECT pg_try_advisory_lock(hashtextextended(:key, 0))"), key))
        try:
            yield alone
        finally:
            if alone:
                connection.execute(sa.text("SELECT pg_advisory_unlock(hashtextextended(:key, 0))"), key)


def work(batch_id: str) -> dict[str, Any]:
    """Plan, apply or undo a batch to its end; a second call goes on where the first was stopped."""
    with _alone(batch_id) as alone:
        return _work(batch_id) if alone else {}


def _work(batch_id: str) -> dict[str, Any]:
    batch = model.Session.get(Batch, batch_id)
    if batch is None or batch.state not in WORKING:
        return {}
    user = model.User.get(batch.user_id)
    context = {"user": user.name if user else ""}
    if batch.state == "planning":
        _plan(context, batch)
        return summary(batch)
    one, waiting = (_apply, ("running", "planned")) if batch.state == "applying" else (_undo, ("done",))
    chosen = rows_of(batch_id).filter(BatchRow.state.in_(waiting), BatchRow.action.in_(("new", "changed")))
    numbers = [row.number for row in chosen]
    for number in numbers if batch.state == "applying" else reversed(numbers):
        _guarded(one, context, batch_id, number)
    batch = model.Session.get(Batch, batch_id)
    begin(batch, WORKING[batch.state])
    return summary(batch)


def _guarded(one: Any, context: dict[str, Any], batch_id: str, number: int) -> None:
    """One row in its own transaction: what breaks it costs itself only."""
    try:
        one(dict(context), model.Session.get(BatchRow, (batch_id, number)))
        model.Session.commit()
    except Exception as error:  # noqa: BLE001 whatever breaks a row must not break the next
        model.Session.rollback()
        reason = str(getattr(error, "error_dict", None) or f"{type(error).__name__}: {error}")[:1000]
        _fail(model.Session.get(BatchRow, (batch_id, number)), Problem.of("", "database", reason=reason))
        model.Session.commit()


def _fail(row: BatchRow, problem: Problem) -> None:
    row.state, row.problems = "failed", [*row.problems, problem.as_dict()]


def _apply(context: dict[str, Any], row: BatchRow) -> None:
    """Store a row. What was there is noted and committed first, so that a job killed in between can still be undone."""
    data = {key: value for key, value in row.after.items() if key != "name"}
    if row.state == "running" and row.action == "new":
        _fail(row, Problem.of("", "database", reason="prekinjeno; preverite, ali zbirka že obstaja"))
        return
    if row.state == "running" and stored.version(row.package_id) != row.seen:
        row.state, row.seen = "done", stored.version(row.package_id)
        return
    if row.action == "changed":
        if stored.version(row.package_id) != row.seen:
            _fail(row, Problem.of("", "changed-meanwhile"))
            return
        before = tk.get_action("package_show")(stored.caller(context), {"id": row.package_id})
        block = internal.InternalBlock.of(row.package_id)
        row.before = {"dataset": before, "internal": dict(block.data) if block else None}
        data = {**{key: before[key] for key in ("state", "type") if key in before}, **data}
    row.state = "running"
    model.Session.commit()
    if row.action == "new":
        data.pop("id", None)
        row.package_id = tk.get_action("package_create")(stored.caller(context), {**data, "type": "dataset"})["id"]
    else:
        tk.get_action("package_update")(stored.caller(context), data)
    row.state, row.seen = "done", stored.version(row.package_id)


def _undo(context: dict[str, Any], row: BatchRow) -> None:
    """Put back exactly what was there, unless somebody changed it since."""
    if stored.version(row.package_id) != row.seen:
        _fail(row, Problem.of("", "changed-meanwhile"))
        return
    tk.check_access("package_update", stored.caller(context), {"id": row.package_id})
    alone("retention", row.package_id)
    if row.action == "new" and Hold.of(row.package_id):
        _fail(row, Problem.of("", "on-hold"))
        return
    key = (row.batch_id, row.number)
    if row.action == "new":
        tk.get_action("dataset_purge")({"ignore_auth": True, "user": context["user"]}, {"id": row.package_id})
    else:
        tk.get_action("package_update")(stored.caller(context), dict(row.before["dataset"]))
        if row.before["internal"] is not None:
            internal.store(row.package_id, row.before["internal"], None)
    model.Session.get(BatchRow, key).state = "undone"  # a purge ends the session that the row came from
