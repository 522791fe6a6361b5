"""Requests for more time, and the answers; none is ever removed."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def take_rights(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [settings.DATABASE_APPLICATION_ROLE])
        if cursor.fetchone():  # a foreign server may run migrations before its application role exists
            role = schema_editor.quote_name(settings.DATABASE_APPLICATION_ROLE)
            cursor.execute(f"REVOKE DELETE, TRUNCATE ON matters_extensionrequest FROM {role}")


class Migration(migrations.Migration):
    dependencies = [
        ("matters", "0009_terms_of_pauses"),
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ExtensionRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("due_day", models.DateField(verbose_name="申请延到")),
                ("reason", models.TextField(blank=True, verbose_name="理由")),
                ("asked_at", models.DateTimeField(verbose_name="申请时间")),
                ("answered_at", models.DateTimeField(null=True)),
                ("granted", models.BooleanField(null=True, verbose_name="批准")),
                (
                    "answered_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "deadline",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="asked_for",
                        to="matters.deadline",
                    ),
                ),
                (
                    "matter",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="extensions_asked",
                        to="matters.matter",
                    ),
                ),
            ],
            options={
                "verbose_name": "延期申请",
                "indexes": [models.Index(fields=["matter"], name="extension_matter")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("answered_at__isnull", True)),
                        fields=("matter",),
                        name="extension_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("granted__isnull", True), ("answered_at__isnull", False), _connector="OR"
                        ),
                        name="extension_answered",
                    ),
                ],
            },
        ),
        migrations.RunPython(take_rights, migrations.RunPython.noop),
    ]
