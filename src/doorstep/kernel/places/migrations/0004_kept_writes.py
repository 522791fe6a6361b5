"""Where writes to tables are noted whose rows are kept in the processes (`kernel/shared/kept.py`)."""

from django.db import migrations

TABLE = """
CREATE TABLE kept_writes (number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tabled text NOT NULL);
CREATE FUNCTION kept_written() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    INSERT INTO kept_writes (tabled) VALUES (TG_TABLE_NAME);
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("places", "0003_quicker_lookups")]
    operations = [migrations.RunSQL(TABLE, "DROP FUNCTION kept_written(); DROP TABLE kept_writes;")]
