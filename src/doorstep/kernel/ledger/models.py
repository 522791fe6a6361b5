"""Books of double entry: accounts, transactions of transfers, running balances, and their seals.

The application role may open books and accounts, and read. What moves is written by the functions of posting_lean.sql
alone (`ledger_post`, `ledger_post_many`, `ledger_gather`), which run as the tables' owner; rows of the journal
are never changed, by trigger, whoever asks.

An amount is a whole number of the book's unit. A transfer takes from its `debit` account and gives to its `credit`
account, so every transaction is balanced by construction. A balance is what an account was given less what was taken.
"""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.audit.models import CurrentTransaction
from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.people.models import Person

UNITS = [("points", _("积分")), ("minutes", _("分钟")), ("fen", _("分")), ("pieces", _("个"))]
HOLDER, POOL, SOURCE = "holder", "pool", "source"
KINDS = [(HOLDER, _("持有人账户")), (POOL, _("汇总账户")), (SOURCE, _("发行账户"))]
MOST_STRIPES = 64


class Book(models.Model):
    """One book in one unit. `closed_through`: no transaction may be dated on this day or before it any more."""

    code = models.SlugField(_("代码"), unique=True)
    name = models.CharField(_("名称"), max_length=60)
    unit = models.CharField(_("单位"), max_length=10, choices=UNITS)
    closed_through = models.DateField(_("已结账到"), null=True)

    class Meta:
        verbose_name = _("账本")

    def __str__(self) -> str:
        return self.name


class Account(models.Model):
    """One account of a book.

    kind: what a person or unit holds (one balance, never below zero), a pool that many post to at once (as many balances
    as `stripes`, never below zero each), or a source that others are given from (it alone goes below zero: what it lacks
    is what it issued).
    """

    book = models.ForeignKey(Book, on_delete=models.PROTECT, related_name="accounts", db_index=False)
    code = models.CharField(_("代码"), max_length=60)
    name = models.CharField(_("名称"), max_length=60, blank=True)
    kind = models.CharField(_("种类"), max_length=10, choices=KINDS)
    stripes = models.PositiveSmallIntegerField(default=1)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("账户")
        constraints = [
            models.UniqueConstraint(fields=["book", "code"], name="ledger_account_code"),
            models.CheckConstraint(
                condition=Q(stripes=1) | Q(stripes__range=(1, MOST_STRIPES)) & ~Q(kind=HOLDER),
                name="ledger_account_stripes",
            ),
            models.CheckConstraint(condition=Q(person=None) | Q(unit=None), name="ledger_account_one_owner"),
        ]

    def __str__(self) -> str:
        return self.name or self.code


class Balance(models.Model):
    """What one stripe of an account holds now, after how many moves. Written by the posting functions alone.

    `book`, `stripes` and `below_zero` are the account's, which never change: posting reads nothing but the balance.
    """

    pk = models.CompositePrimaryKey("account_id", "stripe")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="balances", db_index=False)
    stripe = models.SmallIntegerField()
    amount = models.BigIntegerField(default=0)
    moves = models.BigIntegerField(default=0)
    below_zero = models.BooleanField(default=False)
    book = models.ForeignKey(
        Book, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    stripes = models.SmallIntegerField()

    class Meta:
        verbose_name = _("余额")
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gte=0) | Q(below_zero=True), name="ledger_balance_not_negative"
            ),
        ]


class Transaction(models.Model):
    """One event of a book, as it was asked for: the same `key` is one event however often it is sent.

    `about`: what it is about, as the module that posted it says ("session:12"), never words about a person. `reverses`: the
    one it takes back, at most once. `account_ref`: the account that did it, as a plain value. `mac`: made over what was asked with a key the database does not know.
    """

    id = models.BigAutoField(primary_key=True)
    # the posting function has read the book: a foreign key would lock its one row for every posting of the district
    book = models.ForeignKey(
        Book, on_delete=models.PROTECT, related_name="transactions", db_index=False, db_constraint=False
    )
    key = models.UUIDField()
    kind = models.CharField(_("种类"), max_length=20)
    day = models.DateField(_("日期"))
    at = models.DateTimeField(_("时间"))
    account_ref = models.BigIntegerField(null=True)
    place_code = models.CharField(_("地方"), max_length=15, db_collation="C", blank=True)
    about = models.CharField(_("事由"), max_length=60, blank=True)
    # found by the posting function in the same book, and never gone from it: no second look by a foreign key at each booking
    reverses = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    mac = models.BinaryField()
    xact = models.BigIntegerField(db_default=CurrentTransaction(), editable=False)

    class Meta:
        verbose_name = _("账目")
        constraints = [
            models.UniqueConstraint(fields=["book", "key"], name="ledger_transaction_key"),
            models.UniqueConstraint(
                fields=["reverses"],
                name="ledger_transaction_reverses_once",
                condition=Q(reverses__isnull=False),
            ),
        ]
        # rows stand in the order they came in, which is nearly that of both: ranges of pages do, and cost a booking nothing
        indexes = [
            BrinIndex(
                fields=["xact", "day"],
                name="ledger_transaction_in_order",
                pages_per_range=32,
                autosummarize=True,
            )
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.kind}"


class Transfer(models.Model):
    """One movement: `amount` from a stripe of `debit` to a stripe of `credit`, with what each then holds, and which move
    of that stripe it is: numbers without a gap, so that nothing can be taken out of an account's line.

    `expires_on`: from this day on what was given is no longer spent, where it has an end. Between two stripes of one
    account it gathers what is to be taken at once.
    """

    pk = models.CompositePrimaryKey("transaction_id", "line")
    transaction = models.ForeignKey(
        Transaction, on_delete=models.PROTECT, related_name="transfers", db_index=False, db_constraint=False
    )
    line = models.IntegerField()
    # the posting function has found both accounts and locked their balances: no second look by a foreign key
    debit = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    credit = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    amount = models.BigIntegerField()
    debit_stripe = models.SmallIntegerField(default=0)
    credit_stripe = models.SmallIntegerField(default=0)
    debit_after = models.BigIntegerField()
    credit_after = models.BigIntegerField()
    debit_move = models.BigIntegerField()
    credit_move = models.BigIntegerField()
    expires_on = models.DateField(null=True)

    class Meta:
        verbose_name = _("分录")
        constraints = [
            # one check, not one for each rule: each is read and made ready anew for every row that is booked
            models.CheckConstraint(
                condition=Q(amount__gt=0) & (~Q(debit=F("credit")) | ~Q(debit_stripe=F("credit_stripe"))),
                name="ledger_transfer_between_two",
            ),
            models.UniqueConstraint(
                fields=["debit", "debit_stripe", "debit_move"], name="ledger_transfer_debit"
            ),
            models.UniqueConstraint(
                fields=["credit", "credit_stripe", "credit_move"], name="ledger_transfer_credit"
            ),
        ]


class Seal(models.Model):
    """One transaction's place in its book's Merkle tree, added by the sealer after it committed."""

    pk = models.CompositePrimaryKey("book_id", "position")
    book = models.ForeignKey(Book, on_delete=models.PROTECT, related_name="+", db_index=False)
    position = models.BigIntegerField()
    transaction = models.OneToOneField(Transaction, on_delete=models.PROTECT, related_name="seal")
    leaf = models.BinaryField()

    class Meta:
        verbose_name = _("封存")


class Node(models.Model):
    """Head of a whole subtree of 256 leaves, or of 256 such: so that a proof reads a few hundred rows of millions."""

    pk = models.CompositePrimaryKey("book_id", "level", "position")
    book = models.ForeignKey(Book, on_delete=models.PROTECT, related_name="+", db_index=False)
    level = models.PositiveSmallIntegerField()
    position = models.BigIntegerField()
    digest = models.BinaryField()

    class Meta:
        verbose_name = _("封存节点")


class Checkpoint(models.Model):
    """The head of a book's tree after a run of the sealer, signed; published to a file outside the database as well.

    Every transaction whose database transaction is below `horizon` is among the first `size` leaves.
    """

    book = models.ForeignKey(Book, on_delete=models.PROTECT, related_name="checkpoints", db_index=False)
    size = models.BigIntegerField(_("条数"))
    root = models.BinaryField(_("根摘要"))
    horizon = models.BigIntegerField()
    made_at = models.DateTimeField(_("封存时间"))
    signature = models.BinaryField()

    class Meta:
        verbose_name = _("封存检查点")
        constraints = [models.UniqueConstraint(fields=["book", "size"], name="ledger_checkpoint_size")]
