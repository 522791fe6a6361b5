"""The first numbers and kinds of service; rule values and kinds are read once and kept while nobody writes them."""

from django.conf import settings
from django.db import migrations

from doorstep.kernel.shared.kept import watch
from doorstep.modules.volunteering import seeds


def seed(apps, schema_editor):
    values = apps.get_model("volunteering", "RuleValue")
    values.objects.bulk_create(
        values(key=key, value=value, clause=clause, valid_from=seeds.FROM)
        for key, value, clause in seeds.VALUES
    )
    kinds = apps.get_model("volunteering", "ServiceKind")
    kinds.objects.bulk_create(kinds(**row) for row in seeds.kinds(settings.HOME_PLACE))


class Migration(migrations.Migration):
    dependencies = [("volunteering", "0002_rights"), ("places", "0004_kept_writes")]
    operations = [
        migrations.RunPython(seed, migrations.RunPython.noop),
        watch("volunteering_rulevalue", "volunteering_servicekind"),
    ]
