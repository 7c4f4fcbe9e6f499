"""What harvesting wrote into the data dictionary, and which columns the source has no longer."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "009"
down_revision = "008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what harvesting knows of a column."""
    op.add_column("kranj_column", sa.Column("written", JSONB))
    op.add_column("kranj_column", sa.Column("gone_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    """Take it away."""
    op.drop_column("kranj_column", "gone_at")
    op.drop_column("kranj_column", "written")
