"""Four-ones assistance: begun with all its parts, days on the spot recorded, decided with a reason; figures from the rows alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import require_place
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, RuleViolation
from doorstep.kernel.shared.place_codes import ancestors_of
from doorstep.modules.coverage.compared import measured
from doorstep.modules.coverage.keeping import (
    begun,
    checked_text,
    community_named,
    end,
    impersonal,
    locked_row,
)
from doorstep.modules.coverage.models_assistance import (
    AFTER,
    BEFORE,
    EVENTS,
    MOVED_UP,
    OUTCOMES,
    SITE_VISIT,
    Assistance,
    AssistanceEvent,
    AssistanceLine,
    AssistancePart,
    Measure,
)
from doorstep.modules.coverage.policies import ASSIST, SET_PARTS
from doorstep.modules.coverage.services_findings import NewFinding, raise_finding
from doorstep.modules.coverage.services_pages import checked_keys

LONGEST = dt.timedelta(days=3 * 366)


@dataclass(frozen=True, kw_only=True)
class NewAssistance:
    """A plan. `parts`: by the code of each part in force, what is arranged in words; `units`: the unit of a part, where it has one."""

    place_code: str
    starts_on: dt.date
    ends_on: dt.date
    goal: str
    document: str
    indicators: tuple[str, ...]
    parts: Mapping[str, str]
    units: Mapping[str, int] = field(default_factory=dict)


def parts_on(place_code: str, day: dt.date) -> list[AssistancePart]:
    """What a plan must have on a day, in its order."""
    rows = AssistancePart.objects.in_force(day).filter(place_code__in=ancestors_of(place_code))
    return list(rows.order_by("rank", "pk"))


@transaction.atomic
def begin_assistance(*, actor: Actor, new: NewAssistance) -> Assistance:
    """Begin to assist a community, with every part that is asked for on the day; what is compared is measured on that day.

    Raises RuleViolation naming the field, Conflict where it is assisted already, NotVisible, NotAllowed.
    """
    community_named(new.place_code)
    require_place(actor, ASSIST, new.place_code)
    if new.starts_on > clock.today():
        raise RuleViolation(_("开始日期不能晚于今天：帮扶前的数字要按这一天量。"), field="starts_on")
    if not new.starts_on < new.ends_on <= new.starts_on + LONGEST:
        raise RuleViolation(_("计划期限须在开始日期以后，最长三年。"), field="ends_on")
    row = Assistance(
        place_code=new.place_code, starts_on=new.starts_on, ends_on=new.ends_on, goal=checked_text(new.goal, "goal", _("目标"), 400),
        indicators=checked_keys(new.indicators, required=True), document=checked_text(new.document, "document", _("文号"), 80),
    )  # fmt: skip
    lines = _lines(new)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as clash:
        raise Conflict(_("这个社区正在帮扶，先认定结果再开始新的。"), field="place_code") from clash
    for line in lines:
        line.assistance = row
    AssistanceLine.objects.bulk_create(lines)
    _measure(row, BEFORE, row.starts_on)
    record(
        actor, Act("coverage.assistance_begun", row, row.place_code, {"starts_on": [None, row.starts_on.isoformat()], "document": row.document})
    )  # fmt: skip
    return row


def _lines(new: NewAssistance) -> list[AssistanceLine]:
    parts = parts_on(new.place_code, new.starts_on)
    if not parts:
        raise RuleViolation(_("这一天没有设定帮扶内容，请区里先设定。"), field="starts_on")
    units = set(
        UnitVersion.objects.in_force(new.starts_on)
        .filter(unit_id__in=set(new.units.values()))
        .values_list("unit_id", flat=True)
    )
    found = []
    for part in parts:
        unit = new.units.get(part.code)
        if unit is not None and unit not in units:
            raise RuleViolation(_("没有找到这个单位。"), field=f"unit_{part.code}")
        words = checked_text(new.parts.get(part.code, ""), f"part_{part.code}", part.name, 300)
        found.append(AssistanceLine(part=part, unit_id=unit, words=words))
    return found


def _measure(row: Assistance, moment: str, day: dt.date) -> None:
    values = measured(row.place_code, row.indicators, day)
    Measure.objects.bulk_create(
        Measure(assistance=row, moment=moment, key=key, day=day, value=_number(values.get(key)))
        for key in row.indicators
    )


def _number(value: Any) -> Any:
    return round(value, 4) if isinstance(value, float) else value


@dataclass(frozen=True, kw_only=True)
class NewDay:
    """A day on the spot; `findings`: what asks for something, a line each; each becomes a matter."""

    assistance_id: int
    kind: str
    day: dt.date
    who: str
    seen: str
    findings: tuple[str, ...] = ()
    key: UUID = field(default_factory=uuid4)


@transaction.atomic
def record_day(*, actor: Actor, new: NewDay) -> AssistanceEvent:
    """Record a day on the spot, exactly once for its key. Raises RuleViolation naming the field, NotVisible, NotAllowed."""
    row: Assistance = locked_row(actor, Assistance, new.assistance_id, "record")
    known = AssistanceEvent.objects.filter(key=new.key).first()
    if known is not None:
        return known
    if row.outcome:
        raise RuleViolation(_("这项帮扶已经认定结果，不再登记。"))
    if new.kind not in dict(EVENTS):
        raise RuleViolation(_("请选蹲点调研还是现场办公。"), field="kind")
    if not row.starts_on <= new.day <= clock.today():
        raise RuleViolation(_("日期须在 %(day)s 和今天之间。") % {"day": row.starts_on}, field="day")
    made = AssistanceEvent.objects.create(
        key=new.key, assistance=row, place_code=row.place_code, kind=new.kind, day=new.day, recorded_at=clock.now(),
        who=impersonal(new.who, "who", _("参加单位"), 200), seen=impersonal(new.seen, "seen", _("了解到的情况"), 1000, lines=True),
    )  # fmt: skip
    record(
        actor, Act("coverage.day_recorded", made, row.place_code, {"kind": [None, made.kind], "day": [None, made.day.isoformat()]})
    )  # fmt: skip
    for line in new.findings:
        if line.strip():
            finding = NewFinding(title=line, text=made.seen, place_code=row.place_code, event=made)
            raise_finding(actor=actor, new=finding)
    return made


@transaction.atomic
def decide_assistance(*, actor: Actor, assistance_id: int, outcome: str, reason: str) -> Assistance:
    """Say what came of it, with a reason; what is compared is measured on that day. It moved up only where somebody went and looked.

    Raises RuleViolation naming the field, NotVisible, NotAllowed.
    """
    row: Assistance = locked_row(actor, Assistance, assistance_id, "assist")
    if row.outcome:
        raise RuleViolation(_("这项帮扶已经认定结果。"))
    if outcome not in dict(OUTCOMES):
        raise RuleViolation(_("请选结果。"), field="outcome")
    went = AssistanceEvent.objects.filter(assistance=row, kind=SITE_VISIT).exists()
    if outcome == MOVED_UP and not went:
        raise RuleViolation(_("还没有蹲点调研的记录，不能认定提升。"), field="outcome")
    row.reason = checked_text(reason, "reason", _("认定理由"), 400)
    row.outcome, row.decided_on, row.decided_by_id = outcome, clock.today(), actor.person_id
    row.save(update_fields=["outcome", "reason", "decided_on", "decided_by"])
    _measure(row, AFTER, row.decided_on)
    act = Act(
        "coverage.assistance_decided",
        row,
        row.place_code,
        {"outcome": [None, outcome]},
        words={"reason": row.reason},
    )
    record(actor, act)
    return row


@transaction.atomic
def set_part(*, actor: Actor, code: str, name: str, place_code: str, valid_from: dt.date, rank: int, clause: str) -> AssistancePart:  # fmt: skip
    """Let a part be asked for from a day on, instead of the one of its code. Raises Conflict, RuleViolation, NotVisible, NotAllowed."""
    require_place(actor, SET_PARTS, place_code)
    if not code.isascii() or not code.isidentifier() or len(code) > 30:
        raise RuleViolation(_("代码用小写字母、数字和下划线，最多 30 位。"), field="code")
    before = (
        AssistancePart.objects.select_for_update()
        .filter(place_code=place_code, code=code, valid_to=None)
        .first()
    )
    if before is not None and before.valid_from < valid_from:
        end(before, valid_from, "valid_from")
    row = AssistancePart(
        code=code, name=checked_text(name, "name", _("内容"), 60), place_code=place_code, rank=rank,
        clause=checked_text(clause, "clause", _("依据"), 200), valid_from=valid_from,
    )  # fmt: skip
    begun(row, _("这一天已经有这项内容。"))
    record(actor, Act("coverage.part_set", row, place_code, {"code": [None, code], "name": [None, row.name]}))
    return row


@transaction.atomic
def end_part(*, actor: Actor, part_id: int, ended_on: dt.date) -> AssistancePart:
    """A part that is asked for no more from a day on."""
    row: AssistancePart = locked_row(actor, AssistancePart, part_id, "set")
    end(row, ended_on)
    record(actor, Act("coverage.part_ended", row, row.place_code, {"valid_to": [None, ended_on.isoformat()]}))
    return row
