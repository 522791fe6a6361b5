"""The running number of volunteers; what happened is never removed by the application."""

from django.conf import settings
from django.db import migrations

KEPT = (
    "volunteering_volunteer", "volunteering_membership", "volunteering_approval", "volunteering_credit",
    "volunteering_oddity", "volunteering_appeal", "volunteering_statement", "volunteering_programme",
    "volunteering_fund", "volunteering_partner", "volunteering_item", "volunteering_delivery", "volunteering_slip",
    "volunteering_settlement",
)  # fmt: skip


def take_rights(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [settings.DATABASE_APPLICATION_ROLE])
        if not cursor.fetchone():
            return  # a foreign server may run migrations before its application role exists
        role = schema_editor.quote_name(settings.DATABASE_APPLICATION_ROLE)
        for table in KEPT:
            cursor.execute(f"REVOKE DELETE, TRUNCATE ON {table} FROM {role}")


class Migration(migrations.Migration):
    dependencies = [("volunteering", "0001_initial")]
    operations = [
        migrations.RunSQL("CREATE SEQUENCE volunteering_number", "DROP SEQUENCE volunteering_number"),
        migrations.RunPython(take_rights, migrations.RunPython.noop),
    ]
