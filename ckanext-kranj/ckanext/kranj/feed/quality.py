"""Judges the published datasets: points, conformity, addresses. Done by command; pages show what was found last."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from ckan import model

from . import mqa
from .config import FeedConfig
from .links import known
from .mqa import Facts, Score
from .pages import single_document
from .shapes import Finding, violations
from .store import Reader, read

COMPACT = Path(__file__).parent / "shacl" / "dcat-ap.ttl"
BATCH = 50

_KEEP = sa.text(
    "INSERT INTO kranj_feed_quality (package_id, points, band, results, findings, judged_at)"
    " VALUES (:package_id, :points, :band, cast(:results AS jsonb), cast(:findings AS jsonb), :at)"
    " ON CONFLICT (package_id) DO UPDATE SET points = excluded.points, band = excluded.band,"
    " results = excluded.results, findings = excluded.findings, judged_at = excluded.judged_at"
)
_FORGET = sa.text("DELETE FROM kranj_feed_quality WHERE NOT (package_id = ANY(:ids))")
_STORED = sa.text(
    "SELECT q.package_id, q.points, q.band, q.results, q.findings, q.judged_at, p.name, p.title, p.owner_org"
    " FROM kranj_feed_quality q JOIN package p ON p.id = q.package_id"
    " JOIN kranj_feed_record r ON r.package_id = q.package_id WHERE r.live ORDER BY q.points, p.name"
)

Validate = Callable[[bytes], list[Finding]]
Assessed = tuple[str, Score, list[Finding]]


Clock = Callable[[], datetime]


def compact(body: bytes) -> list[Finding]:
    """What in a document (Turtle) breaks our compact shapes."""
    return violations(body, COMPACT)


def _now() -> datetime:
    return datetime.now(UTC)


def judge(settings: FeedConfig, validate: Validate | None = compact, now: Clock = _now) -> list[Score]:
    """Assess every live dataset and keep the result.

    Args:
        settings: where the portal stands.
        validate: finds what breaks DCAT-AP; None leaves conformity unknown.
        now: the clock.
    """
    identifiers = read(settings, Reader.identifiers)
    scores: list[Score] = []
    for start in range(0, len(identifiers), BATCH):
        chunk = identifiers[start : start + BATCH]
        found = read(settings, lambda reader, chunk=chunk: list(_assessed(reader, chunk, validate)))
        with model.meta.engine.begin() as connection:
            for identifier, one, findings in found:
                scores.append(one)
                connection.execute(_KEEP, {**_row(one, findings), "package_id": identifier, "at": now()})
    with model.meta.engine.begin() as connection:
        connection.execute(_FORGET, {"ids": identifiers})
    return scores


def stored() -> list[dict[str, Any]]:
    """What was found last, the poorest first."""
    with model.meta.engine.connect() as connection:
        return [dict(row) for row in connection.execute(_STORED).mappings()]


def scores_of(rows: Iterable[dict[str, Any]], settings: FeedConfig) -> list[Score]:
    """Stored rows as scores again."""
    metrics = {one.name: one for one in (*mqa.DATASET, *mqa.DISTRIBUTION, *mqa.DATES, mqa.COMPLIANCE)}
    return [
        Score(
            f"{settings.base_uri}/dataset/{row['package_id']}",
            [mqa.Result(metrics[name], passed) for name, passed in row["results"].items() if name in metrics],
        )
        for row in rows
    ]


def _assessed(reader: Reader, identifiers: list[str], validate: Validate | None) -> Iterator[Assessed]:
    condition, values = "AND r.package_id = ANY(:ids) ORDER BY r.ordinal", {"ids": identifiers}
    for row, piece in list(reader.pieces("nt", condition, values)):
        facts = Facts.of(piece.body)
        findings, compliant = [], None
        if validate is not None:
            found = reader.one(row["package_id"], "ttl")
            findings = validate(single_document(*found, "ttl")) if found else []
            compliant = not findings
        yield row["package_id"], mqa.score(piece.node, facts, known(reader.connection), compliant), findings


def _row(one: Score, findings: list[Finding]) -> dict[str, Any]:
    return {
        "points": one.points,
        "band": one.band,
        "results": json.dumps({result.metric.name: result.passed for result in one.results}),
        "findings": json.dumps([vars(finding) for finding in findings]),
    }
