"""What is known of addresses in the feed, and the points of each dataset."""

from alembic import op

revision = "kranj_feed_003"
down_revision = "kranj_feed_002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "CREATE TABLE kranj_feed_link ("
        " url text PRIMARY KEY,"
        " answers boolean NOT NULL,"
        " said text NOT NULL,"
        " checked_at timestamptz NOT NULL)"
    )
    op.execute(
        "CREATE TABLE kranj_feed_quality ("
        " package_id text PRIMARY KEY,"
        " points integer NOT NULL,"
        " band text NOT NULL,"
        " results jsonb NOT NULL,"
        " findings jsonb NOT NULL,"
        " judged_at timestamptz NOT NULL)"
    )


def downgrade() -> None:
    op.execute("DROP TABLE IF EXISTS kranj_feed_quality")
    op.execute("DROP TABLE IF EXISTS kranj_feed_link")
