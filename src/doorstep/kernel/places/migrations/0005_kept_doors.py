"""Where a building is, is asked by every report from it and changes seldom: it is kept in the processes."""

from django.db import migrations

from doorstep.kernel.shared.kept import watch


class Migration(migrations.Migration):
    dependencies = [("places", "0004_kept_writes")]
    operations = [watch("places_building", "places_compound", "places_area")]
