"""A look at what was settled on the spot and told by nobody, and how much of it; what was seen is never removed."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from doorstep.modules.requests import seeds


def seed(apps, schema_editor):
    values = apps.get_model("requests", "RuleValue")
    for key, value, clause in seeds.VALUES:
        if not values.objects.filter(key=key).exists():
            values.objects.create(key=key, value=value, clause=clause, valid_from=seeds.FROM)


def take_rights(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [settings.DATABASE_APPLICATION_ROLE])
        if cursor.fetchone():  # a foreign server may run migrations before its application role exists
            role = schema_editor.quote_name(settings.DATABASE_APPLICATION_ROLE)
            cursor.execute(f"REVOKE DELETE, TRUNCATE ON requests_spotcheck FROM {role}")


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0001_initial"),
        ("requests", "0006_terms_of_pauses"),
    ]

    operations = [
        migrations.CreateModel(
            name="SpotCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("place_code", models.CharField(db_collation="C", max_length=15, verbose_name="地方")),
                ("at", models.DateTimeField(verbose_name="抽查时间")),
                ("account_id", models.BigIntegerField(null=True)),
                ("valid", models.BooleanField(verbose_name="属实")),
                (
                    "invalid_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("not_done", "现场没有办好"),
                            ("not_there", "没有这回事"),
                            ("unclear", "记得不清，看不出办了什么"),
                            ("other", "其他"),
                        ],
                        max_length=14,
                        verbose_name="不属实的原因",
                    ),
                ),
                ("words", models.CharField(blank=True, max_length=500, verbose_name="看到的情况")),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="spot_check",
                        to="requests.request",
                    ),
                ),
            ],
            options={
                "verbose_name": "当场办结抽查",
                "indexes": [models.Index(fields=["place_code", "-id"], name="spot_check_place")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("invalid_reason", ""), ("valid", True)),
                            models.Q(("valid", False), models.Q(("invalid_reason", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="spot_check_valid_or_why_not",
                    )
                ],
            },
        ),
        migrations.RunPython(seed, migrations.RunPython.noop),
        migrations.RunPython(take_rights, migrations.RunPython.noop),
    ]
