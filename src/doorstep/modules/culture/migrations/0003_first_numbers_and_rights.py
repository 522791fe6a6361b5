"""The first numbers; what was spent, said and shown is never removed by the application."""

from django.conf import settings
from django.db import migrations

from doorstep.modules.culture import seeds

KEPT = ("culture_event", "culture_grant", "culture_cost", "culture_picture", "culture_feedback")


def seed(apps, schema_editor):
    values = apps.get_model("culture", "RuleValue")
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
    dependencies = [("culture", "0002_pictures_feedback_rules")]
    operations = [
        migrations.RunPython(seed, migrations.RunPython.noop),
        migrations.RunPython(take_rights, migrations.RunPython.noop),
    ]
