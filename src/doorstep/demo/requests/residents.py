"""Residents of the demo district who report: a few in every grid, plainly made up."""

from __future__ import annotations

from django.db import transaction

from doorstep.demo.names import mobile, person_name
from doorstep.kernel.access.actors import Actor
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.services_bulk import NewPerson, register_people
from doorstep.kernel.places.models import Grid
from doorstep.kernel.shared.place_codes import within

FAMILIES = ("演示居", "演示邻")
OF_A_FAMILY = 3000
OF_A_GRID = 6
FIRST_NUMBER = 5200  # mobile numbers of the plans end long before


def name_of(number: int) -> str:
    family, first = divmod(number, OF_A_FAMILY)
    return person_name(first, FAMILIES[family])


@transaction.atomic
def settle_in(actor: Actor, district: str) -> int:
    """Register them, all or nobody; who is there already stays. Gives how many were new."""
    if Person.objects.filter(name=name_of(0)).exists():
        return 0
    grids = (
        Grid.objects.in_force()
        .filter(within("code", [district]))
        .order_by("code")
        .values_list("code", flat=True)
    )
    people = [
        NewPerson(name_of(number), code, mobile(FIRST_NUMBER + number))
        for number, code in enumerate(code for code in grids for _each in range(OF_A_GRID))
    ]
    return len(register_people(actor=actor, people=people))
