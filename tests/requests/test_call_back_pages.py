"""The call-back desk: who is to be called, one form, the next; what dissatisfaction does; who sees a phone, and that it is kept."""

import datetime as dt
import re
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from doorstep.kernel.audit.models import Entry
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.shared import clock
from doorstep.modules.requests.models import CallBack, Sample, SpotCheck
from doorstep.modules.requests.services import Report, on_the_spot
from tests.authority import cast
from tests.requests.desks import GRID

DESK = "/desk/call-backs/"
GOOD = {"reached": "yes", "contacted": "yes", "solved": "yes", "satisfaction": "5"}


def shown(offices, role="hotline_officer", tab="due", more=""):
    answer = offices.client(role).get(f"{DESK}?tab={tab}{more}")
    assert answer.status_code == 200
    return answer.content.decode()


def call(offices, matter, role="hotline_officer", query="", **given):
    return offices.client(role).post(f"{DESK}{matter.number}/{query}", given)


@pytest.mark.parametrize("role", ["street_officer", "hotline_officer", "district_officer"])
def test_who_calls_back_finds_what_was_closed_and_calls(offices, role):
    first, second = offices.closed(), offices.closed()
    assert first.number in shown(offices, role) and second.number in shown(offices, role)
    page = offices.client(role).get(f"{DESK}{first.number}/").content.decode()
    assert "看过了，灯亮了" in page and "138****0001" in page and "13800000001" not in page
    answer = call(offices, first, role, words="修得快", **GOOD)
    assert (answer.status_code, answer.url) == (302, f"{DESK}{second.number}/?tab=due")
    row = CallBack.objects.get()
    assert (row.request_id, row.valid, row.contacted, row.solved, row.satisfaction) == (
        first.pk, True, True, True, 5,
    )  # fmt: skip
    assert call(offices, second, role, **GOOD).url == f"{DESK}?tab=due"
    assert "没有要回访的" in shown(offices, role)


def test_outside_ones_places_and_office_it_does_not_exist(offices):
    matter = offices.closed()
    for role in ("resident", "department_officer", "grid_worker"):
        assert offices.client(role).get(DESK).status_code == 404, role
    for role in (
        "outside_officer",
        "outsider",
        "community_secretary",
        "grid_worker",
        "department_officer",
        "resident",
    ):
        for address in ("", "next/"):
            assert offices.client(role).get(f"{DESK}{matter.number}/{address}").status_code == 404, (
                role,
                address,
            )
        for address in ("", "phone/"):
            assert offices.client(role).post(f"{DESK}{matter.number}/{address}", GOOD).status_code == 404
    assert matter.number not in shown(offices, "outside_officer")
    assert offices.client("street_officer").get(f"{DESK}?place={cast.NEIGHBOUR}").status_code == 404
    assert offices.client("street_officer").get(f"{DESK}?tab=none").status_code == 404
    assert offices.client("street_officer").get(f"{DESK}QS9999999/").status_code == 404
    assert not CallBack.objects.exists()


def test_what_is_missing_is_said_at_its_question(offices):
    matter = offices.closed()
    for given, words in (
        ({}, "有没有问到本人"),
        ({"reached": "no"}, "选明原因"),
        ({"reached": "yes", "solved": "yes", "satisfaction": "5"}, "有没有联系过"),
        ({"reached": "yes", "contacted": "yes", "satisfaction": "5"}, "有没有解决"),
        ({"reached": "yes", "contacted": "yes", "solved": "yes"}, "满意程度"),
        (GOOD | {"satisfaction": "9"}, "9"),
        (GOOD | {"words": "长" * 501}, "500"),
    ):
        answer = call(offices, matter, **given)
        assert answer.status_code == 422 and words in answer.content.decode(), given
    assert not CallBack.objects.exists()


def test_who_does_not_answer_is_tried_on_other_days_and_not_for_ever(offices, clock_fixed):
    matter = offices.closed()
    for day in range(3):
        with clock.fixed(clock_fixed + dt.timedelta(days=day)):
            assert matter.number in shown(offices)
            call(offices, matter, reached="no", invalid_reason="no_answer")
            assert matter.number not in shown(offices), "not twice on a day"
    with clock.fixed(clock_fixed + dt.timedelta(days=3)):
        assert matter.number not in shown(offices)
    assert CallBack.objects.filter(valid=False).count() == 3
    refused = offices.closed()
    call(offices, refused, reached="no", invalid_reason="refused")
    with clock.fixed(clock_fixed + dt.timedelta(days=1)):
        assert refused.number not in shown(offices)
    late = offices.closed()
    with clock.fixed(clock_fixed + dt.timedelta(days=31)):
        assert late.number not in shown(offices)


def test_dissatisfaction_is_said_and_waits_with_a_clock_for_somebody_else(offices):
    matter = offices.closed()
    answer = call(offices, matter, words="第二天又灭了", **(GOOD | {"solved": "no"}))
    said = offices.client("hotline_officer").get(answer.url).content.decode()
    assert "要求重办" in said and "还有" in said
    row = Matter.objects.get(pk=matter.pk)
    assert row.state == "reopening_asked" and row.due_at is not None
    waiting = shown(offices, "community_secretary", "asked")
    assert matter.number in waiting and "第二天又灭了" in waiting and "还有" in waiting
    offices.step("community_secretary", matter, "decline_reopen", note="已约电工明天再看")
    assert "没有等答复的" in shown(offices, "community_secretary", "asked")
    assert matter.number not in shown(offices), "this outcome was asked about already"


def test_the_handler_neither_calls_nor_answers(offices):
    matter = offices.reported()
    offices.step("grid_worker", matter, "accept")
    offices.step("grid_worker", matter, "raise", internal="要街道来办")
    offices.step("street_officer", matter, "accept")
    offices.step("street_officer", matter, "handle", note="好了")
    offices.step("community_secretary", matter, "verify", note="看过")
    assert matter.number not in shown(offices, "street_officer")
    own = call(offices, matter, "street_officer", **GOOD)
    assert own.status_code == 422 and "须由他人来做" in own.content.decode()
    call(offices, matter, **(GOOD | {"satisfaction": "1"}))
    assert matter.number not in shown(offices, "street_officer", "asked")
    assert matter.number in shown(offices, "community_secretary", "asked")


def test_anonymous_ones_cannot_be_called(offices):
    matter = offices.closed(anonymous=True, reporter_id=None)
    assert matter.number not in shown(offices)
    page = offices.client("hotline_officer").get(f"{DESK}{matter.number}/").content.decode()
    assert "匿名上报" in page
    assert (
        offices.client("hotline_officer")
        .post(f"{DESK}{matter.number}/phone/", {"purpose": "contact"})
        .status_code
        == 404
    )


def test_the_sample_is_a_queue_of_its_own(offices, clock_fixed):
    matter = offices.reported(item_code="env.corridor")
    offices.step("grid_worker", matter, "on_the_spot", note="清走了")
    assert matter.number not in shown(offices, tab="sampled")
    Sample.objects.create(
        request_id=matter.pk, month=clock_fixed.replace(day=1), place_code=GRID, drawn_at=clock.now()
    )
    assert matter.number in shown(offices, tab="sampled")
    call(offices, matter, query="?tab=sampled", **GOOD)
    assert matter.number not in shown(offices, tab="sampled")


def test_a_phone_is_seen_for_a_purpose_and_that_is_kept(offices):
    matter = offices.closed()
    at, address = offices.client("hotline_officer"), f"{DESK}{matter.number}/phone/"
    refused = at.post(address, {"purpose": ""})
    assert refused.status_code == 422 and "13800000001" not in refused.content.decode()
    assert at.post(address, {"purpose": "visit"}).status_code == 422
    assert at.get(address).status_code == 405
    answer = at.post(address, {"purpose": "contact"})
    assert "13800000001" in answer.content.decode() and "no-store" in answer["Cache-Control"]
    entry = Entry.objects.filter(action="people.reveal").latest("pk")
    assert (entry.purpose, entry.person_ref) == ("contact", offices.members["resident"].person.pk)
    district = offices.client("district_officer")
    assert "您的岗位不能查看电话" in district.get(f"{DESK}{matter.number}/").content.decode()
    assert district.post(address, {"purpose": "contact"}).status_code == 404


def test_the_phone_is_offered_only_while_there_is_something_to_ask(offices):
    open_one, closed = offices.reported(), offices.closed()
    at = offices.client("hotline_officer")
    assert "看电话" in at.get(f"{DESK}{closed.number}/").content.decode()
    call(offices, closed, **GOOD)
    for matter, why in ((open_one, "现在不能回访"), (closed, "已经回访过")):
        page = at.get(f"{DESK}{matter.number}/").content.decode()
        assert why in page and "看电话" not in page
        refused = at.post(f"{DESK}{matter.number}/phone/", {"purpose": "contact"})
        assert refused.status_code == 409 and "13800000001" not in refused.content.decode()
    assert not Entry.objects.filter(action="people.reveal").exists()


def test_the_form_beside_a_shown_phone_saves_the_call(offices):
    """The page with the number is the answer to another address than the form's."""
    matter = offices.closed()
    at, address = offices.client("hotline_officer"), f"{DESK}{matter.number}/"
    seen = at.post(f"{address}phone/", {"purpose": "contact"}).content.decode()
    sent_to = re.search(r'<form method="post" action="([^"]+)" class="call-back"', seen)
    assert sent_to is not None and sent_to[1].partition("?")[0] == address
    assert at.post(sent_to[1], GOOD).status_code == 302
    assert CallBack.objects.filter(request__matter=matter, valid=True).exists()


def test_a_stale_form_says_that_somebody_called_already(offices):
    matter = offices.closed()
    call(offices, matter, "street_officer", **GOOD)
    answer = call(offices, matter, **GOOD)
    assert answer.status_code == 422 and "已经回访过" in answer.content.decode()


def test_a_page_of_the_queue_costs_the_same_for_any_number(offices):
    offices.closed()
    shown(offices)  # the session's own first queries
    with CaptureQueriesContext(
        connection,
    ) as few:
        shown(offices)
    for _number in range(5):
        offices.closed()
    with CaptureQueriesContext(connection) as many:
        shown(offices)
    assert len(many) == len(few) <= 22


def test_pages_are_cut_by_key(offices, monkeypatch):
    from doorstep.modules.requests import selectors_call_backs

    monkeypatch.setattr(selectors_call_backs, "PAGE", 2)
    made = [offices.closed() for _number in range(5)]
    seen, more = [], ""
    while True:
        page = selectors_call_backs.desk(offices["hotline_officer"], "due", "", more)
        seen += [line.matter.pk for line in page.lines]
        if not (more := page.after):
            break
    assert seen == [matter.pk for matter in made]


def settled(offices):
    """Something the grid worker settled on the way, drawn for a look by the lot of its month."""
    new = Report(
        source="worker",
        text="楼道里的纸箱清走了",
        place_code=GRID,
        item_code="env.corridor",
        key=uuid.uuid4(),
    )
    matter = on_the_spot(actor=offices["grid_worker"], new=new, note="当场清走").matter
    Sample.objects.create(request_id=matter.pk, month=clock.today(), place_code=GRID, drawn_at=clock.now())
    return matter


def test_the_community_looks_at_what_nobody_told(offices):
    first, second = settled(offices), settled(offices)
    page = shown(offices, "community_secretary", "look")
    assert first.number in page and second.number in page and "当场清走" in page
    look = offices.client("community_secretary")
    assert "当场清走" in look.get(f"{DESK}{first.number}/look/").content.decode()
    for given, words in (({}, "先选记录是否属实"), ({"reached": "no"}, "选明原因")):
        answer = look.post(f"{DESK}{first.number}/look/", given)
        assert answer.status_code == 422 and words in answer.content.decode()
    answer = look.post(f"{DESK}{first.number}/look/", {"reached": "yes"})
    assert (answer.status_code, answer.url) == (302, f"{DESK}{second.number}/look/")
    given = {"reached": "no", "invalid_reason": "not_done", "words": "纸箱还在"}
    answer = look.post(f"{DESK}{second.number}/look/", given)
    assert answer.url == f"{DESK}?tab=look"
    assert "已转为“要求重办”" in look.get(answer.url).content.decode()
    assert look.get(f"{DESK}{second.number}/look/").status_code == 404
    whole = look.get(f"/desk/matters/{second.number}/").content.decode()
    assert "现场没有办好：纸箱还在" in whole
    assert not CallBack.objects.exists() and SpotCheck.objects.count() == 2


def test_a_look_is_not_for_who_recorded_it_nor_from_elsewhere(offices):
    matter = settled(offices)
    for role in ("grid_worker", "outside_officer", "outsider", "resident", "hotline_officer"):
        for send in (offices.client(role).get, offices.client(role).post):
            assert send(f"{DESK}{matter.number}/look/").status_code == 404, role
    assert not SpotCheck.objects.exists()
