"""Terms and the calendar are read at every step and change seldom: they are kept in the processes."""

from django.db import migrations

from doorstep.kernel.shared.kept import watch


class Migration(migrations.Migration):
    dependencies = [("matters", "0013_open_search"), ("places", "0004_kept_writes")]
    operations = [watch("matters_timelimit", "matters_calendaryear", "matters_calendarday")]
