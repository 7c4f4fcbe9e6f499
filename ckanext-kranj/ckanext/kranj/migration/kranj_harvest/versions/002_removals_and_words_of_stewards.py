"""What is missing, archived, renamed, refused again and again; whose word a field holds; what a source answered.

No foreign keys, for the reason of 001.
"""

from alembic import op

revision = "kranj_harvest_002"
down_revision = "kranj_harvest_001"
branch_labels = None
depends_on = None

RECORD = (
    "fingerprint text NOT NULL DEFAULT ''",
    "failures integer NOT NULL DEFAULT 0",
    "likeness text NOT NULL DEFAULT ''",
    "title_key text NOT NULL DEFAULT ''",
    "missing_runs integer NOT NULL DEFAULT 0",
    "archived_at timestamptz",
    "written jsonb",
    "written_internal jsonb NOT NULL DEFAULT '{}'",
    "kept jsonb NOT NULL DEFAULT '{}'",
    "proposals jsonb NOT NULL DEFAULT '[]'",
)
RUN = (
    "seen integer NOT NULL DEFAULT 0",
    "halted text NOT NULL DEFAULT ''",
    "plan jsonb NOT NULL DEFAULT '{}'",
    "decided_by text",
    "decided_at timestamptz",
)


def upgrade() -> None:
    for column in RECORD:
        op.execute(f"ALTER TABLE kranj_harvest_record ADD COLUMN IF NOT EXISTS {column}")
    for column in RUN:
        op.execute(f"ALTER TABLE kranj_harvest_run ADD COLUMN IF NOT EXISTS {column}")
    op.execute(
        "CREATE INDEX IF NOT EXISTS kranj_harvest_record_likeness ON kranj_harvest_record (source_id, likeness)"
    )
    op.execute("CREATE INDEX IF NOT EXISTS kranj_harvest_record_title ON kranj_harvest_record (title_key)")
    op.execute("CREATE INDEX IF NOT EXISTS kranj_harvest_record_guid ON kranj_harvest_record (guid)")
    op.execute(
        "CREATE TABLE IF NOT EXISTS kranj_harvest_source ("
        " source_id text PRIMARY KEY,"
        " fingerprint text NOT NULL DEFAULT '',"
        " marks jsonb NOT NULL DEFAULT '[]',"
        " seen integer,"
        " full_at timestamptz,"
        " failures integer NOT NULL DEFAULT 0,"
        " paused_by text,"
        " paused_at timestamptz)"
    )
    op.execute(
        "CREATE TABLE IF NOT EXISTS kranj_harvest_alias ("
        " source_id text NOT NULL,"
        " guid text NOT NULL,"
        " origin text NOT NULL,"
        " decided_by text,"
        " decided_at timestamptz NOT NULL,"
        " PRIMARY KEY (source_id, guid))"
    )
    op.execute(
        "CREATE TABLE IF NOT EXISTS kranj_harvest_finding ("
        " package_id text NOT NULL,"
        " other_id text NOT NULL,"
        " kind text NOT NULL,"
        " found_at timestamptz NOT NULL,"
        " decision text,"
        " decided_by text,"
        " decided_at timestamptz,"
        " PRIMARY KEY (package_id, other_id, kind))"
    )
    op.execute(
        "CREATE TABLE IF NOT EXISTS kranj_harvest_decision ("
        " package_id text NOT NULL,"
        " field text NOT NULL,"
        " value text NOT NULL,"
        " accepted boolean NOT NULL,"
        " confidence real NOT NULL,"
        " decided_by text,"
        " decided_at timestamptz NOT NULL,"
        " PRIMARY KEY (package_id, field, value))"
    )


def downgrade() -> None:
    for table in ("decision", "finding", "alias", "source"):
        op.execute(f"DROP TABLE IF EXISTS kranj_harvest_{table}")
    for table, columns in (("run", RUN), ("record", RECORD)):
        for column in columns:
            op.execute(f"ALTER TABLE kranj_harvest_{table} DROP COLUMN IF EXISTS {column.split()[0]}")
