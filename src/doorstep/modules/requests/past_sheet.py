"""An office's past requests as it kept them in its own sheet: one row a case, known by the office's own number.

Rows become cases of `services_past`, which walks each through the law of requests. What a row does not say is not made up: who
handled and who checked must be named, and must have held an office there.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.declarations.registers import (
    ImportColumn,
    Importer,
    ImportRow,
    Outcome,
    Problem,
    Written,
)
from doorstep.kernel.matters.models import URGENCIES, Matter
from doorstep.kernel.matters.policies import BRING_PAST
from doorstep.kernel.matters.services import NewMatter
from doorstep.kernel.matters.services_past import PastMatter, PastStep, key_of
from doorstep.kernel.matters.steps import Inputs
from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.people.rules import normal_name, normal_phone, phone_fault
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Refused, RuleViolation
from doorstep.modules.requests import rules
from doorstep.modules.requests.callers import caller_of
from doorstep.modules.requests.models import GRADES, REQUEST_SOURCES, EventItem, Request
from doorstep.modules.requests.services_past import PastRating, PastRequest, bring_requests

_MOMENT = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[ T]*(\d{1,2})[:：时](\d{1,2})分?(?:[:：]\d{1,2}(?:\.\d+)?)?秒?"
)
_WORSE = 2  # this grade and below: not solved, where the sheet does not say
_COLUMN_OF = {"place_code": "place", "item": "item", "key": "number", "text": "text", "title": "title"}


def as_moment(text: str) -> dt.datetime:
    """A time of day in the district, as a sheet writes it. Raises ValueError in the user's words."""
    found = _MOMENT.fullmatch(text.strip())
    if found is None:
        raise ValueError(_("“%(text)s”请写到几点几分，如 2025-03-05 14:30") % {"text": text[:20]})
    try:
        moment = dt.datetime(*(int(part) for part in found.groups()), tzinfo=clock.DISTRICT_ZONE)  # type: ignore[arg-type,misc]  # five numbers
    except ValueError:
        raise ValueError(_("没有“%(text)s”这个时间") % {"text": text[:20]}) from None
    if moment > clock.now():
        raise ValueError(_("“%(text)s”在将来；这里只收已经发生的") % {"text": text[:20]})
    return moment


def as_phone(text: str) -> str:
    """A caller's number. Raises ValueError without repeating it."""
    number = normal_phone(text)
    if phone_fault(number):
        raise ValueError(_("不是手机号码，也不是带区号的固定电话；不清楚的请空着"))
    return number


def as_grade(text: str) -> int:
    """How satisfied, as words or 1 to 5. Raises ValueError in the user's words."""
    for grade, words in GRADES:
        if text in (str(grade), str(words)):
            return grade
    named = _("、").join(str(words) for _grade, words in GRADES)
    raise ValueError(_("没有“%(text)s”这一项，可以填：%(named)s") % {"text": text[:20], "named": named})


def _moment(key: str, name: Any, *aliases: str, **more: Any) -> ImportColumn:
    return ImportColumn(key, name, parse=as_moment, aliases=aliases, note=_TO_THE_MINUTE, **more)


_TO_THE_MINUTE = gettext_lazy("写到几点几分，如 2025-03-05 14:30。")
_IN_OFFICE = gettext_lazy("姓名；须在该单位任过职（已离任的也可以）。")
COLUMNS = (
    ImportColumn("office", gettext_lazy("台账单位"), required=True, aliases=("登记单位",), max_length=120,
                 note=gettext_lazy("这本台账是谁的：单位在平台上的名称。")),
    ImportColumn("number", gettext_lazy("原编号"), required=True, aliases=("编号", "工单号", "序号", "台账编号"), max_length=40,
                 note=gettext_lazy("台账单位自己的编号；同一编号只收一次。")),
    _moment("opened", gettext_lazy("上报时间"), "登记时间", "受理时间", "收到时间", required=True),
    ImportColumn("place", gettext_lazy("地方"), kind="place", required=True, aliases=("社区", "网格", "所属社区")),
    ImportColumn("text", gettext_lazy("诉求内容"), required=True, aliases=("内容", "反映内容", "事由"), max_length=5000),
    ImportColumn("title", gettext_lazy("标题"), aliases=("诉求标题", "主题"), max_length=80),
    ImportColumn("item", gettext_lazy("事项"), aliases=("事项名称", "诉求类型"),
                 note=gettext_lazy("上报那天事项目录里的名称或代码。")),
    ImportColumn("urgency", gettext_lazy("紧急程度"), kind="choice", choices=URGENCIES),
    ImportColumn("source", gettext_lazy("来源"), kind="choice", choices=REQUEST_SOURCES,
                 note=gettext_lazy("空着按“窗口”。")),
    ImportColumn("address", gettext_lazy("地址"), aliases=("详细地址",), max_length=120),
    ImportColumn("unit", gettext_lazy("承办单位"), aliases=("办理单位", "责任单位"), max_length=120,
                 note=gettext_lazy("空着就是台账单位。")),
    _moment("accepted", gettext_lazy("接办时间"), "签收时间"),
    ImportColumn("handler", gettext_lazy("办理人"), aliases=("承办人", "经办人"), max_length=60, note=_IN_OFFICE),
    _moment("handled", gettext_lazy("办完时间"), "办理时间", "处置时间"),
    ImportColumn("result", gettext_lazy("办理结果"), aliases=("答复内容", "处理结果"), max_length=2000,
                 note=gettext_lazy("报告人看得到。")),
    _moment("verified", gettext_lazy("核实时间"), "办结时间", "结案时间"),
    ImportColumn("verifier", gettext_lazy("核实人"), max_length=60, note=_IN_OFFICE),
    ImportColumn("verifying", gettext_lazy("核实单位"), max_length=120, note=gettext_lazy("空着就是台账单位。")),
    ImportColumn("grade", gettext_lazy("满意程度"), aliases=("评价", "满意度"), parse=as_grade,
                 note=gettext_lazy("非常满意、满意、基本满意、不满意、非常不满意，或者 5 到 1。")),
    ImportColumn("solved", gettext_lazy("是否解决"), kind="bool", note=gettext_lazy("空着按满意程度。")),
    _moment("rated", gettext_lazy("评价时间")),
    ImportColumn("caller", gettext_lazy("报告人"), aliases=("来电人", "诉求人", "姓名"), max_length=60),
    ImportColumn("phone", gettext_lazy("联系电话"), aliases=("电话", "来电号码", "手机号"), max_length=20, personal=True,
                 parse=as_phone, note=gettext_lazy("加密保存。")),
)  # fmt: skip
_IN_ORDER = ("opened", "accepted", "handled", "verified", "rated")


@dataclass
class _Names:
    """What the rows of one portion name: units, and who held an office there. Three queries."""

    units: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    people: dict[tuple[int, str], set[int]] = field(default_factory=lambda: defaultdict(set))
    items: list[EventItem] = field(default_factory=list)

    @classmethod
    def of(cls, rows: Sequence[ImportRow]) -> _Names:
        found = cls(items=list(EventItem.objects.all()))
        units = {row[key] for row in rows for key in ("office", "unit", "verifying") if row[key]}
        people = {normal_name(row[key]) for row in rows for key in ("handler", "verifier") if row[key]}
        for name, unit in UnitVersion.objects.filter(name__in=units).values_list("name", "unit_id"):
            found.units[name].add(unit)
        held = Appointment.objects.filter(
            person__name__in=people, unit_id__in=set().union(*found.units.values())
        )
        for unit, name, person in held.values_list("unit_id", "person__name", "person_id"):
            found.people[unit, name].add(person)
        return found

    def unit(self, name: str, column: str) -> int:
        found = self.units.get(name, set())
        if not found:
            raise RuleViolation(_("平台上没有叫“%s”的单位。") % name, field=column)
        if len(found) > 1:
            raise RuleViolation(_("叫“%s”的单位不止一个，请用它独有的名称。") % name, field=column)
        return next(iter(found))

    def person(self, unit: int, row: ImportRow, column: str) -> int:
        name = normal_name(row[column] or "")
        if not name:
            raise RuleViolation(_("请写明这一步是谁做的。"), field=column)
        found = self.people.get((unit, name), set())
        if not found:
            raise RuleViolation(
                _("没有“%s”在这个单位任职的记录；请先登记他的任职（已离任的写明起止）。") % name, field=column
            )
        if len(found) > 1:
            raise RuleViolation(_("这个单位有不止一位“%s”任过职，分不清是谁。") % name, field=column)
        return next(iter(found))

    def item(self, words: str, place_code: str, day: dt.date) -> EventItem | None:
        """The item of that name or code on the list of that day, of the narrowest place."""
        if not words:
            return None
        fitting = [
            item
            for item in self.items
            if words in (item.code, item.name)
            and item.holds_on(day)
            and place_code.startswith(item.place_code)
        ]
        if not fitting:
            raise RuleViolation(_("上报那天的事项目录里没有“%s”。") % words, field="item")
        return max(fitting, key=lambda item: len(item.place_code))


def _check_order(row: ImportRow) -> None:
    """Each time has those before it, and none goes back."""
    for earlier, later in pairwise(_IN_ORDER):
        if row[later] is None:
            continue
        names = {"later": IMPORTER.column(later).name, "earlier": IMPORTER.column(earlier).name}
        if row[earlier] is None:
            raise RuleViolation(_("填了“%(later)s”的，也要填“%(earlier)s”。") % names, field=earlier)
        if row[later] < row[earlier]:
            raise RuleViolation(_("“%(later)s”早于“%(earlier)s”。") % names, field=later)


def _check_place(actor: Actor, row: ImportRow) -> None:
    if not actor.holds(BRING_PAST, row["place"]):
        raise RuleViolation(_("这个地方不在您的管理范围内。"), field="place")


def _case(row: ImportRow, names: _Names) -> PastRequest:
    """The row as a case. Raises RuleViolation naming the column."""
    _check_order(row)
    office = names.unit(row["office"], "office")
    holder = names.unit(row["unit"], "unit") if row["unit"] else office
    item = names.item((row["item"] or "").strip(), row["place"], clock.day_of(row["opened"]))
    source = row["source"] or "counter"
    new = NewMatter(
        kind="request", place_code=row["place"], source=source, text=row["text"],
        title=row["title"] or rules.title_of(row["text"], str(_("未写情况"))), item=item.code if item else "",
        category=item.event_class if item else "", confidentiality=item.confidentiality if item else Matter.INTERNAL,
        urgency=row["urgency"] or (item.urgency if item else "normal"), address=row["address"] or "", holder_id=holder,
        key=key_of(f"requests.past/{office}", row["number"]),
    )  # fmt: skip
    matter = PastMatter(
        number=row.number, new=new, at=row["opened"], unit_id=office,
        steps=tuple(_steps(row, names, office, holder)),
    )  # fmt: skip
    return PastRequest(
        matter=matter, own_number=row["number"], ratings=_ratings(row), routing=_("按“%s”的台账登记") % row["office"],
        hotline_number=row["number"] if source == "hotline" else "",
    )  # fmt: skip


def _steps(row: ImportRow, names: _Names, office: int, holder: int) -> Iterator[PastStep]:
    if row["accepted"] is None:
        return
    handler = names.person(holder, row, "handler")
    yield PastStep(name="accept", at=row["accepted"], person_id=handler, unit_id=holder)
    if row["handled"] is None:
        return
    if not row["result"]:
        raise RuleViolation(_("办完的，请写办理结果。"), field="result")
    note = Inputs(note=row["result"])
    yield PastStep(name="handle", at=row["handled"], person_id=handler, unit_id=holder, inputs=note)
    if row["verified"] is None:
        return
    checking = names.unit(row["verifying"], "verifying") if row["verifying"] else office
    verifier = names.person(checking, row, "verifier")
    if verifier == handler:
        raise RuleViolation(_("核实人不得是办理人。"), field="verifier")
    yield PastStep(name="verify", at=row["verified"], person_id=verifier, unit_id=checking, inputs=note)


def _ratings(row: ImportRow) -> tuple[PastRating, ...]:
    grade = row["grade"]
    if grade is None:
        if row["rated"] is not None:
            raise RuleViolation(_("填了评价时间的，也要填满意程度。"), field="grade")
        return ()
    if row["verified"] is None:
        raise RuleViolation(_("核实结案以后才有评价；请填核实时间，或者不填满意程度。"), field="grade")
    solved = grade > _WORSE if row["solved"] is None else row["solved"]
    return (PastRating(at=row["rated"] or row["verified"], solved=solved, satisfaction=grade),)


@transaction.atomic
def bring_rows(actor: Actor, rows: Sequence[ImportRow]) -> Written:
    """Bring rows in: each "added", "unchanged" where its number was brought before, or a problem by column."""
    names, problems = _Names.of(rows), []
    cases: dict[int, PastRequest] = {}
    for row in rows:
        try:
            _check_place(actor, row)
            cases[row.number] = _case(row, names)
        except Refused as refused:
            problems.append(_told(row.number, refused.message, refused.field))
    keys = {case.matter.new.key: number for number, case in cases.items()}
    known = {keys[key] for key in Matter.objects.filter(key__in=keys).values_list("key", flat=True)}
    outcomes: dict[int, Outcome] = dict.fromkeys(known, "unchanged")
    fresh = {number: case for number, case in cases.items() if number not in known}
    problems += _taken_as_tickets(fresh)
    problems += _bring(actor, fresh, {row.number: row for row in rows})
    outcomes |= dict.fromkeys(fresh, "added")
    return Written(outcomes, problems)


def _taken_as_tickets(fresh: dict[int, PastRequest]) -> list[Problem]:
    """Hotline tickets that are here already by another way; they leave `fresh`."""
    numbers = {case.hotline_number: row for row, case in fresh.items() if case.hotline_number}
    found = Request.objects.filter(hotline_number__in=numbers).values_list("hotline_number", flat=True)
    words = _("这张热线工单已在平台上，不再导入。")
    taken = [Problem(numbers[number], words, "number") for number in found if number]
    for problem in taken:
        del fresh[problem.row]
    return taken


def _bring(actor: Actor, fresh: dict[int, PastRequest], rows: dict[int, ImportRow]) -> list[Problem]:
    """Write what is sound; wrong cases leave `fresh`. Nobody is registered for a case that is not brought."""
    problems: list[Problem] = []
    while fresh and (found := _attempt(actor, fresh, rows)):
        problems += found
        for problem in found:
            fresh.pop(problem.row, None)
    return problems


def _attempt(actor: Actor, fresh: dict[int, PastRequest], rows: dict[int, ImportRow]) -> list[Problem]:
    """Write all of them with their reporters; or nothing, and what is wrong."""
    problems: list[Problem] = []
    with transaction.atomic():
        cases = []
        for number, case in fresh.items():
            try:
                with transaction.atomic():
                    cases.append(_with_reporter(actor, case, rows[number]))
            except Refused as refused:
                column = "phone" if refused.field == "phone" else "caller"
                problems.append(Problem(number, str(refused.message), column))
        brought = bring_requests(actor=actor, cases=cases)
        problems += [_told(problem.row, problem.message, problem.column) for problem in brought.problems]
        transaction.set_rollback(bool(problems))
    return problems


def _with_reporter(actor: Actor, case: PastRequest, row: ImportRow) -> PastRequest:
    new = case.matter.new
    person, name = caller_of(
        actor, name=row["caller"] or "", phone=row["phone"] or "", anonymous=False, place_code=new.place_code,
        ticket=row["number"],
    )  # fmt: skip
    matter = replace(case.matter, new=replace(new, reporter_id=person), person_id=person)
    return replace(case, matter=matter, for_whom=name)


def _told(row: int, message: Any, column: str) -> Problem:
    known = column if column in {one.key for one in COLUMNS} else _COLUMN_OF.get(column, "")
    return Problem(row, str(message), known)


IMPORTER = Importer(
    capability=BRING_PAST, keys=("office", "number"), columns=COLUMNS,
    examples=(
        {
            "office": "演示街道办事处", "number": "2025-0001", "opened": "2025-03-03 10:00", "place": "210202005011",
            "text": "演示内容：三单元二楼的楼道灯不亮", "item": "路灯楼道灯不亮", "unit": "演示社区居民委员会",
            "accepted": "2025-03-03 13:20", "handler": "演示甲一", "handled": "2025-03-04 09:30", "result": "换了灯泡",
            "verified": "2025-03-05 15:00", "verifier": "演示乙二", "grade": "满意",
        },
    ),
    bulk_service=bring_rows,
    note=gettext_lazy(
        "以前办过的诉求，带着当时的时间进来，按当时的规则走一遍，不通知任何人。没有核实的，按还没有办结登记。同一台账单位的同一编号只收一次，中断后重新导入会接着来。"
    ),
)  # fmt: skip
