"""Fragments of the feed, the log of what has to be rendered again, and ready pages.

No foreign key to package: a number is never given twice and a tombstone outlives the purge of its dataset.
The log is filled by triggers, because CKAN's hooks miss purges, renamed organisations and whatever other hands write,
and it is only appended to: a counter that triggers update makes concurrent saves wait for each other and deadlock.
"""

from alembic import op

revision = "kranj_feed_002"
down_revision = "kranj_feed_001"
branch_labels = None
depends_on = None

PUBLIC = "{0}.state = 'active' AND NOT {0}.private AND {0}.extras ->> 'visibility' = 'public'"


def upgrade() -> None:
    op.execute(
        "CREATE TABLE kranj_feed_record ("
        " package_id text PRIMARY KEY,"
        " ordinal bigint NOT NULL UNIQUE CHECK (ordinal > 0),"
        " live boolean NOT NULL DEFAULT false,"
        " revision text NOT NULL DEFAULT '',"
        " etag text NOT NULL DEFAULT '',"
        " nt bytea, ttl bytea, rdf bytea, jsonld bytea,"
        " needs jsonb NOT NULL DEFAULT '{}',"
        " faults jsonb NOT NULL DEFAULT '[]',"
        " error text,"
        " first_published timestamptz,"
        " changed_at timestamptz,"
        " seq bigint NOT NULL DEFAULT 0,"
        " event text NOT NULL DEFAULT '',"
        " unexplained boolean NOT NULL DEFAULT false)"
    )
    op.execute("CREATE INDEX kranj_feed_record_live ON kranj_feed_record (ordinal) WHERE live")
    op.execute("CREATE UNIQUE INDEX kranj_feed_record_seq ON kranj_feed_record (seq) WHERE seq > 0")
    op.execute("CREATE INDEX kranj_feed_record_owner ON kranj_feed_record ((needs ->> 'publisher'), ordinal) WHERE live")
    op.execute("CREATE INDEX kranj_feed_record_unexplained ON kranj_feed_record (ordinal) WHERE unexplained")
    op.execute(
        "CREATE TABLE kranj_feed_dirty ("
        " id bigserial PRIMARY KEY,"
        " package_id text,"  # NULL: something that stands on every page, an organisation
        " at timestamptz NOT NULL DEFAULT clock_timestamp(),"
        " urgent boolean NOT NULL DEFAULT true,"
        " reason text)"
    )
    op.execute(
        "CREATE TABLE kranj_feed_state ("
        " one boolean PRIMARY KEY DEFAULT true CHECK (one),"
        " total bigint NOT NULL DEFAULT 0,"
        " last_seq bigint NOT NULL DEFAULT 0,"
        " modified timestamptz NOT NULL DEFAULT clock_timestamp(),"
        " organizations text NOT NULL DEFAULT '',"
        " place text NOT NULL DEFAULT '',"
        " version text NOT NULL DEFAULT '')"
    )
    op.execute("INSERT INTO kranj_feed_state DEFAULT VALUES")
    op.execute(
        "CREATE TABLE kranj_feed_page ("
        " number bigint NOT NULL, format text NOT NULL, etag text NOT NULL,"
        " length bigint NOT NULL, packed bytea NOT NULL,"
        " PRIMARY KEY (number, format))"
    )
    op.execute("ALTER TABLE kranj_feed_page ALTER COLUMN packed SET STORAGE EXTERNAL")  # it is gzip already
    for column in ("nt", "ttl", "rdf", "jsonld"):  # quicker than the default where the server knows it
        op.execute(
            f"DO $$ BEGIN ALTER TABLE kranj_feed_record ALTER COLUMN {column} SET COMPRESSION lz4;"
            " EXCEPTION WHEN OTHERS THEN NULL; END $$"
        )
    op.execute("INSERT INTO kranj_feed_record (package_id, ordinal) SELECT package_id, ordinal FROM kranj_feed_ordinal")
    op.execute("DROP TABLE kranj_feed_ordinal")
    op.execute(
        "INSERT INTO kranj_feed_dirty (package_id)"
        " SELECT p.id FROM package p LEFT JOIN kranj_feed_record r ON r.package_id = p.id"
        f" WHERE {PUBLIC.format('p')} ORDER BY r.ordinal, p.metadata_created, p.id"
    )
    op.execute("INSERT INTO kranj_feed_dirty (package_id) VALUES (NULL)")
    op.execute(
        "CREATE OR REPLACE FUNCTION kranj_feed_mark_package() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF (TG_OP <> 'INSERT' AND {PUBLIC.format('OLD')}) OR (TG_OP <> 'DELETE' AND {PUBLIC.format('NEW')}) THEN"
        " INSERT INTO kranj_feed_dirty (package_id) VALUES (CASE TG_OP WHEN 'DELETE' THEN OLD.id ELSE NEW.id END);"
        " END IF; RETURN NULL; END $$"
    )
    op.execute(
        "CREATE OR REPLACE FUNCTION kranj_feed_mark_resource() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " INSERT INTO kranj_feed_dirty (package_id)"
        " VALUES (CASE TG_OP WHEN 'DELETE' THEN OLD.package_id ELSE NEW.package_id END);"
        " IF TG_OP = 'UPDATE' AND NEW.package_id IS DISTINCT FROM OLD.package_id THEN"
        " INSERT INTO kranj_feed_dirty (package_id) VALUES (OLD.package_id); END IF;"
        " RETURN NULL; END $$"
    )
    op.execute(
        "CREATE OR REPLACE FUNCTION kranj_feed_mark_group() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " INSERT INTO kranj_feed_dirty (package_id) VALUES (NULL); RETURN NULL; END $$"
    )
    for table, function in (("package", "package"), ("resource", "resource"), ('"group"', "group")):
        # CKAN's table truncations in tests and restores of dumps pass triggers by: `ckan kranj feed rebuild` mends.
        op.execute(
            f"CREATE TRIGGER kranj_feed_mark AFTER INSERT OR UPDATE OR DELETE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION kranj_feed_mark_{function}()"
        )


def downgrade() -> None:
    for table in ("package", "resource", '"group"'):
        op.execute(f"DROP TRIGGER IF EXISTS kranj_feed_mark ON {table}")
    for function in ("package", "resource", "group"):
        op.execute(f"DROP FUNCTION IF EXISTS kranj_feed_mark_{function}()")
    op.execute(
        "CREATE TABLE kranj_feed_ordinal (ordinal bigint PRIMARY KEY CHECK (ordinal > 0), package_id text NOT NULL UNIQUE)"
    )
    op.execute("INSERT INTO kranj_feed_ordinal (ordinal, package_id) SELECT ordinal, package_id FROM kranj_feed_record")
    for table in ("page", "dirty", "state", "record"):
        op.execute(f"DROP TABLE IF EXISTS kranj_feed_{table}")
