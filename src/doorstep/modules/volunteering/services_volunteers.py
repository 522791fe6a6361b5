"""Becoming a volunteer, changing what one offers, leaving; one or thousands by the same statements."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import require_place
from doorstep.kernel.audit.services import Act, record_many
from doorstep.kernel.people.models import Person
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, RuleViolation
from doorstep.modules.volunteering.books import volunteer_accounts
from doorstep.modules.volunteering.models import SKILLS, TIMES, Volunteer
from doorstep.modules.volunteering.policies import KEEP

YOUNGEST, OLDEST = 8, 110  # below eight the law knows no act of one's own (民法典 §20)


@dataclass(frozen=True, kw_only=True)
class NewVolunteer:
    person_id: int
    place_code: str
    born_in: int | None = None
    skills: tuple[str, ...] = ()
    times: tuple[str, ...] = ()
    registered_at: dt.datetime | None = None  # the platform alone enters an earlier one


@transaction.atomic
def register_volunteers(*, actor: Actor, volunteers: Sequence[NewVolunteer]) -> list[Volunteer]:
    """Register people as volunteers: oneself, or by who keeps volunteers at the place. All or none, in their order; who is
    one already is given back, also where somebody registers the same person meanwhile. A number stands for the person from
    then on, and two accounts are opened. Some statements, however many."""
    for new in volunteers:
        if actor.person_id != new.person_id:
            require_place(actor, KEEP, new.place_code)
        check_profile(new)
    try:
        with transaction.atomic():
            return _registered(actor, volunteers)
    except IntegrityError:
        return _registered(actor, volunteers)  # what was written meanwhile is seen now


def _registered(actor: Actor, volunteers: Sequence[NewVolunteer]) -> list[Volunteer]:
    people = {new.person_id for new in volunteers}
    if Person.objects.filter(pk__in=people, erased_at=None).count() != len(people):
        raise NotVisible(_("没有找到这个人。"))
    known = {row.person_id: row for row in Volunteer.objects.select_for_update().filter(person__in=people)}
    fresh = [new for new in {new.person_id: new for new in volunteers}.values() if new.person_id not in known]
    if any(new.registered_at for new in fresh) and not actor.is_system:
        raise NotAllowed(_("注册时间就是现在。"))
    numbers = _numbers([new.place_code for new in fresh])
    accounts = volunteer_accounts({number: new.person_id for number, new in zip(numbers, fresh, strict=True)})
    made = Volunteer.objects.bulk_create(
        Volunteer(
            person_id=new.person_id, place_code=new.place_code, number=number, born_in=new.born_in,
            skills=list(new.skills), times=list(new.times), registered_at=new.registered_at or clock.now(),
            points_id=accounts[number][0], minutes_id=accounts[number][1],
        )
        for number, new in zip(numbers, fresh, strict=True)
    )  # fmt: skip
    record_many(
        actor,
        [
            Act(
                "volunteering.registered",
                row,
                row.place_code,
                {"volunteer_number": [None, row.number]},
                person_ref=row.person_id,
            )
            for row in made
        ],
    )
    known |= {row.person_id: row for row in made}
    return [known[new.person_id] for new in volunteers]


def check_profile(new: NewVolunteer) -> None:
    """Raises RuleViolation naming the field."""
    if len(new.place_code) < 12:
        raise RuleViolation(_("请选所在的社区。"), field="place_code")
    year = clock.today().year
    if new.born_in is not None and not year - OLDEST <= new.born_in <= year - YOUNGEST:
        raise RuleViolation(_("出生年份不对：志愿者须年满 %d 岁。") % YOUNGEST, field="born_in")
    for codes, choices, field in ((new.skills, SKILLS, "skills"), (new.times, TIMES, "times")):
        if set(codes) - set(dict(choices)):
            raise RuleViolation(_("有一项不在可选范围内。"), field=field)


def _numbers(places: Sequence[str]) -> list[str]:
    """District code and a running number: says nothing about the person."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('volunteering_number') FROM generate_series(1, %s)", [len(places)])
        return [f"{place[:6]}{row[0]:08}" for place, row in zip(places, cursor.fetchall(), strict=True)]
