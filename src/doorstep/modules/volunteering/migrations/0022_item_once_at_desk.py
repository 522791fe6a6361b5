"""Of what the desk hands out, too, there is each name once in a programme at a time."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import migrations, models

from doorstep.kernel.shared.dated import DateRange


class Migration(migrations.Migration):
    dependencies = [("volunteering", "0021_recovered")]
    operations = [
        migrations.AddConstraint(
            "item",
            ExclusionConstraint(
                name="item_once_at_desk",
                expressions=[("programme", "="), ("name", "="), (DateRange(), "&&")],
                condition=models.Q(merchant=None),
            ),
        ),
    ]
