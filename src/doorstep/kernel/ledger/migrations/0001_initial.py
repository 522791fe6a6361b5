import django.db.models.deletion
from django.db import migrations, models

import doorstep.kernel.audit.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("organisations", "0002_hotline_officer"),
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Book",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(unique=True, verbose_name="代码")),
                ("name", models.CharField(max_length=60, verbose_name="名称")),
                (
                    "unit",
                    models.CharField(
                        choices=[("points", "积分"), ("minutes", "分钟"), ("fen", "分"), ("pieces", "个")],
                        max_length=10,
                        verbose_name="单位",
                    ),
                ),
                ("closed_through", models.DateField(null=True, verbose_name="已结账到")),
            ],
            options={
                "verbose_name": "账本",
            },
        ),
        migrations.CreateModel(
            name="Account",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=60, verbose_name="代码")),
                ("name", models.CharField(blank=True, max_length=60, verbose_name="名称")),
                (
                    "kind",
                    models.CharField(
                        choices=[("holder", "持有人账户"), ("pool", "汇总账户"), ("source", "发行账户")],
                        max_length=10,
                        verbose_name="种类",
                    ),
                ),
                ("stripes", models.PositiveSmallIntegerField(default=1)),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.unit",
                    ),
                ),
                (
                    "book",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="accounts",
                        to="ledger.book",
                    ),
                ),
            ],
            options={
                "verbose_name": "账户",
            },
        ),
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("size", models.BigIntegerField(verbose_name="条数")),
                ("root", models.BinaryField(verbose_name="根摘要")),
                ("horizon", models.BigIntegerField()),
                ("made_at", models.DateTimeField(verbose_name="封存时间")),
                ("signature", models.BinaryField()),
                (
                    "book",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="checkpoints",
                        to="ledger.book",
                    ),
                ),
            ],
            options={
                "verbose_name": "封存检查点",
            },
        ),
        migrations.CreateModel(
            name="Node",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "book_id",
                        "level",
                        "position",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("level", models.PositiveSmallIntegerField()),
                ("position", models.BigIntegerField()),
                ("digest", models.BinaryField()),
                (
                    "book",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.book",
                    ),
                ),
            ],
            options={
                "verbose_name": "封存节点",
            },
        ),
        migrations.CreateModel(
            name="Transaction",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("key", models.UUIDField()),
                ("kind", models.CharField(max_length=20, verbose_name="种类")),
                ("day", models.DateField(verbose_name="日期")),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("account_ref", models.BigIntegerField(null=True)),
                (
                    "place_code",
                    models.CharField(blank=True, db_collation="C", max_length=15, verbose_name="地方"),
                ),
                ("about", models.CharField(blank=True, max_length=60, verbose_name="事由")),
                ("mac", models.BinaryField()),
                (
                    "xact",
                    models.BigIntegerField(
                        db_default=doorstep.kernel.audit.models.CurrentTransaction(), editable=False
                    ),
                ),
                (
                    "book",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transactions",
                        to="ledger.book",
                    ),
                ),
                (
                    "reverses",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversed_by",
                        to="ledger.transaction",
                    ),
                ),
            ],
            options={
                "verbose_name": "账目",
            },
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "book_id", "position", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("position", models.BigIntegerField()),
                ("leaf", models.BinaryField()),
                (
                    "book",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.book",
                    ),
                ),
                (
                    "transaction",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="seal",
                        to="ledger.transaction",
                    ),
                ),
            ],
            options={
                "verbose_name": "封存",
            },
        ),
        migrations.CreateModel(
            name="Transfer",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "transaction_id",
                        "line",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("line", models.PositiveIntegerField()),
                ("amount", models.BigIntegerField()),
                ("debit_stripe", models.PositiveSmallIntegerField(default=0)),
                ("credit_stripe", models.PositiveSmallIntegerField(default=0)),
                ("debit_after", models.BigIntegerField()),
                ("credit_after", models.BigIntegerField()),
                ("debit_move", models.BigIntegerField()),
                ("credit_move", models.BigIntegerField()),
                ("expires_on", models.DateField(null=True)),
                (
                    "credit",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.account",
                    ),
                ),
                (
                    "debit",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.account",
                    ),
                ),
                (
                    "transaction",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfers",
                        to="ledger.transaction",
                    ),
                ),
            ],
            options={
                "verbose_name": "分录",
            },
        ),
        migrations.CreateModel(
            name="Balance",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "account_id", "stripe", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("stripe", models.PositiveSmallIntegerField()),
                ("amount", models.BigIntegerField(default=0)),
                ("moves", models.BigIntegerField(default=0)),
                ("below_zero", models.BooleanField(default=False)),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="balances",
                        to="ledger.account",
                    ),
                ),
            ],
            options={
                "verbose_name": "余额",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount__gte", 0), ("below_zero", True), _connector="OR"),
                        name="ledger_balance_not_negative",
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.UniqueConstraint(fields=("book", "code"), name="ledger_account_code"),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("stripes", 1),
                    models.Q(("stripes__range", (1, 64)), models.Q(("kind", "holder"), _negated=True)),
                    _connector="OR",
                ),
                name="ledger_account_stripes",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(("person", None), ("unit", None), _connector="OR"),
                name="ledger_account_one_owner",
            ),
        ),
        migrations.AddConstraint(
            model_name="checkpoint",
            constraint=models.UniqueConstraint(fields=("book", "size"), name="ledger_checkpoint_size"),
        ),
        migrations.AddIndex(
            model_name="transaction",
            index=models.Index(fields=["book", "xact", "id"], name="ledger_transaction_unsealed"),
        ),
        migrations.AddIndex(
            model_name="transaction",
            index=models.Index(
                condition=models.Q(("about", ""), _negated=True),
                fields=["book", "about"],
                name="ledger_transaction_about",
            ),
        ),
        migrations.AddIndex(
            model_name="transaction",
            index=models.Index(fields=["book", "kind", "day", "id"], name="ledger_transaction_kind"),
        ),
        migrations.AddConstraint(
            model_name="transaction",
            constraint=models.UniqueConstraint(fields=("book", "key"), name="ledger_transaction_key"),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0)), name="ledger_transfer_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("debit", models.F("credit")), _negated=True),
                    models.Q(("debit_stripe", models.F("credit_stripe")), _negated=True),
                    _connector="OR",
                ),
                name="ledger_transfer_two_sides",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.UniqueConstraint(
                fields=("debit", "debit_stripe", "debit_move"), name="ledger_transfer_debit"
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.UniqueConstraint(
                fields=("credit", "credit_stripe", "credit_move"), name="ledger_transfer_credit"
            ),
        ),
    ]
