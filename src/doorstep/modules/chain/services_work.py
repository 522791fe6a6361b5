"""What every service of the chain shares: locked units, rules of each day, acceptance of departures, the audit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import require_place
from doorstep.kernel.audit.models import Entry
from doorstep.kernel.audit.reading import Line, lines
from doorstep.kernel.audit.services import Act, record_many
from doorstep.kernel.declarations.acts import act_name
from doorstep.kernel.organisations.models import Unit, UnitVersion
from doorstep.kernel.organisations.refusals import FIELD_NAMES
from doorstep.kernel.organisations.services_bulk import locked_units
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, Refused, RuleViolation
from doorstep.modules.chain import rules, selectors
from doorstep.modules.chain.models import Approval
from doorstep.modules.chain.rules import Departure, RuleSet
from doorstep.modules.chain.selectors import say

BATCH = 1000
FIRST_DAY = dt.date(1949, 10, 1)  # the rule set begins here: before it nothing can be judged


@dataclass(frozen=True)
class Approved:
    """The superior's document that lets a decision depart from the rules it departs from, until a day if it ends."""

    document: str
    until: dt.date | None = None


class Work:
    """One service call: who acts, the locked units with their states, the rules of each day, what to write at the end."""

    def __init__(self, actor: Actor, unit_ids: Iterable[int]) -> None:
        self.actor = actor
        self.units = locked_units(unit_ids)
        self.versions: dict[int, list[UnitVersion]] = {}
        for version in UnitVersion.objects.filter(unit_id__in=self.units).order_by("valid_from"):
            self.versions.setdefault(version.unit_id, []).append(version)
        self.acts: list[Act] = []
        self.touched: dict[int, int] = {}
        self._rules: dict[dt.date, RuleSet] = {}
        self._passed: set[tuple[str, str]] = set()

    def rules_on(self, day: dt.date) -> RuleSet:
        if day not in self._rules:
            self._rules[day] = selectors.rules_in_force(day)
        return self._rules[day]

    def require(self, capability: str, place_code: str) -> None:
        if (capability, place_code) not in self._passed:
            require_place(self.actor, capability, place_code)
            self._passed.add((capability, place_code))

    def state(self, unit_id: int, on: dt.date, kinds: Sequence[str], field: str) -> UnitVersion:
        """The unit as it is on the day. Raises RuleViolation where it does not exist then or is of another kind."""
        unit = self.units.get(unit_id)
        if unit is None or unit.kind not in kinds:
            raise RuleViolation(_("没有找到这个组织。"), field=field)
        for version in self.versions.get(unit_id, []):
            if version.holds_on(on):
                return version
        raise RuleViolation(
            _("“{name}”在 {day} 不存在：成立于 {founded}。").format(
                name=self.versions[unit_id][-1].name, day=on, founded=unit.founded_on
            )
            if on < unit.founded_on
            else _("“{name}”自 {day} 起已撤销。").format(
                name=self.versions[unit_id][-1].name, day=unit.ended_on
            ),
            field=field,
        )

    def write(self, unit_id: int, action: str, place_code: str, changes: dict[str, Any]) -> None:
        """Remember one act on a unit; its version number moves on, so that whoever looked at it before is told."""
        unit = self.units[unit_id]
        before = self.touched.get(unit_id, unit.lock_version)
        if unit_id not in self.touched:
            self.touched[unit_id] = before + 1
        changes = {**changes, "lock_version": [unit.lock_version, self.touched[unit_id]]}
        self.acts.append(Act(action=action, obj=unit, place_code=place_code, changes=changes))

    def finish(self) -> None:
        Unit.objects.filter(pk__in=self.touched).update(lock_version=F("lock_version") + 1)
        for unit_id, version in self.touched.items():
            self.units[unit_id].lock_version = version
        record_many(self.actor, self.acts)


@contextmanager
def named_row(index: int, count: int, name: str) -> Iterator[None]:
    """Name the row at fault when there are several."""
    try:
        yield
    except Refused as refusal:
        if count == 1:
            raise
        text = _("第 {number} 行（{name}）：{text}").format(number=index + 1, name=name, text=refusal.message)
        raise type(refusal)(text, field=refusal.field, clause=refusal.clause) from refusal


def accept(departures: Sequence[Departure], approved: Approved | None) -> list[Departure]:
    """The departures, if there are none or a document approves them. Raises RuleViolation saying each otherwise."""
    if departures and (approved is None or not approved.document.strip()):
        text = "".join(say(departure) for departure in departures)
        raise RuleViolation(
            _("{text}如已经上级批准，请填写批准文号。").format(text=text),
            field="approval",
            clause="；".join(dict.fromkeys(departure.clause for departure in departures)),
        )
    return list(departures)


def approvals(
    unit_id: int, departures: Iterable[Departure], approved: Approved | None, start: dt.date
) -> list[Approval]:
    if approved is None:
        return []
    return [
        Approval(
            unit_id=unit_id, rule=rule, document=approved.document.strip(), valid_from=start, valid_to=approved.until
        )
        for rule in dict.fromkeys(departure.rule for departure in departures)
    ]  # fmt: skip


def write_approvals(rows: Sequence[Approval]) -> None:
    """A newer approval of the same rule takes over from the day it begins."""
    if not rows:
        return
    wanted = {(row.unit_id, row.rule): row.valid_from for row in rows}
    standing = Approval.objects.select_for_update().filter(unit_id__in={row.unit_id for row in rows})
    for old in standing:
        start = wanted.get((old.unit_id, old.rule))
        if start is None or (old.valid_to is not None and old.valid_to <= start):
            continue
        if old.valid_from >= start:
            old.delete()
        else:
            old.valid_to = start
            old.save(update_fields=["valid_to"])
    Approval.objects.bulk_create(rows, batch_size=BATCH)


def check_day(day: dt.date, field: str) -> None:
    """Raises RuleViolation for a day before the rule set begins, or one that cannot be known yet."""
    if day < FIRST_DAY:
        raise RuleViolation(
            _("日期早于 {first}，那时还没有可以对照的规定；请核对后填这一天或以后。").format(first=FIRST_DAY),
            field=field,
        )
    if day > rules.plus_years(clock.today(), 6):
        raise RuleViolation(_("日期太远，请核对。"), field=field)


def check_numbers(full: int | None, probationary: int) -> None:
    if (full is not None and not 0 <= full <= 9999) or not 0 <= probationary <= 9999:
        raise RuleViolation(_("人数应为0到9999的整数。"), field="full")


CONSTRAINT_TEXTS = {
    "building_one_group": lazy("有一栋楼刚刚被划入另一个楼栋党小组，请刷新后再看。"),
    "building_members_once": lazy("别人刚刚登记了这栋楼同一天的人数，请刷新后再看。"),
    "branch_grid_once": lazy("有一个网格刚刚被登记，请刷新后再看。"),
    "household_person_once": lazy("这个人刚刚被认定为党员中心户，请刷新后再看。"),
    "term_one": lazy("别人刚刚登记了重叠的任期，请刷新后再看。"),
    "form_one": lazy("别人刚刚登记了组织形式，请刷新后再看。"),
    "approval_one": lazy("别人刚刚登记了同一项批准，请刷新后再看。"),
    "term_period": lazy("止日须晚于起日。"),
    "household_period": lazy("撤销日期须晚于认定日期。"),
}


@contextmanager
def constraints_in_words() -> Iterator[None]:
    """What the database refuses because somebody was quicker, said in words. Raises Conflict."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        name = getattr(diagnosis, "constraint_name", None) or ""
        if name not in CONSTRAINT_TEXTS:
            raise
        raise Conflict(CONSTRAINT_TEXTS[name]) from error


def expect(expected: Mapping[int, int]) -> None:
    """Lock the units somebody looked at. Raises Conflict, saying who changed what, where one has changed since."""
    units = locked_units(expected)
    for unit_id, version in expected.items():
        unit = units.get(unit_id)
        if unit is not None and unit.lock_version != version:
            name = (
                UnitVersion.objects.filter(unit=unit)
                .order_by("valid_from")
                .values_list("name", flat=True)
                .last()
            )
            raise Conflict(
                _("“{name}”在您办理期间已被改动：{what}。您这次没有存入，请看过新的情况再办。").format(
                    name=name, what=_("；").join(_told_since(unit, version))
                )
            )


_FIELDS = {
    **FIELD_NAMES, "grids": lazy("网格"), "buildings": lazy("楼栋"), "form": lazy("组织形式"), "full": lazy("正式党员"),
    "probationary": lazy("预备党员"), "number": lazy("届次"), "valid_to": lazy("任期止日"),
    "committee_size": lazy("委员人数"),
}  # fmt: skip


def _told_since(unit: Unit, version: int) -> list[str]:
    """Who did what to the unit after that version, oldest first."""
    latest = Entry.objects.filter(target=Unit._meta.label_lower, target_id=str(unit.pk)).order_by("-id")[:20]
    newer = [entry for entry in latest if (entry.changes.get("lock_version") or [0, 0])[1] > version]
    return [_told(line) for line in lines(reversed(newer))]


def _told(line: Line) -> str:
    entry = line.entry
    told = _("{who}于 {when} {act}").format(
        who=line.who,
        when=entry.at.astimezone(clock.DISTRICT_ZONE).strftime("%Y-%m-%d %H:%M"),
        act=act_name(entry.action),
    )
    changed = [
        _("{field}由“{old}”改为“{new}”").format(field=_FIELDS[key], old=_word(value[0]), new=_word(value[1]))
        for key, value in entry.changes.items()
        if key in _FIELDS and isinstance(value, list) and len(value) == 2
    ]
    return "，".join([told, *changed])


def _word(value: Any) -> str:
    return "—" if value is None or value == "" else str(value)
