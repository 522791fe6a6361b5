"""Registers of events: Excel in and out, what waits, figures with their rows, breaks."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from doorstep.kernel.activities.models import Session
from doorstep.kernel.declarations.findings import finding
from doorstep.kernel.declarations.registers import ImportRow, register
from doorstep.kernel.declarations.work import all_providers
from doorstep.kernel.indicators.selectors import figure
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import Refused
from doorstep.modules.culture import services_feedback, services_money, services_pictures
from doorstep.modules.culture.models import Event, Feedback, Series
from tests.culture.world import DAY, ONE, STREET, TODAY, TWO, World, held, plan, planned_session, purse
from tests.matters.uploads import photo, upload
from tests.sign_in import client_of

EVENT_ROW = {
    "place": ONE, "organiser": None, "title": "演示百家宴", "category": "feast", "series": None, "day": TODAY - 300 * DAY,
    "starts": dt.time(10), "ends": dt.time(13), "where": "演示广场", "hosts": "演示合唱团", "programme": None, "text": None,
    "by_sign_up": None, "capacity": None, "is_public": None, "head_count": 120,
}  # fmt: skip


def imported(world: World, who: str = "secretary", key: str = "culture.events", **changed: Any) -> Any:
    importer = register(key).importer
    assert importer is not None and importer.row_service is not None
    return importer.row_service(world.actor(who), ImportRow(1, EVENT_ROW | changed))


def test_an_offices_list_comes_in_with_head_counts_and_once(world: World) -> None:
    assert imported(world) == "added"
    session = Session.objects.get()
    assert (session.state, session.head_count, session.activity.cultural_event.hosts) == (
        "confirmed",
        120,
        "演示合唱团",
    )
    assert session.activity.is_public and not session.activity.by_sign_up
    assert imported(world) == "unchanged"
    assert imported(world, day=TODAY + DAY, head_count=None) == "added"
    assert Session.objects.latest("pk").state == "announced"
    assert Event.objects.count() == 2


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"head_count": 0}, "head_count"), ({"head_count": None}, "day"), ({"day": TODAY + DAY}, "head_count"),
        ({"organiser": "没有的单位"}, "organiser"), ({"series": "没有的系列"}, "series"), ({"title": "名" * 20_000}, "title"),
        ({"place": TWO}, "organiser"), ({"day": dt.date(1999, 1, 1)}, "day"),
    ],
)  # fmt: skip
def test_a_wrong_row_is_refused_at_its_column(world: World, changed: dict[str, Any], field: str) -> None:
    if "place" in changed:
        changed = changed | {"organiser": "演示居委会001"}
    with pytest.raises(Refused) as refused:
        imported(world, **changed)
    assert refused.value.field == field and not Event.objects.exists()


def test_series_come_in(world: World) -> None:
    row = {"place": STREET, "name": "多彩云集", "about": "每月一次", "valid_from": dt.date(2026, 1, 1)}
    for about, outcome in (
        ("每月一次", "added"),
        ("每月一次", "unchanged"),
        ("每周一次", "changed"),
        (None, "unchanged"),
    ):
        assert imported(world, "street", "culture.series", **(row | {"about": about})) == outcome
    assert Series.objects.get().about == "每周一次"
    assert imported(world, series="多彩云集") == "added"
    assert Event.objects.get().series == Series.objects.get()


def test_registers_open_and_leave(world: World) -> None:
    session, money = held(world), purse(world, 10_000)
    event = session.activity.cultural_event
    services_money.spend(
        actor=world.actor("secretary"),
        event_id=event.pk,
        purse_id=money.pk,
        what="食材",
        fen=1_234,
        voucher="演凭1",
        day=TODAY,
    )
    services_pictures.add_picture(
        actor=world.actor("secretary"), session_id=session.pk, upload=upload("a.jpg", photo())
    )
    services_feedback.give_feedback(
        actor=world.actor("resident"), session_id=session.pk, grade=5, words="热闹", was_there=True
    )
    Series.objects.create(place_code=ONE, name="多彩云集", valid_from=TODAY)
    client = client_of(world.accounts["secretary"])
    said = {
        "events": "演示百家宴", "series": "多彩云集", "purses": "87.66", "grants": "演财〔2026〕1号", "costs": "12.34",
        "pictures": "没有写明同意", "feedback": "热闹",
    }  # fmt: skip
    for key, words in said.items():
        page = client.get(f"/desk/r/culture.{key}/?place={ONE}")
        assert page.status_code == 200 and words in page.content.decode(), key
        assert "演示居民" not in page.content.decode()
    for key in ("pictures", "feedback", "events"):
        assert client.get(f"/desk/r/culture.{key}/?waiting=yes").status_code == 200
    sheet = client.get(f"/desk/r/culture.costs/export.csv?place={ONE}")
    assert sheet.status_code == 200


def test_a_day_begins_at_midnight_in_the_district(world: World) -> None:
    """At half past midnight it is still the day before in Greenwich."""
    session = held(world)
    services_feedback.give_feedback(
        actor=world.actor("resident"), session_id=session.pk, grade=5, words="半夜写的", was_there=True
    )
    client = client_of(world.accounts["secretary"])
    for at, found in ((dt.timedelta(minutes=30), True), (dt.timedelta(minutes=-30), False)):
        Feedback.objects.update(at=clock.midnight(TODAY) + at)
        page = client.get(f"/desk/r/culture.feedback/?place={ONE}&since={TODAY:%Y-%m-%d}").content.decode()
        assert ("半夜写的" in page) is found


def test_what_waits_is_on_my_work(world: World) -> None:
    planned = planned_session(world)
    session = held(world)
    services_pictures.add_picture(
        actor=world.actor("secretary"), session_id=session.pk, upload=upload("a.jpg", photo())
    )
    services_feedback.give_feedback(
        actor=world.actor("resident"), session_id=session.pk, grade=5, words="热闹", was_there=True
    )
    with clock.fixed(TODAY + 2 * DAY):
        counts = {
            who: [each.items(world.actor(who), clock.today(), 5)[1] for each in all_providers() if each.key.startswith("culture.")]
            for who in ("secretary", "street", "outsider", "resident")
        }  # fmt: skip
        items = {
            each.key: list(each.items(world.actor("secretary"), clock.today(), 5)[0])
            for each in all_providers()
        }
    assert counts == {
        "secretary": [1, 1, 1],
        "street": [1, 1, 1],
        "outsider": [0, 0, 0],
        "resident": [0, 0, 0],
    }
    assert items["culture.confirm"][0].url == f"/desk/culture/events/{planned.pk}/"


def test_an_event_nobody_confirmed_is_a_break(world: World) -> None:
    session = planned_session(world)
    rows = finding("culture.not_confirmed").rows
    assert not rows(TODAY + 4 * DAY)
    assert [row.pk for row in rows(TODAY + 5 * DAY)] == [session.pk]
    held(world)
    assert len(rows(TODAY + 5 * DAY)) == 1


def test_figures_are_their_rows(world: World) -> None:
    session, money = held(world, head_count=80), purse(world, 100_000)
    held(world, head_count=40, place_code=ONE + "001")
    held(world, head_count=999, place_code=TWO)
    held(world, head_count=999, day=TODAY - 60 * DAY)
    plan(world)
    event = session.activity.cultural_event
    act = world.actor("secretary")
    for number, fen in enumerate((10_050, 20_000, 99)):
        cost = services_money.spend(
            actor=act,
            event_id=event.pk,
            purse_id=money.pk,
            what="食材",
            fen=fen,
            voucher=f"演凭{number}",
            day=TODAY,
        )
    services_money.take_back(actor=act, cost_id=cost.pk, reason="填错")
    for who, grade in (("resident", 5), ("worker", 4), ("secretary", 2), ("street", 3)):
        services_feedback.give_feedback(
            actor=world.actor(who), session_id=session.pk, grade=grade, was_there=True
        )
    since = TODAY.replace(day=1)
    values = {
        key: figure(f"culture.{key}", ONE, on=TODAY, since=since).value
        for key in ("events", "people", "cost", "satisfaction")
    }
    assert values["events"] == 2 and values["people"] == 120
    assert float(values["cost"] or 0) == 300.5 and values["satisfaction"] == 50
