"""Any history of bookings, one by one and in batches, against a plain dictionary of what everybody should hold."""

import uuid

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from doorstep.kernel.ledger.models import Transaction
from doorstep.kernel.ledger.seal import seal_committed
from doorstep.kernel.ledger.selectors import balance
from doorstep.kernel.ledger.services import NotEnough, post_many, reverse
from doorstep.kernel.ledger.verify import verify
from doorstep.kernel.shared.errors import Conflict
from tests.ledger import world
from tests.ledger.world import ACTOR

NAMES = ("issue", "shop", "a", "b")
moves = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES), st.integers(1, 20)).filter(lambda m: m[0] != m[1]),
    min_size=1, max_size=3,
)  # fmt: skip


class Ledger(RuleBasedStateMachine):
    @initialize()
    def begin(self):
        self.books = world.build(stripes=3, code=f"points-{uuid.uuid4().hex}")
        self.held = dict.fromkeys(NAMES, 0)
        self.done = {}  # key → (moves, number)
        self.reversed = set()

    def try_on(self, wanted):
        """What all would hold after these moves; None where somebody would go below zero on the way."""
        held = dict(self.held)
        for debit, credit, amount in wanted:
            held[debit] -= amount
            if held[debit] < 0 and debit != "issue":
                return None
            held[credit] += amount
        return held

    def posting(self, wanted, key):
        accounts = [(getattr(self.books, d), getattr(self.books, c), amount) for d, c, amount in wanted]
        return self.books.posting(*accounts, key=key)

    @rule(wanted=moves)
    def book(self, wanted):
        key, after = uuid.uuid4(), self.try_on(wanted)
        if after is None:
            with pytest.raises(NotEnough), transaction.atomic():
                self.books.post(*self.posting_moves(wanted), key=key)
        else:
            number = self.books.post(*self.posting_moves(wanted), key=key).id
            self.held = after
            self.done[key] = (wanted, number)

    def posting_moves(self, wanted):
        return [(getattr(self.books, d), getattr(self.books, c), amount) for d, c, amount in wanted]

    @rule(many=st.lists(moves, min_size=1, max_size=5))
    def book_many(self, many):
        keys = [uuid.uuid4() for _one in many]
        postings = [self.posting(wanted, key) for wanted, key in zip(many, keys, strict=True)]
        after = self.try_on([move for wanted in many for move in wanted])
        if after is None:
            with pytest.raises(NotEnough), transaction.atomic():
                post_many(actor=ACTOR, postings=postings)
            return
        for key, wanted, posted in zip(keys, many, post_many(actor=ACTOR, postings=postings), strict=True):
            self.done[key] = (wanted, posted.id)
        self.held = after

    @rule(data=st.data())
    def send_again(self, data):
        if self.done:
            key = list(self.done)[data.draw(st.integers(0, len(self.done) - 1))]
            wanted, number = self.done[key]
            again = self.books.post(*self.posting_moves(wanted), key=key)
            assert (again.id, again.is_new) == (number, False)

    @rule(data=st.data())
    def take_back(self, data):
        if not self.done:
            return
        key = list(self.done)[data.draw(st.integers(0, len(self.done) - 1))]
        wanted, number = self.done[key]
        back = [(credit, debit, amount) for debit, credit, amount in reversed(wanted)]
        after = self.try_on(back)
        refusal = Conflict if number in self.reversed else NotEnough if after is None else None
        if refusal:
            with pytest.raises(refusal), transaction.atomic():
                reverse(actor=ACTOR, transaction_id=number, key=uuid.uuid4())
        else:
            reverse(actor=ACTOR, transaction_id=number, key=uuid.uuid4())
            self.reversed.add(number)
            self.held = after

    @rule()
    def seal(self):
        seal_committed()

    @invariant()
    def all_hold_what_they_should(self):
        if hasattr(self, "held"):
            held = {name: balance(getattr(self.books, name).pk) for name in NAMES}
            assert held == self.held and sum(held.values()) == 0

    def teardown(self):
        if hasattr(self, "held"):
            report = verify()
            assert report.sound, report.faults
            assert report.sealed + report.unsealed == Transaction.objects.count()


def test_any_history(fresh_books):
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
