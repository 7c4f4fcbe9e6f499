"""Whom the daily e-mail was sent to, so that several workers send it once."""

from alembic import op

revision = "kranj_harvest_007"
down_revision = "kranj_harvest_006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "CREATE TABLE IF NOT EXISTS kranj_harvest_digest (day date NOT NULL, user_id text NOT NULL,"
        " at timestamptz NOT NULL, open boolean NOT NULL, PRIMARY KEY (day, user_id))"
    )


def downgrade() -> None:
    op.execute("DROP TABLE IF EXISTS kranj_harvest_digest")
