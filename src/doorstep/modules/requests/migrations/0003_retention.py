"""The first terms of retention; one a district has set already stays."""

from django.db import migrations

from doorstep.modules.requests import seeds


def seed(apps, schema_editor):
    terms = apps.get_model("matters", "RetentionTerm")
    for row in seeds.retention():
        if not terms.objects.filter(kind=row["kind"]).exists():
            terms.objects.create(**row)


class Migration(migrations.Migration):
    dependencies = [("requests", "0002_first_lists_and_rights"), ("matters", "0003_messages")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
