"""What legal professionals did and answered, and what of it everybody may see."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from doorstep.kernel.indicators.selectors import figures
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, RuleViolation
from doorstep.modules.grids import services_lists, services_roster
from doorstep.modules.grids.models_roster import LegalVisit, Professional, Question
from doorstep.modules.grids.services_lists import NewProfessional
from doorstep.modules.grids.services_roster import NewLegalVisit, NewQuestion
from tests.grids.world import ONE, TODAY, World
from tests.sign_in import client_of


@pytest.fixture
def judge(world: World) -> Professional:
    new = NewProfessional(
        place_code=ONE,
        kind="judge",
        name="演示法甲",
        unit="演示法院",
        phone="0411-80000040",
        valid_from=dt.date(2026, 1, 1),
    )
    return services_lists.enrol_professionals(actor=world.actor("secretary"), professionals=[new])[0][0]


def asked(world: World, judge: Professional, role: str = "secretary", **more: Any) -> Question:
    values: dict[str, Any] = {
        "professional_id": judge.pk, "answered_on": TODAY, "question": "押金不退怎么办", "answer": "先看合同。", "is_public": True,
    }  # fmt: skip
    new = NewQuestion(**(values | more))
    return services_roster.record_questions(actor=world.actor(role), questions=[new])[0][0]


def test_visits_are_counted_with_the_people_reached(world: World, judge: Professional) -> None:
    news = [
        NewLegalVisit(professional_id=judge.pk, visited_on=TODAY, topic=topic, people=people)
        for topic, people in (("讲座", 30), ("咨询", 12))
    ]
    services_roster.record_legal_visits(actor=world.actor("secretary"), visits=news)
    found = {
        figure.key: figure.value
        for figure in figures(ONE, keys=["grids.legal_visits", "grids.legal_people", "grids.professionals"])
    }
    assert found == {"grids.legal_visits": 2, "grids.legal_people": 42, "grids.professionals": 1}
    assert LegalVisit.objects.first().written_by_id == world.people["secretary"].pk  # type: ignore[union-attr]  # two were made


@pytest.mark.parametrize(
    ("more", "field"),
    [({"visited_on": TODAY + dt.timedelta(days=1)}, "visited_on"), ({"visited_on": dt.date(2025, 1, 1)}, "visited_on"),
     ({"people": -1}, "people"), ({"people": 5001}, "people"), ({"topic": ""}, "topic"),
     ({"topic": "找 210202199001011234 谈"}, "topic")],
)  # fmt: skip
def test_what_cannot_be_is_refused(
    world: World, judge: Professional, more: dict[str, Any], field: str
) -> None:
    values: dict[str, Any] = {"professional_id": judge.pk, "visited_on": TODAY, "topic": "讲座", "people": 3}
    with pytest.raises(RuleViolation) as refused:
        services_roster.record_legal_visits(
            actor=world.actor("secretary"), visits=[NewLegalVisit(**(values | more))]
        )
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("role", "refusal"),
    [("outsider", NotVisible), ("worker", (NotVisible, NotAllowed)), ("resident", NotVisible)],
)
def test_who_does_not_keep_the_roster_is_refused(
    world: World, judge: Professional, role: str, refusal: Any
) -> None:
    with pytest.raises(refusal):
        asked(world, judge, role)


def test_numbers_of_people_do_not_stand_in_questions(world: World, judge: Professional) -> None:
    for more in ({"question": "打 13800000001 没人接"}, {"answer": "联系 13800000001"}):
        with pytest.raises(RuleViolation):
            asked(world, judge, **more)


def test_the_public_page_shows_public_questions_and_times(world: World, judge: Professional) -> None:
    asked(world, judge)
    asked(world, judge, question="不公开的问题", is_public=False)
    text = Client().get(f"/grids/in/{ONE}/law/").content.decode()
    assert "押金不退怎么办" in text and "不公开的问题" not in text
    assert "演示法甲" in text and "0411-80000040" in text and "两周之内没有安排" in text
    assert Client().get("/grids/in/210202999999/law/").status_code == 404


def test_a_question_is_shown_and_hidden_by_who_keeps_it(world: World, judge: Professional) -> None:
    row = asked(world, judge, is_public=False)
    here = f"/desk/grids/questions/{row.pk}/publish/"
    assert client_of(world.accounts["outsider"]).get(here).status_code == 404
    assert client_of(world.accounts["worker"]).post(here, {"is_public": "yes"}).status_code in (403, 404)
    browser = client_of(world.accounts["secretary"])
    assert "公开这件咨询" in browser.get(here).content.decode()
    assert browser.post(here, {"is_public": "yes"}).status_code == 302
    row.refresh_from_db()
    assert row.is_public


def test_the_timetable_costs_a_fixed_number_of_queries(
    world: World, judge: Professional, django_assert_num_queries: Any
) -> None:
    from doorstep.modules.grids.selectors_roster import timetable

    asked(world, judge)
    with django_assert_num_queries(3):
        timetable(ONE, TODAY)
