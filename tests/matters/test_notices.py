"""Who hears of a step, in which words; and that it costs few queries."""

import pytest
from django.utils import translation

from doorstep.kernel.matters import services
from doorstep.kernel.matters.hearers import Told, hearers
from doorstep.kernel.matters.models import Notice, Participation
from doorstep.kernel.matters.notices import line_of, name_notices
from doorstep.kernel.shared import clock
from doorstep.launch import catalogue
from tests.matters.offices import appoint_cast
from tests.matters.world import opened, step


@pytest.fixture
def staffed(world):
    appoint_cast(world)
    return world


def told(world, matter, key):
    names = {person.pk: role for role, person in world.people.items()}
    rows = Notice.objects.filter(matter=matter, key=key)
    return {(names[row.person_id], row.part) for row in rows}


def test_an_opening_reaches_those_in_office_there_and_never_the_doer(staffed):
    matter = opened(staffed)
    assert told(staffed, matter, "open") == {
        ("worker", "holder"), ("second_worker", "holder"), ("community", "holder"),
    }  # fmt: skip


def test_an_opening_on_behalf_of_somebody_reaches_that_person(staffed):
    matter = opened(staffed, by="worker", source="worker")
    assert told(staffed, matter, "open") == {
        ("resident", "reporter"), ("second_worker", "holder"), ("community", "holder"),
    }  # fmt: skip


def test_a_grid_worker_of_another_grid_does_not_hear(staffed):
    matter = opened(staffed, place_code="210202005011002")
    assert told(staffed, matter, "open") == {("community", "holder")}


def test_each_step_reaches_the_parts_it_names(staffed):
    matter = opened(staffed)
    step(staffed, "street", matter, "dispatch", unit_id=staffed.department.pk)
    assert told(staffed, matter, "dispatch") == {("department", "asked")}
    step(staffed, "department", matter, "accept")
    assert told(staffed, matter, "accept") == {("resident", "reporter")}
    step(staffed, "department", matter, "handle", note="好了")
    step(staffed, "community", matter, "rework", internal="还不亮")
    assert told(staffed, matter, "rework") == {("department", "handler")}


def test_followers_hear_and_those_who_left_office_do_not(world):
    appoint_cast(world, but=("second_worker",))
    matter = opened(world)
    Participation.objects.create(
        matter=matter, part=Participation.FOLLOWS, person=world.people["neighbour"], at=clock.now()
    )
    step(world, "worker", matter, "accept")
    assert told(world, matter, "accept") == {("resident", "reporter"), ("neighbour", "follows")}
    assert ("second_worker", "holder") not in told(world, matter, "open")


def test_called_units_hear(staffed):
    matter = opened(staffed)
    Participation.objects.create(
        matter=matter, part=Participation.CALLED, unit=staffed.department, at=clock.now()
    )
    heard = hearers([Told(matter=matter, key="x", parts=("called",))])
    names = {person.pk: role for role, person in staffed.people.items()}
    assert {(names[person], part) for _one, person, part in heard} == {("department", "called")}


def test_one_person_hears_once_of_one_thing(staffed):
    matter = opened(staffed)
    Participation.objects.create(
        matter=matter, part=Participation.FOLLOWS, person=staffed.people["resident"], at=clock.now()
    )
    step(staffed, "worker", matter, "accept")
    assert Notice.objects.filter(matter=matter, key="accept", person=staffed.people["resident"]).count() == 1


def test_the_words_are_the_readers_language_and_nobodys_name(staffed):
    matter = opened(staffed, text="隔壁演示某某天天吵")
    step(staffed, "worker", matter, "accept", note="我来看看")
    notice = Notice.objects.get(matter=matter, key="accept")
    catalogue.compile_catalogue()
    with translation.override("zh-hans"):
        line = line_of(notice)
    assert line.startswith(
        f"您上报的 {matter.number}：接办。现在是「办理中」。接下来：办完后由他人核实。期限 "
    )
    with translation.override("en"):
        english = line_of(notice)
    assert matter.number in english and not any("一" <= letter <= "鿿" for letter in english)
    for text in (line, english):
        assert "演示" not in text and "我来看看" not in text


def test_a_key_has_one_wording():
    with pytest.raises(RuntimeError, match="two wordings"):
        name_notices({"open": "别的"})


def test_many_at_once_cost_no_more_queries(staffed, django_assert_num_queries):
    few, many = [opened(staffed) for _ in range(2)], [opened(staffed) for _ in range(40)]
    for matters in (few, many):
        tellings = [Told(matter=matter, key="x", parts=("holder", "reporter")) for matter in matters]
        with django_assert_num_queries(2):  # participants, officers
            assert len(hearers(tellings)) == len(matters) * 4
    dispatch = services.Inputs(unit_id=staffed.department.pk)
    services.apply_transitions(
        actor=staffed["street"], matter_ids=[matter.pk for matter in many], name="dispatch", inputs=dispatch
    )
    assert Notice.objects.filter(key="dispatch").count() == 40


def test_what_a_step_adds_for_telling(staffed, django_assert_max_num_queries):
    matter = opened(staffed)
    with django_assert_max_num_queries(17):
        step(staffed, "worker", matter, "accept")
    with django_assert_max_num_queries(16):
        opened(staffed)
