import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("matters", "0010_extension_requests"),
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="KnownByReport",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="people.person",
                    ),
                ),
                ("since", models.DateTimeField()),
            ],
            options={
                "verbose_name": "因来电来访登记的人员",
            },
        ),
    ]
