"""Entries, seals and checkpoints are added and read, never changed: by rights for the application role, and by
trigger for every role, the owner included (until a superuser or the owner deliberately disables the trigger)."""

from django.conf import settings
from django.db import migrations

TABLES = ("audit_entry", "audit_seal", "audit_checkpoint")

REFUSE = """
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit rows are never changed: % on %', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
"""
TRIGGER = """
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
"""


def protect(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(REFUSE)
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [settings.DATABASE_APPLICATION_ROLE])
        role = settings.DATABASE_APPLICATION_ROLE if cursor.fetchone() else None
        for table in TABLES:
            cursor.execute(TRIGGER.format(table=table))
            if (
                role
            ):  # a foreign server may run migrations before its application role exists; the trigger holds
                quoted = schema_editor.quote_name(role)
                cursor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {quoted}")


def unprotect(apps, schema_editor):
    for table in TABLES:
        schema_editor.execute(f"DROP TRIGGER audit_append_only ON {table}")
    schema_editor.execute("DROP FUNCTION audit_refuse()")


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunPython(protect, unprotect)]
