"""Corrections are added and read, never changed; what happened is never removed by the application."""

from django.conf import settings
from django.db import migrations

KEPT = (
    "activities_activity", "activities_session", "activities_signup", "activities_attendance", "activities_correction",
)  # fmt: skip

REFUSE = """
CREATE FUNCTION activities_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'corrections are never changed: % on %', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER activities_correction_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON activities_correction
    FOR EACH STATEMENT EXECUTE FUNCTION activities_refuse();
"""
BACK = "DROP TRIGGER activities_correction_stays ON activities_correction; DROP FUNCTION activities_refuse()"


def take_rights(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [settings.DATABASE_APPLICATION_ROLE])
        if not cursor.fetchone():
            return  # a foreign server may run migrations before its application role exists; the trigger holds
        role = schema_editor.quote_name(settings.DATABASE_APPLICATION_ROLE)
        for table in KEPT:
            cursor.execute(f"REVOKE DELETE, TRUNCATE ON {table} FROM {role}")
        cursor.execute(f"REVOKE UPDATE ON activities_correction FROM {role}")


class Migration(migrations.Migration):
    dependencies = [("activities", "0001_initial")]
    operations = [
        migrations.RunSQL(REFUSE, BACK),
        migrations.RunPython(take_rights, migrations.RunPython.noop),
    ]
