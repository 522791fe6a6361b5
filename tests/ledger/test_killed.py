"""A client killed in the middle of its postings: nothing acknowledged is lost, and what it sends again is not booked twice."""

import signal
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from doorstep.kernel.ledger.models import Transaction
from doorstep.kernel.ledger.selectors import balance
from doorstep.kernel.ledger.verify import verify

PROJECT = Path(__file__).resolve().parents[2]
EVENTS = 400
# Books event after event, singly and five at a time, and says after each call which are acknowledged.
CLIENT = """
import sys, uuid, django
django.setup()
from doorstep.kernel.ledger.models import Account, Book
from doorstep.kernel.ledger.services import Move, Posting, post, post_many
from tests.ledger.world import ACTOR
book = Book.objects.get(code="points")
issue, shop, a = (Account.objects.get(book=book, code=code) for code in ("issue", "shop", "a"))
def posting(n):
    moves = (Move(issue.pk, a.pk, 3), Move(a.pk, shop.pk, 1))
    return Posting(book=book, key=uuid.uuid5(uuid.NAMESPACE_OID, str(n)), kind="earn", moves=moves)
n = 0
while n < int(sys.argv[1]):
    number = 5 if n % 2 else 1
    if number == 1:
        post(actor=ACTOR, posting=posting(n))
    else:
        post_many(actor=ACTOR, postings=[posting(each) for each in range(n, n + number)])
    n += number
    print(n, flush=True)
"""


def client():
    return subprocess.Popen(
        [sys.executable, "-c", CLIENT, str(EVENTS)],
        cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.mark.parametrize("after", [1, 40, 77])
def test_what_was_acknowledged_is_there_and_what_is_sent_again_is_there_once(fresh_books, after):
    with client() as killed:
        for _call in range(after):
            acknowledged = int(killed.stdout.readline())
        killed.send_signal(signal.SIGKILL)
        for line in killed.stdout:  # what it had still said
            acknowledged = int(line)
    keys = set(Transaction.objects.values_list("key", flat=True))
    assert {uuid.uuid5(uuid.NAMESPACE_OID, str(n)) for n in range(acknowledged)} <= keys
    assert len(keys) in (acknowledged, acknowledged + 1, acknowledged + 5) and acknowledged < EVENTS
    with client() as again:
        again.communicate(timeout=60)
    assert again.returncode == 0
    booked = Transaction.objects.count()
    assert EVENTS <= booked < EVENTS + 5
    assert balance(fresh_books.a.pk) == 2 * booked and balance(fresh_books.shop.pk) == booked
    assert verify().sound
