"""Words are found in a street at once; and the planner knows what goes together: what is open, its state, whose it is and where.

It took each for independent of the others, so that a tenth of what it counted with was there, and read whole indexes to
have their common part. With more values of `sought` kept it knows how frequent a word is.
"""

import django.contrib.postgres.indexes
from django.contrib.postgres.operations import BtreeGinExtension
from django.db import migrations, models

NAMES = ("matter_trigrams", "matter_bigrams", "matter_open_trigrams", "matter_open_bigrams")
OPEN = models.Q(("is_open", True))
TOGETHER = {
    "matter_course": "is_open, kind, state, urgency",
    "matter_asked_where": "is_open, asked_id, street_code",
    "matter_held_where": "is_open, holder_id, street_code",
}


def trigrams(name, condition=None):
    sought = django.contrib.postgres.indexes.OpClass("sought", name="gin_trgm_ops")
    return migrations.AddIndex(
        model_name="matter",
        index=django.contrib.postgres.indexes.GinIndex(
            sought, models.F("street_code"), condition=condition, name=name
        ),
    )


def bigrams(name, condition=None):
    return migrations.AddIndex(
        model_name="matter",
        index=django.contrib.postgres.indexes.GinIndex(
            fields=["bigrams", "street_code"], condition=condition, name=name
        ),
    )


class Migration(migrations.Migration):
    dependencies = [("matters", "0015_notices_of_other_things")]
    operations = [
        BtreeGinExtension(),
        *(migrations.RemoveIndex(model_name="matter", name=name) for name in NAMES),
        trigrams("matter_trigrams"),
        bigrams("matter_bigrams"),
        trigrams("matter_open_trigrams", OPEN),
        bigrams("matter_open_bigrams", OPEN),
        migrations.RunSQL(
            [
                f"CREATE STATISTICS {name} (mcv) ON {columns} FROM matters_matter"
                for name, columns in TOGETHER.items()
            ],
            [f"DROP STATISTICS {name}" for name in TOGETHER],
        ),
        migrations.RunSQL(
            "ALTER TABLE matters_matter ALTER COLUMN sought SET STATISTICS 500",
            "ALTER TABLE matters_matter ALTER COLUMN sought SET STATISTICS -1",
        ),
    ]
