"""The table of the shared cache: unlogged, since what limits count need not survive a crash."""

from django.db import migrations

MAKE = """
CREATE UNLOGGED TABLE authority_shared_cache (
    key text COLLATE "C" PRIMARY KEY,
    value text NOT NULL,
    expires timestamptz NOT NULL
);
"""


class Migration(migrations.Migration):
    dependencies = [("authority", "0001_initial")]
    operations = [migrations.RunSQL(MAKE, "DROP TABLE authority_shared_cache")]
