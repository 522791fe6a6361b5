"""The nation, the version of outlines, and the rights: places are ended, never deleted; lineage is never changed."""

from django.conf import settings
from django.db import migrations

KEPT = ("area", "grid", "gridlineage", "compound", "building", "buildingplacement", "venue", "outline")


def revoke(apps, schema_editor):
    role = schema_editor.quote_name(settings.DATABASE_APPLICATION_ROLE)
    for table in KEPT:
        schema_editor.execute(f"REVOKE DELETE, TRUNCATE ON places_{table} FROM {role}")
    schema_editor.execute(f"REVOKE UPDATE ON places_gridlineage FROM {role}")


# Django adds a second index for LIKE to each unique code; with the "C" collation the first one serves LIKE too.
DROP_DOUBLE_INDEXES = """
DO $$ DECLARE double text; BEGIN
    FOR double IN SELECT indexname FROM pg_indexes WHERE schemaname = current_schema()
        AND indexname ~ '^places_(area|grid)_code_.*_like$'
    LOOP EXECUTE format('DROP INDEX %I', double); END LOOP;
END $$
"""


def first_rows(apps, schema_editor):
    apps.get_model("places", "Area").objects.create(
        code="", name="全国", pinyin="quanguo", initials="qg", level="nation", edition=0
    )
    apps.get_model("places", "OutlineVersion").objects.create(id=1)


class Migration(migrations.Migration):
    dependencies = [("places", "0001_initial")]
    operations = [
        migrations.RunSQL(DROP_DOUBLE_INDEXES, migrations.RunSQL.noop),
        migrations.RunPython(first_rows, migrations.RunPython.noop),
        migrations.RunPython(revoke, migrations.RunPython.noop),
    ]
