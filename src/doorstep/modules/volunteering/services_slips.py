"""Slips: made by a volunteer (or at the desk, by card), offered by the clerk, confirmed by the volunteer (or by the paper
that two officers stand behind). At each step
points, piece and money move together, in one transaction, or nothing does.

A slip's row is locked before anything else of it; making one locks the volunteer's row, under which the limit of a quarter
is counted. No row of a programme or item is ever locked: what is left of them is the ledger's to guard.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.audit.services import Act, record, record_many
from doorstep.kernel.ledger.selectors import balances, expired
from doorstep.kernel.ledger.services import whole_again
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, RuleViolation
from doorstep.kernel.shared.place_codes import contains
from doorstep.modules.volunteering import books, rules_redemption
from doorstep.modules.volunteering.cards import card_index, is_paper_code
from doorstep.modules.volunteering.models import Item, Slip, Volunteer
from doorstep.modules.volunteering.models_redemption import EXPIRED, HANDED, HELD, OFFERED, VOID
from doorstep.modules.volunteering.numbers_redemption import redemption_numbers
from doorstep.modules.volunteering.policies_redemption import HAND
from doorstep.modules.volunteering.selectors_redemption import on_offer
from doorstep.modules.volunteering.slip_books import (
    book_all,
    chart,
    hand,
    hold,
    owed_accounts,
    short_of,
    undo,
)

OPEN = (HELD, OFFERED)


@whole_again
def make_slip(*, actor: Actor, item_id: int, key: UUID) -> Slip:
    """One's own slip for an item. The same key again gives the same slip.

    Raises NotVisible for an item that is not offered here, RuleViolation for the limit, points, stock or fund.
    """
    volunteer = _locked_volunteer(person_id=actor.person_id)
    return _made(actor, volunteer, item_id, key)


@whole_again
def make_slip_by_card(*, actor: Actor, item_id: int, key: UUID, card: str) -> Slip:
    """At the community's desk, for who shows a printed card. Of the desk's own goods it is offered at once by this officer, and
    a second one hands it; of a merchant's it is issued, a second one vouches for it, and the paper goes to the merchant."""
    volunteer = _locked_volunteer(card_index=card_index(card))
    if not actor.holds(HAND, volunteer.place_code):
        raise NotVisible(_("没有这张卡，请核对卡号。"), field="card")
    if volunteer.person_id == actor.person_id:
        raise NotAllowed(_("自己的卡，请另一位工作人员办理。"), field="card")
    return _made(actor, volunteer, item_id, key, card=True)


def _locked_volunteer(**which: object) -> Volunteer:
    rows = Volunteer.objects.select_for_update(of=("self",)).filter(left_on=None, **which)
    volunteer = rows.first() if all(which.values()) else None
    if volunteer is None:
        if "card_index" in which:
            raise NotVisible(_("没有这张卡，请核对卡号。"), field="card")
        raise NotVisible(_("您还不是志愿者。"))
    return volunteer


def _made(actor: Actor, volunteer: Volunteer, item_id: int, key: UUID, *, card: bool = False) -> Slip:
    known = Slip.objects.filter(key=key).first()
    if known is not None:
        if known.volunteer_id != volunteer.pk or known.item_id != item_id:
            raise Conflict(_("这个编号已经用于另一张小票。"))
        return known
    item = _offered_item(item_id, volunteer)
    now = clock.now()
    _check_limit(item, volunteer)
    using = chart()
    _check_there(item, volunteer)
    slip = Slip(
        number=next_numbers(1)[0], key=key, programme=item.programme, item=item, volunteer=volunteer,
        merchant_id=item.merchant_id, place_code=volunteer.place_code, points=item.points, fen=item.fen, made_at=now,
        expires_at=_end_of(clock.day_of(now) + dt.timedelta(days=item.programme.slip_days)), card=card, points_held=0,
    )  # fmt: skip
    if card and item.merchant_id is not None:
        slip.issued_by_id = actor.person_id
    elif card:
        slip.state, slip.offered_at, slip.offered_by_id = OFFERED, now, actor.person_id
    slip.save()
    _tell(actor, "volunteering.slip_made", slip, {"number": [None, slip.number], "goods": [None, item.name]})
    postings = hold(using, slip)
    booked = book_all(actor, postings, {"item": item.name, "programme": item.programme.name})
    slip.points_held = booked[postings[0].key]
    Slip.objects.filter(pk=slip.pk).update(points_held=slip.points_held)
    return slip


def _offered_item(item_id: int, volunteer: Volunteer) -> Item:
    rows = Item.objects.filter(on_offer(), pk=item_id)
    item: Item | None = rows.select_related("programme").first()
    if item is None or not contains(item.place_code, volunteer.place_code):
        raise NotVisible(_("没有找到这件物品，可能已经下架。"), field="item")
    return item


def _check_limit(item: Item, volunteer: Volunteer) -> None:
    """Counted while the volunteer's row is locked, so two devices of one person count one after the other."""
    since, until = rules_redemption.quarter_bounds(clock.today())
    had = Slip.objects.filter(
        item=item, volunteer=volunteer, made_at__gte=_start_of(since), made_at__lt=_start_of(until)
    ).exclude(state__in=[VOID, EXPIRED])
    if had.count() >= item.most:
        raise RuleViolation(
            _("这一件每人每季度最多兑 %(most)d 件，您这个季度已经兑过。") % {"most": item.most}, field="item"
        )


def _check_there(item: Item, volunteer: Volunteer) -> None:
    """Say early, and exactly, what is not enough; the ledger has the last word. Points whose day is over count no more,
    though nobody has taken them out yet."""
    held = balances([volunteer.points_id, item.stock_id, item.programme.fund_id])
    points = held.get(volunteer.points_id, 0) - expired(volunteer.points_id)
    of = {"item": item.name, "programme": item.programme.name}
    if points < item.points:
        raise RuleViolation(
            _("积分不够：要 %(needed)d 分，您有 %(held)d 分。") % {"needed": item.points, "held": points},
            field="points",
        )
    if held.get(item.stock_id, 0) < 1:
        raise short_of(books.PIECES, of)
    if held.get(item.programme.fund_id, 0) < item.fen:
        raise short_of(books.FEN, of)


def next_numbers(count: int) -> list[str]:
    """Numbers of slips nobody has yet. One query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('volunteering_slip_serial') FROM generate_series(1, %s)", [count])
        return [rules_redemption.number_of(row[0]) for row in cursor.fetchall()]


def _start_of(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), clock.DISTRICT_ZONE)


def _end_of(day: dt.date) -> dt.datetime:
    return _start_of(day + dt.timedelta(days=1))


@whole_again
def offer_slip(*, actor: Actor, number: str) -> Slip:
    """The clerk has the slip before them and what it is for: it waits for its volunteer's word.

    Raises RuleViolation for a number that cannot be one, or a slip no longer open; Conflict where another clerk was first.
    """
    slip = locked_slip(actor, number)
    policy_for(Slip).require(actor, "offer", slip)
    if slip.volunteer.person_id == actor.person_id:
        raise NotAllowed(_("自己的小票，请另一位同事办理。"))
    _check_open(slip)
    if slip.issued_by_id is not None:
        raise RuleViolation(_("这是社区凭卡开的纸质小票：请收下纸，扫上面的码，或者输入纸上的取货码。"))
    if stands_offered(slip):
        if slip.offered_by_id == actor.person_id:
            return slip
        raise Conflict(_("另一位同事刚刚扫过这张小票，正在等本人确认。"))
    before, slip.state = slip.state, OFFERED
    slip.offered_at, slip.offered_by_id = clock.now(), actor.person_id
    _changed(slip, "state", "offered_at", "offered_by")
    _tell(actor, "volunteering.slip_offered", slip, {"state": [before, OFFERED]})
    return slip


@whole_again
def take_offer_back(*, actor: Actor, number: str) -> Slip:
    """The clerk, or the volunteer, does not go on: the slip is open as before."""
    slip = locked_slip(actor, number)
    policy = policy_for(Slip)
    if not policy.can(actor, "own", slip):
        policy.require(actor, "offer", slip)
    _check_open(slip)
    if slip.state == OFFERED:
        _back_to_held(slip)
        _tell(actor, "volunteering.slip_not_taken", slip, {"state": [OFFERED, HELD]})
    return slip


def _back_to_held(slip: Slip) -> None:
    slip.state, slip.offered_at, slip.offered_by_id = HELD, None, None
    _changed(slip, "state", "offered_at", "offered_by")


@whole_again
def confirm_slip(*, actor: Actor, number: str) -> Slip:
    """The volunteer has the goods in hand. A second time gives the slip as it is.

    Raises RuleViolation where nobody offered, or too long ago.
    """
    slip = locked_slip(actor, number)
    policy_for(Slip).require(actor, "own", slip)
    if slip.state == HANDED and slip.handed_by_id == actor.person_id:
        return slip
    _check_open(slip)
    if not stands_offered(slip):
        raise RuleViolation(_("商户还没有确认，或者已经超过时间，请商户再扫一次。"))
    return _handed(actor, slip, card=False)


@whole_again
def hand_by_card(*, actor: Actor, number: str, card: str) -> Slip:
    """The second officer's word at the desk: the holder of this card has the goods. Neither officer is the volunteer, and
    they are two."""
    slip = locked_slip(actor, number)
    policy_for(Slip).require(actor, "hand", slip)
    if slip.state == HANDED and slip.handed_by_id == actor.person_id:
        return slip
    _check_open(slip)
    if not stands_offered(slip):
        raise RuleViolation(_("先由一位工作人员凭卡开票；超过时间的要重新开。"))
    if bytes(slip.volunteer.card_index or b"") != card_index(card):
        raise RuleViolation(_("卡号和小票对不上，请核对。"), field="card")
    if actor.person_id in (None, slip.offered_by_id, slip.volunteer.person_id):
        raise NotAllowed(_("要由另一位工作人员发放：开票的人和本人都不行。"))
    return _handed(actor, slip, card=True)


@whole_again
def vouch_slip(*, actor: Actor, number: str, card: str) -> Slip:
    """The second officer's word at the desk for a merchant's goods: the holder of this card asked for them. Then it may be
    printed, and the paper counts for the volunteer's own word. A second time changes nothing."""
    slip = locked_slip(actor, number)
    policy_for(Slip).require(actor, "vouch", slip)
    _check_open(slip)
    if slip.vouched_by_id is not None:
        return slip
    if bytes(slip.volunteer.card_index or b"") != card_index(card):
        raise RuleViolation(_("卡号和小票对不上，请核对。"), field="card")
    if actor.person_id in (None, slip.issued_by_id, slip.volunteer.person_id):
        raise NotAllowed(_("要由另一位工作人员签字：开票的人和本人都不行。"))
    slip.vouched_at, slip.vouched_by_id = clock.now(), actor.person_id
    _changed(slip, "vouched_at", "vouched_by")
    _tell(actor, "volunteering.slip_vouched", slip, {"number": slip.number})
    return slip


@whole_again
def take_paper_slip(*, actor: Actor, number: str, code: str) -> Slip:
    """The clerk has the paper in hand and has given the goods: by the code on it, and the two officers' words, it is handed. A
    second time gives the slip as it is."""
    slip = locked_slip(actor, number)
    policy_for(Slip).require(actor, "offer", slip)
    if slip.state == HANDED and slip.offered_by_id == actor.person_id:
        return slip
    _check_open(slip)
    if slip.vouched_by_id is None:
        raise RuleViolation(_("这张小票还没有社区两位工作人员的签字，现在不能用。"))
    if not is_paper_code(code, slip.number, slip.key):
        raise RuleViolation(_("取货码不对，请看小票上的码再输。"), field="code")
    if actor.person_id in (None, slip.issued_by_id, slip.vouched_by_id, slip.volunteer.person_id):
        raise NotAllowed(_("开票、签字的人和本人都不能收这张小票，请另一位同事办理。"))
    slip.offered_at, slip.offered_by_id = clock.now(), actor.person_id
    _changed(slip, "offered_at", "offered_by")
    return _handed(actor, slip, card=True, word_of=slip.vouched_by_id)


def _handed(actor: Actor, slip: Slip, *, card: bool, word_of: int | None = None) -> Slip:
    """`word_of`: whose word stands beside the clerk's; the actor's own where it is not given."""
    before, slip.state = slip.state, HANDED
    slip.handed_at, slip.handed_by_id = clock.now(), word_of or actor.person_id
    slip.card = card
    owed = owed_accounts([slip]).get((slip.programme_id, slip.merchant_id)) if slip.merchant_id else None
    postings = hand(chart(), slip, owed)
    _changed(slip, "state", "handed_at", "handed_by", "card")
    _tell(actor, "volunteering.slip_handed", slip, {"state": [before, HANDED]})
    slip.points_done = book_all(actor, postings)[postings[0].key]
    Slip.objects.filter(pk=slip.pk).update(points_done=slip.points_done)
    return slip


@whole_again
def give_slip_up(*, actor: Actor, number: str) -> Slip:
    """The volunteer does not want it after all: everything goes back. A second time changes nothing."""
    slip = locked_slip(actor, number)
    policy_for(Slip).require(actor, "own", slip)
    if slip.state == VOID and slip.handed_at is None:
        return slip
    _check_open(slip)
    return _voided(actor, slip, _("本人取消"))


@whole_again
def give_back_by_card(*, actor: Actor, number: str, card: str) -> Slip:
    """At the community's desk: the holder of this card does not want what a slip was made for, or it was never collected.
    Everything goes back. A second time changes nothing."""
    slip = locked_slip(actor, number)
    policy_for(Slip).require(actor, "give_back", slip)
    if bytes(slip.volunteer.card_index or b"") != card_index(card):
        raise RuleViolation(_("卡号和小票对不上，请核对。"), field="card")
    if actor.person_id in (None, slip.volunteer.person_id):
        raise NotAllowed(_("自己的卡，请另一位工作人员办理。"))
    if slip.state == VOID and slip.handed_at is None:
        return slip
    _check_open(slip)
    return _voided(actor, slip, _("持卡人不要了"))


@whole_again
def void_slip(*, actor: Actor, number: str, reason: str) -> Slip:
    """Take a handed slip back: by the merchant or an officer, never by who offered it, with a reason, within the
    programme's days, before it is settled. Points, piece and money go back."""
    slip = locked_slip(actor, number)
    policy_for(Slip).require(actor, "void", slip)
    reason = " ".join(reason.split())
    if not reason or len(reason) > 200:
        raise RuleViolation(_("请写明作废的原因，不超过200个字。"), field="reason")
    if slip.state != HANDED:
        raise RuleViolation(_("只有已兑换的小票才能作废。"))
    if slip.settlement_id is not None:
        raise RuleViolation(_("这张小票已经结算，不能再作废。"))
    assert slip.handed_at is not None
    last = clock.day_of(slip.handed_at) + dt.timedelta(days=slip.programme.void_days)
    if clock.today() > last:
        raise RuleViolation(
            _("兑换后 %(days)d 天内可以作废，这张小票到 %(last)s 为止。")
            % {"days": slip.programme.void_days, "last": last.isoformat()}
        )
    if slip.volunteer.person_id == actor.person_id:
        raise NotAllowed(_("自己的小票，请另一位同事办理。"))
    if slip.offered_by_id == actor.person_id and not actor.is_system:
        raise NotAllowed(_("这张小票是您核销的，请另一位同事，或者请社区作废。"))
    return _voided(actor, slip, reason)


def _voided(actor: Actor, slip: Slip, reason: str) -> Slip:
    before = slip.state
    slip.state, slip.ended_at, slip.ended_by_id, slip.reason = VOID, clock.now(), actor.person_id, reason
    postings = undo(chart(), [slip])
    _changed(slip, "state", "ended_at", "ended_by", "reason")
    _tell(actor, "volunteering.slip_void", slip, {"state": [before, VOID]}, words={"reason": reason})
    book_all(actor, postings)
    return slip


def locked_slip(actor: Actor, number: str) -> Slip:
    """The slip of that number, where it exists for the actor. Raises RuleViolation for a number that cannot be one,
    before anything is asked."""
    read = rules_redemption.read_number(number)
    if not read:
        raise RuleViolation(_("编号不对，请核对后再输：一共11位数字，少了、错了都不行。"), field="number")
    rows = policy_for(Slip).visible_to(actor).filter(number=read).values("pk")
    locked = Slip.objects.select_for_update(of=("self",)).select_related("volunteer", "programme", "item")
    slip: Slip | None = locked.filter(pk__in=rows).first()
    if slip is None:
        raise NotVisible(_("没有这张小票，或者它不是本店的。"), field="number")
    return slip


def _check_open(slip: Slip) -> None:
    if slip.state == HANDED:
        raise RuleViolation(_("这张小票已经兑换过了。"))
    if slip.state not in OPEN:
        raise RuleViolation(_("这张小票已经%(state)s，积分已退回。") % {"state": slip.get_state_display()})
    if slip.expires_at <= clock.now():
        raise RuleViolation(_("这张小票已过期，积分会退回。"))


def stands_offered(slip: Slip) -> bool:
    """Whether a clerk's offer still waits: after some minutes it no longer does, whether or not the platform has put it
    back yet. One query where it was offered."""
    if slip.state != OFFERED or slip.offered_at is None:
        return False
    return clock.now() - slip.offered_at < dt.timedelta(minutes=redemption_numbers()["offer_minutes"])


def _changed(slip: Slip, *fields: str) -> None:
    slip.lock_version += 1
    slip.save(update_fields=[*fields, "lock_version"])


def _tell(
    actor: Actor, action: str, slip: Slip, changes: dict[str, object], words: dict[str, str] | None = None
) -> None:
    record(
        actor,
        Act(action, slip, slip.place_code, changes, person_ref=slip.volunteer.person_id, words=words or {}),
    )


def tell_many(actor: Actor, action: str, slips: Sequence[Slip], before: Sequence[str], after: str) -> None:
    record_many(
        actor,
        [
            Act(
                action, slip, slip.place_code, {"state": [state, after]}, person_ref=slip.volunteer.person_id
            )
            for slip, state in zip(slips, before, strict=True)
        ],
    )  # fmt: skip
