"""Create the table of approvals of harvest sources."""

import sqlalchemy as sa
from alembic import op

revision = "010"
down_revision = "009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create kranj_source_approval; the audit watches it."""
    op.create_table(
        "kranj_source_approval",
        sa.Column("source_id", sa.UnicodeText, primary_key=True),
        sa.Column("configured", sa.UnicodeText, nullable=False),
        sa.Column("changed_by", sa.UnicodeText, nullable=False),
        sa.Column("level", sa.UnicodeText),
        sa.Column("approved_by", sa.UnicodeText),
        sa.Column("approved_at", sa.DateTime(timezone=True)),
    )
    # Sources that are there already go on as they do; the next change of their configuration waits.
    op.execute(
        "DO $$ BEGIN IF to_regclass('harvest_source') IS NOT NULL THEN"
        " INSERT INTO kranj_source_approval SELECT id, md5(concat_ws('|', type, url, config)), 'migration', 'public',"
        " 'migration', now() FROM harvest_source; END IF; END $$"
    )
    op.execute(
        "CREATE TRIGGER kranj_audit AFTER INSERT OR UPDATE OR DELETE ON kranj_source_approval"
        " FOR EACH ROW EXECUTE FUNCTION kranj_audit_change()"
    )


def downgrade() -> None:
    """Drop kranj_source_approval."""
    op.drop_table("kranj_source_approval")
