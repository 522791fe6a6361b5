"""The two registers, as pages ask for them, and appointments coming in from a sheet."""

import pytest
from django.template import Context, Template

from doorstep.kernel.declarations.registers import ImportRow, register
from doorstep.kernel.organisations import services
from doorstep.kernel.organisations.importing import import_appointment
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.organisations.registers import answering_for, has_leader
from doorstep.kernel.people.models import Person
from doorstep.kernel.shared.errors import Refused, RuleViolation
from doorstep.kernel.web.register_pages.history import history_of
from tests.organisations import world
from tests.organisations.world import (
    COMMUNITY,
    GRID,
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
TODAY = day("2026-06-15")
SECRETARY = officer("community_secretary", COMMUNITY)


def row(**values) -> ImportRow:
    usual = {
        "person": "演示乙一", "phone": "", "unit": "演示居委会", "post": "grid_worker", "community": None, "valid_from": START,
        "valid_to": None, "places": f"{GRID}、{SECOND_GRID}", "full_time": None, "has_vote": None, "document": None,
    }  # fmt: skip
    return ImportRow(2, usual | values)


def test_appointments_by_the_place_they_answer_for():
    committee()
    import_appointment(SYSTEM, row(person=person("演示甲一").name, places=GRID))
    rows = register("appointments").visible(SECRETARY, TODAY, COMMUNITY)
    for place, found in ((GRID, 1), (COMMUNITY, 1), (STREET, 1), (SECOND_GRID, 0)):
        assert rows.filter(answering_for(place, TODAY), post="grid_worker").count() == found, place


def test_units_with_superior_and_leader_in_few_queries(django_assert_max_num_queries):
    top = party()
    units = [branch(f"演示支部{i}", superior_id=top.pk) for i in range(3)]
    services.appoint(
        actor=SYSTEM,
        person_id=person("演示甲一").pk,
        post="branch_secretary",
        unit_id=units[0].pk,
        valid_from=START,
    )
    found = register("units")
    with django_assert_max_num_queries(3):
        rows = list(found.visible(SECRETARY, TODAY, COMMUNITY).order_by(*found.order))
        found.prepare(rows, TODAY)
    told = {each.name: (each.superior_name, each.leader_name) for each in rows}
    assert told["演示支部0"] == ("演示社区党委", "演示甲一")
    assert told["演示支部1"] == ("演示社区党委", "")
    assert found.visible(SECRETARY, TODAY).filter(has_leader(True, TODAY)).count() == 1
    assert found.visible(SECRETARY, TODAY).filter(has_leader(False, TODAY)).count() == 3


def test_appointments_named_as_of_the_day(django_assert_max_num_queries):
    unit, who = committee(), person("演示乙一")
    services.appoint(
        actor=SYSTEM,
        person_id=who.pk,
        post="grid_worker",
        unit_id=unit.pk,
        valid_from=START,
        places=[GRID, SECOND_GRID],
    )
    services.rename_unit(
        actor=SYSTEM, unit_id=unit.pk, name="后来的名", effective_on=day("2026-01-01"), document="文"
    )
    found = register("appointments")
    with django_assert_max_num_queries(3):
        rows = list(found.visible(SECRETARY, TODAY))
        found.prepare(rows, TODAY)
    assert [(each.unit_name, each.place_codes) for each in rows] == [("后来的名", f"{GRID}、{SECOND_GRID}")]
    rows = list(found.visible(SECRETARY, day("2025-06-01")))
    found.prepare(rows, day("2025-06-01"))
    assert rows[0].unit_name == "演示居委会"


def test_a_row_is_added_once_then_unchanged_then_changed():
    committee()
    person("演示乙一")
    Person.objects.update(place_code=COMMUNITY)
    assert import_appointment(SECRETARY, row()) == "added"
    assert import_appointment(SECRETARY, row()) == "unchanged"
    assert import_appointment(SECRETARY, row(valid_to=day("2026-12-31"))) == "changed"
    assert import_appointment(SECRETARY, row(valid_to=day("2027-12-31"))) == "changed"
    assert import_appointment(SECRETARY, row()) == "unchanged"  # an older list does not bring back who leaves
    made = Appointment.objects.get()
    assert (made.valid_to, made.places.count(), made.full_time) == (day("2027-12-31"), 2, True)


@pytest.mark.parametrize(
    ("values", "field"),
    [({"places": GRID}, "places"), ({"full_time": False}, "full_time"), ({"document": "文"}, "document")],
)
def test_what_a_sheet_does_not_change_is_said(values, field):
    committee()
    person("演示乙一")
    Person.objects.update(place_code=COMMUNITY)
    import_appointment(SECRETARY, row())
    assert import_appointment(SECRETARY, row(places=f"{SECOND_GRID}，{GRID}", full_time=True)) == "unchanged"
    with pytest.raises(RuleViolation) as refused:
        import_appointment(SECRETARY, row(**values))
    assert refused.value.field == field and "要改请" in str(refused.value.message)


def test_a_person_not_known_is_registered_by_phone():
    committee()
    assert import_appointment(SECRETARY, row(phone="13800000001")) == "added"
    assert import_appointment(SECRETARY, row(phone="13800000001")) == "unchanged"
    assert Person.objects.get().name == "演示乙一"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "phone"),
        ({"unit": "没有的单位", "phone": "13800000001"}, "unit"),
        ({"places": "210202006011001", "phone": "13800000001"}, "places"),
        ({"valid_to": START, "phone": "13800000001"}, "valid_to"),
    ],
)
def test_a_refusal_names_the_column(values, field):
    committee()
    with pytest.raises(RuleViolation) as refusal:
        import_appointment(SECRETARY, row(**values))
    assert refusal.value.field == field
    assert not Appointment.objects.exists()


def test_a_sheet_cannot_reach_into_another_street():
    committee()
    with pytest.raises(Refused):
        import_appointment(officer("street_officer", world.NEIGHBOUR), row(phone="13800000001"))
    assert import_appointment(officer("street_officer", STREET), row(phone="13800000001")) == "added"


def test_a_units_life_reads_as_words(django_assert_max_num_queries):
    first, second = branch(), branch("演示第二支部")
    services.rename_unit(
        actor=SYSTEM, unit_id=second.pk, name="演示联合支部", effective_on=day("2025-03-01"), document="文2"
    )
    services.appoint(
        actor=SYSTEM,
        person_id=person("演示甲一").pk,
        post="branch_secretary",
        unit_id=second.pk,
        valid_from=START,
    )
    services.merge_units(
        actor=SYSTEM, unit_ids=[first.pk], into_id=second.pk, effective_on=day("2026-01-01"), document="文3"
    )
    text = Template("{% load organisations %}{% unit_life actor unit_id on %}")
    with django_assert_max_num_queries(5):
        page = text.render(Context({"actor": SECRETARY, "unit_id": second.pk, "on": TODAY}))
    for words in [
        "演示甲一",
        "党支部书记",
        "有单位并入",
        "演示第一支部",
        "文3",
        "更名",
        "演示联合支部",
        "文2",
        "成立",
    ]:
        assert words in page
    abroad = officer("community_secretary", world.ABROAD)
    assert "演示" not in text.render(Context({"actor": abroad, "unit_id": second.pk, "on": TODAY}))


def test_the_audit_of_a_unit_reads_as_words():
    top = party()
    unit = branch()
    services.move_unit(
        actor=SYSTEM, unit_id=unit.pk, superior_id=top.pk, effective_on=day("2026-06-15"), document="文1"
    )
    moved, founded = history_of([unit])
    assert {change.name for change in moved.changes} == {"上级", "生效日期"}
    assert {change.name for change in founded.changes} == {"名称", "地方", "类型", "生效日期"}
    assert (moved.action, moved.document) == ("调整", "文1")
