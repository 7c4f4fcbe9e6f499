"""Which datasets are public, as an index: a reader asks it for every dataset of a page.

Read from the rows that question costs two thirds of an unchanged page. The statistics keep the planner from taking the
index for a handful of rows and reading it whole.
"""

from alembic import op

revision = "kranj_feed_004"
down_revision = "kranj_feed_003"
branch_labels = None
depends_on = None

PUBLIC = "state = 'active' AND type = 'dataset' AND private IS FALSE AND extras ->> 'visibility' = 'public'"


def upgrade() -> None:
    op.execute(f"CREATE INDEX kranj_feed_public ON package (id) WHERE {PUBLIC}")
    op.execute("CREATE STATISTICS kranj_feed_visibility ON (extras ->> 'visibility') FROM package")
    op.execute("ANALYZE package")


def downgrade() -> None:
    op.execute("DROP STATISTICS IF EXISTS kranj_feed_visibility")
    op.execute("DROP INDEX IF EXISTS kranj_feed_public")
