"""Which classes of requests anybody may read of, from a day."""

from django.db import migrations

from doorstep.modules.requests import seeds


def seed(apps, schema_editor):
    values = apps.get_model("requests", "RuleValue")
    for key, value, clause in seeds.PUBLIC_CLASSES:
        if not values.objects.filter(key=key).exists():
            values.objects.create(key=key, value=value, clause=clause, valid_from=seeds.FROM)


class Migration(migrations.Migration):
    dependencies = [("requests", "0004_whistle_grounds")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
