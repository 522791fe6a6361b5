"""Visits: in two taps, once, by who works the grid; corrected by the writer; forgotten in time."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.test import Client

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.audit.models import Entry
from doorstep.kernel.indicators.selectors import figures
from doorstep.kernel.people.erasure import erase_person
from doorstep.kernel.people.own_data import own_data
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import NotAllowed, NotVisible, RuleViolation
from doorstep.modules.grids import services
from doorstep.modules.grids.models import Visit
from doorstep.modules.grids.services import NewVisit
from tests.grids.world import FIRST, ONE, SECOND, SYSTEM, TODAY, TWO, World, person
from tests.sign_in import client_of


def noted(world: World, role: str = "worker", **more: Any) -> Visit:
    values: dict[str, Any] = {"place_code": FIRST, "visited_on": TODAY, "kind": "hazard"}
    return services.record_visit(actor=world.actor(role), new=NewVisit(**(values | more)))


def test_a_visit_needs_no_more_than_its_kind(world: World) -> None:
    row = noted(world)
    assert (row.worker_id, row.note, row.building_id) == (world.people["worker"].pk, "", None)
    assert Entry.objects.filter(action="grids.visit_noted", target_id=str(row.pk)).count() == 1


def test_no_place_for_a_position_a_picture_or_a_duration() -> None:
    names = {field.name for field in Visit._meta.get_fields()}
    assert not names & {
        "longitude",
        "latitude",
        "position",
        "track",
        "photo",
        "picture",
        "started_at",
        "minutes",
    }


def test_sent_twice_it_is_kept_once(world: World) -> None:
    token = uuid.uuid4()
    assert noted(world, token=token).pk == noted(world, token=token).pk
    assert Visit.objects.count() == 1


@pytest.mark.parametrize(
    ("more", "field"),
    [({"kind": "spying"}, "kind"), ({"visited_on": TODAY + dt.timedelta(days=1)}, "visited_on"),
     ({"visited_on": TODAY - dt.timedelta(days=61)}, "visited_on"), ({"note": "字" * 501}, "note"),
     ({"note": "找他 13800000001"}, "note")],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field(world: World, more: dict[str, Any], field: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        noted(world, **more)
    assert refused.value.field == field


def test_a_building_of_another_grid_is_refused(world: World) -> None:
    with pytest.raises(RuleViolation):
        noted(world, building_id=world.buildings[SECOND].pk)
    assert noted(world, building_id=world.buildings[FIRST].pk).building == world.buildings[FIRST]


@pytest.mark.parametrize(
    ("role", "refusal"),
    [("outsider", NotVisible), ("department", NotAllowed), ("resident", NotVisible), ("street", NotAllowed)],
)
def test_who_does_not_work_there_notes_nothing(world: World, role: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        noted(world, role)


def test_a_worker_notes_in_own_grids_alone_and_for_nobody_else(world: World) -> None:
    with pytest.raises(NotVisible):
        noted(world, place_code=SECOND)
    with pytest.raises(NotAllowed):
        noted(world, worker_id=world.people["deputy"].pk)
    with pytest.raises(NotVisible):
        noted(world, person_id=person("演示外人", TWO).pk)


def test_words_are_seen_over_the_grid_alone(world: World) -> None:
    row = noted(world, note="楼道有杂物")
    seen = {
        role: policy_for(Visit).visible_to(world.actor(role)).filter(pk=row.pk).exists()
        for role in world.accounts
    }
    assert {role for role, sees in seen.items() if sees} == {
        "worker",
        "secretary",
        "deputy",
        "street",
        "district",
    }


def test_the_writer_corrects_within_a_week_and_nobody_else(world: World) -> None:
    row = noted(world, note="写错了")
    with pytest.raises(NotAllowed):
        services.correct_visit(actor=world.actor("secretary"), visit_id=row.pk, kind="hazard", note="")
    with pytest.raises(NotVisible):
        services.correct_visit(actor=world.actor("outsider"), visit_id=row.pk, kind="hazard", note="")
    services.correct_visit(actor=world.actor("worker"), visit_id=row.pk, kind="opinion", note="写对了")
    row.refresh_from_db()
    assert (row.kind, row.note) == ("opinion", "写对了")
    told = Entry.objects.get(action="grids.visit_corrected")
    assert "写错了" not in str(told.changes)
    with clock.fixed(TODAY + dt.timedelta(days=8)), pytest.raises(RuleViolation):
        services.correct_visit(actor=world.actor("worker"), visit_id=row.pk, kind="hazard", note="")


def test_a_person_sees_the_visits_and_is_forgotten_with_their_words(world: World) -> None:
    served = person("演示老人", FIRST)
    row = noted(world, person_id=served.pk, note="腿脚不便", door="1-101")
    sections = own_data(actor=Actor(account_id=1, person_id=served.pk))
    assert "腿脚不便" in str(sections)
    erase_person(actor=SYSTEM, person=served, ground="asked")
    row.refresh_from_db()
    assert (row.person_id, row.note, row.door, row.kind) == (None, "", "", "hazard")


def test_words_go_when_the_term_is_over_and_the_count_stays(world: World) -> None:
    old = noted(world, note="旧的", person_id=person("演示久", FIRST).pk)
    Visit.objects.filter(pk=old.pk).update(visited_on=dt.date(2024, 6, 14))
    new = noted(world, note="新的")
    Visit.objects.filter(pk=new.pk).update(visited_on=dt.date(2024, 6, 15))
    assert (services.forget_visits(), services.forget_visits()) == (1, 0)
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.note, old.person_id, new.note) == ("", None, "新的")
    assert old.erased_at is not None and Visit.objects.count() == 2


def test_months_before() -> None:
    assert services.months_before(dt.date(2026, 3, 31), 1) == dt.date(2026, 2, 28)
    assert services.months_before(dt.date(2026, 1, 15), 24) == dt.date(2024, 1, 15)


def test_figures_count_what_was_noted(world: World) -> None:
    noted(world)
    noted(world, visited_on=TODAY - dt.timedelta(days=2))
    found = {
        figure.key: figure.value
        for figure in figures(
            ONE, since=TODAY - dt.timedelta(days=1), keys=["grids.visits", "findings.grids.without_worker"]
        )
    }
    assert found == {"grids.visits": 1, "findings.grids.without_worker": 2}


def test_many_visits_cost_a_fixed_number_of_statements(
    world: World, django_assert_max_num_queries: Any
) -> None:
    news = [
        NewVisit(place_code=FIRST, visited_on=TODAY, kind="opinion", building_id=world.buildings[FIRST].pk)
        for _number in range(500)
    ]
    actor = world.actor("worker")
    with django_assert_max_num_queries(12):
        services.record_visits(actor=actor, visits=news)


def test_two_taps_on_the_phone(world: World) -> None:
    browser = client_of(world.accounts["worker"])
    assert (
        browser.get("/grids/visits/new/").url == f"/patrol/visit/?grid={FIRST}"
    )  # the phone's page has a queue
    text = browser.get("/patrol/visit/").content.decode()
    assert "第1网格" in text and 'value="hazard"' in text
    sent = {
        "grid": FIRST,
        "kind": "hazard",
        "note": "",
        "visited_on": "2026-06-15",
        "token": str(uuid.uuid4()),
    }
    for _twice in range(2):
        assert browser.post("/grids/visits/new/", sent).status_code == 302
    assert Visit.objects.count() == 1
    text = browser.get("/patrol/visit/").content.decode()
    assert "最近记下的" in text
    refused = browser.post("/grids/visits/new/", sent | {"note": "13800000001", "token": ""})
    assert refused.status_code == 422 and "13800000001" in refused.content.decode()


def test_whose_pages_these_are(world: World) -> None:
    row = noted(world)
    clients = {role: client_of(account) for role, account in world.accounts.items()}
    pages = "/grids/visits/new/", f"/desk/grids/visits/{row.pk}/correct/"
    status = {role: tuple(client.get(page).status_code for page in pages) for role, client in clients.items()}
    assert status == {
        "worker": (302, 200), "secretary": (200, 403), "deputy": (200, 403), "street": (404, 403), "district": (404, 403),
        "department": (404, 404), "property": (404, 404), "outsider": (200, 404), "resident": (404, 404),
    }  # fmt: skip
    assert Client().get("/grids/visits/new/").status_code == 302
    assert clients["worker"].get(f"/grids/visits/new/?grid={SECOND}").status_code == 404


def test_a_correction_by_its_page(world: World) -> None:
    row = noted(world)
    here = f"/desk/grids/visits/{row.pk}/correct/"
    assert (
        client_of(world.accounts["worker"]).post(here, {"kind": "opinion", "note": "改"}).status_code == 302
    )
    row.refresh_from_db()
    assert row.note == "改"


def test_my_grids_stand_among_my_work(world: World) -> None:
    from doorstep.modules.grids.work import own_grids

    items, total = own_grids(world.actor("worker"), TODAY, 5)
    assert [item.title for item in items] == ["第1网格"] and total == 1
    assert own_grids(world.actor("secretary"), TODAY, 5)[1] == 0
    assert "记一次走访" in client_of(world.accounts["worker"]).get("/desk/").content.decode()
