"""What public descriptions call other records in their addresses: whom a change of those concerns.

Looking for it in the descriptions themselves costs every description for every record that appears or goes, ten seconds
for two hundred of them among ten thousand. Filled as descriptions are rendered, which an upgrade does with all of them.
"""

from alembic import op

revision = "kranj_feed_005"
down_revision = "kranj_feed_004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "CREATE TABLE kranj_feed_named (package_id text NOT NULL, word text NOT NULL, PRIMARY KEY (package_id, word))"
    )
    op.execute("CREATE INDEX kranj_feed_named_word ON kranj_feed_named (word)")


def downgrade() -> None:
    op.execute("DROP TABLE IF EXISTS kranj_feed_named")
