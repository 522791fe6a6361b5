"""Appointments: posts, periods and places that fit; holders named where a post is taken."""

import pytest
from django.db import IntegrityError, transaction

from doorstep.kernel.organisations import selectors, services
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.organisations.services_bulk import NewAppointment, appoint_many
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, RuleViolation
from tests.organisations import world
from tests.organisations.world import (
    COMMUNITY,
    GRID,
    GRID_ABROAD,
    NEIGHBOUR,
    SECOND_GRID,
    SISTER,
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


def secretary(unit, who="演示甲一", start=START, end=None, actor=SYSTEM):
    return services.appoint(
        actor=actor,
        person_id=person(who).pk,
        post="community_secretary",
        unit_id=unit.pk,
        valid_from=start,
        valid_to=end,
    )


def worker(unit, *grids, start=START, who="演示乙一"):
    return services.appoint(
        actor=SYSTEM,
        person_id=person(who).pk,
        post="grid_worker",
        unit_id=unit.pk,
        valid_from=start,
        places=grids,
    )


def test_a_sole_post_has_one_holder_and_says_who():
    unit = party()
    secretary(unit, end=day("2026-12-31"))
    with pytest.raises(
        RuleViolation, match="社区党组织书记一职自 2024-01-01 起由演示甲一担任，至 2026-12-30 止"
    ):
        secretary(unit, "演示甲二", start=day("2026-06-01"))
    secretary(unit, "演示甲二", start=day("2026-12-31"))


def test_one_persons_same_post_does_not_overlap():
    unit, who = committee(), person("演示乙一")
    values = {"actor": SYSTEM, "person_id": who.pk, "post": "community_worker", "unit_id": unit.pk}
    services.appoint(**values, valid_from=START, valid_to=day("2025-01-01"))
    services.appoint(**values, valid_from=day("2025-01-01"))
    with pytest.raises(RuleViolation, match="演示乙一自 2025-01-01 起已任社区工作者"):
        services.appoint(**values, valid_from=day("2026-01-01"))


def test_a_substitute_ends_and_leaves_the_post_to_its_holder():
    unit = party()
    holder = secretary(unit)
    values = {"actor": SYSTEM, "appointment_id": holder.pk, "valid_from": day("2026-06-01")}
    with pytest.raises(RuleViolation, match="须写明截止日期"):
        services.appoint_substitute(**values, person_id=person("演示甲二").pk, valid_to=None)
    stand_in = services.appoint_substitute(
        **values, person_id=person("演示甲三").pk, valid_to=day("2026-09-01")
    )
    assert (stand_in.post, stand_in.substitute_for_id) == ("community_secretary", holder.pk)
    with pytest.raises(RuleViolation, match="这段时间已由演示甲三代理"):
        services.appoint_substitute(**values, person_id=person("演示甲四").pk, valid_to=day("2026-07-01"))
    services.end_appointment(actor=SYSTEM, appointment_id=holder.pk, on=day("2026-07-01"), reason="调离")
    stand_in.refresh_from_db()
    assert stand_in.valid_to == day("2026-07-01")
    secretary(unit, "演示甲五", start=day("2026-07-01"))


def test_a_substitute_takes_over_the_holders_places():
    holder = worker(committee(), GRID, SECOND_GRID)
    stand_in = services.appoint_substitute(
        actor=SYSTEM,
        appointment_id=holder.pk,
        person_id=person("演示乙二").pk,
        valid_from=day("2026-06-01"),
        valid_to=day("2026-07-01"),
    )
    assert [place.code for place in stand_in.places.order_by("code")] == [GRID, SECOND_GRID]


def test_a_colleague_stands_in_beside_the_own_grids_and_nobody_for_oneself():
    unit = committee()
    holder, colleague = worker(unit, GRID, who="演示乙三"), worker(unit, SECOND_GRID, who="演示乙四")
    values = {
        "actor": SYSTEM, "appointment_id": holder.pk, "valid_from": day("2026-06-01"), "valid_to": day("2026-07-01"),
    }  # fmt: skip
    with pytest.raises(RuleViolation, match="不能代理自己"):
        services.appoint_substitute(**values, person_id=holder.person_id)
    stand_in = services.appoint_substitute(**values, person_id=colleague.person_id)
    assert [place.code for place in stand_in.places.all()] == [GRID]
    with pytest.raises(RuleViolation, match="演示乙四自"):
        services.appoint_substitute(**values, person_id=colleague.person_id)


@pytest.mark.parametrize(
    ("grids", "words"),
    [
        ((), "至少一处"),
        ((COMMUNITY,), "不是网格代码"),
        ((GRID_ABROAD,), "不在这个单位的范围内"),
        ((COMMUNITY + "777",), "没有代码为"),
    ],
)
def test_a_grid_worker_answers_for_grids_of_the_community(grids, words):
    with pytest.raises(RuleViolation, match=words):
        worker(committee(), *grids)


def test_a_grid_that_did_not_exist_yet_is_nobodys():
    unit = committee(founded_on=day("2023-01-01"))
    with pytest.raises(RuleViolation, match="在 2023-05-01 不存在"):
        worker(unit, GRID, start=day("2023-05-01"))


def test_a_property_manager_answers_for_places_of_the_district():
    company = party("演示物业", kind="property_company", place=world.DISTRICT)
    values = {"actor": SYSTEM, "post": "property_manager", "unit_id": company.pk, "valid_from": START}
    row = services.appoint(**values, person_id=person("演示丙一").pk, places=[COMMUNITY, SISTER])
    assert (row.place_code, row.places.count()) == (COMMUNITY, 2)
    with pytest.raises(RuleViolation, match="太大"):
        services.appoint(**values, person_id=person("演示丙二").pk, places=[STREET])


def test_posts_belong_to_kinds_of_units_and_to_their_life():
    unit = branch()
    values = {"actor": SYSTEM, "person_id": person("演示丁一").pk, "unit_id": unit.pk}
    with pytest.raises(RuleViolation, match="网格党支部没有社区党组织书记"):
        services.appoint(**values, post="community_secretary", valid_from=START)
    with pytest.raises(RuleViolation, match="任职不能更早"):
        services.appoint(**values, post="branch_secretary", valid_from=day("2020-01-01"))
    with pytest.raises(RuleViolation, match="止日须晚于起日"):
        services.appoint(**values, post="branch_secretary", valid_from=START, valid_to=START)
    services.dissolve_unit(actor=SYSTEM, unit_id=unit.pk, effective_on=day("2026-07-01"), document="文")
    with pytest.raises(RuleViolation, match="须在此前结束"):
        services.appoint(**values, post="branch_secretary", valid_from=day("2026-02-01"))


def test_extending_meets_the_next_holder():
    unit = party()
    first = secretary(unit, end=day("2026-06-15"))
    secretary(unit, "演示甲二", start=day("2026-12-01"))
    services.extend_appointment(actor=SYSTEM, appointment_id=first.pk, valid_to=day("2026-12-01"))
    with pytest.raises(RuleViolation, match="由演示甲二担任"):
        services.extend_appointment(actor=SYSTEM, appointment_id=first.pk, valid_to=None)


def test_what_has_ended_is_not_extended():
    unit = party()
    row = secretary(unit, end=day("2026-06-14"))
    for wanted in (day("2026-07-01"), None):
        with pytest.raises(RuleViolation, match=r"至 2026-06-13 止，已经结束.*重新任命") as refused:
            services.extend_appointment(actor=SYSTEM, appointment_id=row.pk, valid_to=wanted)
        assert refused.value.page == f"/desk/units/{unit.pk}/appoint/"
    row.refresh_from_db()
    assert row.valid_to == day("2026-06-14")
    assert selectors.holders_of([unit.pk], day("2026-06-14")) == {}, (
        "who held the post that day stays answered"
    )


def test_other_places_from_a_day_on():
    old = worker(committee(), GRID)
    new = services.change_places(
        actor=SYSTEM, appointment_id=old.pk, places=[SECOND_GRID], effective_on=day("2026-07-01")
    )
    old.refresh_from_db()
    assert (old.valid_to, new.valid_from, new.place_code) == (
        day("2026-07-01"),
        day("2026-07-01"),
        SECOND_GRID,
    )


def test_what_has_not_begun_is_withdrawn_what_has_is_ended():
    unit = party()
    future = secretary(unit, start=day("2026-09-01"))
    services.withdraw_appointment(actor=SYSTEM, appointment_id=future.pk, on=day("2026-06-15"))
    assert not Appointment.objects.filter(pk=future.pk).exists()
    begun = secretary(unit)
    with pytest.raises(RuleViolation, match="已经开始"):
        services.withdraw_appointment(actor=SYSTEM, appointment_id=begun.pk, on=day("2026-06-15"))
    with pytest.raises(RuleViolation, match="请撤回任命"):
        services.end_appointment(actor=SYSTEM, appointment_id=begun.pk, on=START)


def test_three_administrations_three_people():
    platform = party("演示平台", kind="platform_administration", place=world.DISTRICT)
    who = person("演示戊一")
    values = {"actor": SYSTEM, "person_id": who.pk, "unit_id": platform.pk, "valid_from": START}
    services.appoint(**values, post="system_administrator")
    with pytest.raises(RuleViolation, match="一人只能任其一"):
        services.appoint(**values, post="audit_administrator")
    with pytest.raises(IntegrityError, match="appointment_one_administration"), transaction.atomic():
        Appointment.objects.create(
            person=who, unit=platform, post="audit_administrator", place_code=world.DISTRICT, valid_from=START
        )


def test_three_administrators_are_appointed_together():
    platform = party("演示平台", kind="platform_administration", place=world.DISTRICT)
    posts = ("system_administrator", "security_administrator", "audit_administrator")
    wanted = [
        NewAppointment(person_id=person(f"演示己{post}").pk, post=post, unit_id=platform.pk, valid_from=START)
        for post in posts
    ]
    assert len(appoint_many(actor=SYSTEM, appointments=wanted)) == 3


def test_who_appoints_whom():
    unit, workers = party(), committee()
    street, neighbour = officer("street_officer", STREET), officer("street_officer", NEIGHBOUR)
    community = officer("community_secretary", COMMUNITY)
    secretary(unit, end=day("2026-01-01"), actor=street)
    with pytest.raises(NotVisible):
        secretary(unit, "演示甲二", start=day("2026-01-01"), actor=neighbour)
    with pytest.raises(NotAllowed):
        secretary(unit, "演示甲三", start=day("2026-01-01"), actor=community)
    services.appoint(
        actor=community,
        person_id=person("演示乙一").pk,
        post="grid_worker",
        unit_id=workers.pk,
        valid_from=START,
        places=[GRID],
    )
    office = party("演示办事处", kind="street_office", place=STREET)
    with pytest.raises(NotAllowed):
        services.appoint(
            actor=street,
            person_id=person("演示己一").pk,
            post="street_officer",
            unit_id=office.pk,
            valid_from=START,
        )


def test_nobody_appoints_himself():
    unit, who = party(), person("演示甲一")
    street = officer("street_officer", STREET, person_id=who.pk)
    with pytest.raises(NotAllowed, match="本人"):
        services.appoint(
            actor=street, person_id=who.pk, post="community_secretary", unit_id=unit.pk, valid_from=START
        )


def test_many_at_once_name_the_row_at_fault_and_write_nothing():
    unit = committee()
    rows = [
        services.NewAppointment(
            person_id=person(f"演示乙{i}").pk,
            post="grid_worker",
            unit_id=unit.pk,
            valid_from=START,
            places=(GRID,),
        )
        for i in range(3)
    ]
    rows.append(
        services.NewAppointment(
            person_id=person("演示末").pk, post="grid_worker", unit_id=unit.pk, valid_from=START
        )
    )
    with pytest.raises(RuleViolation, match=r"第 4 行（演示末）：.*至少一处"):
        services.appoint_many(actor=SYSTEM, appointments=rows)
    assert not Appointment.objects.exists()
    assert len(services.appoint_many(actor=SYSTEM, appointments=rows[:3])) == 3


def test_a_person_outside_the_scope_is_not_appointed():
    unit, who = party(), person("演示外人", world.ABROAD)
    with pytest.raises(NotVisible, match="没有找到这个人"):
        services.appoint(
            actor=officer("street_officer", STREET),
            person_id=who.pk,
            post="community_secretary",
            unit_id=unit.pk,
            valid_from=START,
        )
    services.appoint(
        actor=officer("district_officer", world.DISTRICT),
        person_id=who.pk,
        post="community_secretary",
        unit_id=unit.pk,
        valid_from=START,
    )


def test_a_manager_of_two_communities_is_no_affair_of_one_alone():
    company = party("演示物业", kind="property_company")
    row = services.appoint(
        actor=SYSTEM, person_id=person("演示庚一").pk, post="property_manager", unit_id=company.pk,
        valid_from=START, valid_to=day("2027-01-01"), places=[COMMUNITY, SISTER],
    )  # fmt: skip
    one, street = officer("community_secretary", COMMUNITY), officer("street_officer", STREET)
    with pytest.raises(NotAllowed):
        services.end_appointment(actor=one, appointment_id=row.pk, on=day("2026-07-01"), reason="调离")
    with pytest.raises(NotAllowed):
        services.extend_appointment(actor=one, appointment_id=row.pk, valid_to=day("2027-06-01"))
    services.end_appointment(actor=street, appointment_id=row.pk, on=day("2026-07-01"), reason="调离")
    coming = services.appoint(
        actor=SYSTEM, person_id=person("演示庚二").pk, post="property_manager", unit_id=company.pk,
        valid_from=day("2028-01-01"), places=[COMMUNITY, SISTER],
    )  # fmt: skip
    with pytest.raises(NotAllowed):
        services.withdraw_appointment(actor=one, appointment_id=coming.pk, on=day("2026-06-15"))
    with pytest.raises(NotVisible):
        services.appoint(
            actor=one, person_id=person("演示庚三").pk, post="property_manager", unit_id=company.pk,
            valid_from=day("2026-01-01"), places=[COMMUNITY, SISTER],
        )  # fmt: skip
