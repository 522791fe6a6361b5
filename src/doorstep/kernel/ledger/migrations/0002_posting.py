"""What moves is written by functions that run as the tables' owner; the journal and its seals are never changed."""

from pathlib import Path

from django.conf import settings
from django.db import migrations

FUNCTIONS = (Path(__file__).parent / "posting.sql").read_text(encoding="utf-8")
JOURNAL = ("ledger_transaction", "ledger_transfer")
SEALS = ("ledger_seal", "ledger_node", "ledger_checkpoint")
TRIGGER = """
CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
"""
RIGHTS = {
    "INSERT, UPDATE, DELETE, TRUNCATE": (*JOURNAL, "ledger_balance"),
    "UPDATE, DELETE, TRUNCATE": (*SEALS, "ledger_book", "ledger_account"),
}
UNDO = """
DROP TRIGGER ledger_account_opened ON ledger_account;
DROP FUNCTION ledger_account_opened, ledger_begin, ledger_lock, ledger_gather, ledger_move, ledger_post, ledger_post_many,
    ledger_close;
"""


def protect(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(FUNCTIONS)
        for table in (*JOURNAL, *SEALS):
            cursor.execute(TRIGGER.format(table=table))
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [settings.DATABASE_APPLICATION_ROLE])
        if cursor.fetchone():
            role = schema_editor.quote_name(settings.DATABASE_APPLICATION_ROLE)
            for rights, tables in RIGHTS.items():
                for table in tables:
                    cursor.execute(f"REVOKE {rights} ON {table} FROM {role}")


def unprotect(apps, schema_editor):
    for table in (*JOURNAL, *SEALS):
        schema_editor.execute(f"DROP TRIGGER ledger_append_only ON {table}")
    schema_editor.execute(UNDO + "DROP FUNCTION ledger_refuse;")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [migrations.RunPython(protect, unprotect)]
