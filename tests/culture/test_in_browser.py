"""Pages of events in a browser: nothing serious for axe, nothing wider than a phone, thumbs find what they press."""

from __future__ import annotations

import datetime as dt
import os
import uuid
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.activities.models import Session
from doorstep.kernel.activities.services_past import PastSession
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import actor_for
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.shared import clock
from doorstep.modules.culture import services, services_money, services_pictures
from doorstep.modules.culture.models import Event
from doorstep.modules.culture.services import NewActivity, NewEvent, NewSession
from doorstep.modules.culture.services_past import PastEvent, PastFeedback, bring_events
from tests.browser.axe import overflow, troubles
from tests.browsers import DEMO_DAY, DEVICES, LiveServer
from tests.culture.world import at
from tests.matters.uploads import photo, upload

COMMUNITY = "210202005011"
DAY = dt.timedelta(days=1)
PROGRAMME = "合唱《我和我的祖国》\n快板《邻里情》\n太极拳\n广场舞"


def filled() -> tuple[int, int]:
    """Events to come and held in the demo district; gives the numbers of one to come and of one held."""
    system, secretary = system_actor("tests"), actor_for(Account.objects.get(username="secretary"))
    unit = (
        UnitVersion.objects.in_force().filter(kind="residents_committee", place_code=COMMUNITY).get().unit_id
    )
    series = services.open_series(
        actor=system, place_code="210202", name="多彩云集", valid_from=dt.date(2026, 1, 1)
    )

    def activity(title: str, category: str, **more: object) -> NewActivity:
        given = {
            "where": "演示小区中心广场",
            "by_sign_up": False,
            "phone": "0411-80000001",
            "text": "带上一道拿手菜，认识新邻居。",
        }
        return NewActivity(
            kind="event",
            category=category,
            place_code=COMMUNITY,
            organiser_id=unit,
            title=title,
            **(given | more),
        )

    coming = [("端午百家宴", "feast", 3, 10), ("露天电影：老大连", "film", 4, 19), ("社区合唱排练", "show", 8, 14),
              ("亲子手工：包粽子", "children", 3, 15), ("夏夜邻里集市，旧物交换，名字很长很长的一场活动", "market", 20, 17), ("书法展", "exhibition", 40, 9)]  # fmt: skip
    events = []
    for title, category, after, hour in coming:
        start = at(DEMO_DAY + after * DAY, hour)
        new = NewEvent(
            activity=activity(title, category, by_sign_up=category == "children"), series_id=series.pk, programme=PROGRAMME,
            hosts="演示合唱团、演示物业", sessions=[NewSession(starts_at=start, ends_at=start + dt.timedelta(hours=2))],
        )  # fmt: skip
        events.append(services.plan_event(actor=system, new=new, key=uuid.uuid4()))
    day = DEMO_DAY - 2 * DAY
    people = [Account.objects.get(username=name).person_id for name in ("street", "worker")]
    case = PastSession(
        key=uuid.uuid4(), new=activity("邻里百家宴", "feast"), starts_at=at(day, 10), ends_at=at(day, 12), head_count=120,
        confirmed_by_id=secretary.person_id,
    )  # fmt: skip
    said = [
        PastFeedback(person_id=int(person or 0), grade=5, words="菜好吃，邻居热情。") for person in people
    ]
    held = bring_events(
        actor=system,
        events=[PastEvent(session=case, programme=PROGRAMME, series_id=series.pk, feedback=said)],
    )[case.key]
    for number, colour in enumerate(((900, 600), (600, 900), (800, 800))):
        services_pictures.add_picture(
            actor=secretary, session_id=held.pk, upload=upload(f"{number}.jpg", photo(colour)), caption=f"第{number + 1}桌",
            consent="" if number == 2 else "现场告知，举手同意",
        )  # fmt: skip
    money = services_money.open_purse(
        actor=system, place_code=COMMUNITY, name="2026年社区文化经费", valid_from=dt.date(2026, 1, 1)
    )
    services_money.grant(
        actor=system,
        purse_id=money.pk,
        fen=2_000_000,
        source="区财政",
        document="演财〔2026〕1号",
        day=dt.date(2026, 1, 5),
    )
    services_money.spend(
        actor=system, event_id=Event.objects.get(activity=held.activity_id).pk, purse_id=money.pk, what="食材", fen=123_450,
        voucher="演凭1", day=day,
    )  # fmt: skip
    return Session.objects.get(activity=events[0].activity_id).pk, held.pk


@pytest.fixture
def places(fresh_live_server: LiveServer) -> Iterator[dict[str, str]]:
    with fresh_live_server.connected(), clock.fixed(DEMO_DAY):
        coming, held = filled()
    yield {
        "calendar": f"/calendar/{COMMUNITY}/", "month": f"/calendar/{COMMUNITY}/?month=2026-07", "street": "/calendar/210202005/",
        "coming": f"/culture/event/{coming}/", "held": f"/culture/event/{held}/",
        "desk-held": f"/desk/culture/events/{held}/", "desk-coming": f"/desk/culture/events/{coming}/",
        "plan": "/desk/culture/events/new/", "cost": f"/desk/culture/events/{held}/cost/", "events": "/desk/r/culture.events/",
        "purses": "/desk/r/culture.purses/", "pictures": "/desk/r/culture.pictures/",
    }  # fmt: skip


def test_pages_in_a_browser(
    places: dict[str, str], page_for: Callable[..., Page], browser: Browser, fresh_live_server: LiveServer
) -> None:
    public = browser.new_context(base_url=fresh_live_server.url, **DEVICES["phone"]).new_page()
    looked_at(
        public, {name: places[name] for name in ("calendar", "month", "street", "coming", "held")}, "phone"
    )
    for link in public.locator(".calendar-kinds a, .calendar-day a").all():
        box = link.bounding_box()
        assert box is not None and box["height"] >= 44
    wide = browser.new_context(base_url=fresh_live_server.url, **DEVICES["desktop"]).new_page()
    looked_at(wide, {name: places[name] for name in ("calendar", "held")}, "desktop")
    wide.goto(places["calendar"])
    expect(wide.locator("table.month-grid")).to_be_visible()
    desk = page_for("secretary", server=fresh_live_server)
    on_desk = {name: path for name, path in places.items() if path.startswith("/desk/")}
    looked_at(desk, on_desk, "desktop")
    desk.set_viewport_size({"width": 360, "height": 740})
    looked_at(desk, on_desk, "narrow")
    resident = page_for("resident", server=fresh_live_server, device="phone", path=places["held"])
    resident.get_by_text("5 很好").tap()
    resident.get_by_label("想说的话").fill("下次还来")
    resident.get_by_text("我到过现场").tap()
    looked_at(resident, {}, "phone")
    resident.get_by_role("button", name="说好了").tap()
    expect(resident.get_by_text("您已经评价过")).to_be_visible()
    resident.get_by_role("button", name="撤下这张").first.tap()
    expect(resident.get_by_text("已经隐藏")).to_be_visible()
    expect(resident.get_by_role("button", name="撤下这张")).to_have_count(1)


def looked_at(page: Page, paths: dict[str, str], device: str) -> None:
    for name, path in (paths or {"": ""}).items():
        if path:
            page.goto(path)
            page.wait_for_load_state("networkidle")
        photographed(page, f"{name}-{device}")
        assert troubles(page) == [], name
        for width in (360, 320) if device != "desktop" else ():
            page.set_viewport_size({"width": width, "height": 740})
            assert overflow(page) <= 0, f"{name} at {width} px"


def photographed(page: Page, name: str) -> None:
    """A picture of the whole page, where somebody wants to look (`LOOK=folder`)."""
    if folder := os.environ.get("LOOK"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
