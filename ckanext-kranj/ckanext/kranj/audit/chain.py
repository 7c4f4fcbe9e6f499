"""The hash chain over the audit: sealing, verifying, anchoring.

Entries are written by triggers without any lock. A sealer links those whose transactions are settled: a chain under a
lock held through the transaction costs a third of the throughput (DESIGN 6).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ckan import model

BATCH = 5000


@dataclass(frozen=True)
class Fault:
    """What is wrong with the audit, and where."""

    code: str
    position: int | None
    audit_id: int | None


@dataclass(frozen=True)
class Anchor:
    """The state of the chain at one moment, kept outside of the database."""

    position: int
    hash: str


def seal() -> int:
    """Link every settled entry that is not linked yet.

    Returns:
        How many. 0 as well while somebody else is sealing.
    """
    total = 0
    while True:
        with model.meta.engine.begin() as connection:
            connection.execute(sa.text("SET LOCAL synchronous_commit = off"))
            done = connection.scalar(sa.text("SELECT kranj_audit_seal_settled(:most)"), {"most": BATCH})
        total += done
        if done < BATCH:
            return total


def head() -> Anchor:
    """The last link of the chain."""
    row = _one("SELECT position, encode(hash, 'hex') FROM kranj_audit_seal ORDER BY position DESC LIMIT 1")
    return Anchor(row[0], row[1]) if row else Anchor(0, "")


def verify(anchors: Iterable[Anchor] = (), connection: sa.Connection | None = None) -> tuple[int, list[Fault]]:
    """Walk the chain in one snapshot and compare each entry with its link.

    Args:
        anchors: states that were noted elsewhere; each must still be part of the chain.
        connection: look through this one.

    Returns:
        How many entries are linked, and every fault: ``changed`` (an entry is not what was sealed), ``removed`` (a
        sealed entry is gone), ``gap`` (a link is gone), ``unsealed`` (an entry older than an hour has no link),
        ``anchor`` (a noted state is no part of the chain).
    """
    if connection is None:
        with model.meta.engine.connect() as own:
            return verify(anchors, own)
    faults: list[Fault] = []
    expected, count = 1, 0
    noted = {anchor.position: anchor.hash for anchor in anchors if anchor.position}
    for position, audit_id, sealed, exists, computed in _links(connection):
        if position != expected:
            faults.append(Fault("gap", expected, None))
        if not exists:
            faults.append(Fault("removed", position, audit_id))
        elif computed != sealed:
            faults.append(Fault("changed", position, audit_id))
        if noted.pop(position, sealed) != sealed:
            faults.append(Fault("anchor", position, audit_id))
        expected, count = position + 1, count + 1
    faults.extend(Fault("anchor", position, None) for position in sorted(noted))
    faults.extend(Fault("unsealed", None, audit_id) for (audit_id,) in connection.execute(_OLD_UNSEALED))
    return count, faults


def _links(connection: sa.Connection) -> Iterator[tuple[int, int, str, bool, str]]:
    """Each link with what its hash should be, given the link before it; computed here, not by the database."""
    statement = sa.text(
        "SELECT s.position, s.audit_id, encode(s.hash, 'hex'), a.id IS NOT NULL, jsonb_build_array(a.id,"
        " extract(epoch FROM a.at)::text, a.xid, a.actor, a.via, a.kind, a.operation, a.object_type, a.object_id,"
        " a.package_id, a.fields)::text"
        " FROM kranj_audit_seal s LEFT JOIN kranj_audit a ON a.id = s.audit_id ORDER BY s.position"
    )
    before = b""
    rows = connection.execute(statement, execution_options={"stream_results": True, "yield_per": 10000})
    for position, audit_id, sealed, exists, text in rows:
        yield position, audit_id, sealed, exists, hashlib.sha256(before + text.encode()).hexdigest()
        before = bytes.fromhex(sealed)


_OLD_UNSEALED = sa.text(
    "SELECT id FROM kranj_audit a WHERE at < clock_timestamp() - interval '1 hour'"
    " AND NOT EXISTS (SELECT 1 FROM kranj_audit_seal s WHERE s.audit_id = a.id) ORDER BY id"
)


def entries(since: int = 0) -> Iterator[dict[str, Any]]:
    """Sealed entries as they are exported, in the order of the chain."""
    statement = sa.text(
        "SELECT s.position, encode(s.hash, 'hex') AS hash, to_jsonb(a) AS entry FROM kranj_audit_seal s"
        " JOIN kranj_audit a ON a.id = s.audit_id WHERE s.position > :since ORDER BY s.position"
    )
    with model.meta.engine.connect() as connection:
        rows = connection.execution_options(stream_results=True, yield_per=5000).execute(statement, {"since": since})
        for position, link, entry in rows:
            yield {"position": position, "hash": link, **(json.loads(entry) if isinstance(entry, str) else entry)}


def _one(statement: str) -> Any:
    with model.meta.engine.connect() as connection:
        return connection.execute(sa.text(statement)).first()
