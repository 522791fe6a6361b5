"""Agreements with partner units: signed, renewed, ended. What follows for a unit's seats and promises: services_leaving."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for, require_place
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.organisations.selectors import versions_of
from doorstep.kernel.organisations.services_bulk import locked_units
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotVisible, RuleViolation
from doorstep.kernel.shared.place_codes import LENGTHS
from doorstep.modules.partnership import rules
from doorstep.modules.partnership.models import PARTNER_KINDS, Agreement
from doorstep.modules.partnership.policies import KEEP
from doorstep.modules.partnership.services_leaving import settle_leaving
from doorstep.modules.partnership.texts import plain


@dataclass(frozen=True, kw_only=True)
class NewAgreement:
    """An agreement as it was signed: from `valid_from` to the day before `valid_to`."""

    unit_id: int
    place_code: str
    valid_from: dt.date
    valid_to: dt.date
    about: str
    document: str


@transaction.atomic
def sign_agreement(*, actor: Actor, new: NewAgreement) -> Agreement:
    """Enter a signed agreement of a unit with a community or a street.

    Raises NotVisible or NotAllowed; RuleViolation naming the field: a place that is neither, a unit that cannot be a partner, is not
    there through the period, or has an agreement there already at the time.
    """
    require_place(actor, KEEP, new.place_code)
    _check_place(new.place_code)
    _check_period(new.valid_from, new.valid_to)
    version = _partner(new.unit_id, new.place_code, new.valid_from)
    row = Agreement(
        unit_id=new.unit_id, place_code=new.place_code, valid_from=new.valid_from, valid_to=new.valid_to,
        about=plain(new.about, "about", _("共建内容"), 400), document=plain(new.document, "document", _("协议编号"), 80),
    )  # fmt: skip
    _check_free(row, version.name)
    row.save()
    record(actor, _act("partnership.signed", row, {"unit_id": [None, row.unit_id], **_days(row)}))
    return row


@transaction.atomic
def renew_agreement(
    *, actor: Actor, agreement_id: int, valid_to: dt.date, document: str, about: str = ""
) -> Agreement:
    """Go on from where an agreement ends, without a gap; `about` empty: the same.

    Raises RuleViolation where it was renewed already, or was ended before its time.
    """
    old = _locked(actor, agreement_id)
    if old.end_reason:
        raise RuleViolation(_("这份协议已提前终止，不能续签；请新签一份。"), field="valid_to")
    if Agreement.objects.filter(renews=old).exists():
        raise RuleViolation(_("这份协议已经续签过。"), field="valid_to")
    assert old.valid_to is not None
    _check_period(old.valid_to, valid_to)
    version = _partner(old.unit_id, old.place_code, old.valid_to)
    row = Agreement(
        unit_id=old.unit_id, place_code=old.place_code, valid_from=old.valid_to, valid_to=valid_to, renews=old,
        about=plain(about or old.about, "about", _("共建内容"), 400),
        document=plain(document, "document", _("协议编号"), 80),
    )  # fmt: skip
    _check_free(row, version.name)
    row.save()
    record(actor, _act("partnership.renewed", row, {"agreement": [old.pk, row.pk], **_days(row)}))
    return row


@transaction.atomic
def end_agreement(*, actor: Actor, agreement_id: int, on: dt.date, reason: str) -> Agreement:
    """End an agreement before its time; `on` is the first day without it. The seats of the unit's people end with it, and what
    the unit still had to do goes back to the community.

    Raises RuleViolation where it is over by then, had not begun, or has a renewal that would hang in the air.
    """
    row = _locked(actor, agreement_id)
    why = plain(reason, "reason", _("终止原因"), 200)
    assert row.valid_to is not None
    if on >= row.valid_to:
        raise RuleViolation(
            _("协议到 %(day)s 就不再有效，不用提前终止。") % {"day": row.valid_to}, field="on"
        )
    if on <= row.valid_from:
        raise RuleViolation(_("协议 %(day)s 才开始，终止日须在其后。") % {"day": row.valid_from}, field="on")
    if on > clock.today() + dt.timedelta(days=366):
        raise RuleViolation(_("终止日最多写到一年以内。"), field="on")
    if Agreement.objects.filter(renews=row).exists():
        raise RuleViolation(_("这份协议已经续签，请终止续签的那一份。"), field="on")
    before, row.valid_to, row.end_reason = row.valid_to, on, why
    row.save(update_fields=["valid_to", "end_reason"])
    act = _act("partnership.ended", row, {"valid_to": [before.isoformat(), on.isoformat()]})
    record(actor, Act(act.action, row, row.place_code, act.changes, words={"reason": why}))
    settle_leaving(actor=actor, unit_id=row.unit_id, place_code=row.place_code, on=on)
    return row


def _locked(actor: Actor, agreement_id: int) -> Agreement:
    """The agreement, its unit locked: what is agreed with one unit comes one after another."""
    seen = policy_for(Agreement).visible_to(actor).filter(pk=agreement_id).first()
    if seen is None:
        raise NotVisible(_("没有找到这份协议。"))
    locked_units({seen.unit_id})
    row = Agreement.objects.select_for_update().get(pk=agreement_id)
    policy_for(Agreement).require(actor, "keep", row)
    return row


def _check_place(place_code: str) -> None:
    if len(place_code) not in (LENGTHS["street"], LENGTHS["community"]):
        raise RuleViolation(_("共建协议由社区或者街道签订，请选一个社区或者街道。"), field="place_code")


def _check_period(start: dt.date, end: dt.date) -> None:
    match rules.period_fault(start, end):
        case "order":
            raise RuleViolation(_("止日须晚于起日。"), field="valid_to")
        case "long":
            raise RuleViolation(
                _("一份协议最长 %(years)d 年，到期再续。") % {"years": rules.LONGEST_YEARS}, field="valid_to"
            )


def _partner(unit_id: int, place_code: str, day: dt.date) -> UnitVersion:
    """The unit as it stands on the day, locked. Raises RuleViolation where it cannot be a partner at the place."""
    locked_units({unit_id})
    version: UnitVersion | None = versions_of([unit_id], day).get(unit_id)
    if version is None or version.place_code[: LENGTHS["county"]] != place_code[: LENGTHS["county"]]:
        raise RuleViolation(_("没有找到这个单位，或者它在协议开始那天还没有成立、已经撤销。"), field="unit")
    if version.kind not in PARTNER_KINDS:
        raise RuleViolation(
            _("%(kind)s不能作为共建单位；企业、商户、社会组织、部门、物业企业、事业单位可以。")
            % {"kind": version.get_kind_display()},
            field="unit",
        )
    return version


def _check_free(row: Agreement, name: str) -> None:
    other = (
        Agreement.objects.filter(unit_id=row.unit_id, place_code=row.place_code)
        .filter(valid_from__lt=row.valid_to, valid_to__gt=row.valid_from)
        .first()
    )
    if other is not None:
        raise RuleViolation(
            _(
                "%(unit)s在这里已有协议 %(document)s（%(from)s 至 %(to)s），时间不能重叠。要接着签的，请续签那一份。"
            )
            % {"unit": name, "document": other.document, "from": other.valid_from, "to": other.valid_to},
            field="valid_from",
        )


def _days(row: Agreement) -> dict[str, object]:
    return {
        "valid_from": [None, row.valid_from.isoformat()],
        "valid_to": [None, row.valid_to.isoformat() if row.valid_to else None],
    }


def _act(action: str, row: Agreement, changes: dict[str, object]) -> Act:
    return Act(action, row, row.place_code, changes, words={"document": row.document})
