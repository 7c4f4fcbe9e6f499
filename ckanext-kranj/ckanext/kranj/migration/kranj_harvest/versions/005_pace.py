"""When a host may be asked next, for all workers together."""

from alembic import op

revision = "kranj_harvest_005"
down_revision = "kranj_harvest_004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE TABLE IF NOT EXISTS kranj_harvest_host (host text PRIMARY KEY, free_at timestamptz NOT NULL)")


def downgrade() -> None:
    op.execute("DROP TABLE IF EXISTS kranj_harvest_host")
