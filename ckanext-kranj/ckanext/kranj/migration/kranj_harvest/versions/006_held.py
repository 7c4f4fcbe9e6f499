"""Who keeps a dataset whose source has it no longer, and since when."""

from alembic import op

revision = "kranj_harvest_006"
down_revision = "kranj_harvest_005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in ("held_by text", "held_at timestamptz"):
        op.execute(f"ALTER TABLE kranj_harvest_record ADD COLUMN IF NOT EXISTS {column}")


def downgrade() -> None:
    for column in ("held_by", "held_at"):
        op.execute(f"ALTER TABLE kranj_harvest_record DROP COLUMN IF EXISTS {column}")
