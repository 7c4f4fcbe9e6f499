"""For the pages of stewards: who did what, why a run ended as a code, quiet hours of a source, the last runs at once.

No foreign keys, for the reason of 001.
"""

from alembic import op

revision = "kranj_harvest_004"
down_revision = "kranj_harvest_003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE kranj_harvest_run ADD COLUMN IF NOT EXISTS reason_code text NOT NULL DEFAULT ''")
    op.execute("ALTER TABLE kranj_harvest_source ADD COLUMN IF NOT EXISTS quiet_hours text NOT NULL DEFAULT ''")
    op.execute(
        "CREATE INDEX IF NOT EXISTS kranj_harvest_run_newest ON kranj_harvest_run (source_id, started DESC)"
    )
    op.execute(
        "CREATE TABLE IF NOT EXISTS kranj_harvest_event ("
        " id bigserial PRIMARY KEY,"
        " source_id text NOT NULL,"
        " at timestamptz NOT NULL,"
        " who text NOT NULL,"
        " what text NOT NULL,"
        " params jsonb NOT NULL DEFAULT '{}')"
    )
    op.execute("CREATE INDEX IF NOT EXISTS kranj_harvest_event_of ON kranj_harvest_event (source_id, id DESC)")


def downgrade() -> None:
    op.execute("DROP TABLE IF EXISTS kranj_harvest_event")
    op.execute("DROP INDEX IF EXISTS kranj_harvest_run_newest")
    op.execute("ALTER TABLE kranj_harvest_source DROP COLUMN IF EXISTS quiet_hours")
    op.execute("ALTER TABLE kranj_harvest_run DROP COLUMN IF EXISTS reason_code")
