"""Promises in the words people use: who does what next, by when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from doorstep.kernel.matters.laws import ANSWER, ARRIVE, CHECK, RESOLVE, RESPOND, RESUME, law_of
from doorstep.kernel.matters.models import Deadline, Matter
from doorstep.kernel.matters.working_days import last_day
from doorstep.kernel.organisations.selectors import versions_of
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.clock import DISTRICT_ZONE
from doorstep.kernel.shared.kept import Kept
from doorstep.kernel.shared.prepared import Prepared

_LATE = {
    RESPOND: gettext_lazy("%(who)s应在%(when)s回应，已经超期；上一级会看到。"),
    RESOLVE: gettext_lazy("%(who)s应在%(when)s办完答复，已经超期；上一级会看到。"),
    CHECK: gettext_lazy("应在%(when)s由他人核实答复，已经超期；上一级会看到。"),
    RESUME: gettext_lazy("%(who)s应在%(when)s继续办理，已经超期；上一级会看到。"),
    ARRIVE: gettext_lazy("%(who)s应在%(when)s到场，已经超期；上一级会看到。"),
    ANSWER: gettext_lazy("应在%(when)s答复是否重办，已经超期；上一级会看到。"),
}
_TO_COME = {
    RESPOND: gettext_lazy("%(who)s%(when)s回应您。"),
    RESOLVE: gettext_lazy("%(who)s%(when)s办完并答复您。"),
    CHECK: gettext_lazy("已经办完，%(when)s由他人核实并答复您。"),
    RESUME: gettext_lazy("现在暂停，%(who)s%(when)s继续办理。"),
    ARRIVE: gettext_lazy("%(who)s%(when)s到场。"),
    ANSWER: gettext_lazy("%(when)s答复您是否重办。"),
}
_TO_NOBODY = _TO_COME | {
    RESPOND: gettext_lazy("%(who)s%(when)s接手。"),
    RESOLVE: gettext_lazy("%(who)s%(when)s办完。"),
    CHECK: gettext_lazy("已经办完，%(when)s由他人核实。"),
}


@dataclass(frozen=True)
class Standing:
    """How a matter stands, for whoever reported it. `promises`: sentences, the next one first; `clock`: soon, late or
    "" for the colour that goes with `promises[0]`."""

    matter: Matter
    state: str
    next_step: str
    unit: str
    promises: tuple[str, ...]
    clock: str = ""


class Running(NamedTuple):
    """A promise that runs."""

    clock: str
    due_at: dt.datetime
    provisional: bool


def standing_of(matter: Matter) -> Standing:
    """Two queries."""
    running = [Running(*row) for row in _OF_ONE(matter.pk)] if matter.is_open else []
    return _standing(matter, running, _name_of(matter.holder_id))


def next_promise(matter: Matter, promised: Sequence[Deadline]) -> str:
    """What the reporter is told first, "" where nothing is promised; without a query of the promises where they are at hand."""
    if not promised:
        return next(iter(standing_of(matter).promises), "")
    row = min(promised, key=lambda row: (row.due_at, row.pk))
    running = Running(row.clock, row.due_at, row.provisional)
    return _sentence(running, _name_of(matter.holder_id), _is_known(matter))


def _name_of(unit_id: int | None) -> str:
    return _unit_name(unit_id, clock.today()) if unit_id is not None else ""


def standings_of(matters: list[Matter]) -> list[Standing]:
    """Two queries for any number."""
    units = versions_of({matter.holder_id for matter in matters if matter.holder_id is not None})
    running: dict[int, list[Running]] = {matter.pk: [] for matter in matters}
    for matter_id, *row in (
        _promised().filter(matter_id__in=running).values_list("matter_id", *Running._fields)
    ):
        running[matter_id].append(Running(*row))
    found = []
    for matter in matters:
        unit = units.get(matter.holder_id or 0)
        found.append(
            _standing(matter, running[matter.pk] if matter.is_open else [], unit.name if unit else "")
        )
    return found


def _promised() -> QuerySet[Deadline]:
    rows = Deadline.objects.filter(met_at__isnull=True, stopped_at__isnull=True, paused_at__isnull=True)
    return rows.order_by("due_at", "pk")


_OF_ONE = Prepared(
    lambda matter_id: _promised().filter(matter_id=matter_id).values_list(*Running._fields), 918273645
)


def _read_name(unit_id: int, day: dt.date) -> str:
    found = versions_of({unit_id}, day).get(unit_id)
    return found.name if found else ""


_unit_name = Kept(_read_name, "organisations_unitversion")


def _standing(matter: Matter, promised: list[Running], unit: str) -> Standing:
    state = law_of(matter.kind).by_code[matter.state]
    known = _is_known(matter)
    late = bool(promised) and promised[0].due_at < clock.now()
    return Standing(
        matter, str(state.name), str(state.next_step), unit, tuple(_sentence(row, unit, known) for row in promised),
        "" if not promised else "late" if late else "soon",
    )  # fmt: skip


def _is_known(matter: Matter) -> bool:
    """There is somebody to answer."""
    return matter.reporter_id is not None or matter.teller_id is not None


def _sentence(row: Running, unit: str, known: bool) -> str:
    who = unit or _("受理单位")
    when = when_in_words(row.due_at)
    said = _LATE if row.due_at < clock.now() else _TO_COME if known else _TO_NOBODY
    words = str(said[row.clock])
    sentence = words % {"who": who, "when": when}
    if row.provisional:
        sentence += _("（日子是暂定的：那一年的放假安排还没有公布。）")
    return sentence


def when_in_words(due_at: dt.datetime) -> str:
    """ "周二（6月16日）17:00 前"; a deadline at the end of a day is that whole day."""
    local = localtime(due_at, DISTRICT_ZONE)
    whole_day = local.time() == dt.time()
    day = last_day(due_at) if whole_day else local.date()
    weekday, date = _in_words(day, get_language())
    values = {"weekday": weekday, "day": date, "time": f"{local:%H:%M}"}
    days = (day - clock.today()).days
    if days == 0:
        return (_("今天之内") if whole_day else _("今天 %(time)s 前")) % values
    if days == 1:
        return (_("明天（%(weekday)s）之内") if whole_day else _("明天（%(weekday)s）%(time)s 前")) % values
    return (_("%(day)s（%(weekday)s）之内") if whole_day else _("%(day)s（%(weekday)s）%(time)s 前")) % values


@lru_cache(maxsize=1000)
def _in_words(day: dt.date, _language: str | None) -> tuple[str, str]:
    """Weekday and day, in the language that is active: to put a date into words takes as long as to look one up in the database."""
    return date_format(day, "D"), date_format(day, _("n月j日"))
