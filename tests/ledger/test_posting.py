"""Booking: balanced, exactly once, never below zero, never changed."""

import datetime as dt
import uuid

import pytest
from django.db import DatabaseError, connection, transaction

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.ledger.models import Balance, Book, Transaction, Transfer
from doorstep.kernel.ledger.selectors import Ending, balance, endings, expired, lines
from doorstep.kernel.ledger.services import (
    LARGEST,
    Move,
    NotEnough,
    Posted,
    Posting,
    close_through,
    open_account,
    open_accounts,
    open_book,
    post,
    post_many,
    reverse,
)
from doorstep.kernel.people.services import register_person
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, RuleViolation
from tests.ledger.world import ACTOR

DAY = dt.date(2026, 6, 15)


def test_what_one_gives_the_other_has(books):
    books.earn(books.a, 30)
    books.spend(books.a, 12)
    assert books.held() == (-30, 12, 18, 0)
    assert sum(Balance.objects.values_list("amount", flat=True)) == 0


def test_the_same_key_is_booked_once(books):
    key = uuid.uuid4()
    first = books.earn(books.a, 5, key=key)
    again = books.earn(books.a, 5, key=key)
    assert (again.id, again.is_new) == (first.id, False)
    assert books.held()[2] == 5
    with pytest.raises(Conflict, match="已经用于另一笔账"), transaction.atomic():
        books.earn(books.a, 6, key=key)
    other = open_book(code="minutes", name="演示时长", unit="minutes")
    holder, source = open_account(book=other, code="a"), open_account(book=other, code="issue", kind="source")
    posting = Posting(book=other, key=key, kind="earn", moves=(Move(source.pk, holder.pk, 60),))
    assert post(actor=ACTOR, posting=posting).is_new  # a key belongs to its book


def test_nobody_spends_more_than_there_is(books):
    books.earn(books.a, 10)
    with pytest.raises(NotEnough, match="余额不足"), transaction.atomic():
        books.spend(books.a, 11)
    with pytest.raises(NotEnough), transaction.atomic():  # in the middle of several moves, too
        books.post((books.a, books.b, 4), (books.a, books.shop, 7))
    assert books.held() == (-10, 0, 10, 0)
    assert Transaction.objects.count() == 1


@pytest.mark.parametrize("amount", [0, -1, 1.5, True, "5", LARGEST + 1, None])
def test_an_amount_is_a_whole_number_above_zero(books, amount):
    with pytest.raises(RuleViolation, match="数量"):
        books.post((books.issue, books.a, amount))
    assert not Transaction.objects.exists()


def test_accounts_belong_to_the_book(books):
    other = open_book(code="fen", name="演示资金", unit="fen")
    abroad = open_account(book=other, code="issue", kind="source")  # which could give any amount
    for pair in ((books.issue, abroad), (abroad, books.a)):
        with pytest.raises(RuleViolation, match="没有这个账户"), transaction.atomic():
            books.post((*pair, 1))
        with pytest.raises(RuleViolation, match="没有这个账户"), transaction.atomic():
            post_many(actor=ACTOR, postings=[books.posting((*pair, 1))])
    with pytest.raises(RuleViolation, match="同一个账户"):
        books.post((books.a, books.a, 1))


def test_a_pool_gives_no_more_than_it_holds(books):
    """What it gathers from stripes that other connections paid into: test_at_once.py."""
    books.earn(books.a, 100)
    books.spend(books.a, 40)
    books.post((books.shop, books.b, 40), kind="pay")
    assert books.held()[1] == 0
    with pytest.raises(NotEnough), transaction.atomic():
        books.post((books.shop, books.b, 1), kind="pay")
    assert Balance.objects.filter(account=books.shop, moves=0).count() == 3  # one connection, one stripe


def test_a_passbook_has_every_line_and_what_was_held(books):
    books.earn(books.a, 30, about="session:1")
    books.spend(books.a, 12, about="slip:9")
    books.post((books.issue, books.a, 1), (books.issue, books.b, 2), kind="gift")
    told = [(line.move, line.amount, line.after, line.kind, line.about) for line in lines(books.a.pk)]
    assert told == [(3, 1, 19, "gift", ""), (2, -12, 18, "spend", "slip:9"), (1, 30, 30, "earn", "session:1")]
    assert [line.move for line in lines(books.a.pk, before=3, most=1)] == [2]


@pytest.mark.parametrize(
    "about", ["", "NULL", 'a "b"', "a\\b\\\\", "{a,b}", "a\n'b'", "积分：第 1 次，\u3000"]
)
def test_many_are_booked_under_any_words(books, about):
    posting = books.posting((books.issue, books.a, 1), about=about)
    one, other = post_many(
        actor=ACTOR, postings=[posting, books.posting((books.issue, books.b, 1), about=about)]
    )
    assert [row.about for row in Transaction.objects.order_by("pk")] == [about, about]
    assert post(actor=ACTOR, posting=posting) == Posted(one.id, False), "one and many sign the same"
    assert other.id == one.id + 1


def test_many_are_booked_in_order_all_or_none(books):
    postings = [
        books.posting((books.issue, books.a, 10)),
        books.posting((books.a, books.b, 4), (books.a, books.shop, 6)),
        books.posting((books.b, books.shop, 4)),
    ]
    done = post_many(actor=ACTOR, postings=postings)
    assert all(each.is_new for each in done) and [each.id for each in done] == sorted(
        each.id for each in done
    )
    assert books.held() == (-10, 10, 0, 0)
    assert [(line.move, line.after) for line in lines(books.a.pk)] == [(3, 0), (2, 6), (1, 10)]
    again = post_many(actor=ACTOR, postings=[*postings, books.posting((books.issue, books.b, 1))])
    assert [each.is_new for each in again] == [False] * 3 + [True]
    assert [each.id for each in again[:3]] == [each.id for each in done]
    assert books.held() == (-11, 10, 0, 1)
    worse = [books.posting((books.issue, books.a, 1)), books.posting((books.a, books.b, 2))]
    with pytest.raises(NotEnough) as refused, transaction.atomic():
        post_many(actor=ACTOR, postings=worse)
    assert refused.value.place == 1
    assert books.held() == (-11, 10, 0, 1)
    changed = Posting(
        book=books.book, key=postings[0].key, kind="earn", moves=(Move(books.issue.pk, books.a.pk, 99),)
    )
    with pytest.raises(Conflict), transaction.atomic():
        post_many(actor=ACTOR, postings=[changed])


def test_many_and_one_leave_the_same_rows(books):
    shape = [
        ((books.issue, books.a, 9),),
        ((books.a, books.b, 2), (books.a, books.shop, 3)),
        ((books.b, books.shop, 1),),
    ]

    def rows(since):
        found = Transfer.objects.filter(transaction_id__gt=since).order_by("transaction", "line")
        return [
            (row.line, row.debit_id, row.credit_id, row.amount, row.debit_stripe, row.credit_stripe, row.debit_after, row.credit_after)
            for row in found
        ]  # fmt: skip

    for moves in shape:
        books.post(*moves)
    singly = rows(0)
    last = Transaction.objects.latest("pk").pk
    books.post((books.a, books.issue, 4))
    books.post((books.b, books.issue, 1))
    books.post((books.shop, books.issue, 4))
    start = Transaction.objects.latest("pk").pk
    post_many(actor=ACTOR, postings=[books.posting(*moves) for moves in shape])
    assert last and rows(start) == singly


def test_what_is_taken_back_is_taken_back_once(books):
    first = books.earn(books.a, 10)
    key = uuid.uuid4()
    back = reverse(actor=ACTOR, transaction_id=first.id, key=key)
    assert reverse(actor=ACTOR, transaction_id=first.id, key=key).id == back.id
    assert books.held()[2] == 0
    with pytest.raises(Conflict, match="已经冲销"), transaction.atomic():
        reverse(actor=ACTOR, transaction_id=first.id, key=uuid.uuid4())
    spent = books.earn(books.b, 5)
    books.spend(books.b, 1)
    with pytest.raises(NotEnough), transaction.atomic():
        reverse(actor=ACTOR, transaction_id=spent.id, key=uuid.uuid4())


def test_only_what_stands_in_the_book_is_taken_back(books):
    other = open_book(code="minutes", name="演示时长", unit="minutes")
    holder, source = open_account(book=other, code="a"), open_account(book=other, code="issue", kind="source")
    move = Move(source.pk, holder.pk, 60)
    abroad = post(actor=ACTOR, posting=Posting(book=other, key=uuid.uuid4(), kind="earn", moves=(move,))).id
    for number in (abroad, abroad + 1, 10**9):  # of another book, the booking's own, none
        with pytest.raises(RuleViolation), transaction.atomic():
            books.earn(books.a, 1, reverses=number)
        with pytest.raises(RuleViolation), transaction.atomic():
            post_many(actor=ACTOR, postings=[books.posting((books.issue, books.a, 1), reverses=number)])
    assert books.held()[2] == 0


def test_a_closed_day_stays_closed(books):
    with clock.fixed(DAY):
        books.earn(books.a, 10, day=DAY - dt.timedelta(days=1))
        with pytest.raises(RuleViolation, match="今天以前"):
            close_through(actor=ACTOR, book=books.book, day=DAY)
        close_through(actor=ACTOR, book=books.book, day=DAY - dt.timedelta(days=1))
        assert Entry.objects.filter(action="ledger.close").count() == 1
        with pytest.raises(RuleViolation, match="已经结账"), transaction.atomic():
            books.earn(books.a, 1, day=DAY - dt.timedelta(days=1))
        with pytest.raises(RuleViolation, match="已经结账"), transaction.atomic():
            close_through(actor=ACTOR, book=books.book, day=DAY - dt.timedelta(days=2))
        assert books.earn(books.a, 1).is_new


def test_what_ends_soonest_is_spent_first(books):
    def give(amount, day):
        move = Move(books.issue.pk, books.a.pk, amount, day)
        post(actor=ACTOR, posting=Posting(book=books.book, key=uuid.uuid4(), kind="earn", moves=(move,)))

    june, july = DAY + dt.timedelta(days=5), DAY + dt.timedelta(days=30)
    give(10, july)
    give(5, june)
    give(7, None)
    assert endings(books.a.pk) == [Ending(june, 5), Ending(july, 10)]
    books.spend(books.a, 8)
    assert endings(books.a.pk) == [Ending(july, 7)]
    assert (expired(books.a.pk, july - dt.timedelta(days=1)), expired(books.a.pk, july)) == (0, 7)


def test_accounts_of_many_are_opened_at_once_and_once(books):
    person = register_person(actor=ACTOR, name="演示甲", place_code="")
    made = open_accounts(books.book, {"x": person.pk})
    assert open_accounts(books.book, {"x": person.pk}) == made
    assert Balance.objects.filter(account_id=made["x"]).count() == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_transfer SET amount = 1", "DELETE FROM ledger_transfer", "TRUNCATE ledger_transfer",
        "UPDATE ledger_transaction SET kind = 'x'", "DELETE FROM ledger_transaction",
        "UPDATE ledger_balance SET amount = 1000000", "INSERT INTO ledger_balance (account_id, stripe, amount, moves, below_zero) SELECT account_id, 9, 5, 0, true FROM ledger_balance LIMIT 1",
        "DELETE FROM ledger_seal", "UPDATE ledger_book SET closed_through = NULL", "UPDATE ledger_account SET kind = 'source'",
        "INSERT INTO ledger_transfer (transaction_id, line, debit_id, credit_id, amount, debit_stripe, credit_stripe, debit_after, credit_after, debit_move, credit_move) SELECT transaction_id, 9, debit_id, credit_id, 1, 0, 0, 0, 0, 9, 9 FROM ledger_transfer LIMIT 1",
    ],
)  # fmt: skip
def test_the_application_may_only_call_the_functions(books, statement):
    books.earn(books.a, 3)
    refusal = pytest.raises(DatabaseError, match=r"permission denied|never changed")
    with refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert books.held()[2] == 3 and Book.objects.count() == 1


def test_nobody_puts_a_table_of_theirs_before_ours(books):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE ledger_balance AS SELECT * FROM public.ledger_balance")
        cursor.execute("UPDATE ledger_balance SET amount = 1000000")  # theirs, and they may
    with pytest.raises(NotEnough), transaction.atomic():
        books.spend(books.a, 11)


def test_what_a_reversal_gave_back_was_never_taken(books):
    june, july = dt.date(2026, 6, 1), dt.date(2026, 7, 1)
    books.earn(books.a, 4)
    given = books.post((books.issue, books.a, 10))  # without an end
    post(
        actor=ACTOR,
        posting=Posting(
            book=books.book, key=uuid.uuid4(), kind="earn", moves=(Move(books.issue.pk, books.a.pk, 6, june),)
        ),
    )
    wrong = post(
        actor=ACTOR,
        posting=Posting(
            book=books.book, key=uuid.uuid4(), kind="earn", moves=(Move(books.issue.pk, books.a.pk, 5, july),)
        ),
    )
    hold = books.spend(books.a, 6)
    assert endings(books.a.pk) == [Ending(july, 5)]
    reverse(actor=ACTOR, transaction_id=hold.id, key=uuid.uuid4())
    assert endings(books.a.pk) == [Ending(june, 6), Ending(july, 5)]
    reverse(actor=ACTOR, transaction_id=wrong.id, key=uuid.uuid4())
    reverse(actor=ACTOR, transaction_id=given.id, key=uuid.uuid4())
    assert endings(books.a.pk) == [Ending(june, 6)]
    assert (expired(books.a.pk, june), balance(books.a.pk)) == (6, 10)
