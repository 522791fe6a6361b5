"""The first numbers, institutions, rules and terms; what was recorded is never removed by the application."""

from django.conf import settings
from django.db import migrations

from doorstep.kernel.shared.kept import watch
from doorstep.modules.partnership import seeds

KEPT = (
    "partnership_agreement", "partnership_nomination", "partnership_consultation", "partnership_topic",
    "partnership_resolution", "partnership_gathering", "partnership_held", "partnership_pairing", "partnership_planitem",
    "partnership_deed", "partnership_institution",
)  # fmt: skip


def seed(apps, schema_editor):
    def fill(app, model, rows):
        known = apps.get_model(app, model)
        known.objects.bulk_create(known(**row) for row in rows)

    fill(
        "partnership", "RuleValue",
        [{"key": key, "value": value, "clause": clause, "valid_from": seeds.FROM} for key, value, clause in seeds.VALUES],
    )  # fmt: skip
    fill("partnership", "Institution", seeds.institutions(settings.HOME_PLACE))
    fill("obligations", "Rule", seeds.rules(settings.HOME_PLACE))
    fill("matters", "TimeLimit", seeds.limits())
    fill("matters", "RetentionTerm", seeds.retention())


def take_rights(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [settings.DATABASE_APPLICATION_ROLE])
        if not cursor.fetchone():
            return  # a foreign server may run migrations before its application role exists
        role = schema_editor.quote_name(settings.DATABASE_APPLICATION_ROLE)
        for table in KEPT:
            cursor.execute(f"REVOKE DELETE, TRUNCATE ON {table} FROM {role}")


class Migration(migrations.Migration):
    dependencies = [
        ("partnership", "0001_initial"), ("obligations", "0002_first_rules"), ("matters", "0015_notices_of_other_things"),
        ("places", "0004_kept_writes"),
    ]  # fmt: skip
    operations = [
        migrations.RunPython(seed, migrations.RunPython.noop),
        migrations.RunPython(take_rights, migrations.RunPython.noop),
        watch("partnership_rulevalue"),
    ]
