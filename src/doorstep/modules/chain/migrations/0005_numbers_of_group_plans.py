"""The first numbers of plans of building groups; plans that were made and counts that were told are never removed."""

from datetime import date

from django.conf import settings
from django.db import migrations

FROM = date(1949, 10, 1)
OWN = "本平台约定，可调整"
VALUES = [
    ("group.members_usual", 8, f"楼栋相邻、便于管理；一个楼栋党小组大约多少人由街道、社区掌握（{OWN}）"),
    ("group_plan.versions_kept", 60, OWN),
]
KEPT = ("chain_groupplan", "chain_buildingmembers")


def seed(apps, schema_editor):
    model = apps.get_model("chain", "RuleValue")
    model.objects.bulk_create(
        model(key=key, value=value, clause=clause, valid_from=FROM) for key, value, clause in VALUES
    )


def take_rights(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [settings.DATABASE_APPLICATION_ROLE])
        if not cursor.fetchone():
            return  # a foreign server may run migrations before its application role exists
        role = schema_editor.quote_name(settings.DATABASE_APPLICATION_ROLE)
        for table in KEPT:
            cursor.execute(f"REVOKE DELETE, TRUNCATE ON {table} FROM {role}")


class Migration(migrations.Migration):
    dependencies = [("chain", "0004_group_plans")]

    operations = [
        migrations.RunPython(seed, migrations.RunPython.noop, elidable=False),
        migrations.RunPython(take_rights, migrations.RunPython.noop),
    ]
