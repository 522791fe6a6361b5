"""The numbers of the rules are read with every page of breaks and change seldom: they are kept in the processes."""

from django.db import migrations

from doorstep.kernel.shared.kept import watch


class Migration(migrations.Migration):
    dependencies = [("culture", "0003_first_numbers_and_rights"), ("places", "0004_kept_writes")]
    operations = [watch("culture_rulevalue")]
