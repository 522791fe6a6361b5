"""A booking writes two balances and two rows, with as few keys and checks as its rules need.

What a check or a foreign key looked at once more, the posting functions have seen: they alone write the journal, and nothing
goes from it.
"""

from pathlib import Path

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

FUNCTIONS = (Path(__file__).parent / "posting_lean.sql").read_text(encoding="utf-8")
ITS_ACCOUNTS = """
UPDATE ledger_balance b SET book_id = a.book_id, stripes = a.stripes FROM ledger_account a WHERE a.id = b.account_id;
"""
PROTECT = django.db.models.deletion.PROTECT


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_posting_lighter")]
    operations = [
        migrations.RemoveConstraint("transfer", "ledger_transfer_positive"),
        migrations.RemoveConstraint("transfer", "ledger_transfer_two_sides"),
        migrations.RemoveIndex("transaction", "ledger_transaction_unsealed"),
        migrations.RemoveIndex("transaction", "ledger_transaction_about"),
        migrations.RemoveIndex("transaction", "ledger_transaction_kind"),
        migrations.AddField(
            "balance",
            "book",
            models.ForeignKey(
                "ledger.book", on_delete=PROTECT, related_name="+", db_index=False, db_constraint=False, default=0
            ),
            preserve_default=False,
        ),
        migrations.AddField("balance", "stripes", models.SmallIntegerField(default=0), preserve_default=False),
        migrations.RunSQL(ITS_ACCOUNTS, migrations.RunSQL.noop),
        migrations.AlterField("balance", "stripe", models.SmallIntegerField()),
        migrations.AlterField(
            "transaction",
            "reverses",
            models.ForeignKey(
                "ledger.transaction", on_delete=PROTECT, related_name="+", null=True, db_index=False,
                db_constraint=False,
            ),
        ),
        migrations.AlterField("transfer", "line", models.IntegerField()),
        migrations.AlterField("transfer", "debit_stripe", models.SmallIntegerField(default=0)),
        migrations.AlterField("transfer", "credit_stripe", models.SmallIntegerField(default=0)),
        migrations.AddIndex(
            "transaction",
            django.contrib.postgres.indexes.BrinIndex(
                fields=["xact", "day"], name="ledger_transaction_in_order", pages_per_range=32, autosummarize=True
            ),
        ),
        migrations.AddConstraint(
            "transaction",
            models.UniqueConstraint(
                fields=["reverses"], name="ledger_transaction_reverses_once", condition=Q(reverses__isnull=False)
            ),
        ),
        migrations.AddConstraint(
            "transfer",
            models.CheckConstraint(
                condition=Q(amount__gt=0) & (~Q(debit=F("credit")) | ~Q(debit_stripe=F("credit_stripe"))),
                name="ledger_transfer_between_two",
            ),
        ),
        migrations.RunSQL(FUNCTIONS),
    ]  # fmt: skip
