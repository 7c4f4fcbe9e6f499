"""What the feed hangs on CKAN's tables: triggers that mark what changed, and an index of what is public.

Migrations put them there (002, 004). They stay when the plugin is left out, and then the log of changes grows and
nobody reads it: so they can be taken off, and put back. Tables and functions of the feed stay: numbers are never given
twice.
"""

from __future__ import annotations

import sqlalchemy as sa

TABLES = {"package": "package", "resource": "resource", '"group"': "group"}
"""Table of CKAN -> which function of migration 002 marks its rows."""

_COUNT = sa.text("SELECT count(*) FROM pg_trigger WHERE tgname = 'kranj_feed_mark' AND tgenabled = 'O'")
_INDEX = (
    "CREATE INDEX IF NOT EXISTS kranj_feed_public ON package (id) WHERE state = 'active' AND type = 'dataset'"
    " AND private IS FALSE AND extras ->> 'visibility' = 'public'"
)


def attached(connection: sa.Connection) -> bool:
    """Whether every change is marked."""
    return bool(connection.execute(_COUNT).scalar_one() == len(TABLES))


def detach(connection: sa.Connection) -> None:
    """Take triggers, index and statistics off, and empty the log."""
    for table in TABLES:
        connection.execute(sa.text(f"DROP TRIGGER IF EXISTS kranj_feed_mark ON {table}"))
    connection.execute(sa.text("DROP INDEX IF EXISTS kranj_feed_public"))
    connection.execute(sa.text("DROP STATISTICS IF EXISTS kranj_feed_visibility"))
    connection.execute(sa.text("DELETE FROM kranj_feed_dirty"))


def attach(connection: sa.Connection) -> None:
    """Put them back. What changed meanwhile nobody marked: everything has to be rendered again."""
    for table, function in TABLES.items():
        connection.execute(sa.text(f"DROP TRIGGER IF EXISTS kranj_feed_mark ON {table}"))
        connection.execute(
            sa.text(
                f"CREATE TRIGGER kranj_feed_mark AFTER INSERT OR UPDATE OR DELETE ON {table}"
                f" FOR EACH ROW EXECUTE FUNCTION kranj_feed_mark_{function}()"
            )
        )
    connection.execute(sa.text(_INDEX))
    connection.execute(
        sa.text("CREATE STATISTICS IF NOT EXISTS kranj_feed_visibility ON (extras ->> 'visibility') FROM package")
    )
