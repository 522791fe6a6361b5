"""The first rules, terms and numbers of the home district; what was recorded is never removed."""

from django.conf import settings
from django.db import migrations

from doorstep.kernel.obligations import seeds
from doorstep.kernel.shared.kept import watch

KEPT = ("obligations_rule", "obligations_proof", "obligations_minutes", "obligations_exemption")


def seed(apps, schema_editor):
    def fill(app, model, rows):
        known = apps.get_model(app, model)
        known.objects.bulk_create(known(**row) for row in rows)

    fill("obligations", "Rule", seeds.rules(settings.HOME_PLACE))
    fill("matters", "TimeLimit", seeds.limits())
    fill("matters", "RetentionTerm", seeds.retention())
    fill(
        "obligations", "RuleValue",
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
        ("obligations", "0001_initial"), ("matters", "0015_notices_of_other_things"), ("places", "0004_kept_writes"),
    ]  # fmt: skip
    operations = [
        migrations.RunPython(seed, migrations.RunPython.noop),
        migrations.RunPython(take_rights, migrations.RunPython.noop),
        watch("obligations_rulevalue"),
    ]
