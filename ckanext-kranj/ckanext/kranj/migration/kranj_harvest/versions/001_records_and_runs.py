"""Records and runs of harvesting.

No foreign keys to package or harvest_source: what is known of a record outlives a purge, and CKAN's own deletes stay free.
"""

from alembic import op

revision = "kranj_harvest_001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "CREATE TABLE IF NOT EXISTS kranj_harvest_record ("
        " source_id text NOT NULL,"
        " guid text NOT NULL,"
        " package_id text UNIQUE,"
        " hash text NOT NULL DEFAULT '',"
        " draft boolean NOT NULL DEFAULT false,"
        " problems jsonb NOT NULL DEFAULT '[]',"
        " indexed boolean NOT NULL DEFAULT true,"
        " first_seen date NOT NULL,"
        " changed_at timestamptz NOT NULL,"
        " missing_since timestamptz,"
        " PRIMARY KEY (source_id, guid))"
    )
    op.execute(
        "CREATE INDEX IF NOT EXISTS kranj_harvest_record_to_index"
        " ON kranj_harvest_record (source_id) WHERE NOT indexed"
    )
    op.execute(
        "CREATE TABLE IF NOT EXISTS kranj_harvest_run ("
        " id text PRIMARY KEY,"
        " source_id text NOT NULL,"
        " started timestamptz NOT NULL,"
        " heartbeat timestamptz NOT NULL,"
        " finished timestamptz,"
        " complete boolean,"
        " reason text NOT NULL DEFAULT '',"
        " counts jsonb NOT NULL DEFAULT '{}',"
        " codes jsonb NOT NULL DEFAULT '{}',"
        " problems jsonb NOT NULL DEFAULT '[]')"
    )
    op.execute("CREATE INDEX IF NOT EXISTS ix_kranj_harvest_run_source_id ON kranj_harvest_run (source_id)")


def downgrade() -> None:
    op.execute("DROP TABLE IF EXISTS kranj_harvest_run")
    op.execute("DROP TABLE IF EXISTS kranj_harvest_record")
