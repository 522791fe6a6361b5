"""The pages of what is owed on the demo district: a unit's year, a place's, minutes, rules, exemptions, the calendar."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.conf import settings as installed
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from doorstep.demo.cast import COMMUNITY, OUTSIDE
from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.obligations.models import Exemption, Minutes, Occurrence, Rule
from doorstep.kernel.obligations.services_deriving import derive
from doorstep.kernel.obligations.services_supervision import PORTION, raise_overdue
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.shared import clock
from doorstep.modules.chain.models import MemberCount

DISTRICT, DAY = "210202", dt.date.fromisoformat
MEETING = {
    "key": "6f2a7a3e-0a51-4c68-9d53-1f3f2f8a6b10", "kind": "assembly", "day": "2026-06-10", "starts": "09:00", "ends": "10:30",
    "where": "党群服务中心", "entitled": "20", "present": "15", "agenda": "讨论楼院整治", "decisions": "",
}  # fmt: skip
RULE = {
    "code": "theme_day", "name": "主题党日", "unit_kinds": "grid_party_branch", "post": "", "place_code": DISTRICT, "proof": "lecture",
    "often": "other", "rhythm": "FREQ=MONTHLY;BYDAY=1FR", "roll": "after", "window": "0", "grace": "3", "valid_from": "2026-07-01",
    "clause": "演示依据", "document": "",
}  # fmt: skip


@pytest.fixture(autouse=True)
def demo_is_on(demo_database: str, settings: Any) -> None:
    settings.DEMO = True
    derive(actor=system_actor("tests"))


def signed_in(username: str) -> Client:
    client = Client()
    account = get_user_model().objects.get(username=username)
    client.force_login(account, installed.AUTHENTICATION_BACKENDS[-1])
    client.get("/desk/")  # the first request of a session notes that somebody is there
    return client


def branch() -> int:
    rows = UnitVersion.objects.in_force().filter(kind="grid_party_branch", place_code__startswith=COMMUNITY)
    return rows.order_by("pk")[0].unit_id


def test_a_meeting_is_recorded_shown_and_taken_back() -> None:
    secretary, unit = signed_in("secretary"), branch()
    assert secretary.get("/desk/owed/").headers["Location"] == f"/desk/owed/places/{COMMUNITY}/"
    page = secretary.get(f"/desk/owed/units/{unit}/").content.decode()
    assert "党员大会" in page and "正在办理期" in page
    form = f"/desk/minutes/new/?unit={unit}&kind=assembly"
    late = secretary.post(form, MEETING | {"day": "2026-06-16"})
    assert late.status_code == 422 and "还没有开完" in late.content.decode()
    for _time in range(2):  # twice by one click
        assert secretary.post(form, MEETING).status_code == 302
    row = Minutes.objects.get()
    assert row.agenda == "讨论楼院整治" and Occurrence.objects.filter(proof__minutes=row).count() == 1
    assert "✓" in secretary.get(f"/desk/owed/units/{unit}/").content.decode()
    again = secretary.get(form).content.decode()
    counted = MemberCount.objects.filter(unit=unit).latest("counted_on").full
    assert (
        'value="党群服务中心"' in again and f'value="{counted}"' in again
    )  # as last time; entitled as last counted
    assert f'href="/desk/owed/units/{unit}/"' in secretary.get(f"/desk/chain/units/{unit}/").content.decode()
    short = secretary.post(
        form,
        MEETING | {"key": "6f2a7a3e-0a51-4c68-9d53-1f3f2f8a6b11", "day": "2026-06-11", "present": "9"},
        follow=True,
    )
    assert "没有达到规定" in short.content.decode()
    assert secretary.post(f"/desk/minutes/{row.pk}/cancel/", {"reason": ""}).status_code == 422
    assert secretary.post(f"/desk/minutes/{row.pk}/cancel/", {"reason": "登记错了"}).status_code == 302
    assert not Occurrence.objects.filter(proof__isnull=False).exists()


def test_who_sees_what_is_owed() -> None:
    unit = branch()
    pages = [
        f"/desk/owed/units/{unit}/",
        f"/desk/owed/places/{COMMUNITY}/",
        f"/desk/minutes/new/?unit={unit}",
    ]
    outsider, street = signed_in("outsider"), signed_in("street")
    assert [outsider.get(page).status_code for page in pages] == [404, 404, 404]
    assert outsider.get(f"/desk/owed/places/{OUTSIDE}/").status_code == 200
    assert [street.get(page).status_code for page in pages] == [200, 200, 403]  # sees it, was not there
    assert signed_in("resident").get("/desk/owed/").status_code == 404
    assert street.get("/desk/rules/new/").status_code == 403
    exemptions = f"/desk/owed/units/{unit}/exempt/"
    given = {
        "code": "assembly",
        "since": "2026-06-01",
        "until": "2026-06-30",
        "document": "",
        "reason": "换届",
    }
    refused = street.post(exemptions, given)
    assert refused.status_code == 422 and "须有批准文号" in refused.content.decode()
    assert street.post(exemptions, given | {"document": "演示〔2026〕9号"}).status_code == 302
    row = Exemption.objects.get()
    assert "演示〔2026〕9号" in signed_in("secretary").get(pages[0]).content.decode()
    assert signed_in("secretary").post(f"/desk/owed/exemptions/{row.pk}/withdraw/").status_code == 403
    assert street.post(f"/desk/owed/exemptions/{row.pk}/withdraw/", {"sure": "yes"}).status_code == 302


def test_a_rule_shows_its_next_dates_before_it_is_saved() -> None:
    district = signed_in("district")
    looked = district.post("/desk/rules/new/", RULE | {"do": "look"}).content.decode()
    assert (
        "2026-08-07" in looked
        and "2026-09-04" in looked
        and not Rule.objects.filter(code="theme_day").exists()
    )
    wrong = district.post(
        "/desk/rules/new/", RULE | {"do": "save", "rhythm": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31"}
    )
    assert wrong.status_code == 422 and "2 月没有 31 日" in wrong.content.decode()
    assert district.post("/desk/rules/new/", RULE | {"do": "save"}).status_code == 302
    made = Rule.objects.get(code="theme_day")
    owed = Occurrence.objects.filter(code="theme_day")
    assert owed.filter(ends_on="2026-08-07").count() > 500
    change = {key: value for key, value in RULE.items() if key != "code"} | {
        "often": "FREQ=MONTHLY;BYMONTHDAY=-1",
        "valid_from": "2026-10-15",
    }
    assert district.post(f"/desk/rules/{made.pk}/change/", change | {"do": "save"}).status_code == 302
    assert Rule.objects.filter(code="theme_day").count() == 2 and owed.filter(ends_on="2026-12-31").exists()
    last = Rule.objects.get(code="theme_day", version=2)
    assert district.post(f"/desk/rules/{last.pk}/end/", {"valid_to": "2026-12-01"}).status_code == 302
    assert not owed.filter(ends_on="2026-12-31").exists()


def test_pages_cost_few_queries_and_numbers_open_their_rows() -> None:
    district, unit = signed_in("district"), branch()
    for address, most in ((f"/desk/owed/places/{DISTRICT}/", 16), (f"/desk/owed/units/{unit}/", 18)):
        with CaptureQueriesContext(connection) as queries:
            page = district.get(address).content.decode()
        assert len(queries) <= most, "\n".join(query["sql"][:300] for query in queries)
    page = district.get(f"/desk/owed/places/{DISTRICT}/").content.decode()
    found = re.search(r'href="(/desk/r/obligations.occurrences/\?[^"]*code=group[^"]*)"[^>]*>([\d,]+)<', page)
    assert found is not None
    rows = district.get(found[1].replace("&amp;", "&")).content.decode()
    assert "党小组会" in rows and "2026-06-30" in rows
    units = signed_in("secretary").get(f"/desk/owed/places/{COMMUNITY}/").content.decode()
    assert f'href="/desk/owed/units/{unit}/?year=2026"' in units and "按单位" in units
    assert Occurrence.objects.filter(code="group", due_on__year=2026).count() == int(
        found[2].replace(",", "")
    )


def test_the_calendar_is_for_who_has_its_address() -> None:
    secretary, unit = signed_in("secretary"), branch()
    page = secretary.post(f"/desk/owed/units/{unit}/calendar/", {"do": "renew"}).content.decode()
    address = re.search(r"http://testserver(/desk/owed/calendar/[\w-]+\.ics)", page)[1]
    stranger = Client()
    file = stranger.get(address)
    assert (
        file.status_code == 200
        and b"BEGIN:VEVENT" in file.content
        and "党员大会" in file.content.decode().replace("\r\n ", "")
    )
    assert stranger.get(address, headers={"If-None-Match": file.headers["ETag"]}).status_code == 304
    assert stranger.get(address.replace(".ics", "x.ics")).status_code == 404
    assert signed_in("street").post(f"/desk/owed/units/{unit}/calendar/", {"do": "renew"}).status_code == 403
    assert {stranger.get(address).status_code for _ in range(60)} == {200, 429}
    secretary.post(f"/desk/owed/units/{unit}/calendar/", {"do": "end"})
    assert Client(REMOTE_ADDR="127.0.0.9").get(address).status_code == 404


def test_what_closed_unkept_is_asked_after_on_the_page_of_its_matter() -> None:
    with clock.fixed(DAY("2026-07-20")):
        Occurrence.objects.exclude(place_code__startswith=COMMUNITY).delete()
        assert 0 < raise_overdue() < PORTION
        row = Occurrence.objects.filter(
            matter__isnull=False, place_code__startswith=COMMUNITY, code="assembly"
        )[0]
        address, secretary, street = (
            f"/desk/matters/{row.matter.number}/",
            signed_in("secretary"),
            signed_in("street"),
        )
        page = secretary.get(address).content.decode()
        assert "督促中" in page and "党员大会逾期" in page and "说明情况" in page and "已补办" not in page
        sent = secretary.post(
            f"{address}explain/", {"explain-version": row.matter.version, "explain-internal": "书记住院"}
        )
        assert sent.status_code == 302
        assert (
            "了结" in street.get(address).content.decode()
            and "了结" not in secretary.get(address).content.decode()
        )
        assert row.matter.number in secretary.get(f"/desk/owed/units/{row.unit_id}/").content.decode()
