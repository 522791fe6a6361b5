"""Matters of what is owed were opened by the platform, and said the street."""

from django.db import migrations


def say_so(apps, schema_editor):
    rows = apps.get_model("matters", "Matter").objects.filter(kind="obligation", source="street")
    rows.update(source="platform")


class Migration(migrations.Migration):
    dependencies = [("obligations", "0003_coordination_meetings"), ("matters", "0017_sources_unit_platform")]
    operations = [migrations.RunPython(say_so, migrations.RunPython.noop)]
