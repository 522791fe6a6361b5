"""A term that has not begun did not happen: where its person is erased it may be removed."""

from django.conf import settings
from django.db import migrations


def give_right(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [settings.DATABASE_APPLICATION_ROLE])
        if not cursor.fetchone():
            return  # a foreign server may run migrations before its application role exists
        role = schema_editor.quote_name(settings.DATABASE_APPLICATION_ROLE)
        cursor.execute(f"GRANT DELETE ON vanguard_holding TO {role}")


class Migration(migrations.Migration):
    dependencies = [("vanguard", "0003_answers_and_drawn_areas")]
    operations = [migrations.RunPython(give_right, migrations.RunPython.noop)]
