"""Create the table of the internal block.

No foreign key to ``package``: CKAN's test helpers and purge delete from ``package`` without knowing this table.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create kranj_internal."""
    op.create_table(
        "kranj_internal",
        sa.Column("package_id", sa.UnicodeText, primary_key=True),
        sa.Column("data", JSONB, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.UnicodeText),
    )


def downgrade() -> None:
    """Drop kranj_internal."""
    op.drop_table("kranj_internal")
