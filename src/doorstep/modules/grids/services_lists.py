"""Keeping the lists: forces of a grid, the supervision line, what grid work is, professionals and their times."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for, require_place
from doorstep.kernel.audit.services import Act, record_many
from doorstep.kernel.organisations.refusals import check_day
from doorstep.kernel.places.models import Area
from doorstep.kernel.shared.errors import NotVisible, RuleViolation
from doorstep.modules.grids import rules
from doorstep.modules.grids.keeping import (
    BATCH,
    Entry,
    Kept,
    check_choice,
    check_grids,
    check_office_phone,
    check_places,
    check_words,
    end_row,
    keep_many,
)
from doorstep.modules.grids.models import FORCE_KINDS, GridForce, GridWork, SupervisionLine
from doorstep.modules.grids.models_roster import PROFESSIONS, WEEKDAYS, Professional, RosterSlot
from doorstep.modules.grids.policies import KEEP, LIST_WORK, SET_LINES


@dataclass(frozen=True, kw_only=True)
class NewForce:
    """Who else answers for a grid from `valid_from` on. `phone` is an office's."""

    place_code: str
    kind: str
    unit: str
    valid_from: dt.date
    name: str = ""
    post: str = ""
    phone: str = ""
    name_public: bool = False


@dataclass(frozen=True, kw_only=True)
class NewProfessional:
    """A legal professional who serves a community or a grid from `valid_from` on."""

    place_code: str
    kind: str
    name: str
    unit: str
    valid_from: dt.date
    phone: str = ""


@dataclass(frozen=True, kw_only=True)
class NewSlot:
    """When a professional is there: on a weekday (0 Monday) of every week, or on one day."""

    professional_id: int
    starts: dt.time
    ends: dt.time
    venue: str
    valid_from: dt.date
    weekday: int | None = None
    day: dt.date | None = None
    valid_to: dt.date | None = None


@transaction.atomic
def attach_forces(*, actor: Actor, forces: Sequence[NewForce]) -> list[tuple[GridForce, Kept]]:
    """Attach forces to grids, all or none. Raises RuleViolation naming the field."""
    check_grids({new.place_code: new.valid_from for new in forces})
    entries = []
    for new in forces:
        check_choice(new.kind, FORCE_KINDS, "kind")
        unit = check_words(new.unit, "unit", _("请填写单位。"), 80)
        values = {
            "post": new.post.strip(), "phone": check_office_phone(new.phone), "name_public": bool(new.name_public),
        }  # fmt: skip
        key = {"place_code": new.place_code, "kind": new.kind, "unit": unit, "name": new.name.strip()}
        entries.append(Entry(key, values, new.valid_from, ("kind", "unit")))
    return keep_many(actor, GridForce, entries, "grids.attach_force", KEEP)


@transaction.atomic
def set_line(
    *, actor: Actor, place_code: str, name: str, phone: str, valid_from: dt.date, hours: str = ""
) -> tuple[SupervisionLine, Kept]:
    """Set the supervision telephone of a street, a community or the district from a day on."""
    if not Area.objects.filter(code=place_code, ended_on=None).exclude(code="").exists():
        raise RuleViolation(_("没有代码为 %(code)s 的地方。") % {"code": place_code}, field="place_code")
    office = check_words(name, "name", _("请填写受理单位。"), 80)
    number = check_office_phone(phone)
    if not number:
        raise RuleViolation(_("请填写监督电话。"), field="phone")
    values = {"name": office, "phone": number, "hours": hours.strip()}
    entry = Entry({"place_code": place_code}, values, valid_from, ("phone",))
    return keep_many(actor, SupervisionLine, [entry], "grids.set_line", SET_LINES)[0]


@transaction.atomic
def list_work(
    *, actor: Actor, place_code: str, code: str, name: str, clause: str, valid_from: dt.date,
    is_grid_work: bool = True, elsewhere: str = "",
) -> tuple[GridWork, Kept]:  # fmt: skip
    """Put a line on the list of what grid work is, or is not, from a day on. Raises RuleViolation naming the field."""
    values = {
        "name": check_words(name, "name", _("请填写事项。"), 80), "is_grid_work": bool(is_grid_work),
        "elsewhere": elsewhere.strip(), "clause": check_words(clause, "clause", _("请写明依据。"), 200),
    }  # fmt: skip
    if is_grid_work and values["elsewhere"]:
        raise RuleViolation(_("属网格工作的，不再写由谁办。"), field="elsewhere")
    key = {"place_code": place_code, "code": check_words(code, "code", _("请填写代码。"), 40)}
    entry = Entry(key, values, valid_from, ("code", "name", "is_grid_work"))
    return keep_many(actor, GridWork, [entry], "grids.list_work", LIST_WORK)[0]


@transaction.atomic
def enrol_professionals(
    *, actor: Actor, professionals: Sequence[NewProfessional]
) -> list[tuple[Professional, Kept]]:
    """Enrol legal professionals, all or none. Raises RuleViolation naming the field."""
    check_places({new.place_code: new.valid_from for new in professionals})
    entries = []
    for new in professionals:
        check_choice(new.kind, PROFESSIONS, "kind")
        key = {
            "place_code": new.place_code, "kind": new.kind,
            "name": check_words(new.name, "name", _("请填写姓名。"), 40),
            "unit": check_words(new.unit, "unit", _("请填写单位。"), 80),
        }  # fmt: skip
        entries.append(Entry(key, {"phone": check_office_phone(new.phone)}, new.valid_from, ("kind", "unit")))
    return keep_many(actor, Professional, entries, "grids.enrol_professional", KEEP)


@transaction.atomic
def add_slots(*, actor: Actor, slots: Sequence[NewSlot]) -> list[RosterSlot]:
    """Say when professionals are in their community, all or none.

    Raises RuleViolation where the professional does not serve then, or is elsewhere at that time.
    """
    ids = {new.professional_id for new in slots}
    seen = policy_for(Professional).visible_to(actor).select_for_update(of=("self",)).filter(pk__in=ids)
    people = {row.pk: row for row in seen}
    for row in people.values():
        require_place(actor, KEEP, row.place_code)
    taken: dict[tuple[str, str, str], list[RosterSlot]] = defaultdict(list)
    names = {(row.kind, row.name, row.unit) for row in people.values()}
    standing = RosterSlot.objects.filter(professional__name__in={name for _kind, name, _unit in names})
    for slot in standing.select_related("professional"):
        taken[_who(slot.professional)].append(slot)
    made = []
    for new in slots:
        if new.professional_id not in people:
            raise NotVisible(_("没有找到这位专业人员。"), field="professional")
        row = _checked(new, people[new.professional_id])
        others = taken[_who(row.professional)]
        if hit := next((other for other in others if rules.clash(_times(row), _times(other))), None):
            raise RuleViolation(
                _("这位专业人员同一时间已经排在“%(venue)s”。") % {"venue": hit.venue}, field="starts"
            )
        others.append(row)
        made.append(row)
    RosterSlot.objects.bulk_create(made, batch_size=BATCH)
    record_many(actor, [Act("grids.add_slot", row, row.place_code, _told(row)) for row in made])
    return made


def _who(row: Professional) -> tuple[str, str, str]:
    """The same person in several places is several rows."""
    return row.kind, row.name, row.unit


def _times(row: RosterSlot) -> rules.Slot:
    return row.weekday, row.day, row.starts, row.ends, row.valid_from, row.valid_to


def _told(row: RosterSlot) -> dict[str, list[str | int | None]]:
    when = row.day.isoformat() if row.day else row.weekday
    return {"when": [None, when], "starts": [None, row.starts.isoformat("minutes")]}


def _checked(new: NewSlot, person: Professional) -> RosterSlot:
    if (new.weekday is None) == (new.day is None):
        raise RuleViolation(_("请选每周的星期，或者一个日期，只选一样。"), field="weekday")
    if new.weekday is not None:
        check_choice(new.weekday, WEEKDAYS, "weekday")
    check_day(new.day or new.valid_from, "day" if new.day else "valid_from")
    if new.ends <= new.starts:
        raise RuleViolation(_("止时须晚于起时。"), field="ends")
    since = new.day or new.valid_from
    until = since + dt.timedelta(days=1) if new.day else new.valid_to
    if until is not None and until <= since:
        raise RuleViolation(_("终止日期须晚于起始日期。"), field="valid_to")
    if not person.holds_on(since):
        raise RuleViolation(_("这位专业人员当天不在册。"), field="professional")
    return RosterSlot(
        place_code=person.place_code[:12], professional=person, weekday=new.weekday, day=new.day, starts=new.starts,
        ends=new.ends, venue=check_words(new.venue, "venue", _("请填写地点。"), 120), valid_from=since, valid_to=until,
    )  # fmt: skip


def end_force(*, actor: Actor, force_id: int, ended_on: dt.date) -> GridForce:
    """The force answers for the grid no longer from `ended_on` on."""
    return end_row(actor, GridForce, force_id, ended_on, "grids.end_force")


def end_line(*, actor: Actor, line_id: int, ended_on: dt.date) -> SupervisionLine:
    return end_row(actor, SupervisionLine, line_id, ended_on, "grids.end_line")


def end_work(*, actor: Actor, work_id: int, ended_on: dt.date) -> GridWork:
    """Take a line off the list: `ended_on` is the first day it is not on it."""
    return end_row(actor, GridWork, work_id, ended_on, "grids.end_work")


def end_slot(*, actor: Actor, slot_id: int, ended_on: dt.date) -> RosterSlot:
    return end_row(actor, RosterSlot, slot_id, ended_on, "grids.end_slot")


@transaction.atomic
def end_professional(*, actor: Actor, professional_id: int, ended_on: dt.date) -> Professional:
    """The professional serves here no longer from `ended_on` on; the times that run on end with it."""
    row = end_row(actor, Professional, professional_id, ended_on, "grids.end_professional")
    running = RosterSlot.objects.select_for_update().filter(professional=row, valid_from__lt=ended_on)
    for slot in running.exclude(valid_to__lte=ended_on):
        end_row(actor, RosterSlot, slot.pk, ended_on, "grids.end_slot")
    return row
