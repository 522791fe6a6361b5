"""Planning an event: its activity and what is its own in one step, who may, what is refused in words."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest

from doorstep.kernel.access.actors import ANONYMOUS
from doorstep.kernel.activities.models import Activity, Session
from doorstep.kernel.activities.services_attendance import confirm
from doorstep.kernel.audit.models import Entry
from doorstep.kernel.places.models import Compound
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Conflict, NotAllowed, NotVisible, Refused, RuleViolation
from doorstep.kernel.shared.names import name_keys
from doorstep.modules.culture import services
from doorstep.modules.culture.models import Event, Series
from doorstep.modules.culture.services import NewSession
from tests.culture.world import DAY, ONE, STREET, TODAY, TWO, World, at, new_event, plan, planned_session


def test_an_event_is_announced_with_its_times_series_and_programme(world: World) -> None:
    series = services.open_series(
        actor=world.actor("street"), place_code=STREET, name="多彩云集", valid_from=dt.date(2026, 1, 1)
    )
    own = {"series_id": series.pk, "hosts": " 演示合唱团 ", "programme": "合唱\r\n快板"}
    event = plan(world, own=own)
    assert (event.hosts, event.programme, event.series, event.place_code) == (
        "演示合唱团",
        "合唱\n快板",
        series,
        ONE,
    )
    session = Session.objects.get(activity=event.activity_id)
    assert (session.kind, session.category, session.day, session.state) == (
        "event",
        "feast",
        TODAY + DAY,
        "announced",
    )
    acts = set(Entry.objects.values_list("action", flat=True))
    assert {"activities.announced", "culture.planned", "culture.series_opened"} <= acts


def test_the_same_click_twice_is_one_event(world: World) -> None:
    key, new = uuid.uuid4(), new_event(world)
    actor = world.actor("secretary")
    first = services.plan_event(actor=actor, new=new, key=key)
    assert services.plan_event(actor=actor, new=new, key=key) == first
    assert (Activity.objects.count(), Event.objects.count()) == (1, 1)


def test_what_is_refused_leaves_nothing_behind(world: World) -> None:
    with pytest.raises(RuleViolation) as refused:
        plan(world, own={"programme": "甲" * 20_000})
    assert refused.value.field == "programme" and "1000" in str(refused.value.message)
    assert not Activity.objects.exists() and not Event.objects.exists()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"title": "名" * 20_000}, "title"), ({"title": "  "}, "title"), ({"title": "宴\x00会"}, "title"),
        ({"category": "banquet"}, "category"), ({"where": ""}, "where"), ({"text": "文" * 20_000}, "text"),
        ({"own": {"hosts": "人" * 201}}, "hosts"), ({"own": {"series_id": 10**9}}, "series"),
        ({"own": {"compound_id": 10**9}}, "compound"), ({"day": TODAY - DAY}, "starts_at"),
        ({"place_code": "999999999999"}, "place_code"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_at_its_field(world: World, changed: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refused:
        plan(world, **changed)
    assert refused.value.field == field


def test_mark_up_and_emoji_are_kept_as_they_were_written(world: World) -> None:
    event = plan(world, title="<b>百家宴</b>🎉", own={"programme": "<script>alert(1)</script>"})
    assert event.activity.title == "<b>百家宴</b>🎉" and event.programme == "<script>alert(1)</script>"


def test_a_series_or_compound_of_another_place_is_none(world: World) -> None:
    other = services.open_series(
        actor=world.actor("outsider"), place_code=TWO, name="百家宴", valid_from=dt.date(2026, 1, 1)
    )
    compound = Compound.objects.create(place_code=TWO + "001", **name_keys("演示小区"))
    for own, field in (({"series_id": other.pk}, "series"), ({"compound_id": compound.pk}, "compound")):
        with pytest.raises(RuleViolation) as refused:
            plan(world, own=own)
        assert refused.value.field == field


def test_who_may_plan(world: World) -> None:
    for who in ("secretary", "deputy", "street", "district"):
        assert plan(world, who)
    for who in ("resident", "outsider", "property"):
        with pytest.raises((NotVisible, NotAllowed)):
            plan(world, who)
    with pytest.raises((NotVisible, NotAllowed)):
        services.plan_event(actor=ANONYMOUS, new=new_event(world), key=uuid.uuid4())


def test_changing_words_and_series_counts_one_version(world: World) -> None:
    event = plan(world)
    actor, version = world.actor("secretary"), event.activity.lock_version
    changed = services.change_event(
        actor=actor, event_id=event.pk, expected_version=version, title="演示百家宴（改）", programme="合唱"
    )
    assert (changed.programme, Activity.objects.get().title) == ("合唱", "演示百家宴（改）")
    assert Activity.objects.get().lock_version == version + 1
    with pytest.raises(Conflict):
        services.change_event(actor=actor, event_id=event.pk, expected_version=version, programme="快板")
    services.change_event(actor=actor, event_id=event.pk, expected_version=version + 1, programme="快板")
    assert Activity.objects.get().lock_version == version + 2
    with pytest.raises(NotVisible):
        services.change_event(
            actor=world.actor("outsider"), event_id=event.pk, expected_version=version + 2, programme="x"
        )


def test_a_series_that_ended_stays_with_its_events(world: World) -> None:
    actor = world.actor("secretary")
    series = services.open_series(actor=actor, place_code=ONE, name="百家宴", valid_from=dt.date(2026, 1, 1))
    event = plan(world, own={"series_id": series.pk})
    services.end_series(actor=actor, series_id=series.pk, ended_on=TODAY)
    services.change_event(actor=actor, event_id=event.pk, expected_version=1, hosts="演示合唱团")
    assert Event.objects.get().series_id == series.pk
    with pytest.raises(RuleViolation):
        plan(world, own={"series_id": series.pk})


def test_a_series_is_there_once_and_may_come_again(world: World) -> None:
    actor = world.actor("secretary")
    series = services.open_series(actor=actor, place_code=ONE, name="百家宴", valid_from=dt.date(2026, 1, 1))
    with pytest.raises(Conflict):
        services.open_series(actor=actor, place_code=ONE, name=" 百家宴 ", valid_from=TODAY)
    services.end_series(actor=actor, series_id=series.pk, ended_on=TODAY)
    services.open_series(actor=actor, place_code=ONE, name="百家宴", valid_from=TODAY)
    assert Series.objects.in_force().count() == 1
    with pytest.raises(NotVisible):
        services.open_series(actor=world.actor("outsider"), place_code=ONE, name="别处", valid_from=TODAY)
    with pytest.raises(NotAllowed):
        services.open_series(actor=world.actor("worker"), place_code=ONE, name="网格", valid_from=TODAY)


def test_an_event_without_sign_up_is_confirmed_by_count(world: World) -> None:
    session = planned_session(world)
    with clock.fixed(TODAY + DAY):  # noon, an hour after the end
        actor = world.actor("secretary")
        with pytest.raises(RuleViolation) as refused:
            confirm(actor=actor, session_id=session.pk, expected_version=1)
        assert refused.value.field == "head_count"
        confirmed = confirm(actor=actor, session_id=session.pk, expected_version=1, head_count=120)
    assert (confirmed.state, confirmed.head_count) == ("confirmed", 120)


def test_an_event_may_have_many_times(world: World) -> None:
    times = [
        NewSession(starts_at=at(TODAY + n * 7 * DAY, 14), ends_at=at(TODAY + n * 7 * DAY, 16))
        for n in range(4)
    ]
    new = services.NewEvent(activity=new_event(world).activity, sessions=times)
    event = services.plan_event(actor=world.actor("secretary"), new=new, key=uuid.uuid4())
    assert list(Session.objects.filter(activity=event.activity_id).values_list("number", flat=True)) == [
        1,
        2,
        3,
        4,
    ]
