"""Money for cultural events: purses, what comes into them, what events cost, a cost taken back, days closed.

Nothing is spent that is not there: the ledger refuses it, whoever asks at once. The row takes its number first, so that its
booking can name it; after the booking nothing is done but to write the row.
"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for, require_place
from doorstep.kernel.activities.checks import check_text
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.ledger import services as ledger
from doorstep.kernel.ledger.services import Move, NotEnough, Posting, whole_again
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.copying import take_numbers
from doorstep.kernel.shared.errors import Conflict, NotVisible, RuleViolation
from doorstep.kernel.shared.place_codes import contains
from doorstep.modules.culture import books, rules
from doorstep.modules.culture.keeping import begin, check_area, check_fen, check_line, end_row, seen_row
from doorstep.modules.culture.models import Cost, Event, Grant, Purse
from doorstep.modules.culture.policies import FUND


@transaction.atomic
def open_purse(*, actor: Actor, place_code: str, name: str, valid_from: dt.date) -> Purse:
    """Money for a place's events is kept apart from a day on. Raises Conflict where a purse of that name is open there."""
    check_area(place_code)
    require_place(actor, FUND, place_code)
    name = check_line(name, "name", 60, _("请填写经费名称。"))
    account = books.new_purse(books.book(), name)
    row = Purse(place_code=place_code, name=name, account=account, valid_from=valid_from)
    begin(row, _("这里已经有同名的经费。"))
    record(actor, Act("culture.purse_opened", row, place_code, {"name": [None, name]}))
    return row


def end_purse(*, actor: Actor, purse_id: int, ended_on: dt.date) -> Purse:
    """From `ended_on` on nothing is spent from it; what is left stays in the book."""
    with transaction.atomic():
        return end_row(actor, Purse, purse_id, ended_on, "culture.purse_ended", "fund")


@whole_again
@transaction.atomic
def grant(*, actor: Actor, purse_id: int, fen: int, source: str, document: str, day: dt.date) -> Grant:
    """Money comes into a purse. Raises RuleViolation for an amount that is none, a day to come or closed, Conflict for a
    document entered before."""
    purse = seen_row(actor, Purse, purse_id, "fund")
    _check_day(purse, day)
    check_fen(fen)
    of = books.book()
    (number,) = take_numbers(Grant, 1)
    row = Grant(
        pk=number, purse=purse, place_code=purse.place_code, fen=fen, day=day,
        source=check_line(source, "source", 80, _("请写明资金来源。")),
        document=check_line(document, "document", 80, _("请填写文号。")),
    )  # fmt: skip
    if Grant.objects.filter(purse=purse, document=row.document, source=row.source).exists():
        raise Conflict(_("这个文号的拨款已经登记。"), field="document")
    record(actor, Act("culture.granted", row, row.place_code, {"fen": [None, fen], "document": row.document}))
    move = Move(books.standing(of, books.BUDGET).pk, purse.account_id, fen)
    row.booking = ledger.post(
        actor=actor,
        posting=Posting(
            book=of, key=books.key_of("grant", number), kind=books.GRANT, moves=(move,), about=f"grant:{number}",
            place_code=purse.place_code, day=day,
        ),
    ).id  # fmt: skip
    _write(row, _("这个文号的拨款已经登记。"), "document")
    return row


@whole_again
@transaction.atomic
def spend(
    *, actor: Actor, event_id: int, purse_id: int, what: str, fen: int, voucher: str, day: dt.date
) -> Cost:
    """What an event cost, out of a purse of a place that holds the event's. Raises RuleViolation naming the field: an amount
    that is none or more than is left, a day to come or closed; Conflict for a voucher entered before."""
    event = policy_for(Event).visible_to(actor).filter(pk=event_id).first()
    if event is None:
        raise NotVisible(_("没有找到这个活动。"))
    purse = seen_row(actor, Purse, purse_id)
    if not contains(purse.place_code, event.place_code):
        raise RuleViolation(_("这笔经费不用于这个地方的活动。"), field="purse")
    _check_day(purse, day)
    check_fen(fen)
    of = books.book()
    (number,) = take_numbers(Cost, 1)
    row = Cost(
        pk=number, event=event, purse=purse, place_code=event.place_code, fen=fen, day=day,
        what=check_line(what, "what", 80, _("请写明用途。")),
        voucher=check_line(voucher, "voucher", 80, _("请填写凭证号。")),
    )  # fmt: skip
    taken = _("这个凭证号已经登记过。")
    if Cost.objects.filter(purse=purse, voucher=row.voucher, taken_back_at=None).exists():
        raise Conflict(taken, field="voucher")
    record(
        actor, Act("culture.spent", row, row.place_code, {"fen": [None, fen], "voucher": [None, row.voucher]})
    )
    move = Move(purse.account_id, books.standing(of, books.SPENT).pk, fen)
    posting = Posting(
        book=of, key=books.key_of("cost", number), kind=books.SPEND, moves=(move,), about=f"cost:{number}",
        place_code=row.place_code, day=day,
    )  # fmt: skip
    try:
        row.booking = ledger.post(actor=actor, posting=posting).id
    except NotEnough as short:
        raise RuleViolation(
            _("“%(purse)s”剩下的不够付 %(yuan)s 元。") % {"purse": purse.name, "yuan": rules.yuan_words(fen)},
            field="fen",
        ) from short
    _write(row, taken, "voucher")
    return row


@whole_again
@transaction.atomic
def take_back(*, actor: Actor, cost_id: int, reason: str) -> Cost:
    """A cost was entered wrongly: its booking is reversed, the money is in the purse again; the row stays, marked."""
    seen: Cost | None = policy_for(Cost).visible_to(actor).select_related("purse").filter(pk=cost_id).first()
    if seen is None:
        raise NotVisible(_("没有找到这笔支出。"))
    policy_for(Purse).require(actor, "keep", seen.purse)
    row = Cost.objects.select_for_update().get(pk=cost_id)
    if row.taken_back_at is not None:
        raise Conflict(_("这笔支出已经冲销。"))
    reason = check_text(reason, "reason", 200, _("请说明冲销的原因。"))
    row.taken_back_at = clock.now()
    row.save(update_fields=["taken_back_at"])
    changes = {"fen": [row.fen, 0]}
    record(actor, Act("culture.taken_back", row, row.place_code, changes, words={"reason": reason}))
    ledger.reverse(
        actor=actor, transaction_id=row.booking, key=books.key_of("take_back", row.pk), kind=books.TAKE_BACK,
        about=f"cost:{row.pk}",
    )  # fmt: skip
    return row


def close_days(*, actor: Actor, day: dt.date) -> None:
    """Nothing may be dated on `day` or before it any more; for who gives money in the whole district."""
    require_place(actor, FUND, settings.HOME_PLACE)
    ledger.close_through(actor=actor, book=books.book(), day=day)


def _check_day(purse: Purse, day: dt.date) -> None:
    if day > clock.today():
        raise RuleViolation(_("日期不能晚于今天。"), field="day")
    if not purse.holds_on(day):
        raise RuleViolation(_("这笔经费在那一天没有启用。"), field="day")


def _write(row: Grant | Cost, taken: str, field: str) -> None:
    """Somebody else entered the same at the same moment: theirs stands, and nothing of ours."""
    try:
        row.save(force_insert=True)
    except IntegrityError as clash:
        raise Conflict(taken, field=field) from clash
