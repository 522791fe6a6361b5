"""Words stay as they were said; they can only be blanked, together with who said them once the matter is erased.

Nothing of a matter is removed: supervision orders, remarks, attachments, notices of a running matter.
"""

from django.conf import settings
from django.db import migrations

FUNCTIONS = """
CREATE OR REPLACE FUNCTION matters_history_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.note = '' AND NEW.internal = ''
        AND to_jsonb(NEW) - 'note' - 'internal' - 'person_id' - 'account_id'
            = to_jsonb(OLD) - 'note' - 'internal' - 'person_id' - 'account_id'
        AND matters_who_stays(OLD.matter_id, OLD.person_id, NEW.person_id, OLD.account_id, NEW.account_id) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the history of a matter is never changed: %', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE FUNCTION matters_remark_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.text = ''
        AND to_jsonb(NEW) - 'text' - 'person_id' - 'account_id' = to_jsonb(OLD) - 'text' - 'person_id' - 'account_id'
        AND matters_who_stays(OLD.matter_id, OLD.person_id, NEW.person_id, OLD.account_id, NEW.account_id) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a remark is never changed: %', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
"""
WHO = """
CREATE FUNCTION matters_who_stays(matter bigint, old_person bigint, new_person bigint, old_account bigint,
    new_account bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT (new_person IS NOT DISTINCT FROM old_person AND new_account IS NOT DISTINCT FROM old_account)
        OR (new_person IS NULL AND new_account IS NULL
            AND EXISTS (SELECT 1 FROM matters_matter WHERE id = matter AND erased_at IS NOT NULL))
$$;
"""
TRIGGERS = """
CREATE TRIGGER matters_remark_stays BEFORE UPDATE OR DELETE ON matters_remark
    FOR EACH ROW EXECUTE FUNCTION matters_remark_stays();
"""
UNDO = """
DROP TRIGGER matters_remark_stays ON matters_remark;
DROP FUNCTION matters_remark_stays();
CREATE OR REPLACE FUNCTION matters_history_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.note = '' AND NEW.internal = ''
        AND to_jsonb(NEW) - 'note' - 'internal' = to_jsonb(OLD) - 'note' - 'internal' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the history of a matter is never changed: %', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
DROP FUNCTION matters_who_stays(bigint, bigint, bigint, bigint, bigint);
"""
KEPT = ("matters_attachment", "matters_supervisionorder")


def take_rights(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [settings.DATABASE_APPLICATION_ROLE])
        if not cursor.fetchone():
            return  # a foreign server may run migrations before its application role exists; the triggers hold
        role = schema_editor.quote_name(settings.DATABASE_APPLICATION_ROLE)
        for table in KEPT:
            cursor.execute(f"REVOKE DELETE, TRUNCATE ON {table} FROM {role}")


class Migration(migrations.Migration):
    dependencies = [("matters", "0003_messages")]
    operations = [
        migrations.RunSQL(WHO + FUNCTIONS + TRIGGERS, UNDO),
        migrations.RunPython(take_rights, migrations.RunPython.noop),
    ]
