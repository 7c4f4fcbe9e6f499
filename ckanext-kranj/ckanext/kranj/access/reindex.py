"""A note of each save that moves what is not public: should the save fail or be killed, the index is mended from it.

CKAN writes the index before it commits (traps A1). Rows of a search are checked against the database in any case;
counts, facets and completions are right again as soon as the note was worked off.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from ckan import logic, model
from ckan.lib import search

log = logging.getLogger(__name__)

PATIENCE = 60
"""Seconds after which a note is one that a killed process left."""

_looked_at = 0.0


@contextmanager
def noted(package_id: str, *, needed: bool = True) -> Iterator[None]:
    """Save inside of this; when it raises, the index of the dataset is made anew from the database at once.

    Args:
        package_id: id of the dataset.
        needed: whether anything that is not public is concerned.
    """
    if not needed:
        yield
        return
    with model.meta.engine.begin() as connection:
        connection.execute(sa.text("SET LOCAL synchronous_commit = off"))
        note = connection.scalar(
            sa.text("INSERT INTO kranj_reindex (package_id) VALUES (:id) RETURNING id"), {"id": package_id}
        )
    try:
        yield
    except Exception:
        model.Session.rollback()
        replay(only=note)
        raise
    with model.meta.engine.begin() as connection:
        connection.execute(sa.text("SET LOCAL synchronous_commit = off"))
        connection.execute(sa.text("DELETE FROM kranj_reindex WHERE id = :note"), {"note": note})


def replay(*, only: int | None = None, older: int = PATIENCE) -> int:
    """Index the datasets of left notes from the database and forget the notes.

    Args:
        only: this note alone, however young.
        older: seconds a note must have waited.

    Returns:
        How many notes were worked off.
    """
    which = "id = :only" if only is not None else "at < clock_timestamp() - make_interval(secs => :older)"
    done = 0
    with model.meta.engine.begin() as connection:
        rows = connection.execute(
            sa.text(f"SELECT id, package_id FROM kranj_reindex WHERE {which} ORDER BY id FOR UPDATE SKIP LOCKED"),  # noqa: S608
            {"only": only, "older": older},
        ).all()
        for note, package_id in rows:
            try:
                _index(package_id)
            except Exception:
                log.exception("the index of %s could not be mended; it will be tried again", package_id)
                continue
            connection.execute(sa.text("DELETE FROM kranj_reindex WHERE id = :note"), {"note": note})
            done += 1
    return done


def _index(package_id: str) -> None:
    if model.Session.scalar(sa.select(model.Package.id).where(model.Package.id == package_id)) is None:
        search.clear(package_id)
    else:
        logic.index_update_package({"ignore_auth": True, "user": ""}, package_id)


def replay_now_and_then() -> None:
    """Look for left notes, at most once in PATIENCE seconds and process."""
    global _looked_at  # noqa: PLW0603 a clock of the process
    now = time.monotonic()
    if now - _looked_at < PATIENCE:
        return
    _looked_at = now
    with model.meta.engine.connect() as connection:
        left = connection.scalar(
            sa.text(
                "SELECT EXISTS (SELECT 1 FROM kranj_reindex"
                " WHERE at < clock_timestamp() - make_interval(secs => :older))"
            ),
            {"older": PATIENCE},
        )
    if left:
        replay()
