"""Create the table of proposed changes of level; the audit watches it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "003"
down_revision = "002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create kranj_approval."""
    op.create_table(
        "kranj_approval",
        sa.Column("id", sa.UnicodeText, primary_key=True),
        sa.Column("package_id", sa.UnicodeText, nullable=False, index=True),
        sa.Column("level", sa.UnicodeText, nullable=False),
        sa.Column("wanted", sa.UnicodeText, nullable=False),
        sa.Column("status", sa.UnicodeText, nullable=False),
        sa.Column("requested_by", sa.UnicodeText, nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("publish_on", sa.Date),
        sa.Column("checklist", JSONB, nullable=False),
        sa.Column("decided_by", sa.UnicodeText),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("comment", sa.UnicodeText),
    )
    op.execute(
        "CREATE UNIQUE INDEX kranj_approval_waiting ON kranj_approval (package_id) WHERE status IN ('waiting', 'approved')"
    )
    op.execute(
        "CREATE TRIGGER kranj_audit AFTER INSERT OR UPDATE OR DELETE ON kranj_approval"
        " FOR EACH ROW EXECUTE FUNCTION kranj_audit_change()"
    )


def downgrade() -> None:
    """Drop kranj_approval."""
    op.drop_table("kranj_approval")
