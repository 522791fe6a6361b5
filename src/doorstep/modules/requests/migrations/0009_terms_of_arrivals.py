"""Terms of whistles by urgency, of arrivals, and of the answer to who asks for a request again; what is there stays."""

from django.db import migrations

from doorstep.modules.requests import seeds


def seed(apps, schema_editor):
    limits = apps.get_model("matters", "TimeLimit")
    for row in seeds.limits_of_arrivals():
        same = {name: row[name] for name in ("kind", "category", "urgency", "clock")}
        if not limits.objects.filter(**same).exists():
            limits.objects.create(**row)


class Migration(migrations.Migration):
    dependencies = [("requests", "0008_past_numbers"), ("matters", "0012_arrivals")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
