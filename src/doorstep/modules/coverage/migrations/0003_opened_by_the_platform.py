"""Gaps were found by the platform, and said the street."""

from django.db import migrations


def say_so(apps, schema_editor):
    rows = apps.get_model("matters", "Matter").objects.filter(kind="coverage_gap", source="street")
    rows.update(source="platform")


class Migration(migrations.Migration):
    dependencies = [("coverage", "0002_first_rules_and_rights"), ("matters", "0017_sources_unit_platform")]
    operations = [migrations.RunPython(say_so, migrations.RunPython.noop)]
