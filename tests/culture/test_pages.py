"""Pages of events: who finds what, what a form refuses stands at its field, and nothing of people in public."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.test import Client

from doorstep.kernel.activities.models import Session
from doorstep.kernel.ledger.selectors import balance
from doorstep.modules.culture import services_feedback, services_pictures
from doorstep.modules.culture.models import Cost, Event, Feedback, Grant, Picture, Purse, Series
from tests.culture.world import DAY, ONE, TODAY, World, held, plan, planned_session, purse
from tests.matters.uploads import photo, upload
from tests.sign_in import client_of


@pytest.fixture
def desk(world: World) -> Client:
    return client_of(world.accounts["secretary"])


def form(**changed: Any) -> dict[str, Any]:
    given = {
        "place_code": ONE, "title": "演示文艺汇演", "category": "show", "day": "2026-06-20", "starts": "14:00",
        "ends": "16:00", "weeks": "1", "where": "演示广场", "is_public": "on", "key": str(uuid.uuid4()),
        "programme": "合唱\n快板",
    }  # fmt: skip
    return given | changed


def test_planning_on_the_desk(world: World, desk: Client) -> None:
    path = "/desk/culture/events/new/"
    page = desk.get(path)
    assert page.status_code == 200 and "演示居委会011" in page.content.decode()
    sent = form(organiser=world.units["community_party_organisation", ONE].pk, weeks="3")
    answer = desk.post(path, sent)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    days = list(Session.objects.order_by("number").values_list("day", flat=True))
    assert days == [dt.date(2026, 6, 20) + n * 7 * DAY for n in range(3)]
    assert desk.post(path, sent).status_code == 302 and Event.objects.count() == 1
    page = desk.get(answer["Location"]).content.decode()
    assert "演示文艺汇演" in page and "快板" in page


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"title": ""}, "必填"), ({"title": "名" * 20_000}, "80"), ({"weeks": "0"}, "1"), ({"weeks": "²"}, ""),
        ({"day": "2020-01-01"}, "已经过去"), ({"day": "不知道"}, ""), ({"category": "<b>"}, ""), ({"capacity": "1.5"}, ""),
        ({"organiser": "999999999"}, ""), ({"place_code": "210202006001"}, ""), ({"key": "x"}, ""),
        ({"programme": "节" * 20_000}, "1000"), ({"title": "宴\x07"}, "看不见"),
    ],
)  # fmt: skip
def test_a_plan_refused_says_where(world: World, desk: Client, changed: dict[str, Any], said: str) -> None:
    sent = form(organiser=world.units["community_party_organisation", ONE].pk) | changed
    answer = desk.post("/desk/culture/events/new/", sent)
    assert answer.status_code == 422 and said in answer.content.decode()
    assert not Event.objects.exists()


def test_changing_moving_cancelling(world: World, desk: Client) -> None:
    session = planned_session(world)
    base = f"/desk/culture/events/{session.pk}/"
    page = desk.get(base + "change/")
    assert "演示百家宴" in page.content.decode()
    sent = {"title": "改过的", "where": "新广场", "version": "1", "is_public": "on"}
    assert desk.post(base + "change/", sent).status_code == 302
    stale = desk.post(base + "change/", sent | {"title": "又改"})
    assert stale.status_code == 422 and "别人刚刚改过" in stale.content.decode()
    moved = {"day": "2026-06-21", "starts": "19:00", "ends": "01:00", "version": "1"}
    assert desk.post(base + "move/", moved).status_code == 302
    session.refresh_from_db()
    assert (session.day, session.ends_at - session.starts_at) == (dt.date(2026, 6, 21), dt.timedelta(hours=6))
    assert desk.post(base + "cancel/", {"reason": "", "version": "2"}).status_code == 422
    assert desk.post(base + "cancel/", {"reason": "下雨", "version": "2"}).status_code == 302
    assert "下雨" in Client().get(f"/culture/event/{session.pk}/").content.decode()


def test_confirming_by_count_on_the_page(world: World, desk: Client) -> None:
    session = planned_session(world)
    Session.objects.update(
        starts_at="2026-06-15T01:00Z", ends_at="2026-06-15T03:00Z", closes_at="2026-06-15T01:00Z", day=TODAY
    )
    path = f"/desk/culture/events/{session.pk}/"
    assert "确认到场人数" in desk.get(path).content.decode()
    for wrong in ("", "-1", "1.5", "9999999", "²"):
        assert desk.post(path + "confirm/", {"head_count": wrong, "version": "1"}).status_code == 422
    assert desk.post(path + "confirm/", {"head_count": "77", "version": "1"}).status_code == 302
    assert "77 人" in Client().get(f"/culture/event/{session.pk}/").content.decode()


def test_money_on_the_pages(world: World, desk: Client) -> None:
    session = held(world)
    street = client_of(world.accounts["street"])
    new = {"place_code": ONE, "name": "演示文化经费", "valid_from": "2026-01-01"}
    assert street.post("/desk/culture/new/purse/", new).status_code == 302
    money = Purse.objects.get()
    granted = {"yuan": "100.50", "source": "区财政", "document": "演财1号", "day": "2026-01-05"}
    assert street.post(f"/desk/culture/purses/{money.pk}/grant/", granted).status_code == 302
    assert Grant.objects.get().fen == 10_050
    path = f"/desk/culture/events/{session.pk}/cost/"
    assert "剩 100.50 元" in desk.get(path).content.decode()
    sent = {"purse": str(money.pk), "what": "食材", "voucher": "演凭1", "day": TODAY.isoformat()}
    for wrong in ("0", "-5", "0.001", "1e400", "NaN", "1e9", "100.51", "一百", "", "99999999999999999999"):
        answer = desk.post(path, sent | {"yuan": wrong})
        assert answer.status_code == 422, wrong
    assert not Cost.objects.exists() and balance(money.account_id) == 10_050
    assert desk.post(path, sent | {"yuan": "100.5"}).status_code == 302
    assert "100.50 元" in Client().get(f"/culture/event/{session.pk}/").content.decode()
    cost = Cost.objects.get()
    back = f"/desk/culture/costs/{cost.pk}/back/"
    assert desk.post(back, {"reason": " "}).status_code == 422
    assert desk.post(back, {"reason": "填错"}).status_code == 302
    assert desk.post(back, {"reason": "填错"}).status_code == 422
    assert balance(money.account_id) == 10_050
    assert "100.50 元" not in Client().get(f"/culture/event/{session.pk}/").content.decode()
    ended = f"/desk/culture/end/purse/{money.pk}/"
    assert desk.post(ended, {"ended_on": "2026-06-16"}).status_code == 403
    assert street.post(ended, {"ended_on": "2026-06-16"}).status_code == 302


def test_pictures_on_the_pages(world: World, desk: Client) -> None:
    session = held(world)
    path = f"/desk/culture/events/{session.pk}/picture/"
    assert desk.post(path, {}).status_code == 422
    refused = desk.post(path, {"file": upload("a.jpg", b"%PDF-1.4 nothing")})
    assert refused.status_code == 422 and "与文件名不符" in refused.content.decode()
    assert desk.post(path, {"file": upload("a.jpg", photo()), "caption": "<b>合影</b>"}).status_code == 302
    row = Picture.objects.get()
    public = f"/culture/event/{session.pk}/"
    assert f"/culture/pictures/{row.pk}" not in Client().get(public).content.decode()
    look = f"/desk/culture/pictures/{row.pk}/"
    assert desk.get(look).status_code == 200 and desk.post(look, {"consent": ""}).status_code == 422
    assert desk.post(look, {"consent": "举手同意", "caption": "<b>合影</b>"}).status_code == 302
    page = Client().get(public).content.decode()
    assert (
        f"/culture/pictures/{row.pk}-small.jpg" in page
        and "<b>合影</b>" not in page
        and "&lt;b&gt;合影" in page
    )
    assert desk.post(look, {"down": "yes"}).status_code == 302
    assert f"/culture/pictures/{row.pk}" not in Client().get(public).content.decode()
    assert desk.get(look).status_code == 404


def test_feedback_on_the_page(world: World, desk: Client) -> None:
    session = held(world)
    path = f"/culture/event/{session.pk}/"
    assert "登录后说一句" in Client().get(path).content.decode()
    resident = client_of(world.accounts["resident"])
    assert 'name="grade"' in resident.get(path).content.decode()
    for wrong in (
        {},
        {"grade": "6"},
        {"grade": "5"},
        {"grade": "5", "was_there": "on", "words": "打 13812345678"},
    ):
        assert resident.post(path + "feedback/", wrong).status_code == 422
    sent = {"grade": "4", "was_there": "on", "words": "<i>热闹</i>"}
    assert resident.post(path + "feedback/", sent).status_code == 302
    page = resident.get(path).content.decode()
    assert "您已经评价过" in page and "热闹" not in page
    row = Feedback.objects.get()
    look = f"/desk/culture/feedback/{row.pk}/"
    page = desk.get(look).content.decode()
    assert "热闹" in page and "演示居民" not in page
    assert desk.post(look, {"show": "yes"}).status_code == 302
    page = Client().get(path).content.decode()
    assert "&lt;i&gt;热闹" in page and "演示居民" not in page and "100%" in page


def test_whose_pages_these_are(world: World, desk: Client) -> None:
    session, money = held(world), purse(world, 100)
    picture = services_pictures.add_picture(
        actor=world.actor("secretary"), session_id=session.pk, upload=upload("a.jpg", photo())
    )
    said = services_feedback.give_feedback(
        actor=world.actor("resident"), session_id=session.pk, grade=5, words="好", was_there=True
    )
    series = Series.objects.create(place_code=ONE, name="百家宴", valid_from=TODAY)
    base = f"/desk/culture/events/{session.pk}/"
    paths = [base, base + "change/", base + "move/", base + "cancel/", base + "cost/", f"/desk/culture/pictures/{picture.pk}/",
             f"/desk/culture/feedback/{said.pk}/", f"/desk/culture/end/purse/{money.pk}/", f"/desk/culture/purses/{money.pk}/grant/"]  # fmt: skip
    for who in ("outsider", "resident", "property", "department"):
        client = client_of(world.accounts[who])
        assert {path: client.get(path).status_code for path in paths} == dict.fromkeys(paths, 404), who
        assert client.post(base + "confirm/", {}).status_code == 404
        assert client.post(base + "picture/", {"file": upload("a.jpg", photo())}).status_code == 404
    assert (
        client_of(world.accounts["worker"]).get(f"/desk/culture/end/series/{series.pk}/").status_code == 403
    )
    for path in [
        *paths,
        "/desk/culture/events/new/",
        "/desk/culture/new/series/",
        "/desk/culture/new/purse/",
    ]:
        assert Client().get(path).status_code == 302


def test_what_is_not_public_has_no_public_page(world: World) -> None:
    hidden = Session.objects.get(activity=plan(world, is_public=False).activity_id)
    for path in (
        f"/culture/event/{hidden.pk}/",
        "/culture/event/999999999/",
        "/culture/pictures/999999999.jpg",
    ):
        assert Client().get(path).status_code == 404


def test_an_event_page_costs_the_same_however_full(world: World, django_assert_max_num_queries: Any) -> None:
    session = held(world)
    for size in (40, 50, 60):
        services_pictures.add_picture(
            actor=world.actor("secretary"), session_id=session.pk, upload=upload("a.jpg", photo((size, size))),
            consent="认不出人",
        )  # fmt: skip
    client = Client()
    client.get(f"/culture/event/{session.pk}/")
    with django_assert_max_num_queries(9):
        assert client.get(f"/culture/event/{session.pk}/").status_code == 200
