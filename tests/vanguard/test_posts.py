"""Posts, areas and projects: held by one person at a time, vacant where nobody holds them, and counted only when held."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest

from doorstep.kernel.activities import services as activities
from doorstep.kernel.activities.checks import NewActivity, NewSession
from doorstep.kernel.activities.services_attendance import Presence, confirm, tick
from doorstep.kernel.indicators.selectors import figures
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotVisible, RuleViolation
from doorstep.modules.vanguard import services
from doorstep.modules.vanguard.findings import long_vacant
from doorstep.modules.vanguard.models import Holding, Post
from doorstep.modules.vanguard.selectors import held_on, places_in_words, results_of, vacant
from doorstep.modules.vanguard.services import NewKept, Places
from tests.grids.world import BEGAN, FIRST, ONE, SECOND, TODAY, TWO, World
from tests.vanguard.world import HOUR, at, held, party, post

DAY = dt.timedelta(days=1)


def value(key: str) -> object:
    return next(each.value for each in figures("210202", on=TODAY) if each.indicator.key == key)


def test_a_post_held_by_nobody_is_vacant_and_does_not_count(world: World) -> None:
    row, empty = post(world), post(world, "空着的岗")
    held(world, row)
    assert list(held_on("post", TODAY)) == [row]
    assert list(vacant(TODAY)) == [empty]
    assert (value("vanguard.posts"), value("vanguard.vacant_posts")) == (1, 1)


def test_who_held_it_before_goes_when_it_is_given_to_another(world: World) -> None:
    row = post(world)
    first = held(world, row)
    second = held(world, row, "other", valid_from=TODAY)
    first.refresh_from_db()
    assert first.valid_to == TODAY and second.valid_to is None
    with pytest.raises(Conflict, match="正担任着"):
        held(world, row, "other", valid_from=TODAY)


def test_ended_in_time_it_was_held_until_then(world: World) -> None:
    row = post(world)
    holding = held(world, row)
    services.end_holding(actor=world.actor("secretary"), holding_id=holding.pk, ended_on=TODAY, reason="调走")
    assert list(held_on("post", TODAY - DAY)) == [row] and list(vacant(TODAY)) == [row]


def test_a_post_ends_with_its_holder(world: World) -> None:
    row = post(world)
    holding = held(world, row)
    services.end_kept(actor=world.actor("secretary"), what="post", pk=row.pk, ended_on=TODAY)
    holding.refresh_from_db()
    assert holding.valid_to == TODAY
    assert not Post.objects.in_force(TODAY).exists()


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"valid_from": BEGAN - DAY}, "valid_from"),
        ({"valid_to": BEGAN}, "valid_to"),
        ({"unit_id": 0}, "unit"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(world: World, more: dict, field: str) -> None:
    row = post(world)
    with pytest.raises(RuleViolation) as refused:
        held(world, row, **more)
    assert refused.value.field == field and not Holding.objects.exists()


def test_only_who_keeps_posts_there_does(world: World) -> None:
    row = post(world)
    given = {
        "what": "post", "pk": row.pk, "person_id": world.people["member"].pk, "unit_id": party(ONE, world), "valid_from": TODAY,
    }  # fmt: skip
    for role in ("outsider", "worker", "resident", "department"):
        with pytest.raises(NotVisible):
            services.give(actor=world.actor(role), **given)
    new = NewKept(place_code=TWO, name="别处", unit_id=party(ONE, world), valid_from=TODAY)
    with pytest.raises(NotVisible):
        services.set_up_post(actor=world.actor("secretary"), new=new, kind="service")


def area(world: World, **places: object):
    new = NewKept(place_code=ONE, name="演示责任区", unit_id=party(ONE, world), valid_from=BEGAN)
    return services.set_up_area(actor=world.actor("secretary"), new=new, places=Places(**places))


def test_an_area_is_its_places(world: World) -> None:
    row = area(world, codes=(FIRST, SECOND, FIRST))
    assert places_in_words([row])[row.pk].count("、") == 1
    services.give(
        actor=world.actor("secretary"), what="area", pk=row.pk, person_id=world.people["member"].pk,
        unit_id=party(ONE, world), valid_from=TODAY,
    )  # fmt: skip
    assert value("vanguard.responsibility_areas") == 1


@pytest.mark.parametrize(
    ("places", "said"),
    [({}, "至少选一处"), ({"codes": (f"{TWO}001",)}, "不在这个责任区"), ({"buildings": (9,)}, "没有找到")],
)
def test_an_area_lies_where_it_says(world: World, places: dict, said: str) -> None:
    with pytest.raises(RuleViolation, match=said):
        area(world, **places)


def test_a_building_of_another_community_is_no_part_of_it(world: World) -> None:
    beyond = next(building for code, building in world.buildings.items() if code.startswith(TWO))
    with pytest.raises(RuleViolation, match="不在这个责任区") as refused:
        area(world, buildings=(beyond.pk,))
    assert refused.value.field == "places"


def test_long_vacant_is_a_break_and_just_vacant_is_none(world: World) -> None:
    row, fresh = post(world), post(world, "新设的岗", valid_from=TODAY - 5 * DAY)
    holding = held(world, row)
    services.end_holding(
        actor=world.actor("secretary"), holding_id=holding.pk, ended_on=TODAY - 10 * DAY, reason="调走"
    )
    assert set(vacant(TODAY)) == {row, fresh} and not long_vacant(TODAY).exists()
    assert list(long_vacant(TODAY + 21 * DAY)) == [row]
    assert set(long_vacant(TODAY + 30 * DAY)) == {row, fresh}


def test_what_is_given_for_later_days_is_undone_before_it_ends(world: World) -> None:
    row = post(world)
    held(world, row, valid_from=TODAY + 10 * DAY)
    with pytest.raises(RuleViolation, match="已安排了人"):
        services.end_kept(actor=world.actor("secretary"), what="post", pk=row.pk, ended_on=TODAY)
    new = NewKept(place_code=ONE, name="演示项目", unit_id=party(ONE, world), valid_from=TODAY)
    with pytest.raises(RuleViolation, match="结束日期须在开始之后"):
        services.set_up_project(actor=world.actor("secretary"), new=new, aim="扶手", valid_to=TODAY)


def test_the_result_of_a_project_is_who_was_there(world: World) -> None:
    new = NewKept(place_code=ONE, name="演示项目", unit_id=party(ONE, world), valid_from=BEGAN)
    row = services.set_up_project(actor=world.actor("secretary"), new=new, aim="让老人出门有扶手")
    activity = activities.announce(
        actor=world.actor("secretary"), key=uuid.uuid4(),
        new=NewActivity(
            kind="vanguard", place_code=ONE, organiser_id=party(ONE, world), title="装扶手", where="三号楼", by_sign_up=False
        ),
        sessions=[NewSession(starts_at=at(13), ends_at=at(15))],
    )  # fmt: skip
    services.link_activity(actor=world.actor("secretary"), project_id=row.pk, activity_id=activity.pk)
    services.link_activity(actor=world.actor("secretary"), project_id=row.pk, activity_id=activity.pk)
    session = activity.sessions.get()
    assert results_of([row.pk])[row.pk].times == 0
    present = [
        Presence(person_id=world.people[who].pk, in_at=session.starts_at, out_at=session.ends_at)
        for who in ("member", "other")
    ]
    with clock.fixed(session.ends_at + HOUR):
        tick(actor=world.actor("secretary"), session_id=session.pk, present=present)
        session.refresh_from_db()
        confirm(actor=world.actor("secretary"), session_id=session.pk, expected_version=session.lock_version)
    result = results_of([row.pk])[row.pk]
    assert (result.sessions, result.times, result.people) == (1, 2, 2)
