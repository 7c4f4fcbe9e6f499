"""Create the table that keeps every state of an internal block.

No foreign keys, as for kranj_internal.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "004"
down_revision = "003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create kranj_internal_revision with what is stored now as the first known states."""
    op.create_table(
        "kranj_internal_revision",
        sa.Column("package_id", sa.UnicodeText, primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True),
        sa.Column("data", JSONB, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.UnicodeText),
    )
    op.execute(
        "INSERT INTO kranj_internal_revision (package_id, revision, data, changed_at, changed_by)"
        " SELECT package_id, revision, data, changed_at, changed_by FROM kranj_internal"
    )


def downgrade() -> None:
    """Drop kranj_internal_revision."""
    op.drop_table("kranj_internal_revision")
