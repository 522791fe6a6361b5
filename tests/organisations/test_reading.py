"""Reading as of a date, and who sees what."""

import pytest

from doorstep.kernel.access.actors import ANONYMOUS
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.declarations.indicators import Scope, indicator
from doorstep.kernel.organisations import selectors, services
from doorstep.kernel.organisations.models import Appointment, Unit, UnitLineage, UnitVersion
from doorstep.kernel.shared.errors import NotVisible
from tests.organisations import world
from tests.organisations.world import (
    ABROAD,
    COMMUNITY,
    GRID,
    NEIGHBOUR,
    SECOND_GRID,
    START,
    STREET,
    SYSTEM,
    branch,
    committee,
    day,
    officer,
    party,
    person,
)

pytestmark = pytest.mark.usefixtures("places")


def test_units_are_what_they_were_on_the_day():
    unit = branch()
    services.rename_unit(
        actor=SYSTEM, unit_id=unit.pk, name="新名", effective_on=day("2025-01-01"), document="文"
    )
    services.dissolve_unit(actor=SYSTEM, unit_id=unit.pk, effective_on=day("2026-01-01"), document="文")
    street = officer("street_officer", STREET)

    def names(text: str) -> list[str]:
        return [row.name for row in selectors.units_as_of(street, place_code=COMMUNITY, on=day(text))]

    assert [names(text) for text in ["2023-12-31", "2024-12-31", "2025-12-31", "2026-01-01"]] == [
        [], ["演示第一支部"], ["新名"], [],
    ]  # fmt: skip


def test_holders_of_many_units_in_one_query(django_assert_num_queries):
    units = [party(), branch()]
    for unit, post in zip(units, ["community_secretary", "branch_secretary"], strict=True):
        services.appoint(
            actor=SYSTEM, person_id=person(f"演示{post}").pk, post=post, unit_id=unit.pk, valid_from=START
        )
    held = Appointment.objects.get(post="branch_secretary")
    services.appoint_substitute(
        actor=SYSTEM,
        appointment_id=held.pk,
        person_id=person("演示代理").pk,
        valid_from=day("2026-06-01"),
        valid_to=day("2026-07-01"),
    )
    with django_assert_num_queries(1):
        found = selectors.holders_of([unit.pk for unit in units])
    assert [holder.name for holder in found[units[0].pk]] == ["演示community_secretary"]
    assert found[units[1].pk][0].acting.person.name == "演示代理"
    assert selectors.holders_of([units[1].pk], day("2026-07-01"))[units[1].pk][0].acting == held


def test_the_worker_of_a_grid():
    unit = committee()
    services.appoint(
        actor=SYSTEM,
        person_id=person("演示乙一").pk,
        post="grid_worker",
        unit_id=unit.pk,
        valid_from=START,
        places=[GRID, SECOND_GRID],
    )
    assert [holder.name for holder in selectors.holders_at(SECOND_GRID, "grid_worker")] == ["演示乙一"]
    assert selectors.holders_at(COMMUNITY, "grid_worker") == []


def test_superiors_and_what_stands_under():
    top = party()
    middle = branch(superior_id=top.pk)
    low = party("演示小组", kind="building_party_group", superior_id=middle.pk)
    assert [row.unit_id for row in selectors.chain_up(low.pk)] == [low.pk, middle.pk, top.pk]
    assert [row.name for row in selectors.directly_under([middle.pk])[middle.pk]] == ["演示小组"]
    assert selectors.chain_up(low.pk, day("2020-01-01")) == []


def test_a_unit_that_moved_away_keeps_its_history_in_the_street_it_left():
    unit = party(kind="company", place=COMMUNITY)
    services.move_unit(
        actor=SYSTEM, unit_id=unit.pk, place_code=ABROAD, effective_on=day("2026-01-01"), document="文"
    )
    left, entered = officer("street_officer", STREET), officer("street_officer", NEIGHBOUR)
    for actor in (left, entered):
        history = selectors.history_of(actor, unit.pk)
        assert [row.place_code for row in history.versions] == [ABROAD, COMMUNITY]
        assert [row.kind for row in history.lineage] == ["moved", "established"]
    assert not selectors.units_as_of(left).exists()
    with pytest.raises(NotVisible):
        selectors.history_of(officer("street_officer", "210202007"), unit.pk)


@pytest.mark.parametrize("model", [Unit, UnitVersion, UnitLineage, Appointment])
def test_who_sees_what(model):
    company = party("演示物业", kind="property_company", place=world.DISTRICT)
    department = party("演示局", kind="department", place=world.DISTRICT)
    services.appoint(
        actor=SYSTEM,
        person_id=person("演示丙一").pk,
        post="property_manager",
        unit_id=company.pk,
        valid_from=START,
        places=[COMMUNITY],
    )
    services.appoint(
        actor=SYSTEM,
        person_id=person("演示局员").pk,
        post="department_officer",
        unit_id=department.pk,
        valid_from=START,
    )
    services.appoint(
        actor=SYSTEM,
        person_id=person("演示甲一").pk,
        post="community_secretary",
        unit_id=party().pk,
        valid_from=START,
    )

    def count(actor) -> int:
        return policy_for(model).visible_to(actor).count()

    assert count(SYSTEM) == count(officer("district_officer", world.DISTRICT)) == 3
    assert count(officer("street_officer", NEIGHBOUR)) == count(ANONYMOUS) == 0
    assert count(officer("department_officer", world.DISTRICT, unit_id=department.pk)) == 1
    assert count(officer("property_manager", COMMUNITY, unit_id=company.pk)) == 1
    seen_by_secretary = 2 if model is Appointment else 1  # the manager's places lie in the community
    assert count(officer("community_secretary", COMMUNITY)) == seen_by_secretary


def test_a_persons_own_appointments():
    who = person("演示甲一")
    services.appoint(
        actor=SYSTEM, person_id=who.pk, post="community_secretary", unit_id=party().pk, valid_from=START
    )
    from doorstep.kernel.access.actors import Actor

    assert policy_for(Appointment).visible_to(Actor(account_id=5, person_id=who.pk)).count() == 1
    assert policy_for(Appointment).visible_to(Actor(account_id=6)).count() == 0


def test_grid_workers_are_counted_as_persons():
    unit, who = committee(), person("演示乙一")
    values = {"actor": SYSTEM, "post": "grid_worker", "unit_id": unit.pk}
    services.appoint(**values, person_id=who.pk, valid_from=START, places=[GRID, SECOND_GRID])
    services.appoint(
        **values, person_id=person("演示乙二").pk, valid_from=START, places=[GRID], full_time=False
    )
    services.appoint(
        **values, person_id=person("演示乙三").pk, valid_from=START, valid_to=day("2026-06-15"), places=[GRID]
    )
    figure = indicator("grids.workers")
    rows = figure.rows(Scope(COMMUNITY, day("2026-06-15"), START))
    assert rows.aggregate(value=figure.aggregate) == {"value": 1}


def test_thousands_in_seconds():
    """Three thousand units and as many appointments: the same rules, a fixed number of statements per thousand."""
    import time

    top = party()
    rows = [
        services.NewUnit(
            kind="grid_party_branch",
            name=f"演示支部{i}",
            place_code=COMMUNITY,
            founded_on=START,
            document="文",
            superior_id=top.pk,
        )
        for i in range(3000)
    ]
    started = time.perf_counter()
    units = services.found_units(actor=SYSTEM, units=rows)
    who = person("演示甲一")
    services.appoint_many(
        actor=SYSTEM,
        appointments=[
            services.NewAppointment(
                person_id=who.pk, post="branch_secretary", unit_id=unit.pk, valid_from=START
            )
            for unit in units
        ],
    )
    assert time.perf_counter() - started < 15
    assert UnitVersion.objects.count() == 3001
