"""Terms, a published year and a hand-over on the desk: done by whom they are given to, refused in words, else not there."""

from __future__ import annotations

import datetime as dt
import io

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from doorstep.kernel.matters.models import Deadline, Matter, RetentionTerm, TimeLimit
from doorstep.kernel.matters.models_deadlines import CalendarDay
from doorstep.kernel.matters.services import NewMatter, apply_transition, open_matter
from doorstep.kernel.organisations.services import appoint
from doorstep.kernel.shared import clock
from tests.authority import cast
from tests.matters.test_calendar import list_of
from tests.matters.world import set_limits
from tests.organisations.world import person
from tests.sign_in import client_of

GRID = cast.COMMUNITY + "001"
ROLES = ("grid_worker", "community_secretary", "district_officer", "outsider", "resident")


@pytest.fixture
def members(db, clock_fixed):
    cast.make_places()
    set_limits()
    return {role: cast.make_member(role) for role in ROLES}


_clients: dict[int, Client] = {}


def client(members, role) -> Client:
    """One client for each member: signing in activates their second factor once."""
    account = members[role].account
    if account.pk not in _clients:
        _clients[account.pk] = client_of(account)
    return _clients[account.pk]


def accepted(members) -> Matter:
    worker = members["grid_worker"]
    made = open_matter(
        actor=members["resident"].actor,
        new=NewMatter(
            kind="request", place_code=GRID, title="楼道灯不亮", source="phone",
            reporter_id=members["resident"].person.pk, holder_id=worker.actor.grants[0].unit_id,
        ),
    ).matter  # fmt: skip
    return apply_transition(actor=worker.actor, matter_id=made.pk, name="accept")


def sheet(rows, headings=("日期", "上班或休息", "说明")):
    body = io.BytesIO()
    with xlsxwriter.Workbook(body) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, headings)
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for number, row in enumerate(rows, start=1):
            if isinstance(row.day, dt.date):
                page.write_datetime(number, 0, dt.datetime.combine(row.day, dt.time()), day)
            else:
                page.write(number, 0, row.day)
            page.write(number, 1, "上班" if row.is_working else "休息")
            page.write(number, 2, row.name)
    return SimpleUploadedFile("2027.xlsx", body.getvalue())


def text_of(rows):
    lines = [
        f"{row.day.year}年{row.day.month}月{row.day.day}日,{'上班' if row.is_working else '放假'},{row.name}"
        for row in rows
    ]
    return SimpleUploadedFile("2027.csv", "\n".join(lines).encode("gb18030"))


@pytest.mark.parametrize("made", [sheet, text_of])
def test_a_year_is_taken_in(members, made):
    values = {"year": 2027, "document": "演示〔2026〕7号", "file": made(list_of())}
    answer = client(members, "district_officer").post("/desk/calendar/", values)
    assert answer.status_code == 302
    assert CalendarDay.objects.filter(is_working=True).count() == 6
    listed = client(members, "district_officer").get(reverse("web:register", args=["matters.calendar"]))
    assert listed.status_code == 200 and "春节" in listed.content.decode()


def test_every_wrong_row_is_named(members):
    rows = list_of()
    body = "\n".join(
        [
            "日期,上班或休息,说明",
            *(f"{row.day},{'上班' if row.is_working else '休息'},{row.name}" for row in rows),
        ]
    )
    body = body.replace("2027-02-05,休息", "2027-02-30,休息").replace("2027-05-08,上班", "2027-05-08,也许")
    values = {"year": 2027, "document": "文", "file": SimpleUploadedFile("a.csv", body.encode())}
    answer = client(members, "district_officer").post("/desk/calendar/", values)
    shown = answer.content.decode()
    assert answer.status_code == 422 and "2027-02-30 不存在" in shown and "请填“上班”或“休息”" in shown
    assert "第 5 行" in shown and not CalendarDay.objects.exists()
    nothing = {"year": 2027, "document": "文", "file": SimpleUploadedFile("a.xlsx", b"PK broken")}
    answer = client(members, "district_officer").post("/desk/calendar/", nothing)
    assert answer.status_code == 422


@pytest.mark.parametrize("address", ["/desk/calendar/", "/desk/terms/new/"])
@pytest.mark.parametrize("role", ["grid_worker", "community_secretary", "resident"])
def test_terms_are_the_districts(members, address, role):
    assert client(members, role).get(address).status_code in (302, 403, 404)
    assert client(members, role).post(address, {}).status_code in (302, 403, 404)


def test_a_term_changes_from_a_day_on_and_moves_nothing_that_runs(members, clock_fixed):
    row = TimeLimit.objects.get(clock="resolve", urgency="", kind="request", category="")
    running = accepted(members)
    values = {"amount": 3, "measure": "working_days", "valid_from": "2026-06-15", "clause": "演示新规"}
    at = client(members, "district_officer")
    assert at.get(f"/desk/terms/{row.pk}/change/").status_code == 200
    assert at.post(f"/desk/terms/{row.pk}/change/", values).status_code == 302
    row.refresh_from_db()
    assert row.valid_to == clock_fixed
    promise = Deadline.objects.get(matter=running, clock="resolve")
    assert (promise.limit_version, promise.amount, promise.due_at) == (1, 7, promise.first_due_at)
    later = Deadline.objects.get(matter=accepted(members), clock="resolve")
    assert (later.limit_version, later.amount, later.measure) == (2, 3, "working_days")
    again = at.post(f"/desk/terms/{row.pk}/change/", values)
    assert again.status_code == 422 and "新的须在其后" in again.content.decode()
    past = at.post(f"/desk/terms/{row.pk}/change/", values | {"valid_from": "2026-06-01"})
    assert past.status_code == 422


def test_a_new_term_names_its_category_in_words(members):
    at = client(members, "district_officer")
    given = {"kind": "request", "promise": "resolve", "category": "public_issue", "urgency": "", "amount": 2,
             "measure": "working_days", "valid_from": "2026-06-15", "clause": "演示新规"}  # fmt: skip
    refused = at.post("/desk/terms/new/", given)
    assert refused.status_code == 422 and "不属于所选的种类" in refused.content.decode()
    assert at.post("/desk/terms/new/", given | {"category": "environment"}).status_code == 302
    assert TimeLimit.objects.get(category="environment", amount=2, clause="演示新规")
    listed = at.get(reverse("web:register", args=["matters.terms"])).content.decode()
    assert "环境与设施" in listed and "environment<" not in listed


def test_handed_over_on_a_page(members):
    matter = accepted(members)
    worker = members["grid_worker"].person
    colleague = person("演示同事")
    appoint(
        actor=cast.SYSTEM, person_id=colleague.pk, post="community_worker", unit_id=matter.holder_id,
        valid_from=cast.SINCE,
    )  # fmt: skip
    address = f"/desk/hand-over/{worker.pk}/"
    assert client(members, "outsider").get(address).status_code == 404
    at = client(members, "community_secretary")
    shown = at.get(address)
    assert shown.status_code == 200 and matter.number in shown.content.decode()
    values = {"unit": matter.holder_id, "to": colleague.pk, "internal": "调岗"}
    none = at.post(address, values)
    assert none.status_code == 422 and "请勾选要移交的事项" in none.content.decode()
    assert at.post(address, values | {"matter": [matter.pk]}).status_code == 302
    assert Matter.objects.get(pk=matter.pk).handler_id == colleague.pk
    assert at.get(address).status_code == 404


def test_extended_on_a_page(members):
    matter = accepted(members)
    address = f"/desk/extend/{matter.number}/"
    at = client(members, "community_secretary")
    assert f'href="{address}"' in at.get(f"/desk/matters/{matter.number}/").content.decode()
    assert "办结" in at.get(address).content.decode()
    values = {"version": matter.version, "promise": "resolve", "due_day": "2026-06-20", "note": "等配件"}
    refused = at.post(address, values)
    assert refused.status_code == 422 and "新的期限须晚于" in refused.content.decode()
    assert at.post(address, values | {"due_day": "2026-07-10"}).status_code == 302
    assert (
        Deadline.objects.get(matter=matter, clock="resolve").extended_by
        == members["community_secretary"].person
    )
    shown = at.get(f"/desk/matters/{matter.number}/").content.decode()
    assert "等配件" in shown and "延期" in shown
    assert client(members, "grid_worker").get(address).status_code == 403
    assert client(members, "outsider").get(address).status_code == 404


def test_no_extension_is_offered_of_what_is_past(members):
    matter = accepted(members)
    Deadline.objects.filter(matter=matter).update(due_at=clock.now() - dt.timedelta(hours=1))
    at = client(members, "community_secretary")
    assert (
        f'href="/desk/extend/{matter.number}/"'
        not in at.get(f"/desk/matters/{matter.number}/").content.decode()
    )


def test_asked_for_and_answered_on_the_matters_page(members):
    matter = accepted(members)
    own, officer = client(members, "grid_worker"), client(members, "community_secretary")
    page, acts = f"/desk/matters/{matter.number}/", f"/desk/matters/{matter.number}/act/"
    assert f"{acts}ask-extension/" in own.get(page).content.decode()
    given = {"version": matter.version, "due_day": "2026-06-20", "internal": "等配件"}
    refused = own.post(f"{acts}ask-extension/", given)
    assert refused.status_code == 422 and "新的期限须晚于" in refused.content.decode()
    assert own.post(f"{acts}ask-extension/", given | {"due_day": "2026-07-10"}).status_code == 302
    shown = own.get(page).content.decode()
    assert "申请延到 2026-07-10：等配件" in shown and f"{acts}ask-extension/" not in shown
    assert (
        f"{acts}grant-extension/" not in shown
        and f"{acts}grant-extension/" in officer.get(page).content.decode()
    )
    assert "申请延到 2026-07-10" in officer.get("/desk/").content.decode()
    asked = officer.get(f"{acts}grant-extension/").content.decode()
    assert "申请延到 2026-07-10：等配件" in asked
    version = Matter.objects.get(pk=matter.pk).version
    answer = officer.post(f"{acts}grant-extension/", {"version": version, "note": "配件月初到"})
    assert answer.status_code == 302
    promise = Deadline.objects.get(matter=matter, clock="resolve")
    assert promise.extended_by == members["community_secretary"].person
    assert "配件月初到" in own.get(page).content.decode()
    assert "申请延到 2026-07-10：" not in officer.get(page).content.decode()


def test_beyond_the_published_calendar_it_says_provisional(members, monkeypatch):
    monkeypatch.setenv("DOORSTEP_TODAY", "2026-12-30")
    matter = accepted(members)
    at = client(members, "community_secretary")
    assert "（暂定）" in at.get("/desk/matters/?box=place").content.decode()
    assert "暂定" in at.get(f"/desk/matters/{matter.number}/").content.decode()


def test_how_long_words_are_kept_is_seen_and_changed_by_the_district(members, clock_fixed):
    at = client(members, "district_officer")
    shown = at.get("/desk/r/matters.retention/").content.decode()
    assert "36" in shown and "个人信息保护法" in shown
    for role in ("grid_worker", "community_secretary", "resident"):
        assert client(members, role).get("/desk/retention/request/change/").status_code in (302, 403, 404)
    assert at.get("/desk/retention/nothing/change/").status_code == 404
    address = "/desk/retention/request/change/"
    values = {"months": 24, "valid_from": "2026-06-15", "clause": "演示新规"}
    late = at.post(address, values | {"valid_from": "2026-06-01"})
    assert late.status_code == 422 and "今天或以后" in late.content.decode()
    assert at.post(address, values).status_code == 302
    assert list(RetentionTerm.objects.in_force().filter(kind="request").values_list("months", flat=True)) == [
        24
    ]
