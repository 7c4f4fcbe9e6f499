"""What the feed costs a save: saves with and without it in turn, as many as it takes to be sure."""

from __future__ import annotations

import random
import statistics
import time
from typing import Any

from portal import Client, Database

TABLES = ("package", "resource")
SETTLE = 0.6
"""Seconds between saves, in which the renderer of the server has its turn, as between two saves of people."""
INDEX = (
    "CREATE INDEX kranj_feed_public ON package (id) WHERE state = 'active' AND type = 'dataset' AND private IS FALSE"
    " AND extras ->> 'visibility' = 'public'"
)


def price_of_a_save(client: Client, database: Database, made: dict[str, str], pairs: int) -> tuple[float, float, float]:
    """The price, its standard error, and the median milliseconds of a save without the feed.

    The price is the ratio of the medians; its error is that of the same ratio over drawings from the pairs.
    """
    taken: list[tuple[float, float]] = []
    for number in range(pairs):
        found = {}
        for feed in (True, False) if number % 2 else (False, True):
            _with_feed(database, feed)
            found[feed] = _save(client, made, f"{feed} {number}")
            time.sleep(SETTLE)
        taken.append((found[True], found[False]))
    _with_feed(database, feed=True)
    drawn = random.Random(1)  # noqa: S311 - the same figures from the same times
    prices = [_ratio(drawn.choices(taken, k=len(taken))) for _ in range(500)]
    return _ratio(taken), statistics.stdev(prices), statistics.median(plain for _, plain in taken)


def _ratio(pairs: list[tuple[float, float]]) -> float:
    return statistics.median(one for one, _ in pairs) / statistics.median(other for _, other in pairs)


def _with_feed(database: Database, feed: bool) -> None:
    """Switch the triggers and the index of the feed on or off."""
    mode = "ENABLE" if feed else "DISABLE"
    database.run(
        *(f"ALTER TABLE {table} {mode} TRIGGER kranj_feed_mark" for table in TABLES),
        "DROP INDEX IF EXISTS kranj_feed_public",
        *((INDEX,) if feed else ()),
    )


def _save(client: Client, made: dict[str, Any], words: str) -> float:
    client.call("package_show", made["token"], id=made["id"])  # the connection and CKAN are awake
    started = time.perf_counter()
    client.call("package_patch", made["token"], id=made["id"], version=words)
    return (time.perf_counter() - started) * 1000
