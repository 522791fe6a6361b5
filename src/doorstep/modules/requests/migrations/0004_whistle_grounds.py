"""The lawful grounds of a whistle, each in force from a day."""

from django.db import migrations

from doorstep.modules.requests import seeds


def seed(apps, schema_editor):
    values = apps.get_model("requests", "RuleValue")
    for key, value, clause in seeds.WHISTLE_GROUNDS:
        if not values.objects.filter(key=key).exists():
            values.objects.create(key=key, value=value, clause=clause, valid_from=seeds.FROM)


class Migration(migrations.Migration):
    dependencies = [("requests", "0003_terms_and_numbers")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
