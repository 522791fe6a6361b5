"""The first list of grid work and the first numbers of the home district; what was noted is never removed."""

from django.conf import settings
from django.db import migrations

from doorstep.modules.grids import seeds

KEPT = ("grids_visit", "grids_legalvisit", "grids_question", "grids_gridforce", "grids_professional")


def seed(apps, schema_editor):
    works = apps.get_model("grids", "GridWork")
    works.objects.bulk_create(works(**row) for row in seeds.works(settings.HOME_PLACE))
    values = apps.get_model("grids", "RuleValue")
    values.objects.bulk_create(
        values(key=key, value=value, clause=clause, valid_from=seeds.FROM)
        for key, value, clause in seeds.VALUES
    )


def take_rights(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [settings.DATABASE_APPLICATION_ROLE])
        if not cursor.fetchone():
            return  # a foreign server may run migrations before its application role exists
        role = schema_editor.quote_name(settings.DATABASE_APPLICATION_ROLE)
        for table in KEPT:
            cursor.execute(f"REVOKE DELETE, TRUNCATE ON {table} FROM {role}")


class Migration(migrations.Migration):
    dependencies = [("grids", "0001_initial")]
    operations = [
        migrations.RunPython(seed, migrations.RunPython.noop),
        migrations.RunPython(take_rights, migrations.RunPython.noop),
    ]
