"""A table that waits for its plan: a job compares it, and forgets it afterwards."""

from alembic import op

revision = "kranj_exchange_002"
down_revision = "kranj_exchange_001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE kranj_batch ADD COLUMN IF NOT EXISTS content bytea")


def downgrade() -> None:
    op.execute("ALTER TABLE kranj_batch DROP COLUMN IF EXISTS content")
