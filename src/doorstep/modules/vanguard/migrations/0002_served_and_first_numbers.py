"""Person-times as a view of attendances and confirmed wishes; first numbers and terms; what happened is never removed."""

from django.conf import settings
from django.db import migrations

from doorstep.kernel.shared.kept import watch
from doorstep.modules.vanguard import seeds

KEPT = (
    "vanguard_post", "vanguard_area", "vanguard_areaplace", "vanguard_project", "vanguard_holding", "vanguard_callup",
    "vanguard_position", "vanguard_seatoffer", "vanguard_handover", "vanguard_member", "vanguard_wish", "vanguard_feedback",
)  # fmt: skip
# an attendance has even numbers and a wish odd ones, so that a row keeps its number; days are the district's
SERVED = """
CREATE VIEW vanguard_served AS
SELECT there.id * 2 AS id, member.id AS member_id, member.person_id, session.place_code, session.day,
    session.id AS session_id, NULL::bigint AS wish_id
FROM vanguard_member member
JOIN activities_attendance there ON there.person_id = member.person_id AND NOT there.struck
JOIN activities_session session ON session.id = there.session_id AND session.state = 'confirmed'
    AND session.kind IN ('vanguard', 'service')
    AND session.day >= member.valid_from AND (member.valid_to IS NULL OR session.day < member.valid_to)
UNION ALL
SELECT matter.id * 2 + 1, member.id, member.person_id, matter.place_code,
    (matter.closed_at AT TIME ZONE 'Asia/Shanghai')::date, NULL::bigint, matter.id
FROM vanguard_wish wish
JOIN matters_matter matter ON matter.id = wish.matter_id AND matter.state = 'closed'
JOIN vanguard_member member ON member.id = wish.member_id
"""


def seed(apps, schema_editor):
    def fill(app, model, rows):
        known = apps.get_model(app, model)
        known.objects.bulk_create(known(**row) for row in rows)

    fill("matters", "TimeLimit", seeds.limits())
    fill("matters", "RetentionTerm", seeds.retention())
    fill(
        "vanguard", "RuleValue",
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
    dependencies = [("vanguard", "0001_initial"), ("places", "0004_kept_writes")]
    operations = [
        migrations.RunSQL(SERVED, "DROP VIEW vanguard_served"),
        migrations.RunPython(seed, migrations.RunPython.noop),
        migrations.RunPython(take_rights, migrations.RunPython.noop),
        watch("vanguard_rulevalue"),
    ]
