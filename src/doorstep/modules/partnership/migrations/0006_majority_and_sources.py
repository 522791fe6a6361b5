"""The share of votes that carries a resolution; where nominations and needs came from, where they said otherwise."""

from django.db import migrations
from django.db.models import OuterRef, Subquery

from doorstep.modules.partnership import seeds


def seed(apps, schema_editor):
    key, value, clause = seeds.MAJORITY
    numbers = apps.get_model("partnership", "RuleValue").objects
    numbers.get_or_create(key=key, valid_from=seeds.FROM, defaults={"value": value, "clause": clause})


def say_where_from(apps, schema_editor):
    matters, needs = (
        apps.get_model("matters", "Matter").objects,
        apps.get_model("partnership", "Need").objects,
    )
    matters.filter(kind="nomination", source="street").update(source="unit")
    of_units = needs.filter(told="unit").values("pk")
    matters.filter(pk__in=of_units, source="phone").update(source="unit")
    of_requests = needs.filter(told="request", pk=OuterRef("pk")).values("origin__source")
    told = needs.filter(told="request").values("pk")
    matters.filter(pk__in=told, source="street").update(source=Subquery(of_requests[:1]))


class Migration(migrations.Migration):
    dependencies = [("partnership", "0005_tallies_and_positions")]
    operations = [
        migrations.RunPython(seed, migrations.RunPython.noop),
        migrations.RunPython(say_where_from, migrations.RunPython.noop),
    ]
