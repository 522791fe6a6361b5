"""The first rules, parts, terms and numbers of the home district; what was recorded is never removed."""

from django.conf import settings
from django.db import migrations

from doorstep.kernel.shared.kept import watch
from doorstep.modules.coverage import seeds

KEPT = (
    "coverage_profile", "coverage_headcount", "coverage_covering", "coverage_gap", "coverage_visit", "coverage_finding",
    "coverage_communitypage", "coverage_assistance", "coverage_assistanceline", "coverage_assistanceevent", "coverage_measure",
    "coverage_coordinationmember", "coverage_assistancepart",
)  # fmt: skip


def seed(apps, schema_editor):
    def fill(app, model, rows):
        known = apps.get_model(app, model)
        known.objects.bulk_create(known(**row) for row in rows)

    fill("obligations", "Rule", seeds.rules(settings.HOME_PLACE))
    fill("coverage", "AssistancePart", seeds.parts(settings.HOME_PLACE))
    fill("matters", "TimeLimit", seeds.limits())
    fill("matters", "RetentionTerm", seeds.retention())
    fill(
        "coverage", "RuleValue",
        [{"key": key, "value": value, "clause": clause, "valid_from": seeds.FROM} for key, value, clause in seeds.VALUES],
    )  # fmt: skip


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
        ("coverage", "0001_initial"), ("obligations", "0003_coordination_meetings"), ("organisations", "0006_instructors"),
        ("matters", "0015_notices_of_other_things"), ("places", "0004_kept_writes"),
    ]  # fmt: skip
    operations = [
        migrations.RunPython(seed, migrations.RunPython.noop),
        migrations.RunPython(take_rights, migrations.RunPython.noop),
        watch("coverage_rulevalue"),
    ]
