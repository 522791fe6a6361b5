"""Appointments and units are read at every request and change seldom: they are kept in the processes."""

from django.db import migrations

from doorstep.kernel.shared.kept import watch


class Migration(migrations.Migration):
    dependencies = [("organisations", "0002_hotline_officer"), ("places", "0004_kept_writes")]
    operations = [
        watch("organisations_appointment", "organisations_appointmentplace", "organisations_unitversion")
    ]
