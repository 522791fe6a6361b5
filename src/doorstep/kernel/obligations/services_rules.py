"""Setting rules: a change is a new version from a day on; only what has not begun is said anew. What is owed is derived with it."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for, require_place
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.obligations.kinds import kind_of
from doorstep.kernel.obligations.models import ROLLS, Rule
from doorstep.kernel.obligations.policies import SET_RULES
from doorstep.kernel.obligations.rules import (
    MOST_GRACE,
    MOST_WINDOW,
    Fault,
    Period,
    Terms,
    periods_of,
    rhythm_fault,
)
from doorstep.kernel.obligations.services_deriving import derive, terms_of, working_days
from doorstep.kernel.organisations.kinds import POSTS, UNIT_KINDS
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotVisible, RuleViolation
from doorstep.kernel.shared.place_codes import is_code

_CODE = re.compile(r"[a-z][a-z0-9_.]{1,39}")
SHOWN = 6  # next dates of a rule, before it is saved


@dataclass(frozen=True, kw_only=True)
class NewRule:
    """A rule as it is to hold from a day on; `code` says which, a new one makes a new rule. As `models.Rule`."""

    code: str
    name: str
    unit_kinds: tuple[str, ...]
    place_code: str
    proof: str
    rhythm: str
    valid_from: dt.date
    clause: str
    post: str = ""
    needs: tuple[str, ...] = ()
    roll: str = "stay"
    window: int = 0
    grace: int = 0
    document: str = ""


@transaction.atomic
def set_rule(*, actor: Actor, new: NewRule) -> Rule:
    """Let the rule hold from a day on, instead of its version in force then, and derive what is owed anew. A last version that begins
    on that very day has not begun yet, and is replaced.

    A period that has begun is finished under the version it began with. Raises RuleViolation naming the field, Conflict where
    another version is recorded for a later day, NotVisible, NotAllowed.
    """
    require_place(actor, SET_RULES, new.place_code)
    row = checked(new)
    rows = list(Rule.objects.select_for_update().filter(code=new.code).order_by("valid_from"))
    before = rows[-1] if rows else None
    replaces = before is not None and before.valid_from == new.valid_from
    later = next((one for one in rows if one.valid_from >= new.valid_from), None)
    if later is not None and not replaces:
        raise Conflict(
            _("已登记自 %(day)s 起的规则（第 %(version)d 版）。新的须在其后，或者也从这一天起，取代它。")
            % {"day": later.valid_from, "version": later.version},
            field="valid_from",
        )
    if before is not None:
        policy_for(Rule).require(actor, "set", before)
    if before is not None and replaces:
        row.pk, row.version = before.pk, before.version
    elif before is not None and (before.valid_to is None or before.valid_to > new.valid_from):
        before.valid_to = new.valid_from
        before.save(update_fields=["valid_to"])
    if not replaces:
        row.version = before.version + 1 if before else 1
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:  # somebody else set the same rule at the same moment
        raise Conflict(_("别人刚刚改了同一条规则，请刷新后再看。"), field="valid_from") from error
    changes = {
        name: [getattr(before, name) if before else None, getattr(row, name)]
        for name in ("name", "unit_kinds", "post", "proof", "needs", "rhythm", "roll", "window", "grace", "clause")
        if before is None or getattr(before, name) != getattr(row, name)
    } | {"valid_from": [None, row.valid_from.isoformat()]}  # fmt: skip
    record(actor, Act("obligations.rule_set", row, row.place_code, changes, words={"document": row.document}))
    derive(actor=actor, codes=[row.code])
    return row


@transaction.atomic
def end_rule(*, actor: Actor, rule_id: int, valid_to: dt.date) -> Rule:
    """Let a rule end; a period that it does not hold to the end is owed no more. Raises as `set_rule`."""
    row = Rule.objects.select_for_update().filter(pk=rule_id).first()
    if row is None:
        raise NotVisible(_("没有找到这条规则。"))
    policy_for(Rule).require(actor, "set", row)
    if row.valid_to is not None:
        raise RuleViolation(_("这条规则已经登记了终止日期。"), field="valid_to")
    if valid_to <= max(clock.today(), row.valid_from):
        raise RuleViolation(_("规则只能从明天或以后终止，并且晚于它开始的那天。"), field="valid_to")
    row.valid_to = valid_to
    row.save(update_fields=["valid_to"])
    record(
        actor, Act("obligations.rule_ended", row, row.place_code, {"valid_to": [None, valid_to.isoformat()]})
    )
    derive(actor=actor, codes=[row.code])
    return row


def checked(new: NewRule) -> Rule:
    """The version, checked, not saved. Raises RuleViolation naming the field."""
    today = clock.today()
    if not _CODE.fullmatch(new.code):
        raise RuleViolation(_("代码用小写字母、数字、点和下划线，2 到 40 位，字母开头。"), field="code")
    if new.valid_from <= today and Rule.objects.filter(code=new.code).exists():
        raise RuleViolation(
            _("规则只能从明天或以后改起；已经开始的周期按原来的规则办完。"), field="valid_from"
        )
    if abs(new.valid_from.year - today.year) > 3:
        raise RuleViolation(_("规则的开始日期须在前后三年以内。"), field="valid_from")
    for name, words, longest, text in (
        ("name", _("名称"), 60, new.name), ("clause", _("依据"), 200, new.clause),
    ):  # fmt: skip
        if not text.strip() or len(text) > longest:
            raise RuleViolation(
                _("请填写%(field)s，最多 %(longest)d 字。") % {"field": words, "longest": longest}, field=name
            )
    _check_owers(new)
    _check_proof(new)
    _check_days(new)
    return Rule(
        code=new.code, name=new.name.strip(), unit_kinds=list(new.unit_kinds), post=new.post, place_code=new.place_code,
        proof=new.proof, needs=list(new.needs), rhythm=new.rhythm, roll=new.roll, window=new.window, grace=new.grace,
        clause=new.clause.strip(), document=new.document.strip()[:80], valid_from=new.valid_from,
    )  # fmt: skip


def _check_owers(new: NewRule) -> None:
    if not new.unit_kinds or set(new.unit_kinds) - set(UNIT_KINDS):
        raise RuleViolation(_("请选哪些类型的单位应办。"), field="unit_kinds")
    if new.post and (new.post not in POSTS or not set(new.unit_kinds) & set(POSTS[new.post].kinds)):
        raise RuleViolation(_("所选类型的单位没有这个岗位。"), field="post")
    if not is_code(new.place_code):
        raise RuleViolation(_("请选在哪个地方执行。"), field="place_code")


def _check_proof(new: NewRule) -> None:
    kind = kind_of(new.proof)
    if kind is None:
        raise RuleViolation(_("请选凭哪种记录算完成。"), field="proof")
    if set(new.needs) - set(kind.conditions):
        raise RuleViolation(_("这种记录没有这个条件。"), field="needs")


def _check_days(new: NewRule) -> None:
    if fault := rhythm_fault(new.rhythm):
        raise RuleViolation(fault_words(fault), field="rhythm")
    if new.roll not in dict(ROLLS):
        raise RuleViolation(_("请选到期日遇休息日怎么办。"), field="roll")
    if not 0 <= new.window <= MOST_WINDOW:
        raise RuleViolation(_("天数应在 0 到 %(most)d 之间。") % {"most": MOST_WINDOW}, field="window")
    if not 0 <= new.grace <= MOST_GRACE:
        raise RuleViolation(_("宽限应在 0 到 %(most)d 个工作日之间。") % {"most": MOST_GRACE}, field="grace")


def fault_words(fault: Fault) -> str:
    """What is wrong with a rhythm, and what to write instead."""
    match fault.code:
        case "never":
            return _("%(month)d 月没有 %(day)d 日，这一天永远不会到。月底请写 BYMONTHDAY=-1。") % vars(fault)
        case "gaps":
            return _("%(month)d 月没有 %(day)d 日，到时会漏掉一次。月底请写 BYMONTHDAY=-1。") % vars(fault)
        case "mixed":
            return _("请只写每月几日（BYMONTHDAY）或者星期几（BYDAY），不要两样都写。")
        case "weekly":
            return _("按周的周期请写星期几（BYDAY）。每月几日请用 FREQ=MONTHLY。")
        case "rare":
            return _("这样的周期五年里到不了一次，或者永远不会到。请核对 INTERVAL 和 BYMONTH。")
        case "uneven":
            return _("写了 INTERVAL 又写月份，有的年份会漏掉。请只写月份（BYMONTH），不写 INTERVAL。")
        case "part":
            return _("周期里不能写 %(part)s。起止日期请用规则自己的日期。") % vars(fault)
        case _:
            return _("看不懂这个周期。例如每月底：FREQ=MONTHLY;BYMONTHDAY=-1")


def next_periods(new: NewRule) -> list[Period]:
    """What the rule would ask for next, were it saved: shown before saving. Raises RuleViolation as `set_rule`."""
    row, today = checked(new), clock.today()
    before = [terms_of(one) for one in Rule.objects.filter(code=new.code, valid_from__lt=new.valid_from)]
    if before:
        last = max(before, key=lambda one: one.valid_from)
        before = [one for one in before if one is not last]
        before.append(Terms(**{**vars(last), "valid_to": new.valid_from}))
    found = periods_of(
        [*before, terms_of(row)], dt.date(max(today, new.valid_from).year + 2, 12, 31), working_days()
    )
    return [one for one in found if one.closes_on >= today][:SHOWN]
