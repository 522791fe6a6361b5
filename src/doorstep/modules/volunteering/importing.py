"""One row of an office's sheet becomes a team, a force, a volunteer, a kind of service, by the same services as a form."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.declarations.registers import ImportRow, Outcome
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.organisations.selectors import units_as_of
from doorstep.kernel.organisations.services import change_office
from doorstep.kernel.people.selectors import persons_for, with_whole_number
from doorstep.kernel.people.services_bulk import NewPerson, register_people
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Refused, RuleViolation
from doorstep.modules.volunteering.models import SKILLS, TIMES, Team, Volunteer
from doorstep.modules.volunteering.services_lists import (
    NewBrand,
    NewForce,
    NewKind,
    brand_named,
    keep_brands,
    keep_forces,
    keep_kinds,
)
from doorstep.modules.volunteering.services_profile import change_profile
from doorstep.modules.volunteering.services_teams import TEAM, NewTeam, found_teams, keep_profile
from doorstep.modules.volunteering.services_volunteers import NewVolunteer, register_volunteers

_BETWEEN = re.compile(r"[\s,，、;；/]+")


def several(choices: Sequence[tuple[str, Any]]) -> Any:
    """A reader of a cell with several words or codes. It raises ValueError in the user's words."""

    def read(text: str) -> tuple[str, ...]:
        known = {str(name): code for code, name in choices} | {code: code for code, _name in choices}
        parts = [part for part in _BETWEEN.split(text.strip()) if part]
        if wrong := [part for part in parts if part not in known]:
            raise ValueError(_("“%(text)s”不在可选范围内：%(all)s。") % {"text": wrong[0], "all": "、".join(str(name) for _c, name in choices)})  # fmt: skip
        return tuple(dict.fromkeys(known[part] for part in parts))

    return read


skills_of, times_of = several(SKILLS), several(TIMES)


def _at(refusal: Refused, **columns: str) -> Refused:
    """The same refusal, at the column of the sheet that is called otherwise."""
    field = ({"place_code": "place"} | columns).get(refusal.field, refusal.field)
    return type(refusal)(refusal.message, field=field, clause=refusal.clause)


def federation_named(actor: Actor, name: str, place_code: str) -> int:
    """The federation of that name in the place's district, or its only one. Raises RuleViolation at "federation"."""
    rows = UnitVersion.objects.in_force().filter(
        kind="volunteer_federation", place_code__startswith=place_code[:6]
    )
    rows = rows.filter(name=name.strip()) if name.strip() else rows
    found = list(rows.values_list("unit", flat=True)[:2])
    if len(found) != 1:
        raise RuleViolation(_("没有找到这个志愿服务联合会，请写它的全称。"), field="federation")
    return int(found[0])


@transaction.atomic
def import_team(actor: Actor, row: ImportRow) -> Outcome:
    """A team is known by name and place; its profile and telephone are brought up to date. Applied twice: "unchanged"."""
    brand = None
    if row["brand"] and (brand := brand_named(row["brand"], row["place"])) is None:
        raise RuleViolation(_("没有名为“%s”的服务品牌，请先登记。") % row["brand"], field="brand")
    known = units_as_of(actor, kinds=[TEAM]).filter(name=row["name"].strip(), place_code=row["place"]).first()
    is_open = True if row["is_open"] is None else row["is_open"]
    try:
        if known is None:
            federation = federation_named(actor, row["federation"] or "", row["place"])
            new = NewTeam(
                name=row["name"], place_code=row["place"], founded_on=row["founded_on"], federation_id=federation,
                phone=row["phone"] or "", brand_id=brand.pk if brand else None, skills=row["skills"] or (),
                about=row["about"] or "", is_open=is_open,
            )  # fmt: skip
            found_teams(actor=actor, teams=[new])
            return "added"
        return _team_up_to_date(actor, known, row, brand.pk if brand else None, is_open)
    except Refused as refusal:
        raise _at(refusal, superior="federation") from refusal


def _team_up_to_date(
    actor: Actor, known: UnitVersion, row: ImportRow, brand_id: int | None, is_open: bool
) -> Outcome:
    """An empty cell says nothing of a team that is known."""
    outcome: Outcome = "unchanged"
    team = Team.objects.filter(unit=known.unit_id).first() or Team(unit_id=known.unit_id)
    wanted = {
        "skills": tuple(row["skills"] or team.skills), "about": (row["about"] or team.about).strip(),
        "brand_id": brand_id or team.brand_id, "is_open": team.is_open if row["is_open"] is None else is_open,
    }  # fmt: skip
    if team.pk is None or any(
        wanted[name] != (tuple(value) if isinstance(value, list) else value)
        for name, value in ((name, getattr(team, name)) for name in wanted)
    ):
        keep_profile(actor=actor, team_id=known.unit_id, **wanted)  # type: ignore[arg-type]  # each of its own type
        outcome = "changed"
    phone = (row["phone"] or "").strip()
    if phone and phone != known.phone:
        change_office(actor=actor, unit_id=known.unit_id, effective_on=clock.today(), phone=phone)
        outcome = "changed"
    return outcome


@transaction.atomic
def import_force(actor: Actor, row: ImportRow) -> Outcome:
    try:
        new = NewForce(
            place_code=row["place"], federation_id=federation_named(actor, row["federation"] or "", row["place"]),
            name=row["name"], field=row["field"], unit_name=row["unit_name"] or "", phone=row["phone"] or "",
            valid_from=row["valid_from"],
        )  # fmt: skip
        return keep_forces(actor=actor, forces=[new])[0][1]
    except Refused as refusal:
        raise _at(refusal) from refusal


@transaction.atomic
def import_kind(actor: Actor, row: ImportRow) -> Outcome:
    new = NewKind(
        place_code=row["place"], code=row["code"].strip(), name=row["name"], points_per_hour=row["points_per_hour"],
        risky=bool(row["risky"]), clause=row["clause"], valid_from=row["valid_from"],
    )  # fmt: skip
    try:
        return keep_kinds(actor=actor, kinds=[new])[0][1]
    except Refused as refusal:
        raise _at(refusal) from refusal


@transaction.atomic
def import_brand(actor: Actor, row: ImportRow) -> Outcome:
    new = NewBrand(
        place_code=row["place"], name=row["name"], story=row["story"] or "", valid_from=row["valid_from"]
    )
    try:
        return keep_brands(actor=actor, brands=[new])[0][1]
    except Refused as refusal:
        raise _at(refusal) from refusal


@transaction.atomic
def import_volunteer(actor: Actor, row: ImportRow) -> Outcome:
    """A person is known by telephone where one is given, else by name at the place; who is not known is registered first.
    Raises RuleViolation where a name fits several."""
    try:
        person_id = _person(actor, row)
        known = Volunteer.objects.filter(person=person_id).first()
        if known is None:
            new = NewVolunteer(
                person_id=person_id, place_code=row["place"], born_in=_year(row["born_in"]), skills=row["skills"] or (),
                times=row["times"] or (),
            )  # fmt: skip
            register_volunteers(actor=actor, volunteers=[new])
            return "added"
        if known.left_on is not None:
            raise RuleViolation(_("这位志愿者已经退出，重新加入由本人办。"), field="name")
        before = known.lock_version
        after = change_profile(
            actor=actor, volunteer_id=known.pk, expected_version=before, place_code=row["place"],
            born_in=_year(row["born_in"]) or known.born_in, skills=tuple(row["skills"] or known.skills),
            times=tuple(row["times"] or known.times),
        )  # fmt: skip
        return "unchanged" if after.lock_version == before else "changed"
    except Refused as refusal:
        raise _at(refusal) from refusal


def _year(value: Any) -> int | None:
    return None if value is None else int(value)


def _person(actor: Actor, row: ImportRow) -> int:
    name, phone = row["name"].strip(), (row["phone"] or "").strip()
    rows = persons_for(actor).filter(name=name, erased_at=None)
    condition = with_whole_number(phone) if phone else None
    rows = (
        rows.filter(condition) if condition is not None else rows.filter(place_code__startswith=row["place"])
    )
    found = list(rows.values_list("pk", flat=True)[:2])
    if len(found) > 1:
        raise RuleViolation(_("这里有几位“%s”，请加上手机号。") % name, field="phone")
    if found:
        return int(found[0])
    made = register_people(actor=actor, people=[NewPerson(name, row["place"], phone)])
    return made[0].pk
