"""The first terms of retention, and for how long and how often reporters are called back; what is there stays."""

from django.db import migrations

from doorstep.modules.requests import seeds


def seed(apps, schema_editor):
    terms = apps.get_model("matters", "RetentionTerm")
    for row in seeds.retention():
        if not terms.objects.filter(kind=row["kind"]).exists():
            terms.objects.create(**row)
    values = apps.get_model("requests", "RuleValue")
    for key, value, clause in seeds.VALUES:
        if not values.objects.filter(key=key).exists():
            values.objects.create(key=key, value=value, clause=clause, valid_from=seeds.FROM)


class Migration(migrations.Migration):
    dependencies = [("requests", "0002_first_lists_and_rights"), ("matters", "0003_messages")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
