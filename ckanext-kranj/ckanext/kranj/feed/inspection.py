"""What an operator or a steward wants to know of the feed: is it whole, what did it leave out, what is left to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from rdflib import DCAT, DCTERMS, RDF, Graph

from ckan import model

from . import guard, rows, triggers
from .config import FeedConfig
from .fragments import draft
from .shapes import Finding, violations
from .store import Reader, read
from .writer import Place

_STATUS = sa.text(
    "SELECT s.total, s.modified, s.last_seq AS changes,"
    " (SELECT count(*) FROM kranj_feed_dirty WHERE urgent) AS waiting,"
    " (SELECT count(*) FROM kranj_feed_dirty WHERE NOT urgent) AS stale,"
    " (SELECT count(*) FROM kranj_feed_record WHERE error IS NOT NULL) AS broken,"
    " (SELECT count(*) FROM kranj_feed_record WHERE live AND jsonb_array_length(faults) > 0) AS faulty,"
    " (SELECT count(*) FROM kranj_feed_record WHERE NOT live AND seq > 0) AS withdrawn,"
    " (SELECT count(*) FROM kranj_feed_record WHERE unexplained) AS unexplained"
    " FROM kranj_feed_state s"
)
_TROUBLED = sa.text(
    "SELECT r.package_id, r.error, r.faults FROM kranj_feed_record r"
    " WHERE r.error IS NOT NULL OR (r.live AND jsonb_array_length(r.faults) > 0) ORDER BY r.ordinal"
)
_REVISIONS = sa.text(
    "SELECT package_id, revision FROM kranj_feed_record WHERE live AND ordinal > :after ORDER BY ordinal LIMIT :limit"
)
_ORDINAL = sa.text("SELECT max(ordinal) FROM kranj_feed_record WHERE package_id = ANY(:ids)")
_PUBLIC = sa.text(f"SELECT count(*) FROM package p WHERE {rows.PUBLIC}")  # noqa: S608 - a constant
CHUNK = 200


def status(settings: FeedConfig) -> dict[str, Any]:
    """Counts, and the sentence of the guard when it closed the feed."""
    with model.meta.engine.connect() as connection:
        found = {**connection.execute(_STATUS).mappings().one(), "attached": triggers.attached(connection)}
    alarm = guard.alarm(found["total"], found["unexplained"])
    return {"address": f"{settings.site_url}/catalog.ttl", **found, "closed": alarm.sentence if alarm else ""}


def troubled() -> list[Finding]:
    """Datasets that could not be written, and values that had to be left out."""
    with model.meta.engine.connect() as connection:
        found = connection.execute(_TROUBLED).all()
    return [
        finding
        for row in found
        for finding in (
            *([Finding(row.package_id, "", f"last fragment kept: {row.error}")] if row.error else []),
            *(Finding(row.package_id, fault["field"], fault["reason"]) for fault in row.faults),
        )
    ]


def check(settings: FeedConfig, bodies: Iterable[bytes], shapes: Path | None) -> tuple[int, list[Finding]]:
    """Judge the feed.

    Args:
        settings: where the portal stands.
        bodies: its pages, in Turtle.
        shapes: a folder or a file of SHACL shapes, or None.

    Returns:
        How many datasets the pages hold, and what is wrong.
    """
    findings = troubled()
    seen: Counter[str] = Counter()
    for body in bodies:
        graph = Graph().parse(data=body, format="turtle")
        for node in graph.subjects(RDF.type, DCAT.Dataset):
            seen[str(graph.value(node, DCTERMS.identifier))] += 1
        if shapes is not None:
            findings += violations(body, shapes)
    findings += [Finding(one, "", f"occurs {times} times") for one, times in seen.items() if times > 1]
    findings += read(settings, _differences)
    with model.meta.engine.connect() as connection:
        public = connection.execute(_PUBLIC).scalar_one()
    if len(seen) != public:
        findings.append(Finding("", "", f"{public} public datasets, {len(seen)} found; edited meanwhile?"))
    return len(seen), findings


def _differences(reader: Reader) -> list[Finding]:
    """Fragments that are not what the rows say."""
    place, found, after = Place(reader.settings.base_uri, reader.settings.site_url), [], 0
    while True:
        stored = dict(reader.connection.execute(_REVISIONS, {"after": after, "limit": CHUNK}).all())
        if not stored:
            return found
        after = reader.connection.execute(_ORDINAL, {"ids": list(stored)}).scalar_one()
        public = rows.datasets(reader.connection, list(stored))
        owners = rows.organizations(reader.connection, rows.owners(public))
        for identifier, dataset in public.items():
            if draft(dataset, owners, place).revision != stored[identifier]:
                found.append(Finding(identifier, "", "stored fragment differs from the rows; run feed rebuild --all"))
