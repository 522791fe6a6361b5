"""The lists and numbers of the rules are read with every report and change seldom: they are kept in the processes."""

from django.db import migrations

from doorstep.kernel.shared.kept import watch


class Migration(migrations.Migration):
    dependencies = [("requests", "0010_terms_of_calls"), ("places", "0004_kept_writes")]
    operations = [watch("requests_eventitem", "requests_routingrule", "requests_rulevalue")]
