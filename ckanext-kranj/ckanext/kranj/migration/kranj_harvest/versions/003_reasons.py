"""Why somebody said that a finding is none."""

from alembic import op

revision = "kranj_harvest_003"
down_revision = "kranj_harvest_002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE kranj_harvest_finding ADD COLUMN IF NOT EXISTS reason text")


def downgrade() -> None:
    op.execute("ALTER TABLE kranj_harvest_finding DROP COLUMN IF EXISTS reason")
