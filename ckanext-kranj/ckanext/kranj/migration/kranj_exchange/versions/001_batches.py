"""Batches of changes that came as a table, and their rows.

No foreign keys to package: what a batch did outlives a purge, and CKAN's own deletes stay free.
"""

from alembic import op

revision = "kranj_exchange_001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "CREATE TABLE IF NOT EXISTS kranj_batch ("
        " id text PRIMARY KEY,"
        " user_id text NOT NULL,"
        " name text NOT NULL,"
        " state text NOT NULL,"
        " created timestamptz NOT NULL,"
        " changed timestamptz NOT NULL,"
        " problems jsonb NOT NULL DEFAULT '[]')"
    )
    op.execute(
        "CREATE TABLE IF NOT EXISTS kranj_batch_row ("
        " batch_id text NOT NULL REFERENCES kranj_batch (id) ON DELETE CASCADE,"
        " number integer NOT NULL,"
        " package_id text,"
        " title text NOT NULL DEFAULT '',"
        " action text NOT NULL,"
        " state text NOT NULL,"
        " seen text NOT NULL DEFAULT '',"
        " changes jsonb NOT NULL DEFAULT '[]',"
        " problems jsonb NOT NULL DEFAULT '[]',"
        " after jsonb,"
        " before jsonb,"
        " PRIMARY KEY (batch_id, number))"
    )


def downgrade() -> None:
    op.execute("DROP TABLE IF EXISTS kranj_batch_row")
    op.execute("DROP TABLE IF EXISTS kranj_batch")
