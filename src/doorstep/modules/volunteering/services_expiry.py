"""Points come to an end: each night what is over is booked out, by account. Run again it books nothing more."""

from __future__ import annotations

from collections.abc import Sequence

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.ledger.models import Balance
from doorstep.kernel.ledger.selectors import expired_of
from doorstep.kernel.ledger.services import Move, Posting, post_many, whole_again
from doorstep.kernel.shared import clock
from doorstep.modules.volunteering.books import EXPIRE, EXPIRED, POINTS, book, key_of, standing
from doorstep.modules.volunteering.models import Volunteer

AT_ONCE = 1000


def expire_points() -> int:
    """Book out of every volunteer's account what is over today; gives how many points. Each thousand by itself."""
    holding = Volunteer.objects.filter(points__balances__amount__gt=0).order_by("pk")
    ids = list(holding.values_list("pk", "points_id"))
    booked = 0
    for start in range(0, len(ids), AT_ONCE):
        part = ids[start : start + AT_ONCE]
        over = expired_of(account for _pk, account in part)
        booked += _expire([pk for pk, account in part if account in over]) if over else 0
    return booked


@whole_again
def _expire(volunteer_ids: Sequence[int]) -> int:
    """The key says after how many moves of the account: the same state is booked once, however often this runs."""
    rows = list(Volunteer.objects.select_for_update().filter(pk__in=volunteer_ids).order_by("pk"))
    accounts = [row.points_id for row in rows]
    over = expired_of(accounts)
    held = {row.account_id: row for row in Balance.objects.filter(account__in=accounts)}
    points = book(POINTS)
    gone = standing(points, EXPIRED).pk
    postings = []
    for row in rows:
        state = held[row.points_id]
        amount = min(over.get(row.points_id, 0), state.amount)
        if amount:
            key = key_of("expire", row.pk, clock.today(), state.moves)
            move = Move(row.points_id, gone, amount)
            postings.append(
                Posting(book=points, key=key, kind=EXPIRE, moves=(move,), place_code=row.place_code)
            )
    post_many(actor=system_actor("volunteering.expire"), postings=postings)
    return sum(posting.moves[0].amount for posting in postings)
