"""The pace of a host, kept by all workers together: turns are reserved in the database, whose clock they share."""

from __future__ import annotations

import logging

import sqlalchemy as sa

from ckan import model

log = logging.getLogger(__name__)

_RESERVE = sa.text(
    "INSERT INTO kranj_harvest_host AS held (host, free_at) VALUES (:host, clock_timestamp() + :pause * interval '1 s')"
    " ON CONFLICT (host) DO UPDATE"
    " SET free_at = greatest(held.free_at, clock_timestamp()) + :pause * interval '1 s'"
    " RETURNING extract(epoch FROM free_at - clock_timestamp()) - :pause"
)


def reserve(host: str, pause: float) -> float:
    """Reserve the next turn to ask a host.

    One statement and no lock that outlives it: whoever is killed while he waits costs the others one pause.

    Returns:
        Seconds until the turn; 0 when the database cannot be asked, as then each session keeps its own pace.
    """
    try:
        with model.meta.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            left = connection.execute(_RESERVE, {"host": host.casefold(), "pause": pause}).scalar()
    except sa.exc.DBAPIError as error:
        log.warning("harvest: the pace of %s is kept by this job alone: %s", host, error.orig)
        return 0.0
    return max(float(left or 0), 0.0)
