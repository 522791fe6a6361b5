"""Several connections at once: none lost, none doubled, nobody below zero, nobody waiting in a ring."""

import datetime as dt
import random
import threading
import time
import uuid

import pytest
from django.db import connection, transaction
from django.db.models import F

from doorstep.kernel.ledger.models import POOL, Balance, Transaction, Transfer
from doorstep.kernel.ledger.seal import seal_committed
from doorstep.kernel.ledger.selectors import balance
from doorstep.kernel.ledger.services import NotEnough, close_through, open_account, post_many
from doorstep.kernel.ledger.verify import verify
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, Refused, RuleViolation
from tests.ledger.world import ACTOR


@pytest.fixture(autouse=True)
def no_ring(fresh_books):
    """The server never had to break up a ring of those who wait for each other."""
    yield
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        assert cursor.fetchone() == (0,)


def together(acts):
    """Run begun together on connections of their own; what each gives or is refused with."""
    results = [None] * len(acts)
    gate = threading.Barrier(len(acts))

    def run(number):
        try:
            gate.wait(20)
            results[number] = acts[number]()
        except Refused as refusal:
            results[number] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
        assert not thread.is_alive()
    return results


def test_the_last_points_are_spent_once(fresh_books):
    books = fresh_books
    books.earn(books.a, 7)
    results = together([lambda: books.spend(books.a, 7)] * 12)
    assert sum(isinstance(result, NotEnough) for result in results) == 11
    assert books.held() == (-7, 7, 0, 0) and verify().sound


def test_one_key_sent_by_many_is_booked_once(fresh_books):
    books, key = fresh_books, uuid.uuid4()
    results = together([lambda: books.earn(books.a, 7, key=key)] * 12)
    assert len({result.id for result in results}) == 1
    assert sum(result.is_new for result in results) == 1 and books.held()[2] == 7


def test_those_who_pay_each_other_never_wait_in_a_ring(fresh_books):
    books = fresh_books
    books.earn(books.a, 1000)
    books.earn(books.b, 1000)

    def there(n):
        return lambda: [books.post((books.a, books.b, 1), (books.b, books.shop, 1)) for _n in range(n)]

    def back(n):
        return lambda: [books.post((books.b, books.a, 1), (books.a, books.shop, 1)) for _n in range(n)]

    results = together([there(40), back(40)] * 4)
    assert not [result for result in results if isinstance(result, Refused)]
    assert books.held() == (-2000, 320, 840, 840) and verify().sound


def test_who_books_twice_in_one_transaction_waits_for_nobody(fresh_books):
    """The second booking holds the first one's locks: it is told at once instead of waiting in a ring."""
    books = fresh_books
    books.earn(books.a, 100)
    books.earn(books.b, 100)
    held = threading.Barrier(2)

    def both(first, second):
        def act():
            with transaction.atomic():
                books.spend(first, 1)
                held.wait(20)
                books.spend(second, 1)

        return act

    results = together([both(books.a, books.b), both(books.b, books.a)])
    assert any(isinstance(result, Conflict) for result in results)
    assert all(result is None or "正忙" in str(result) for result in results)
    assert verify().sound


def test_batches_with_keys_in_common(fresh_books):
    books = fresh_books
    postings = [books.posting((books.issue, books.a, 1)) for _n in range(2000)]
    shuffled = [random.Random(seed).sample(postings, len(postings)) for seed in range(6)]
    results = together([lambda part=part: post_many(actor=ACTOR, postings=part) for part in shuffled])
    assert sum(each.is_new for result in results for each in result) == 2000
    assert books.held()[2] == 2000 and verify().sound


def test_a_pool_is_paid_into_and_out_of_by_many(fresh_books):
    books = fresh_books
    books.earn(books.a, 400)

    def pay_in():
        for _n in range(50):
            books.spend(books.a, 2)

    def pay_out():
        done = 0
        while done < 50:
            try:
                books.post((books.shop, books.b, 2), kind="pay")
                done += 1
            except (NotEnough, Conflict):
                continue

    results = together([pay_in] * 4 + [pay_out] * 2)
    assert results == [None] * 6
    assert books.held() == (-400, 200, 0, 200)
    assert Balance.objects.filter(account=books.shop, amount__lt=0).count() == 0
    assert verify().sound


def test_a_batch_brings_together_what_pools_have_on_all_their_stripes(fresh_books):
    books = fresh_books
    other = open_account(book=books.book, code="other", kind=POOL, stripes=4)
    books.earn(books.a, 240)

    def pay_in():
        for _n in range(10):
            books.post((books.a, books.shop, 2), (books.a, other, 2))

    assert together([pay_in] * 6) == [None] * 6
    stripes = Balance.objects.filter(account__in=(books.shop, other), amount__gt=0)
    assert stripes.count() > 2  # of both pools: more than one connection's own
    pay_out = [books.posting((books.shop, books.b, 20), (other, books.b, 20), kind="pay") for _n in range(6)]
    with pytest.raises(NotEnough) as refused:
        post_many(actor=ACTOR, postings=[*pay_out, books.posting((other, books.b, 1))])
    assert refused.value.place == 6 and books.held() == (-240, 120, 0, 0)
    assert [each.is_new for each in post_many(actor=ACTOR, postings=pay_out)] == [True] * 6
    assert books.held() == (-240, 0, 0, 240) and balance(other.pk) == 0
    assert Transfer.objects.filter(debit=F("credit")).exists()
    seal_committed()
    assert verify().sound


def test_no_booking_slips_past_the_closing_of_a_day(fresh_books):
    """Who closes waits for the bookings under way; who books meanwhile waits for the closing, and is refused."""
    books, yesterday = fresh_books, clock.today() - dt.timedelta(days=1)
    began, closed = threading.Event(), []

    def close():
        began.wait(20)
        try:
            with transaction.atomic():
                close_through(actor=ACTOR, book=books.book, day=yesterday)
                closed.append(Transaction.objects.count())
                time.sleep(0.3)
        finally:
            connection.close()

    closing = threading.Thread(target=close)
    closing.start()
    with transaction.atomic():
        books.earn(books.a, 1, day=yesterday)
        began.set()
        time.sleep(0.3)
        assert closed == []
    while not closed:
        time.sleep(0.01)
    assert closed == [1]
    with pytest.raises(RuleViolation, match="已经结账"):
        books.earn(books.a, 1, day=yesterday)
    closing.join(20)
    assert books.held()[2] == 1


def test_the_sealer_runs_beside_who_books(fresh_books):
    books = fresh_books

    def seals():
        for _n in range(20):
            seal_committed()

    results = together([lambda: [books.earn(books.a, 1) for _n in range(60)]] * 4 + [seals, seals])
    assert not [result for result in results if isinstance(result, Refused)]
    seal_committed()
    report = verify()
    assert report.sound and (report.sealed, report.unsealed) == (240, 0)
    assert Transaction.objects.count() == 240
