"""The immutable place of each dataset in the feed.

No foreign key to package: a number is never given twice, not even after the dataset was purged.
"""

from alembic import op

revision = "kranj_feed_001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "CREATE TABLE IF NOT EXISTS kranj_feed_ordinal ("
        " ordinal bigint PRIMARY KEY CHECK (ordinal > 0),"
        " package_id text NOT NULL UNIQUE)"
    )


def downgrade() -> None:
    op.execute("DROP TABLE IF EXISTS kranj_feed_ordinal")
