"""Following what one reported, what a neighbour reported, and what somebody unknown reported and has the code of."""

from __future__ import annotations

import html
import re

import pytest
from django.test import Client

from doorstep.kernel.authority.models import Account
from doorstep.kernel.matters.models import Attachment, Matter, Notice, Participation, Remark
from doorstep.kernel.matters.services_links import merge_into
from doorstep.kernel.matters.services_remarks import remark
from doorstep.kernel.people.ciphers import current_suite, new_key
from doorstep.kernel.people.models import PersonKey
from doorstep.modules.requests.follow_codes import code_of
from doorstep.modules.requests.models import Rating
from doorstep.surfaces.doorway import pace
from doorstep.surfaces.doorway.reporting import offer_of
from tests.doorway.test_report import signed_in, text_of, upload
from tests.requests import world as making
from tests.requests.world import closed, reported, step


@pytest.fixture
def world(db, clock_fixed):
    with making.clock.fixed(clock_fixed):
        yield making.build()


@pytest.fixture
def resident(world) -> Client:
    return signed_in(world, "resident")


@pytest.fixture
def neighbour(world) -> Client:
    return signed_in(world, "neighbour")


def page(client: Client, matter: Matter) -> str:
    return text_of(client.get(f"/mine/told/{matter.pk}/"))


def act(client: Client, matter: Matter, do: str, status: int = 302, **given):
    answer = client.post(f"/mine/told/{matter.pk}/act/", {"do": do} | given)
    assert answer.status_code == status, html.unescape(answer.content.decode())[:2000]
    return answer


def test_my_reports_say_who_has_them_what_comes_next_and_by_when(resident, world):
    matter = reported(world).matter
    for path in ("/mine/", "/mine/told/", f"/mine/told/{matter.pk}/"):
        text = text_of(resident.get(path))
        assert matter.title in text and "演示居委会" in text and "等待接办" in text and "回应您" in text
    assert "已上报" in text_of(resident.get("/"))


def test_the_course_is_readable_without_what_is_said_among_staff(resident, world):
    matter = reported(world).matter
    step(world, "worker", matter, "accept", note="明天带梯子来")
    remark(actor=world["worker"], matter_id=matter.pk, text="灯具库存不足", internal=True)
    remark(actor=world["worker"], matter_id=matter.pk, text="师傅下午到", internal=False)
    step(world, "worker", matter, "handle", note="换好了", internal="费用走维修金")
    text = page(resident, matter)
    assert "明天带梯子来" in text and "师傅下午到" in text and "换好了" in text
    assert "灯具库存不足" not in text and "费用走维修金" not in text


def test_another_residents_report_does_not_exist(neighbour, client, world):
    matter = reported(world).matter
    assert neighbour.get(f"/mine/told/{matter.pk}/").status_code == 404
    assert act(neighbour, matter, "remark", 404, text="看看")
    assert neighbour.get("/mine/told/999999999/").status_code == 404
    answer = client.get(f"/mine/told/{matter.pk}/")
    assert answer.status_code == 302 and answer.headers["Location"].startswith("/sign-in/phone/?next=")


def test_a_remark_and_a_picture_reach_the_handler(resident, world):
    matter = reported(world).matter
    act(resident, matter, "remark", text="今晚更黑了")
    act(resident, matter, "attach", picture=upload())
    row = Remark.objects.get()
    assert row.text == "今晚更黑了" and not row.internal and Attachment.objects.get().matter == matter
    assert "今晚更黑了" in page(resident, matter)
    assert "请填写" in text_of(act(resident, matter, "remark", 422, text=" "), 422)
    assert "请选一张照片" in text_of(act(resident, matter, "attach", 422), 422)
    assert "字字" in text_of(act(resident, matter, "remark", 422, text="字" * 2001), 422)


def test_rating_is_offered_once_closed_and_taken_once(resident, world):
    open_one = reported(world).matter
    assert "办得怎么样" not in page(resident, open_one)
    matter = closed(world)
    assert "办得怎么样" in page(resident, matter)
    assert "请说说问题解决了没有" in text_of(act(resident, matter, "rate", 422, satisfaction="5"), 422)
    assert "请选满意程度" in text_of(act(resident, matter, "rate", 422, solved="1", satisfaction="9"), 422)
    act(resident, matter, "rate", solved="1", satisfaction="5", words="很快")
    assert Rating.objects.get().satisfaction == 5
    text = page(resident, matter)
    assert "您的评价：非常满意" in text and "很快" in text and 'value="rate"' not in text
    assert "已经评价过" in text_of(act(resident, matter, "rate", 422, solved="1", satisfaction="5"), 422)


def test_who_is_not_satisfied_asks_to_reopen_by_that(resident, world):
    matter = closed(world)
    act(resident, matter, "rate", solved="0", satisfaction="1", words="还是不亮")
    matter.refresh_from_db()
    assert matter.state == "reopening_asked" and "将答复是否重办" in page(resident, matter)


def test_asking_to_reopen_needs_a_reason_and_keeps_what_was_written(resident, world):
    matter = closed(world)
    assert "请填写给报告人的说明" in text_of(act(resident, matter, "reopen", 422, note=""), 422)
    act(resident, matter, "reopen", note="又坏了")
    matter.refresh_from_db()
    assert matter.state == "reopening_asked"


def test_withdrawing_is_offered_until_somebody_takes_it(resident, world):
    first, second = reported(world).matter, reported(world).matter
    act(resident, first, "withdraw", note="自己修好了")
    first.refresh_from_db()
    assert first.state == "withdrawn"
    step(world, "worker", second, "accept")
    assert 'value="withdraw"' not in page(resident, second)
    assert "办理中" in text_of(act(resident, second, "withdraw", 422), 422)


def test_an_unknown_act_does_not_exist(resident, world):
    act(resident, reported(world).matter, "accept", 404)


def test_a_duplicate_says_where_it_is_handled_now_and_shows_nothing_of_the_other(resident, world):
    main = reported(world, "neighbour", text="三楼的灯又灭了我是王某").matter
    mine = reported(world, text="楼道灯不亮好几天了").matter
    merge_into(actor=world["community"], matter_id=mine.pk, main_id=main.pk)
    text = page(resident, mine)
    assert f"已并入 {main.number}" in text and "王某" not in text


def test_a_worker_who_told_for_somebody_follows_it_but_does_not_rate(world):
    matter = reported(world, "worker", for_whom="二楼王奶奶").matter
    assert matter.teller == world.people["worker"]
    teller = signed_in(world, "worker")
    assert matter.title in page(teller, matter) and "办得怎么样" not in page(teller, matter)


# A neighbour's report


def offered(client: Client) -> str:
    text = text_of(
        client.post("/report/hints/", {"text": "楼道灯不亮", "place": making.GRID, "item": "env.lamp"})
    )
    found = re.search(r'name="follow" value="([^"]+)"', text)
    assert found, text
    return found[1]


def test_a_neighbour_follows_what_was_offered_and_hears_what_the_reporter_hears(neighbour, world):
    matter = reported(world).matter
    answer = neighbour.post("/report/follow/", {"follow": offered(neighbour)}, follow=True)
    text = text_of(answer)
    assert "已关注" in text and "路灯楼道灯不亮" in text and matter.number in text
    assert matter.text not in text
    step(world, "worker", matter, "accept", note="明天带梯子来")
    step(world, "worker", matter, "handle", note="换好了")
    step(world, "community", matter, "rework", internal="没修好")
    heard = list(Notice.objects.filter(person=world.people["neighbour"]).values_list("key", flat=True))
    assert heard == ["accept"]
    assert neighbour.get(f"/mine/told/{matter.pk}/").status_code == 404
    neighbour.post(f"/mine/follows/{matter.pk}/stop/")
    assert not Participation.objects.filter(person=world.people["neighbour"]).exists()


def test_nothing_is_followed_that_was_not_offered(neighbour, world):
    matter = reported(world).matter
    for forged in ("", "1", str(matter.pk), offer_of(matter.pk)[:-2] + "xx"):
        assert neighbour.post("/report/follow/", {"follow": forged}).status_code == 404


def test_following_twice_or_ones_own_or_a_closed_one(neighbour, resident, world):
    matter = reported(world).matter
    offer = offered(neighbour)
    for _time in range(2):
        neighbour.post("/report/follow/", {"follow": offer})
    assert Participation.objects.count() == 1
    assert "您报过的" in text_of(
        resident.post("/report/hints/", {"text": "楼道灯不亮", "place": making.GRID, "item": "env.lamp"})
    )
    resident.post("/report/follow/", {"follow": offer_of(matter.pk)})
    assert Participation.objects.count() == 1
    done = closed(world)
    text = text_of(neighbour.post("/report/follow/", {"follow": offer_of(done.pk)}, follow=True))
    assert "已经办结" in text


def test_somebody_unknown_signs_in_first_and_then_follows(client, world):
    reported(world)
    answer = client.post("/report/follow/", {"follow": offered(client)})
    assert answer.headers["Location"].startswith("/sign-in/phone/?next=%2Freport%2Ffollow%2F%3Ffollow%3D")
    back = signed_in(world, "neighbour")
    assert "关注邻居上报的事" in text_of(back.get("/report/follow/", {"follow": offered(client)}))


# A code


def test_the_code_shows_how_it_stands_and_no_more(client, world):
    matter = reported(world, anonymous=True).matter
    step(world, "worker", matter, "accept", note="明天带梯子来")
    remark(actor=world["worker"], matter_id=matter.pk, text="灯具库存不足", internal=True)
    for code in (code_of(matter), code_of(matter).lower().replace("-", " ")):
        text = text_of(client.post("/follow/", {"code": code}))
        assert "办理中" in text and "明天带梯子来" in text and "灯具库存不足" not in text


@pytest.mark.parametrize(
    "code", ["", "QS0000001", "QS0000001-AAAAA-AAAAA", "😀", "QS99999999999999999999-AAAAA-AAAAA", "\x00"]
)
def test_any_other_code_is_answered_alike(client, world, code):
    assert "没有这个跟进码" in text_of(client.post("/follow/", {"code": code}), 404)


def test_a_code_opens_no_report_of_somebody_on_record(client, world):
    matter = reported(world).matter
    assert "没有这个跟进码" in text_of(client.post("/follow/", {"code": code_of(matter)}), 404)


def test_codes_are_not_tried_at_will(client, world):
    matter = reported(world, anonymous=True).matter
    for _minute in range(2):  # a minute may end amid the tries; two do not
        for _try in range(pace.CODES_PER_MINUTE):
            client.post("/follow/", {"code": f"{matter.number}-AAAAA-AAAAA"})
        answer = client.post("/follow/", {"code": code_of(matter)})
        if answer.status_code == 429:
            break
    assert "请过一分钟再试" in text_of(answer, 429)


# My data


def test_my_data_has_what_i_reported_and_can_be_erased_by_me(resident, world):
    person = world.people["resident"]
    _key, wrapped = new_key(person.pk)
    PersonKey.objects.create(person=person, cipher=current_suite().name, wrapped=wrapped)
    matter = closed(world)
    assert matter.title in text_of(resident.post("/account/data/"))
    assert 'href="/account/"' in text_of(resident.get("/mine/"))
    assert "删除我的信息" in text_of(resident.get("/account/"))
    assert "照原样" in text_of(resident.post("/account/erase/", {"name": "别人"}), 422)
    text = text_of(resident.post("/account/erase/", {"name": "演示resident"}, follow=True))
    assert "已经删除" in text
    matter.refresh_from_db()
    account = Account.objects.get(person=person)
    assert matter.erased_at is not None and matter.reporter is None and not account.is_active


def test_what_is_not_finished_is_finished_first(resident, world):
    reported(world)
    assert "还有 1 件没有办结" in text_of(resident.post("/account/erase/", {"name": "演示resident"}), 422)
