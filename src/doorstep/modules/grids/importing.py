"""One row of an office's sheet becomes a force, a line, a professional, a time, a visit, by the same services as a form."""

from __future__ import annotations

import datetime as dt
import re

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.declarations.registers import ImportRow, Outcome
from doorstep.kernel.places.models import Compound
from doorstep.kernel.shared.errors import Refused, RuleViolation
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.grids.models_roster import Professional, RosterSlot
from doorstep.modules.grids.services_difficulty import NewDifficulty, set_difficulties
from doorstep.modules.grids.services_lists import (
    NewForce,
    NewProfessional,
    NewSlot,
    add_slots,
    attach_forces,
    enrol_professionals,
    list_work,
    set_line,
)
from doorstep.modules.grids.services_roster import (
    NewLegalVisit,
    NewQuestion,
    record_legal_visits,
    record_questions,
)

_TIME = re.compile(r"(\d{1,2})[:：点时.](\d{0,2})分?(?::\d\d)?")


def time_of(text: str) -> dt.time:
    """ "9:00", "9：30", "9点" or "14点30分". Raises ValueError with the user's words."""
    match = _TIME.fullmatch(text.strip())
    if match is None or int(match[1]) > 23 or int(match[2] or 0) > 59:
        raise ValueError(_("时间应写成 9:00 或 14:30。"))
    return dt.time(int(match[1]), int(match[2] or 0))


def _at(refusal: Refused, column: str = "place") -> Refused:
    """The same refusal, at the column of the sheet that is called otherwise."""
    field = {"place_code": column, "professional": "name"}.get(refusal.field, refusal.field)
    return type(refusal)(refusal.message, field=field, clause=refusal.clause)


@transaction.atomic
def import_force(actor: Actor, row: ImportRow) -> Outcome:
    new = NewForce(
        place_code=row["place"], kind=row["kind"], unit=row["unit"], valid_from=row["valid_from"],
        name=row["name"] or "", post=row["post"] or "", phone=row["phone"] or "", name_public=bool(row["name_public"]),
    )  # fmt: skip
    try:
        return attach_forces(actor=actor, forces=[new])[0][1]
    except Refused as refusal:
        raise _at(refusal) from refusal


@transaction.atomic
def import_line(actor: Actor, row: ImportRow) -> Outcome:
    try:
        return set_line(
            actor=actor, place_code=row["place"], name=row["name"], phone=row["phone"], hours=row["hours"] or "",
            valid_from=row["valid_from"],
        )[1]  # fmt: skip
    except Refused as refusal:
        raise _at(refusal) from refusal


@transaction.atomic
def import_work(actor: Actor, row: ImportRow) -> Outcome:
    try:
        return list_work(
            actor=actor, place_code=row["place"], code=row["code"], name=row["name"], clause=row["clause"],
            valid_from=row["valid_from"], is_grid_work=row["is_grid_work"], elsewhere=row["elsewhere"] or "",
        )[1]  # fmt: skip
    except Refused as refusal:
        raise _at(refusal) from refusal


@transaction.atomic
def import_professional(actor: Actor, row: ImportRow) -> Outcome:
    new = NewProfessional(
        place_code=row["place"], kind=row["kind"], name=row["name"], unit=row["unit"], phone=row["phone"] or "",
        valid_from=row["valid_from"],
    )  # fmt: skip
    try:
        return enrol_professionals(actor=actor, professionals=[new])[0][1]
    except Refused as refusal:
        raise _at(refusal) from refusal


@transaction.atomic
def import_slot(actor: Actor, row: ImportRow) -> Outcome:
    """A time; the same time of the same person again is "unchanged"."""
    since = row["day"] or row["valid_from"]
    weekday = int(row["weekday"]) if row["weekday"] else None
    if since is None:
        raise RuleViolation(_("每周的时间要写起用日期。"), field="valid_from")
    person = _professional(actor, row, since)
    same = RosterSlot.objects.in_force(since).filter(
        professional=person, weekday=weekday, day=row["day"], starts=row["starts"], ends=row["ends"],
        venue=row["venue"].strip(),
    )  # fmt: skip
    if same.exists():
        return "unchanged"
    new = NewSlot(
        professional_id=person.pk, starts=row["starts"], ends=row["ends"], venue=row["venue"], valid_from=since,
        weekday=weekday, day=row["day"],
    )  # fmt: skip
    try:
        add_slots(actor=actor, slots=[new])
    except Refused as refusal:
        raise _at(refusal) from refusal
    return "added"


@transaction.atomic
def import_legal_visit(actor: Actor, row: ImportRow) -> Outcome:
    person = _professional(actor, row, row["visited_on"])
    new = NewLegalVisit(
        professional_id=person.pk, visited_on=row["visited_on"], topic=row["topic"], people=row["people"]
    )
    try:
        return record_legal_visits(actor=actor, visits=[new])[0][1]
    except Refused as refusal:
        raise _at(refusal) from refusal


@transaction.atomic
def import_question(actor: Actor, row: ImportRow) -> Outcome:
    person = _professional(actor, row, row["answered_on"])
    new = NewQuestion(
        professional_id=person.pk, answered_on=row["answered_on"], question=row["question"], answer=row["answer"],
        is_public=bool(row["is_public"]),
    )  # fmt: skip
    try:
        return record_questions(actor=actor, questions=[new])[0][1]
    except Refused as refusal:
        raise _at(refusal) from refusal


@transaction.atomic
def import_difficulty(actor: Actor, row: ImportRow) -> Outcome:
    name = row["compound"].strip()
    rows = Compound.objects.filter(within("place_code", [row["place"]]), name=name)
    found = list(rows.values_list("pk", flat=True)[:2])
    if not found:
        raise RuleViolation(_("这个社区没有名为“%s”的小区楼院。") % name, field="compound")
    if len(found) > 1:
        raise RuleViolation(_("这个社区有几个“%s”，请在页面上登记。") % name, field="compound")
    new = NewDifficulty(
        compound_id=found[0], factor=float(row["factor"]), reason=row["reason"], valid_from=row["valid_from"]
    )
    try:
        return set_difficulties(actor=actor, difficulties=[new])[0][1]
    except Refused as refusal:
        raise _at(refusal) from refusal


def _professional(actor: Actor, row: ImportRow, on: dt.date) -> Professional:
    """By place, name and kind, in force on the day. Raises RuleViolation at the name."""
    rows = (
        policy_for(Professional).visible_to(actor).filter(place_code=row["place"], name=row["name"].strip())
    )
    if row["kind"]:
        rows = rows.filter(kind=row["kind"])
    found = [each for each in rows.order_by("pk") if each.holds_on(on)]
    if not found:
        raise RuleViolation(_("这个地方的三官一律名册里当天没有“%s”。") % row["name"].strip(), field="name")
    if len(found) > 1:
        raise RuleViolation(_("有几位“%s”，请写明类别。") % row["name"].strip(), field="kind")
    return found[0]
