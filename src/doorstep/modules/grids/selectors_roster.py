"""The timetable of legal professionals in a community, as anybody may see it, with the questions made public."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from doorstep.kernel.shared.place_codes import within
from doorstep.modules.grids.models_roster import PROFESSIONS, Professional, Question, RosterSlot

AHEAD = 14  # days shown
SHOWN_QUESTIONS = 20


@dataclass(frozen=True)
class Sitting:
    """One time of one professional on one day."""

    day: dt.date
    slot: RosterSlot

    @property
    def hours(self) -> str:
        return f"{self.slot.starts:%H:%M}–{self.slot.ends:%H:%M}"


@dataclass(frozen=True)
class Timetable:
    professionals: tuple[Professional, ...]
    sittings: tuple[Sitting, ...]
    questions: tuple[Question, ...]


def timetable(community: str, on: dt.date) -> Timetable:
    """Professionals in force, their times of the next fortnight in order, the latest public questions. Three queries."""
    order = [kind for kind, _name in PROFESSIONS]
    people = Professional.objects.in_force(on).filter(within("place_code", [community]))
    last = on + dt.timedelta(days=AHEAD)
    slots = (
        RosterSlot.objects.filter(place_code=community, valid_from__lt=last)
        .exclude(valid_to__lte=on)
        .select_related("professional")
    )
    questions = (
        Question.objects.filter(within("place_code", [community]), is_public=True)
        .select_related("professional")
        .order_by("-answered_on", "-id")
    )
    days = [on + dt.timedelta(days=number) for number in range(AHEAD)]
    sittings = [
        Sitting(day, slot)
        for slot in slots
        for day in days
        if slot.holds_on(day)
        and slot.professional.holds_on(day)
        and (slot.day == day or (slot.day is None and slot.weekday == day.weekday()))
    ]
    return Timetable(
        professionals=tuple(sorted(people, key=lambda row: (order.index(row.kind), row.pk))),
        sittings=tuple(sorted(sittings, key=lambda each: (each.day, each.slot.starts, each.slot.pk))),
        questions=tuple(questions[:SHOWN_QUESTIONS]),
    )
