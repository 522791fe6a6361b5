"""The nation, the version of outlines, and the rights: places are ended, never deleted; lineage is never changed."""

from django.conf import settings
from django.db import migrations

KEPT = ("area", "grid", "gridlineage", "compound", "building", "buildingplacement", "venue", "outline")


def revoke(apps, schema_editor):
    role = schema_editor.quote_name(settings.DATABASE_APPLICATION_ROLE)
    for table in KEPT:
        schema_editor.execute(f"REVOKE DELETE, TRUNCATE ON places_{table} FROM {role}")
    schema_editor.execute(f"REVOKE UPDATE ON places_gridlineage FROM {role}")


def first_rows(apps, schema_editor):
    apps.get_model("places", "Area").objects.create(
        code="", name="全国", pinyin="quanguo", initials="qg", level="nation", edition=0
    )
    apps.get_model("places", "OutlineVersion").objects.create(id=1)


class Migration(migrations.Migration):
    dependencies = [("places", "0001_initial")]
    operations = [
        migrations.RunPython(first_rows, migrations.RunPython.noop),
        migrations.RunPython(revoke, migrations.RunPython.noop),
    ]
