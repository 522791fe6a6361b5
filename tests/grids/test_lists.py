"""Forces, lines, the list of work, professionals and their times: dated, by who keeps them, in from Excel."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.declarations.registers import ImportRow, register
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, RuleViolation
from doorstep.modules.grids import rules, services_lists
from doorstep.modules.grids.models import GridForce, GridWork
from doorstep.modules.grids.models_roster import Professional, RosterSlot
from doorstep.modules.grids.selectors_roster import timetable
from doorstep.modules.grids.services_lists import NewForce, NewProfessional, NewSlot
from tests.grids.world import DISTRICT, FIRST, ONE, SECOND, TODAY, TWO, World
from tests.sign_in import client_of

NINE, ELEVEN, TEN = dt.time(9), dt.time(11), dt.time(10)
LATER = TODAY + dt.timedelta(days=10)


def force(**more: Any) -> NewForce:
    values: dict[str, Any] = {
        "place_code": FIRST,
        "kind": "police",
        "unit": "演示派出所",
        "valid_from": TODAY,
    }
    return NewForce(**(values | more))


def lawyer(world: World, place: str = ONE, since: dt.date = dt.date(2026, 1, 1)) -> Professional:
    new = NewProfessional(place_code=place, kind="lawyer", name="演示律甲", unit="演示律所", valid_from=since)
    return services_lists.enrol_professionals(actor=world.actor("street"), professionals=[new])[0][0]


def slot(person: Professional, **more: Any) -> NewSlot:
    values: dict[str, Any] = {
        "professional_id": person.pk, "starts": NINE, "ends": ELEVEN, "venue": "演示中心", "valid_from": TODAY, "weekday": 2,
    }  # fmt: skip
    return NewSlot(**(values | more))


def test_the_same_force_again_changes_nothing_and_another_telephone_begins_a_new_period(world: World) -> None:
    actor = world.actor("secretary")
    outcomes = [
        services_lists.attach_forces(actor=actor, forces=[new])[0][1]
        for new in (force(), force(), force(phone="110"), force(phone="0411-1", valid_from=LATER))
    ]
    assert outcomes == ["added", "unchanged", "changed", "changed"]
    first, second = GridForce.objects.order_by("valid_from")
    assert (first.valid_to, first.phone, second.phone) == (LATER, "110", "0411-1")
    assert Entry.objects.filter(action="grids.attach_force").count() == 3


@pytest.mark.parametrize(
    ("more", "field"),
    [({"phone": "13800000001"}, "phone"), ({"phone": "电话找他"}, "phone"), ({"unit": " "}, "unit"),
     ({"kind": "army"}, "kind"), ({"place_code": ONE + "999"}, "place_code"),
     ({"valid_from": dt.date(2018, 1, 1)}, "place_code")],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field(world: World, more: dict[str, Any], field: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        services_lists.attach_forces(actor=world.actor("secretary"), forces=[force(**more)])
    assert refused.value.field == field
    assert not GridForce.objects.exists()


@pytest.mark.parametrize(
    ("role", "refusal"),
    [("outsider", NotVisible), ("worker", NotAllowed), ("property", NotAllowed), ("resident", NotVisible)],
)
def test_who_does_not_keep_the_lists_is_refused(world: World, role: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        services_lists.attach_forces(actor=world.actor(role), forces=[force()])


def test_hundreds_of_forces_cost_a_fixed_number_of_statements(
    world: World, django_assert_max_num_queries: Any
) -> None:
    news, actor = [force(unit=f"演示单位{n}") for n in range(300)], world.actor("district")
    with django_assert_max_num_queries(12):
        services_lists.attach_forces(actor=actor, forces=news)
    assert GridForce.objects.count() == 300


def test_a_force_ends_once(world: World) -> None:
    row = services_lists.attach_forces(actor=world.actor("secretary"), forces=[force()])[0][0]
    with pytest.raises(NotVisible):
        services_lists.end_force(actor=world.actor("outsider"), force_id=row.pk, ended_on=LATER)
    services_lists.end_force(actor=world.actor("secretary"), force_id=row.pk, ended_on=LATER)
    for day in (LATER, TODAY):
        with pytest.raises(RuleViolation):
            services_lists.end_force(actor=world.actor("secretary"), force_id=row.pk, ended_on=day)


def test_what_grid_work_is_changes_from_a_day_on(world: World) -> None:
    actor = world.actor("district")
    known = GridWork.objects.get(code="not.enforcement")
    services_lists.list_work(
        actor=actor, place_code=DISTRICT, code="not.enforcement", name="行政执法", clause="演办〔2026〕1号", valid_from=LATER,
        is_grid_work=False, elsewhere="执法部门",
    )  # fmt: skip
    known.refresh_from_db()
    assert (
        known.valid_to == LATER and GridWork.objects.in_force(LATER).get(code=known.code).name == "行政执法"
    )
    with pytest.raises(NotAllowed):
        services_lists.list_work(
            actor=world.actor("street"), place_code=DISTRICT, code="x", name="x", clause="x", valid_from=TODAY
        )


def test_a_professional_is_in_one_place_at_a_time_also_across_communities(world: World) -> None:
    person = lawyer(world)
    elsewhere = services_lists.enrol_professionals(
        actor=world.actor("district"),
        professionals=[
            NewProfessional(
                place_code=TWO,
                kind="lawyer",
                name="演示律甲",
                unit="演示律所",
                valid_from=dt.date(2026, 1, 1),
            )
        ],
    )[0][0]
    services_lists.add_slots(actor=world.actor("secretary"), slots=[slot(person)])
    for new in (
        slot(person, starts=TEN, ends=dt.time(12)),
        slot(elsewhere),
        slot(elsewhere, weekday=None, day=dt.date(2026, 6, 17)),
    ):
        with pytest.raises(RuleViolation) as refused:
            services_lists.add_slots(actor=world.actor("district"), slots=[new])
        assert refused.value.field == "starts"
    services_lists.add_slots(
        actor=world.actor("district"), slots=[slot(elsewhere, starts=ELEVEN, ends=dt.time(12))]
    )


@pytest.mark.parametrize(
    ("more", "field"),
    [({"ends": NINE}, "ends"), ({"weekday": None}, "weekday"), ({"day": TODAY}, "weekday"), ({"weekday": 9}, "weekday"),
     ({"venue": ""}, "venue"), ({"valid_from": dt.date(2025, 1, 1)}, "professional")],
)  # fmt: skip
def test_times_that_cannot_be_are_refused(world: World, more: dict[str, Any], field: str) -> None:
    person = lawyer(world)
    with pytest.raises(RuleViolation) as refused:
        services_lists.add_slots(actor=world.actor("secretary"), slots=[slot(person, **more)])
    assert refused.value.field == field


def test_the_timetable_shows_the_next_fortnight_and_ends_with_the_professional(world: World) -> None:
    person = lawyer(world)
    once = slot(person, weekday=None, day=dt.date(2026, 6, 19), starts=TEN, ends=ELEVEN)
    services_lists.add_slots(actor=world.actor("secretary"), slots=[slot(person), once])
    days = [each.day.isoformat() for each in timetable(ONE, TODAY).sittings]
    assert days == ["2026-06-17", "2026-06-19", "2026-06-24"]
    services_lists.end_professional(
        actor=world.actor("secretary"), professional_id=person.pk, ended_on=dt.date(2026, 6, 20)
    )
    assert len(timetable(ONE, TODAY).sittings) == 2
    assert RosterSlot.objects.get(weekday=2).valid_to == dt.date(2026, 6, 20)


def test_times_clash_by_rule() -> None:
    week = (2, None, NINE, ELEVEN, TODAY, None)
    day = (None, dt.date(2026, 6, 17), NINE, TEN, dt.date(2026, 6, 17), None)
    assert rules.clash(week, day) and rules.clash(day, week) and rules.clash(day, day)
    assert not rules.clash(week, (3, None, NINE, ELEVEN, TODAY, None))
    assert not rules.clash(week, (2, None, ELEVEN, dt.time(12), TODAY, None))
    assert not rules.clash((2, None, NINE, ELEVEN, TODAY, dt.date(2026, 6, 17)), day)


def imported(key: str, actor: Any, **values: Any) -> str:
    importer = register(key).importer
    assert importer is not None and importer.row_service is not None
    known: dict[str, Any] = dict.fromkeys(column.key for column in importer.columns)
    return importer.row_service(actor, ImportRow(2, known | values))


def test_each_list_comes_in_from_excel_and_twice_is_once(world: World) -> None:
    secretary, district = world.actor("secretary"), world.actor("district")
    sheets: list[tuple[str, Any, dict[str, Any]]] = [
        ("grids.forces", secretary, {"place": FIRST, "kind": "fire", "unit": "演示消防站", "valid_from": TODAY}),
        ("grids.lines", district, {"place": DISTRICT, "name": "演示办", "phone": "0411-8000", "valid_from": TODAY}),
        ("grids.works", district, {"place": DISTRICT, "code": "is.demo", "name": "演示事项", "is_grid_work": True,
                                   "clause": "演办", "valid_from": TODAY}),
        ("grids.professionals", secretary, {"place": ONE, "kind": "judge", "name": "演示法甲", "unit": "演示法院",
                                            "valid_from": TODAY}),
        ("grids.slots", secretary, {"place": ONE, "name": "演示法甲", "weekday": "2", "starts": NINE, "ends": ELEVEN,
                                    "venue": "演示中心", "valid_from": TODAY}),
        ("grids.legal_visits", secretary, {"place": ONE, "name": "演示法甲", "visited_on": TODAY, "topic": "普法讲座",
                                           "people": 30}),
        ("grids.questions", secretary, {"place": ONE, "name": "演示法甲", "answered_on": TODAY, "question": "押金不退怎么办",
                                        "answer": "先协商，再调解。", "is_public": True}),
    ]  # fmt: skip
    for outcome in ("added", "unchanged"):
        assert [imported(key, actor, **values) for key, actor, values in sheets] == [outcome] * len(sheets)
    assert imported("grids.legal_visits", secretary, **(sheets[5][2] | {"people": 31})) == "changed"


def test_a_refused_row_names_its_column(world: World) -> None:
    for key, values, column in (
        (
            "grids.forces",
            {"place": ONE + "999", "kind": "fire", "unit": "演示", "valid_from": TODAY},
            "place",
        ),
        (
            "grids.legal_visits",
            {"place": ONE, "name": "没有这人", "visited_on": TODAY, "topic": "x", "people": 1},
            "name",
        ),
    ):
        with pytest.raises(RuleViolation) as refused:
            imported(key, world.actor("secretary"), **values)
        assert refused.value.field == column


@pytest.mark.parametrize("what", ["force", "line", "work", "professional", "slot", "legal_visit", "question"])
@pytest.mark.parametrize("role", ["secretary", "district", "worker", "outsider", "department", "resident"])
def test_the_page_to_add_is_for_who_keeps_the_list(world: World, what: str, role: str) -> None:
    keeps = (
        role in ("secretary", "outsider", "district") if what not in ("line", "work") else role == "district"
    )
    assert client_of(world.accounts[role]).get(f"/desk/grids/new/{what}/").status_code == (
        200 if keeps else 404
    )


def test_pages_add_and_end(world: World) -> None:
    browser = client_of(world.accounts["secretary"])
    sent = {"place_code": SECOND, "kind": "property", "unit": "演示物业", "valid_from": "2026-06-15"}
    assert browser.post("/desk/grids/new/force/", sent).status_code == 302
    assert browser.post("/desk/grids/new/force/", sent | {"phone": "13800000002"}).status_code == 422
    row = GridForce.objects.get()
    assert browser.post(f"/desk/grids/end/force/{row.pk}/", {"ended_on": "2026-06-16"}).status_code == 302
    assert client_of(world.accounts["outsider"]).get(f"/desk/grids/end/force/{row.pk}/").status_code == 404
    assert client_of(world.accounts["worker"]).get(f"/desk/grids/end/force/{row.pk}/").status_code == 404
    assert browser.get("/desk/grids/new/nothing/").status_code == 404
    assert browser.get("/desk/grids/new/force/?place=abc").status_code == 404
    lawyer(world)
    person = Professional.objects.get()
    sent = {"professional": str(person.pk), "weekday": "2", "starts": "9:00", "ends": "11:00", "venue": "演示中心",
            "valid_from": "2026-06-15"}  # fmt: skip
    assert browser.post("/desk/grids/new/slot/", sent).status_code == 302
    sent = {"professional": str(person.pk), "visited_on": "2026-06-15", "topic": "讲座", "people": "12"}
    assert browser.post("/desk/grids/new/legal_visit/", sent).status_code == 302
