"""Create the tables of retention: the classification plan, what starts a period, holds, and decisions."""

import sqlalchemy as sa
from alembic import op

revision = "005"
down_revision = "004"
branch_labels = None
depends_on = None

TABLES = {
    "kranj_retention_plan": (
        sa.Column("sign", sa.UnicodeText, primary_key=True),
        sa.Column("title", sa.UnicodeText, nullable=False),
        sa.Column("retention_kind", sa.UnicodeText, nullable=False),
        sa.Column("retention_period", sa.UnicodeText),
        sa.Column("retention_starts", sa.UnicodeText),
        sa.Column("legal_basis", sa.UnicodeText),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("in_use", sa.Boolean, nullable=False),
    ),
    "kranj_retention_event": (
        sa.Column("id", sa.UnicodeText, primary_key=True),
        sa.Column("package_id", sa.UnicodeText, nullable=False, index=True),
        sa.Column("trigger", sa.UnicodeText, nullable=False),
        sa.Column("happened_on", sa.Date, nullable=False),
        sa.Column("noted_by", sa.UnicodeText, nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
    ),
    "kranj_retention_hold": (
        sa.Column("id", sa.UnicodeText, primary_key=True),
        sa.Column("package_id", sa.UnicodeText, nullable=False, index=True),
        sa.Column("reason", sa.UnicodeText, nullable=False),
        sa.Column("placed_by", sa.UnicodeText, nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_by", sa.UnicodeText),
        sa.Column("lifted_at", sa.DateTime(timezone=True)),
    ),
    "kranj_retention_decision": (
        sa.Column("id", sa.UnicodeText, primary_key=True),
        sa.Column("package_id", sa.UnicodeText, nullable=False, index=True),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("status", sa.UnicodeText, nullable=False),
        sa.Column("decision", sa.UnicodeText),
        sa.Column("reason", sa.UnicodeText),
        sa.Column("until", sa.Date),
        sa.Column("proposed_by", sa.UnicodeText),
        sa.Column("proposed_at", sa.DateTime(timezone=True)),
        sa.Column("confirmed_by", sa.UnicodeText),
        sa.Column("confirmed_at", sa.DateTime(timezone=True)),
        sa.Column("evidence", sa.UnicodeText),
        sa.Column("done_by", sa.UnicodeText),
        sa.Column("done_on", sa.Date),
    ),
}


def upgrade() -> None:
    """Create the tables; the audit watches what is decided."""
    for name, columns in TABLES.items():
        op.create_table(name, *columns)
        if name != "kranj_retention_plan":
            op.execute(
                f"CREATE TRIGGER kranj_audit AFTER INSERT OR UPDATE OR DELETE ON {name}"
                " FOR EACH ROW EXECUTE FUNCTION kranj_audit_change()"
            )
    op.execute(
        "CREATE UNIQUE INDEX kranj_retention_open ON kranj_retention_decision (package_id)"
        " WHERE status IN ('due', 'proposed', 'confirmed')"
    )


def downgrade() -> None:
    """Drop the tables."""
    for name in reversed(TABLES):
        op.drop_table(name)
