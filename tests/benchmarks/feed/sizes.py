"""Catalogues of any size: one rendered dataset copied in SQL, row and fragment, with other ids.

Only what a crawl in Turtle reads is copied: the row of ``package`` and the fragment in that format, a real one. So
100,000 datasets are there within a minute; rendering them would take a quarter of an hour and say nothing new.
"""

from __future__ import annotations

import statistics
import time

from portal import Database

from ckanext.kranj.feed.render import SPREAD_ADDRESSES

NEW = "'00000000-0000-4000-9000-' || lpad(n::text, 12, '0')"


def fill(database: Database, number: int) -> None:
    """Have exactly so many datasets in the feed."""
    columns = {
        name: {"id": NEW, "name": "'velikost-' || n"}.get(name, f"t.{name}")
        for name in database.ask(
            "SELECT string_agg(column_name, ' ') FROM information_schema.columns WHERE table_name = 'package'"
        ).split()
    }
    kept = database.ask("SELECT package_id FROM kranj_feed_record WHERE live ORDER BY ordinal LIMIT 1")
    database.run(
        "ALTER TABLE package DISABLE TRIGGER USER",
        "DELETE FROM kranj_feed_page",
        "DELETE FROM kranj_feed_named",
        "DELETE FROM kranj_feed_record WHERE package_id <> :kept",
        "UPDATE kranj_feed_record SET ordinal = 1",
        "DELETE FROM resource WHERE package_id <> :kept",
        "DELETE FROM package WHERE id <> :kept",
        f"INSERT INTO package ({', '.join(columns)}) SELECT {', '.join(columns.values())}"  # noqa: S608 - constants
        " FROM package t CROSS JOIN generate_series(2, :number) n WHERE t.id = :kept",
        "INSERT INTO kranj_feed_record (package_id, ordinal, live, revision, etag, ttl, needs, first_published,"  # noqa: S608
        f" changed_at, seq, event) SELECT {NEW}, n, true, t.revision, md5(n::text),"
        f" convert_to(replace(convert_from(t.ttl, 'UTF8'), :kept, {NEW}), 'UTF8'),"
        f" replace(t.needs::text, :kept, {NEW})::jsonb, t.first_published, t.changed_at, 1000000 + n, t.event"
        " FROM kranj_feed_record t CROSS JOIN generate_series(2, :number) n WHERE t.package_id = :kept",
        "ALTER TABLE package ENABLE TRIGGER USER",
        f"INSERT INTO kranj_feed_named (package_id, word) SELECT {NEW}, 'velikost-' || other"  # noqa: S608 - constants
        " FROM generate_series(2, :number) n CROSS JOIN LATERAL (VALUES (n + 1), (n + 7)) o(other)",
        "DELETE FROM kranj_feed_dirty",
        "UPDATE kranj_feed_state SET total = :number, last_seq = 1000000 + :number,"
        " modified = clock_timestamp() - interval '1 hour'",
        kept=kept,
        number=number,
    )
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")  # what autovacuum does a little later


def concerned(database: Database, number: int, records: int = 200, rounds: int = 9) -> float:
    """Median of the milliseconds to find whom so many records concern that appear at once, where all name two."""
    ids = [f"00000000-0000-4000-9000-{n:012}" for n in range(10, min(number, records) + 10)]
    taken = []
    for _ in range(rounds):
        with database.engine.connect() as connection:
            started = time.perf_counter()
            found = connection.execute(SPREAD_ADDRESSES, {"ids": ids}).rowcount
            taken.append(time.perf_counter() - started)
            connection.rollback()
        assert found > 0
    return statistics.median(taken) * 1000
