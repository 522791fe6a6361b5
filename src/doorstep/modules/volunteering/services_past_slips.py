"""Past slips by the thousand, for the platform: with every rule and booking of a slip made today, a batch at a time."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.audit.services import Act, record_many
from doorstep.kernel.ledger.services import whole_again
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, RuleViolation
from doorstep.kernel.shared.place_codes import contains
from doorstep.modules.volunteering import books
from doorstep.modules.volunteering.models import Item, Slip, Volunteer
from doorstep.modules.volunteering.models_redemption import EXPIRED, HANDED, HELD, VOID
from doorstep.modules.volunteering.rules import quarter_of
from doorstep.modules.volunteering.services_slips import next_numbers
from doorstep.modules.volunteering.slip_books import (
    book_all,
    chart,
    hand,
    hold,
    owed_accounts,
    undo,
)

BATCH = 500


@dataclass(frozen=True, kw_only=True)
class PastSlip:
    """A slip of the past: handed at `handed_at` by two people, else unused and over, else still to be used.

    clerk_id: who offered. second_id: who handed it where it was by card; default the volunteer.
    """

    key: UUID
    item_id: int
    volunteer_id: int
    made_at: dt.datetime
    handed_at: dt.datetime | None = None
    clerk_id: int | None = None
    second_id: int | None = None


def bring_slips(*, actor: Actor, slips: Iterable[PastSlip]) -> int:
    """Bring past slips in, in their order, five hundred at a time, each batch whole or not at all; those whose key is there
    already are passed over. How many are new.

    Raises NotAllowed for anybody but the platform, RuleViolation as for a slip made today (`field` names what is not
    enough), with the batches before it in.
    """
    if not actor.is_system:
        raise NotAllowed(_("以前的小票由平台导入。"))
    waiting, made = list(slips), 0
    for start in range(0, len(waiting), BATCH):
        made += _bring(actor, waiting[start : start + BATCH])
    return made


@whole_again
def _bring(actor: Actor, asked: Sequence[PastSlip]) -> int:
    """One batch: a constant number of statements."""
    rows = Volunteer.objects.select_for_update(of=("self",)).filter(
        pk__in={each.volunteer_id for each in asked}
    )
    volunteers = {row.pk: row for row in rows.select_related("person").order_by("pk")}
    known = set(Slip.objects.filter(key__in=[each.key for each in asked]).values_list("key", flat=True))
    fresh = [each for each in asked if each.key not in known]
    if not fresh:
        return 0
    items = {
        row.pk: row
        for row in Item.objects.filter(pk__in={each.item_id for each in fresh}).select_related("programme")
    }
    _check(fresh, volunteers, items)
    numbers = next_numbers(len(fresh))
    made = [
        _slip(each, number, volunteers[each.volunteer_id], items[each.item_id])
        for each, number in zip(fresh, numbers, strict=True)
    ]
    Slip.objects.bulk_create(made)
    _tell(actor, made)
    _book(actor, made)
    return len(made)


def _check(fresh: Sequence[PastSlip], volunteers: dict[int, Volunteer], items: dict[int, Item]) -> None:
    """The rules of a slip made today, as of each slip's day; the limit counts what is there and what comes along."""
    had: Counter[tuple[int, int, dt.date]] = Counter()
    standing = Slip.objects.filter(volunteer__in=volunteers, item__in=items).exclude(
        state__in=[VOID, EXPIRED]
    )
    for item_id, volunteer_id, made_at in standing.values_list("item_id", "volunteer_id", "made_at"):
        had[item_id, volunteer_id, quarter_of(clock.day_of(made_at))] += 1
    now = clock.now()
    for each in fresh:
        item, volunteer = items.get(each.item_id), volunteers.get(each.volunteer_id)
        if item is None or volunteer is None:
            raise RuleViolation(_("没有找到这件物品，可能已经下架。"), field="item")
        day = clock.day_of(each.made_at)
        if not (item.holds_on(day) and item.programme.holds_on(day)) or not contains(
            item.place_code, volunteer.place_code
        ):
            raise RuleViolation(_("没有找到这件物品，可能已经下架。"), field="item")
        if each.made_at > now or (each.handed_at and not each.made_at <= each.handed_at <= now):
            raise RuleViolation(_("时间不对。"), field="made_at")
        over = each.handed_at is None and _ends(each.made_at, item) <= now
        if not over:  # what was never used and is over does not count
            had[item.pk, volunteer.pk, quarter_of(day)] += 1
            if had[item.pk, volunteer.pk, quarter_of(day)] > item.most:
                raise RuleViolation(_("超过每人每季度限兑的件数。"), field="item")
        if each.handed_at and each.clerk_id in (None, each.second_id or volunteer.person_id):
            raise RuleViolation(_("兑换要两个人确认。"), field="clerk")
        if each.handed_at and each.handed_at >= _ends(each.made_at, item):
            raise RuleViolation(_("这张小票已过期，积分会退回。"), field="handed_at")


def _ends(made_at: dt.datetime, item: Item) -> dt.datetime:
    last = clock.day_of(made_at) + dt.timedelta(days=item.programme.slip_days + 1)
    return dt.datetime.combine(last, dt.time(), clock.DISTRICT_ZONE)


def _slip(each: PastSlip, number: str, volunteer: Volunteer, item: Item) -> Slip:
    ends, now = _ends(each.made_at, item), clock.now()
    slip = Slip(
        number=number, key=each.key, programme=item.programme, item=item, volunteer=volunteer,
        merchant_id=item.merchant_id, place_code=volunteer.place_code, points=item.points, fen=item.fen,
        made_at=each.made_at, expires_at=ends, points_held=0, state=HELD,
    )  # fmt: skip
    if each.handed_at is not None:
        slip.state, slip.offered_at, slip.offered_by_id = HANDED, each.handed_at, each.clerk_id
        slip.handed_at, slip.handed_by_id = each.handed_at, each.second_id or volunteer.person_id
        slip.card = each.second_id is not None
    elif ends <= now:
        slip.state, slip.ended_at = EXPIRED, ends
    return slip


def _tell(actor: Actor, made: Sequence[Slip]) -> None:
    record_many(
        actor,
        [
            Act(
                "volunteering.slip_brought", slip, slip.place_code,
                {"number": [None, slip.number], "goods": [None, slip.item.name], "state": [None, slip.state]},
                person_ref=slip.volunteer.person_id,
            )
            for slip in made
        ],
    )  # fmt: skip


def _book(actor: Actor, made: Sequence[Slip]) -> None:
    """Everything of these slips in one call a book, each step on its own day; what was over is given back."""
    using, owed = chart(), owed_accounts(made)
    postings = []
    for slip in made:
        day = clock.day_of(slip.made_at)
        held = hold(using, slip, day)
        postings += held
        if slip.state == HANDED and slip.handed_at:
            account = owed.get((slip.programme_id, slip.merchant_id)) if slip.merchant_id else None
            postings += hand(using, slip, account, clock.day_of(slip.handed_at))
    booked = book_all(actor, postings)
    over = [slip for slip in made if slip.state == EXPIRED]
    if over:
        book_all(actor, undo(using, over))
    for slip in made:
        slip.points_held = booked[books.key_of("slip", slip.pk, books.HOLD)]
        slip.points_done = booked.get(books.key_of("slip", slip.pk, books.REDEEM))
    Slip.objects.bulk_update(made, ["points_held", "points_done"])
