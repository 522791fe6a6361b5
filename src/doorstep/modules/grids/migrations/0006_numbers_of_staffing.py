"""The first numbers of plans of workers; plans that were made are never removed."""

from django.conf import settings
from django.db import migrations

from doorstep.modules.grids import seeds_plans


def seed(apps, schema_editor):
    values = apps.get_model("grids", "RuleValue")
    values.objects.bulk_create(
        values(key=key, value=value, clause=clause, valid_from=seeds_plans.FROM)
        for key, value, clause in seeds_plans.STAFFING
    )


def take_rights(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [settings.DATABASE_APPLICATION_ROLE])
        if not cursor.fetchone():
            return  # a foreign server may run migrations before its application role exists
        role = schema_editor.quote_name(settings.DATABASE_APPLICATION_ROLE)
        cursor.execute(f"REVOKE DELETE, TRUNCATE ON grids_staffplan FROM {role}")


class Migration(migrations.Migration):
    dependencies = [("grids", "0005_staffing")]
    operations = [
        migrations.RunPython(seed, migrations.RunPython.noop),
        migrations.RunPython(take_rights, migrations.RunPython.noop),
    ]
