"""The first list of items, routes, terms and numbers of the home district; what was said is never removed."""

from django.conf import settings
from django.db import migrations

from doorstep.modules.requests import seeds

KEPT = (
    "requests_request", "requests_callback", "requests_rating", "requests_routingfault", "requests_whistle",
    "requests_whistlecall", "requests_sample",
)  # fmt: skip


def seed(apps, schema_editor):
    def fill(app, model, rows):
        known = apps.get_model(app, model)
        known.objects.bulk_create(known(**row) for row in rows)

    fill("requests", "EventItem", seeds.items(settings.HOME_PLACE))
    fill("requests", "RoutingRule", seeds.rules(settings.HOME_PLACE))
    fill("matters", "TimeLimit", seeds.limits())
    fill(
        "requests", "RuleValue",
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
    dependencies = [("requests", "0001_initial"), ("matters", "0001_initial")]
    operations = [
        migrations.RunPython(seed, migrations.RunPython.noop),
        migrations.RunPython(take_rights, migrations.RunPython.noop),
    ]
