"""A book of points with two holders, a pool and a source; booking in the tests' words."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.ledger.models import POOL, SOURCE, Account, Book
from doorstep.kernel.ledger.selectors import balance
from doorstep.kernel.ledger.services import Move, Posted, Posting, open_account, open_book, post

ACTOR = system_actor("tests")


@dataclass
class Books:
    book: Book
    issue: Account
    shop: Account
    a: Account
    b: Account

    def posting(self, *moves: tuple[Account, Account, int], key=None, kind="earn", **more) -> Posting:
        return Posting(
            book=self.book, key=key or uuid.uuid4(), kind=kind,
            moves=tuple(Move(debit.pk, credit.pk, amount) for debit, credit, amount in moves), **more,
        )  # fmt: skip

    def post(self, *moves, **more) -> Posted:
        return post(actor=ACTOR, posting=self.posting(*moves, **more))

    def earn(self, holder: Account, amount: int, **more) -> Posted:
        return self.post((self.issue, holder, amount), **more)

    def spend(self, holder: Account, amount: int, **more) -> Posted:
        return self.post((holder, self.shop, amount), kind="spend", **more)

    def held(self) -> tuple[int, int, int, int]:
        return tuple(balance(each.pk) for each in (self.issue, self.shop, self.a, self.b))


def build(stripes: int = 4, code: str = "points") -> Books:
    book = open_book(code=code, name="演示积分", unit="points")
    return Books(
        book=book, issue=open_account(book=book, code="issue", kind=SOURCE, stripes=stripes),
        shop=open_account(book=book, code="shop", kind=POOL, stripes=stripes),
        a=open_account(book=book, code="a"), b=open_account(book=book, code="b"),
    )  # fmt: skip
