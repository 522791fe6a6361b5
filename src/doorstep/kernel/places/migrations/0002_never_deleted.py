"""Places are ended, never deleted; lineage is never changed. The application role has no right to either."""

from django.conf import settings
from django.db import migrations

KEPT = ("area", "grid", "gridlineage", "compound", "building", "buildingplacement", "venue", "outline")


def revoke(apps, schema_editor):
    role = schema_editor.quote_name(settings.DATABASE_APPLICATION_ROLE)
    for table in KEPT:
        schema_editor.execute(f"REVOKE DELETE, TRUNCATE ON places_{table} FROM {role}")
    schema_editor.execute(f"REVOKE UPDATE ON places_gridlineage FROM {role}")


class Migration(migrations.Migration):
    dependencies = [("places", "0001_initial")]
    operations = [migrations.RunPython(revoke, migrations.RunPython.noop, elidable=False)]
