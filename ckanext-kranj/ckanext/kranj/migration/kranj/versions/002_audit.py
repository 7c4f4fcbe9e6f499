"""Create the audit: entries that triggers write, their chain, stored revisions; and the note of what to index again.

No foreign keys: entries outlive what they speak of. Functions are replaced, because CKAN's test helpers drop tables and
leave functions.
"""

from alembic import op

revision = "002"
down_revision = "001"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE kranj_audit (
    id bigserial PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    xid bigint NOT NULL DEFAULT txid_current(),
    actor text NOT NULL,
    via text NOT NULL,
    kind text NOT NULL,
    operation text NOT NULL,
    object_type text NOT NULL,
    object_id text NOT NULL,
    package_id text,
    fields jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX kranj_audit_package ON kranj_audit (package_id, id);
CREATE TABLE kranj_audit_seal (
    position bigint PRIMARY KEY,
    audit_id bigint NOT NULL UNIQUE,
    hash bytea NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE kranj_revision (
    audit_id bigint PRIMARY KEY,
    package_id text NOT NULL,
    fields jsonb NOT NULL
);
CREATE INDEX kranj_revision_package ON kranj_revision (package_id, audit_id);
CREATE TABLE kranj_reindex (
    id bigserial PRIMARY KEY,
    package_id text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
"""

FUNCTIONS = r"""
CREATE OR REPLACE FUNCTION kranj_audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit is append-only: % on % is refused', TG_OP, TG_TABLE_NAME;
END $$;

CREATE OR REPLACE FUNCTION kranj_audit_flat(given jsonb) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    extras jsonb := given -> 'extras';
BEGIN
    IF given IS NULL OR extras IS NULL THEN
        RETURN coalesce(given, '{}');
    END IF;
    IF jsonb_typeof(extras) = 'string' THEN
        BEGIN
            extras := (given ->> 'extras')::jsonb;
        EXCEPTION WHEN invalid_text_representation THEN
            RETURN given;
        END;
    END IF;
    RETURN CASE WHEN jsonb_typeof(extras) = 'object' THEN (given - 'extras') || extras ELSE given - 'extras' END;
END $$;

CREATE OR REPLACE FUNCTION kranj_audit_told(owner text, name text, value jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN value IS NULL OR value = 'null' THEN NULL
        WHEN name IN ('visibility', 'state', 'private', 'secrecy', 'owner_org', 'owner_status', 'type', 'capacity',
                      'sysadmin', 'user_id', 'group_id', 'table_id', 'table_name', 'package_id', 'frequency',
                      'access_rights', 'access_method', 'license_id', 'lifecycle', 'record_role', 'retention_kind',
                      'retention_period', 'retention_starts', 'classification_sign', 'retention_review_on', 'revision',
                      'status', 'decision', 'wanted', 'level')
        THEN value
        ELSE to_jsonb('sha256:' || left(encode(sha256(convert_to(owner || name || value::text, 'UTF8')), 'hex'), 32))
    END
$$;

CREATE OR REPLACE FUNCTION kranj_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before jsonb := CASE WHEN TG_OP = 'INSERT' THEN '{}' ELSE kranj_audit_flat(to_jsonb(OLD)) END;
    after jsonb := CASE WHEN TG_OP = 'DELETE' THEN '{}' ELSE kranj_audit_flat(to_jsonb(NEW)) END;
    known jsonb := CASE WHEN TG_OP = 'DELETE' THEN before ELSE after END;
    object text := coalesce(known ->> 'id', known ->> 'package_id', '');
    package text := CASE
        WHEN TG_TABLE_NAME = 'package' THEN known ->> 'id'
        WHEN TG_TABLE_NAME = 'member' THEN CASE WHEN known ->> 'table_name' = 'package' THEN known ->> 'table_id' END
        ELSE known ->> 'package_id' END;
    told jsonb;
    kept jsonb;
    entry bigint;
BEGIN
    IF TG_TABLE_NAME = 'package_member' THEN
        object := (known ->> 'package_id') || ':' || (known ->> 'user_id');
    END IF;
    SELECT jsonb_object_agg(key, jsonb_build_array(
               kranj_audit_told(object, key, before -> key), kranj_audit_told(object, key, after -> key))),
           jsonb_object_agg(key, jsonb_build_array(before -> key, after -> key))
      INTO told, kept
      FROM jsonb_object_keys(before || after) AS key
     WHERE before -> key IS DISTINCT FROM after -> key
       AND key NOT IN ('metadata_modified', 'last_active', 'password', 'apikey', 'reset_key', 'changed_at', 'modified',
                       'last_access', 'position', 'extras')
       AND (coalesce(before -> key, 'null') NOT IN ('null', '""', '[]') OR
            coalesce(after -> key, 'null') NOT IN ('null', '""', '[]'));
    IF told IS NULL AND TG_OP = 'UPDATE' THEN
        RETURN NULL;
    END IF;
    INSERT INTO kranj_audit (actor, via, kind, operation, object_type, object_id, package_id, fields)
    VALUES (coalesce(nullif(current_setting('kranj.actor', true), ''), 'db:' || session_user),
            coalesce(nullif(current_setting('kranj.via', true), ''), 'sql'),
            CASE WHEN TG_TABLE_NAME IN ('member', 'package_member') THEN 'membership'
                 WHEN TG_TABLE_NAME IN ('user', 'api_token') THEN 'account'
                 WHEN TG_TABLE_NAME = 'kranj_approval' THEN 'approval'
                 WHEN TG_TABLE_NAME LIKE 'kranj_retention%' THEN 'retention'
                 WHEN told ? 'visibility' OR told ? 'private' THEN 'level'
                 ELSE 'change' END,
            lower(TG_OP), TG_TABLE_NAME, object, package, coalesce(told, '{}'))
    RETURNING id INTO entry;
    IF TG_TABLE_NAME IN ('package', 'resource') THEN
        INSERT INTO kranj_revision (audit_id, package_id, fields) VALUES (entry, package, coalesce(kept, '{}'));
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION kranj_audit_hash(
    previous bytea, id bigint, at timestamptz, xid bigint, actor text, via text, kind text, operation text,
    object_type text, object_id text, package_id text, fields jsonb
) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
    SELECT sha256(previous || convert_to(jsonb_build_array(id, extract(epoch FROM at)::text, xid, actor, via, kind,
        operation, object_type, object_id, package_id, fields)::text, 'UTF8'))
$$;

CREATE OR REPLACE FUNCTION kranj_audit_seal_settled(most integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    last record;
    entry kranj_audit;
    link bytea;
    place bigint;
    done integer := 0;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('kranj_audit_seal')) THEN
        RETURN 0;
    END IF;
    SELECT position, hash INTO last FROM kranj_audit_seal ORDER BY position DESC LIMIT 1;
    place := coalesce(last.position, 0);
    link := coalesce(last.hash, '\x'::bytea);
    FOR entry IN
        SELECT a.* FROM kranj_audit a
         WHERE a.xid < txid_snapshot_xmin(txid_current_snapshot())
           AND a.id > coalesce((SELECT max(audit_id) FROM kranj_audit_seal), 0) - 100000
           AND NOT EXISTS (SELECT 1 FROM kranj_audit_seal s WHERE s.audit_id = a.id)
         ORDER BY a.id LIMIT most
    LOOP
        place := place + 1;
        link := kranj_audit_hash(link, entry.id, entry.at, entry.xid, entry.actor, entry.via, entry.kind, entry.operation,
            entry.object_type, entry.object_id, entry.package_id, entry.fields);
        INSERT INTO kranj_audit_seal (position, audit_id, hash) VALUES (place, entry.id, link);
        done := done + 1;
    END LOOP;
    RETURN done;
END $$;
"""

WATCHED = ("package", "resource", "member", "package_member", "kranj_internal", '"user"', "api_token", '"group"')


def upgrade() -> None:
    """Create tables, functions and triggers."""
    op.execute(TABLES)
    op.execute(FUNCTIONS)
    for table in WATCHED:
        op.execute(
            f"CREATE TRIGGER kranj_audit AFTER INSERT OR UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION kranj_audit_change()"
        )
    for table in ("kranj_audit", "kranj_audit_seal"):
        op.execute(
            f"CREATE TRIGGER kranj_append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION kranj_audit_append_only()"
        )
        op.execute(
            f"CREATE TRIGGER kranj_append_only_all BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION kranj_audit_append_only()"
        )


def downgrade() -> None:
    """Drop triggers, tables and functions."""
    for table in WATCHED:
        op.execute(f"DROP TRIGGER IF EXISTS kranj_audit ON {table}")
    op.execute("DROP FUNCTION kranj_audit_seal_settled(integer); DROP FUNCTION kranj_audit_hash")
    op.execute("DROP TABLE kranj_audit, kranj_audit_seal, kranj_revision, kranj_reindex")
    op.execute(
        "DROP FUNCTION kranj_audit_change(); DROP FUNCTION kranj_audit_told(text, text, jsonb);"
        " DROP FUNCTION kranj_audit_flat(jsonb); DROP FUNCTION kranj_audit_append_only()"
    )
