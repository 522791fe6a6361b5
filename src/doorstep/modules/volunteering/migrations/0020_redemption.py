"""The running number of slips, and the first numbers of redemption; what is there stays."""

from django.db import migrations

from doorstep.modules.volunteering import seeds_redemption as seeds


def seed(apps, schema_editor):
    values = apps.get_model("volunteering", "RuleValue")
    for key, value, clause in seeds.VALUES:
        if not values.objects.filter(key=key).exists():
            values.objects.create(key=key, value=value, clause=clause, valid_from=seeds.FROM)


class Migration(migrations.Migration):
    dependencies = [("volunteering", "0010_first_numbers")]
    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE volunteering_slip_serial", "DROP SEQUENCE volunteering_slip_serial"
        ),
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]
