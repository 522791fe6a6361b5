"""What merchants are paid: an officer makes the settlement of a month that is over, the merchant agrees, it is paid."""

from __future__ import annotations

import datetime as dt

from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for, require_place
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.ledger.services import Move, NotEnough, Posting, post, whole_again
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible, RuleViolation
from doorstep.modules.volunteering import books
from doorstep.modules.volunteering.models import Partner, Programme, Settlement, Slip
from doorstep.modules.volunteering.models_redemption import HANDED
from doorstep.modules.volunteering.policies_redemption import SETTLE
from doorstep.modules.volunteering.rules import month_of
from doorstep.modules.volunteering.rules_redemption import month_after
from doorstep.modules.volunteering.slip_books import chart


@whole_again
def make_settlement(*, actor: Actor, programme_id: int, merchant_id: int, month: dt.date) -> Settlement:
    """Settle a month that is over: all slips handed by its end and not settled before. They can no longer be voided. The
    same month again gives the settlement there is.

    Raises RuleViolation for a month not over, or with nothing to settle.
    """
    programme = policy_for(Programme).visible_to(actor).filter(pk=programme_id).first()
    if programme is None:
        raise NotVisible(_("没有找到这个项目。"))
    require_place(actor, SETTLE, programme.place_code)
    month = month_of(month)
    after = month_after(month)
    if clock.today() < after:
        raise RuleViolation(_("这个月还没有过完，下个月再结算。"), field="month")
    # whoever settles the same merchant meanwhile waits here
    partners = Partner.objects.select_for_update(of=("self",)).filter(programme=programme)
    if not list(partners.filter(merchant=merchant_id).order_by("pk").values_list("pk")):
        raise NotVisible(_("这家商户没有参加这个项目。"))
    known = Settlement.objects.filter(programme=programme, merchant=merchant_id, month=month).first()
    if known is not None:
        return known
    ended = dt.datetime.combine(after, dt.time(), clock.DISTRICT_ZONE)
    slips = Slip.objects.filter(
        programme=programme, merchant=merchant_id, state=HANDED, settlement=None, handed_at__lt=ended
    )
    locked = list(slips.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
    found = Slip.objects.filter(pk__in=locked).aggregate(count=Count("pk"), fen=Sum("fen"))
    if not found["count"]:
        raise RuleViolation(_("这个月没有要结算的小票。"), field="month")
    made = Settlement.objects.create(
        programme=programme, merchant_id=merchant_id, place_code=programme.place_code, month=month,
        count=found["count"], fen=found["fen"], made_at=clock.now(), made_by_id=actor.person_id,
    )  # fmt: skip
    Slip.objects.filter(pk__in=locked).update(settlement=made)
    told = {"month": [None, month.isoformat()], "count": [None, made.count], "fen": [None, made.fen]}
    record(actor, Act("volunteering.settlement_made", made, made.place_code, told))
    return made


@whole_again
def agree_settlement(*, actor: Actor, settlement_id: int) -> Settlement:
    """The merchant has compared it with its own and agrees. A second time changes nothing."""
    row = _locked(actor, settlement_id)
    policy_for(Settlement).require(actor, "agree", row)
    if row.agreed_at is None:
        row.agreed_at = clock.now()
        row.save(update_fields=["agreed_at"])
        told = {"agreed_at": [None, row.agreed_at.isoformat()]}
        record(actor, Act("volunteering.settlement_agreed", row, row.place_code, told))
    return row


@whole_again
def pay_settlement(*, actor: Actor, settlement_id: int, paid_on: dt.date, document: str) -> Settlement:
    """It was paid, by this document: the money leaves the merchant's account. Again with the same document changes nothing.

    Raises RuleViolation where the merchant has not agreed, or it was paid by another document.
    """
    row = _locked(actor, settlement_id)
    policy_for(Settlement).require(actor, "pay", row)
    document = " ".join(document.split())
    if not document or len(document) > 80:
        raise RuleViolation(_("请填写付款凭证，不超过80个字。"), field="document")
    if row.paid_on is not None:
        if row.document == document:
            return row
        raise RuleViolation(_("已经付过款，凭证是“%s”。") % row.document, field="document")
    if row.agreed_at is None:
        raise RuleViolation(_("商户还没有核对，请商户先核对。"))
    if not clock.day_of(row.made_at) <= paid_on <= clock.today():
        raise RuleViolation(_("付款日期要在结算以后，不晚于今天。"), field="paid_on")
    row.paid_on, row.document = paid_on, document
    told = {"paid_on": [None, paid_on.isoformat()], "document": [None, document]}
    record(actor, Act("volunteering.settlement_paid", row, row.place_code, told))
    if row.fen:
        row.booking = _pay(actor, row)
    row.save(update_fields=["paid_on", "document", "booking"])
    return row


def _pay(actor: Actor, row: Settlement) -> int:
    using = chart()
    owed = Partner.objects.filter(programme=row.programme_id, merchant=row.merchant_id).first()
    assert owed is not None and row.paid_on is not None
    posting = Posting(
        book=using.books[books.FEN], key=books.key_of("settlement", row.pk), kind=books.PAY, day=row.paid_on,
        moves=(Move(owed.account_id, using.at(books.FEN, books.PAID), row.fen),), about=f"settlement:{row.pk}",
        place_code=row.place_code,
    )  # fmt: skip
    try:
        return post(actor=actor, posting=posting).id
    except NotEnough as refusal:
        raise RuleViolation(_("账上没有这么多应付款，请先核对小票。")) from refusal


def _locked(actor: Actor, settlement_id: int) -> Settlement:
    rows = policy_for(Settlement).visible_to(actor).select_for_update(of=("self",))
    row: Settlement | None = rows.filter(pk=settlement_id).first()
    if row is None:
        raise NotVisible(_("没有找到这次结算。"))
    return row
