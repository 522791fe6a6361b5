"""A volunteer's pages on a phone of 360 px, the desk's pages: nothing serious for axe, nothing wider than the screen."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from doorstep.kernel.activities.models import Attendance
from doorstep.kernel.activities.services_attendance import correct
from doorstep.kernel.authority.models import Account
from doorstep.kernel.authority.selectors import actor_for
from doorstep.kernel.organisations.models import Unit
from doorstep.modules.volunteering.models import Oddity, Volunteer
from doorstep.modules.volunteering.services_appeals import appeal
from doorstep.modules.volunteering.services_approval import approve_session
from doorstep.modules.volunteering.services_profile import join_team
from doorstep.modules.volunteering.services_review import find_oddities
from doorstep.modules.volunteering.services_statements import publish
from doorstep.modules.volunteering.services_teams import NewTeam, found_teams
from doorstep.modules.volunteering.services_volunteers import NewVolunteer, register_volunteers
from tests.browser.axe import overflow, troubles
from tests.browsers import DEMO_DAY, LiveServer
from tests.volunteering.world import SYSTEM, World, announced, confirmed, people

COMMUNITY = "210202005011"
PHONE = [
    "/volunteer/", "/volunteer/find/", "/volunteer/teams/", "/volunteer/change/", "/mine/passbook/",
    "/mine/passbook/?book=minutes", "/mine/record/", "/mine/appeal/{session}/", "/mine/appeal/{struck}/", "/points/", "/points/{statement}/", "/mine/activities/",
]  # fmt: skip
DESK = [
    "/desk/volunteering/approve/", "/desk/volunteering/publish/", "/desk/volunteering/credits/sheet/",
    "/desk/volunteering/oddities/{oddity}/", "/desk/volunteering/appeals/{appeal}/", "/desk/volunteering/teams/{team}/",
    "/desk/volunteering/volunteers/{volunteer}/card/", "/desk/volunteering/new/team/", "/desk/volunteering/new/volunteer/",
    "/desk/r/volunteering.volunteers/", "/desk/r/volunteering.teams/", "/desk/r/volunteering.credits/",
    "/desk/r/volunteering.oddities/",
]  # fmt: skip


@pytest.fixture
def numbers(fresh_live_server: LiveServer) -> dict[str, int]:
    """A team with a volunteer of the demo cast, services held, approved, waiting and odd, an appeal, a statement."""
    with fresh_live_server.connected():
        return _lived()


def _lived() -> dict[str, int]:
    resident = Account.objects.get(username="resident")
    own, *others = [resident.person_id, *(person.pk for person in people(6, COMMUNITY))]
    rows = register_volunteers(
        actor=SYSTEM,
        volunteers=[
            NewVolunteer(person_id=int(each or 0), place_code=COMMUNITY, skills=("hairdressing",)) for each in (own, *others)
        ],
    )  # fmt: skip
    new = NewTeam(
        name="演示邻里服务队", place_code=COMMUNITY, founded_on=dt.date(2024, 1, 1), skills=("hairdressing", "repair"),
        about="每周六上午为邻里理发、修家电，也上门陪老人说话。", phone="0411-80000000",
    )  # fmt: skip
    (team,) = found_teams(actor=SYSTEM, teams=[new])
    world = World(team=Unit.objects.get(pk=team.unit_id))
    join_team(actor=actor_for(resident), volunteer_id=rows[0].pk, team_id=team.unit_id)
    persons = [row.person_id for row in rows]
    done = [
        confirmed(
            world, persons, by="system", day=DEMO_DAY - dt.timedelta(days=3 + number), hours=hours, how="card"
        )
        for number, hours in enumerate((2, 5, 1.5))
    ]
    for session in done:
        approve_session(actor=SYSTEM, session_id=session.pk, expected_version=session.lock_version)
    struck = confirmed(world, persons, by="system", day=DEMO_DAY - dt.timedelta(days=8))
    correct(
        actor=SYSTEM,
        attendance_id=Attendance.objects.get(session=struck, person=own).pk,
        reason="没有来",
        struck=True,
    )
    struck.refresh_from_db()
    approve_session(actor=SYSTEM, session_id=struck.pk, expected_version=struck.lock_version)
    for number in range(2):
        confirmed(world, persons[number:], by="system", day=DEMO_DAY - dt.timedelta(days=20 + number))
        announced(world, by="system", day=DEMO_DAY + dt.timedelta(days=2 + number))
    announced(world, by="system", day=DEMO_DAY - dt.timedelta(days=5), start=14)
    find_oddities()
    asked = appeal(
        actor=actor_for(resident), session_id=done[0].pk, text="我九点就到了，十一点半才走，请查一查。"
    )
    shown = publish(actor=SYSTEM, place_code="210202", quarter=dt.date(2026, 1, 1))
    return {
        "session": done[1].pk, "struck": struck.pk, "statement": shown.pk, "oddity": Oddity.objects.filter(session=done[0].pk)[0].pk,
        "appeal": asked.pk, "team": team.unit_id, "volunteer": Volunteer.objects.get(person=persons[1]).pk,
    }  # fmt: skip


def seen(page: Page, path: str, width: int) -> None:
    """Kept to be looked at, where somebody says into which folder."""
    if folder := os.environ.get("PICTURES"):
        name = path.strip("/").replace("/", "-").replace("?", "-") or "home"
        page.screenshot(path=Path(folder) / f"{width}-{name}.png", full_page=True)


def test_pages_on_a_phone(
    page_for: Callable[..., Page],
    fresh_live_server: LiveServer,
    numbers: dict[str, int],
    clock_fixed: dt.date,
) -> None:
    page = page_for("resident", device="phone", server=fresh_live_server)
    for path in PHONE:
        page.goto(path.format(**numbers))
        page.wait_for_load_state("networkidle")
        assert troubles(page) == [], path
        for width in (360, 320):
            page.set_viewport_size({"width": width, "height": 740})
            assert overflow(page) <= 0, (path, width)
        seen(page, path, 320)
    page.get_by_role("button", name="要一个日历地址").click()
    page.get_by_text("只显示这一次").wait_for()
    assert troubles(page) == []
    for width in (360, 320):
        page.set_viewport_size({"width": width, "height": 740})
        assert overflow(page) <= 0, width
    seen(page, "calendar address", 320)


def test_pages_of_the_desk(
    page_for: Callable[..., Page],
    fresh_live_server: LiveServer,
    numbers: dict[str, int],
    clock_fixed: dt.date,
) -> None:
    page = page_for("secretary", server=fresh_live_server)
    for path in DESK:
        page.goto(path.format(**numbers))
        page.wait_for_load_state("networkidle")
        assert page.get_by_role("heading", level=1).count() == 1, path
        assert troubles(page) == [], path
        seen(page, path, 1440)
        page.set_viewport_size({"width": 360, "height": 740})
        assert overflow(page) <= 0, path
        seen(page, path, 360)
        page.set_viewport_size({"width": 1440, "height": 900})
