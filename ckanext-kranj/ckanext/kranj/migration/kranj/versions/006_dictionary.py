"""Create the data dictionary: columns of resources and the glossary of shared terms.

No foreign keys, as for kranj_internal.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "006"
down_revision = "005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create kranj_column and kranj_term."""
    op.create_table(
        "kranj_column",
        sa.Column("resource_id", sa.UnicodeText, primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("name", sa.UnicodeText, nullable=False),
        sa.Column("term", sa.UnicodeText),
        sa.Column("data", JSONB, nullable=False),
    )
    op.create_index("kranj_column_term", "kranj_column", ["term"])
    op.create_table(
        "kranj_term",
        sa.Column("code", sa.UnicodeText, primary_key=True),
        sa.Column("title_sl", sa.UnicodeText, nullable=False),
        sa.Column("title_en", sa.UnicodeText),
        sa.Column("definition_sl", sa.UnicodeText, nullable=False),
    )


def downgrade() -> None:
    """Drop both."""
    op.drop_table("kranj_term")
    op.drop_table("kranj_column")
