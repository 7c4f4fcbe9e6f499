"""Create the table of logins of a provider and the accounts they open."""

import sqlalchemy as sa
from alembic import op

revision = "008"
down_revision = "007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create kranj_identity; the audit watches it."""
    op.create_table(
        "kranj_identity",
        sa.Column("issuer", sa.UnicodeText, primary_key=True),
        sa.Column("subject", sa.UnicodeText, primary_key=True),
        sa.Column("user_id", sa.UnicodeText, nullable=False, index=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.execute(
        "CREATE TRIGGER kranj_audit AFTER INSERT OR UPDATE OR DELETE ON kranj_identity"
        " FOR EACH ROW EXECUTE FUNCTION kranj_audit_change()"
    )


def downgrade() -> None:
    """Drop kranj_identity."""
    op.drop_table("kranj_identity")
