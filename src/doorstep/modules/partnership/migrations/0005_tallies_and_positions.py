from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("matters", "0017_sources_unit_platform"),
        ("obligations", "0004_opened_by_the_platform"),
        ("organisations", "0006_instructors"),
        ("partnership", "0004_first_lists_and_rights"),
    ]

    operations = [
        migrations.AddField(
            model_name="need",
            name="located",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddField(
            model_name="resolution",
            name="abstained",
            field=models.PositiveSmallIntegerField(null=True, verbose_name="弃权"),
        ),
        migrations.AddField(
            model_name="resolution",
            name="votes_against",
            field=models.PositiveSmallIntegerField(null=True, verbose_name="反对"),
        ),
        migrations.AddField(
            model_name="resolution",
            name="votes_for",
            field=models.PositiveSmallIntegerField(null=True, verbose_name="赞成"),
        ),
        migrations.AddField(
            model_name="resource",
            name="located",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddConstraint(
            model_name="resolution",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("abstained", None), ("votes_against", None), ("votes_for", None)),
                    models.Q(
                        ("abstained__isnull", False),
                        ("votes_against__isnull", False),
                        ("votes_for__gte", 1),
                        ("votes_for__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="resolution_tally_whole",
            ),
        ),
    ]
