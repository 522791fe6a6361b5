"""No state without its history row: a deferred constraint looks at the end of every transaction, whoever wrote.

History is added and read. Only its free words may be blanked, when personal data reaches the end of its term.
"""

from django.conf import settings
from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION matters_state_is_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM matters_history
        WHERE matter_id = NEW.id AND number = NEW.version AND target = NEW.state
    ) THEN
        RAISE EXCEPTION 'matter % is in state % at version % without a row of its history',
            NEW.id, NEW.state, NEW.version USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION matters_history_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.note = '' AND NEW.internal = ''
        AND to_jsonb(NEW) - 'note' - 'internal' = to_jsonb(OLD) - 'note' - 'internal' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the history of a matter is never changed: %', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE FUNCTION matters_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never removed', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
"""
TRIGGERS = """
CREATE CONSTRAINT TRIGGER matters_state_is_told AFTER INSERT OR UPDATE OF state, version ON matters_matter
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION matters_state_is_told();
CREATE TRIGGER matters_history_stays BEFORE UPDATE OR DELETE ON matters_history
    FOR EACH ROW EXECUTE FUNCTION matters_history_stays();
CREATE TRIGGER matters_history_whole BEFORE TRUNCATE ON matters_history
    FOR EACH STATEMENT EXECUTE FUNCTION matters_stay();
CREATE TRIGGER matters_stay BEFORE DELETE OR TRUNCATE ON matters_matter
    FOR EACH STATEMENT EXECUTE FUNCTION matters_stay();
"""
UNDO = """
DROP TRIGGER matters_stay ON matters_matter;
DROP TRIGGER matters_history_whole ON matters_history;
DROP TRIGGER matters_history_stays ON matters_history;
DROP TRIGGER matters_state_is_told ON matters_matter;
DROP FUNCTION matters_stay();
DROP FUNCTION matters_history_stays();
DROP FUNCTION matters_state_is_told();
"""
KEPT = ("matters_matter", "matters_history", "matters_deadline", "matters_remark", "matters_link")


def take_rights(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [settings.DATABASE_APPLICATION_ROLE])
        if not cursor.fetchone():
            return  # a foreign server may run migrations before its application role exists; the triggers hold
        role = schema_editor.quote_name(settings.DATABASE_APPLICATION_ROLE)
        for table in KEPT:
            cursor.execute(f"REVOKE DELETE, TRUNCATE ON {table} FROM {role}")


class Migration(migrations.Migration):
    dependencies = [("matters", "0001_initial")]
    operations = [
        migrations.RunSQL(FUNCTIONS + TRIGGERS, UNDO),
        migrations.RunPython(take_rights, migrations.RunPython.noop),
    ]
