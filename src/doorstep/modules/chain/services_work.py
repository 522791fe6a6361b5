"""What every service of the chain shares: locked units, rules of each day, acceptance of departures, the audit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import require_place
from doorstep.kernel.audit.services import Act, record_many
from doorstep.kernel.organisations.models import Unit, UnitVersion
from doorstep.kernel.organisations.services_bulk import locked_units
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Refused, RuleViolation
from doorstep.modules.chain import rules, selectors
from doorstep.modules.chain.models import Approval
from doorstep.modules.chain.rules import Departure, RuleSet
from doorstep.modules.chain.selectors import say

BATCH = 1000
EARLIEST = dt.date(1921, 7, 1)


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
    """Raises RuleViolation for a day before the Party existed, or one that cannot be known yet."""
    if day < EARLIEST:
        raise RuleViolation(_("日期早于 1921 年，请核对。"), field=field)
    if day > rules.plus_years(clock.today(), 6):
        raise RuleViolation(_("日期太远，请核对。"), field=field)


def check_numbers(full: int | None, probationary: int) -> None:
    if (full is not None and not 0 <= full <= 9999) or not 0 <= probationary <= 9999:
        raise RuleViolation(_("人数应为0到9999的整数。"), field="full")
