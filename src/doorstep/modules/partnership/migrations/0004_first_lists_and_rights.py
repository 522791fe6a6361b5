"""The first classes, terms and numbers of the four lists, the lists read together, and what is kept for good."""

from django.conf import settings
from django.db import migrations

from doorstep.kernel.shared.kept import watch
from doorstep.modules.partnership import seeds_lists as seeds

KEPT = (
    "partnership_resourceclass", "partnership_resource", "partnership_need", "partnership_claim", "partnership_project",
    "partnership_projectunit", "partnership_booking", "partnership_responsibility", "partnership_rating",
)  # fmt: skip

# needs from the day they are published to the day they are over, resources while they are offered, projects and
# responsibilities while they are under way
LISTED = """
CREATE VIEW partnership_listed AS
SELECT 'need-' || n.matter_id AS id, 'need' AS on_list, m.place_code, n.headline AS title, NULL::bigint AS unit_id,
    n.published_on AS since, (m.closed_at AT TIME ZONE 'Asia/Shanghai')::date AS until
FROM partnership_need n JOIN matters_matter m ON m.id = n.matter_id WHERE n.published_on IS NOT NULL
UNION ALL
SELECT 'resource-' || id, 'resource', place_code, name, unit_id, valid_from, valid_to FROM partnership_resource
UNION ALL
SELECT 'project-' || p.matter_id, 'project', p.place_code, m.title, p.unit_id, p.agreed_on, coalesce(p.confirmed_on, p.stopped_on)
FROM partnership_project p JOIN matters_matter m ON m.id = p.matter_id
UNION ALL
SELECT 'responsibility-' || r.matter_id, 'responsibility', m.place_code, m.title, r.unit_id,
    (m.opened_at AT TIME ZONE 'Asia/Shanghai')::date, (m.closed_at AT TIME ZONE 'Asia/Shanghai')::date
FROM partnership_responsibility r JOIN matters_matter m ON m.id = r.matter_id
"""


def seed(apps, schema_editor):
    def fill(app, model, rows):
        known = apps.get_model(app, model)
        known.objects.bulk_create(known(**row) for row in rows)

    fill("partnership", "ResourceClass", seeds.classes(settings.HOME_PLACE))
    fill("matters", "TimeLimit", seeds.limits())
    fill("matters", "RetentionTerm", seeds.retention())
    fill(
        "partnership", "RuleValue",
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
        cursor.execute(f"GRANT SELECT ON partnership_listed TO {role}")


class Migration(migrations.Migration):
    dependencies = [
        ("partnership", "0003_lists"), ("matters", "0015_notices_of_other_things"), ("places", "0004_kept_writes"),
    ]  # fmt: skip
    operations = [
        migrations.RunSQL(LISTED, "DROP VIEW partnership_listed"),
        migrations.RunPython(seed, migrations.RunPython.noop),
        migrations.RunPython(take_rights, migrations.RunPython.noop),
        watch(
            "partnership_resourceclass",
            "partnership_resource",
            "partnership_resourcearea",
            "partnership_agreement",
        ),
    ]
