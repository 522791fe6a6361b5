"""The terms of what runs while the promise to settle pauses; what is there stays."""

from django.db import migrations

from doorstep.modules.requests import seeds


def seed(apps, schema_editor):
    limits = apps.get_model("matters", "TimeLimit")
    for row in seeds.limits_of_pauses():
        if not limits.objects.filter(kind=row["kind"], clock=row["clock"], urgency=row["urgency"]).exists():
            limits.objects.create(**row)


class Migration(migrations.Migration):
    dependencies = [("requests", "0005_public_classes"), ("matters", "0009_terms_of_pauses")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
