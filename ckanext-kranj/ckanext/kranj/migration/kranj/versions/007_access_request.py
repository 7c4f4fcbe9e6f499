"""Create the table of requests for access to data that are described and not given out."""

import sqlalchemy as sa
from alembic import op

revision = "007"
down_revision = "006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create kranj_access_request; the audit watches it."""
    op.create_table(
        "kranj_access_request",
        sa.Column("id", sa.UnicodeText, primary_key=True),
        sa.Column("package_id", sa.UnicodeText, nullable=False, index=True),
        sa.Column("status", sa.UnicodeText, nullable=False),
        sa.Column("purpose", sa.UnicodeText, nullable=False),
        sa.Column("legal_basis", sa.UnicodeText, nullable=False),
        sa.Column("requested_by", sa.UnicodeText, nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.UnicodeText),
        sa.Column("decided_by", sa.UnicodeText),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
    )
    op.execute(
        "CREATE TRIGGER kranj_audit AFTER INSERT OR UPDATE OR DELETE ON kranj_access_request"
        " FOR EACH ROW EXECUTE FUNCTION kranj_audit_change()"
    )


def downgrade() -> None:
    """Drop kranj_access_request."""
    op.drop_table("kranj_access_request")
