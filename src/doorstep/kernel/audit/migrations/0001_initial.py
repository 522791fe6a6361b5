import django.db.models.deletion
from django.db import migrations, models

import doorstep.kernel.audit.models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.BigIntegerField(unique=True, verbose_name="位置")),
                ("digest", models.BinaryField(verbose_name="链头摘要")),
                ("horizon", models.BigIntegerField()),
                ("made_at", models.DateTimeField(verbose_name="封存时间")),
                ("signature", models.BinaryField()),
            ],
            options={
                "verbose_name": "封存检查点",
            },
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="时间")),
                (
                    "transaction",
                    models.BigIntegerField(
                        db_default=doorstep.kernel.audit.models.CurrentTransaction(), editable=False
                    ),
                ),
                ("account_id", models.BigIntegerField(null=True)),
                ("system_reason", models.CharField(blank=True, max_length=120, verbose_name="系统操作")),
                ("scope", models.TextField(blank=True, verbose_name="当时的权限范围")),
                ("action", models.CharField(max_length=60, verbose_name="操作")),
                ("target", models.CharField(max_length=60, verbose_name="对象类型")),
                ("target_id", models.CharField(max_length=40, verbose_name="对象编号")),
                ("place_code", models.CharField(db_collation="C", max_length=15, verbose_name="地方")),
                ("changes", models.JSONField(default=dict, verbose_name="变化")),
                ("purpose", models.CharField(blank=True, max_length=40, verbose_name="用途")),
                ("person_ref", models.BigIntegerField(null=True)),
                ("key_ref", models.BigIntegerField(null=True)),
                ("sealed", models.BinaryField(null=True)),
                ("mac", models.BinaryField()),
            ],
            options={
                "verbose_name": "审计记录",
                "indexes": [
                    models.Index(fields=["transaction", "id"], name="audit_transaction"),
                    models.Index(fields=["target", "target_id", "-id"], name="audit_target"),
                    models.Index(fields=["place_code", "-id"], name="audit_place"),
                    models.Index(fields=["account_id", "-id"], name="audit_account"),
                    models.Index(fields=["person_ref", "-id"], name="audit_person"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("position", models.BigIntegerField(primary_key=True, serialize=False)),
                ("digest", models.BinaryField()),
                ("sealed_at", models.DateTimeField()),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="seal", to="audit.entry"
                    ),
                ),
            ],
            options={
                "verbose_name": "封存",
            },
        ),
    ]
