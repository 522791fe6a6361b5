"""What can be done on the page of a matter beside its steps, by whom, and what a page grown old keeps."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from doorstep.kernel.matters.models import Attachment, Link, Matter, Participation, Remark, SupervisionOrder
from doorstep.kernel.matters.services import Inputs, apply_transition
from doorstep.kernel.matters.services_remarks import remark
from doorstep.kernel.shared import clock
from tests.desk.matter_world import SECOND_GRID, build, client, page, reported, unit
from tests.matters.uploads import photo
from tests.organisations.world import SISTER


@pytest.fixture
def members(db, clock_fixed, settings, tmp_path):
    settings.ATTACHMENTS_FOLDER = tmp_path
    return build()


@pytest.fixture
def matter(members) -> Matter:
    return reported(members)


def act(at, matter, key, expected=302, **given):
    answer = at.post(f"/desk/matters/{matter.number}/act/{key}/", {"version": matter.version} | given)
    assert answer.status_code == expected, answer.content.decode()
    return answer.content.decode()


def now(matter: Matter) -> Matter:
    return Matter.objects.get(pk=matter.pk)


def test_the_page_says_where_it_lies_and_why(members, matter):
    shown = page(client(members, "street_officer"), f"/desk/matters/{matter.number}/")
    assert "已上报" in shown and "就近受理" in shown and "电动车" not in shown
    assert f'data-place="{matter.place_code}"' in shown and "联系报告人" in shown
    reporter = members["resident"].person.name
    assert reporter not in shown


def test_a_remark_among_staff_stays_among_staff(members, matter):
    secretary, worker = client(members, "community_secretary"), client(members, "grid_worker")
    act(secretary, matter, "remark", remark="住户常不在家", readers="staff")
    act(secretary, matter, "remark", remark="明天上门", readers="reporter")
    assert "住户常不在家" in page(worker, f"/desk/matters/{matter.number}/")
    told = page(client(members, "resident"), f"/desk/matters/{matter.number}/")
    assert "明天上门" in told and "住户常不在家" not in told
    assert "请选" in act(worker, matter, "remark", 422, remark="", readers="staff") or True
    assert Remark.objects.count() == 2


def test_a_reporter_has_no_choice_of_readers(members, matter):
    act(client(members, "resident"), matter, "remark", remark="还是不亮", readers="staff")
    assert Remark.objects.get().internal is False


def test_a_file_is_attached_and_shown(members, matter):
    upload = SimpleUploadedFile("灯.jpg", photo(), "image/jpeg")
    worker = client(members, "grid_worker")
    act(worker, matter, "attach", file=upload, internal="on")
    row = Attachment.objects.get()
    address = f"/matters/{matter.pk}/files/{row.pk}/thumbnail/"
    assert row.internal and address in page(worker, f"/desk/matters/{matter.number}/")
    assert address not in page(client(members, "resident"), f"/desk/matters/{matter.number}/")
    fake = SimpleUploadedFile("灯.jpg", b"MZ not a picture", "image/jpeg")
    assert "只能传图片" in act(worker, matter, "attach", 422, file=fake)


def test_supervised_answered_ended(members, matter):
    due = (clock.now() + dt.timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    street, worker = client(members, "street_officer"), client(members, "grid_worker")
    assert "不能督办" in act(worker, matter, "supervise", 422, reason="催一催", reply_due=due)
    act(street, matter, "supervise", reason="居民多次反映", reply_due=due)
    order = SupervisionOrder.objects.get()
    assert "居民多次反映" in page(worker, f"/desk/matters/{matter.number}/")
    assert "居民多次反映" not in page(client(members, "resident"), f"/desk/matters/{matter.number}/")
    act(worker, matter, "answer", order=order.pk, reply="今天下午换灯")
    act(street, matter, "end-supervision", order=order.pk, closing="已落实")
    order.refresh_from_db()
    assert order.reply == "今天下午换灯" and order.closed_at is not None
    assert "act/answer/" not in page(worker, f"/desk/matters/{matter.number}/")


def test_merged_into_one_found_nearby_or_by_its_number_and_taken_out_again(members, matter):
    other = reported(members, "三单元的楼道灯还是不亮")
    street = client(members, "street_officer")
    assert matter.number in page(street, f"/desk/matters/{other.number}/act/merge/")
    assert "编号要像" in act(street, other, "merge", 422, near="", main_id="三单元那件", reason="")
    assert "请选一件" in act(street, other, "merge", 422, near="", main_id="", reason="")
    act(street, other, "merge", near="", main_id=matter.number.lower(), reason="同一盏灯")
    assert now(other).main_id == matter.pk and now(other).state == "merged"
    assert f'href="/desk/matters/{other.number}/"' in page(street, f"/desk/matters/{matter.number}/")
    act(street, now(other), "unmerge", reason="看错了")
    assert now(other).state == "reported" and now(other).main_id is None


def test_one_that_does_not_exist_for_the_reader_is_no_main_matter(members, matter):
    foreign = reported(members, by="outsider", place_code="210202006001001", source="street")
    shown = act(client(members, "street_officer"), matter, "merge", 422, near="", main_id=foreign.number)
    assert "没有找到这件事" in shown and now(matter).main_id is None


def test_split_to_units_once(members, matter):
    street = client(members, "street_officer")
    given = {"unit_1": unit(members, "department_officer"), "title_1": "查线路", "unit_2": "", "title_2": ""}
    act(street, matter, "split", **given)
    part = Link.objects.get(kind=Link.SPLIT).other
    assert part.title == "查线路" and part.asked_id == unit(members, "department_officer")
    assert "刚刚已经拆分过" in act(street, matter, "split", 422, **given)
    assert Link.objects.filter(kind=Link.SPLIT).count() == 1


def test_related_and_no_longer(members, matter):
    other = reported(members, "井盖松动", place_code=SECOND_GRID)
    street = client(members, "street_officer")
    act(street, matter, "relate", other_id=other.number, reason="同一段管线")
    assert Link.objects.get(kind=Link.RELATED).ended_at is None
    act(street, matter, "unrelate", other_id=other.pk)
    assert Link.objects.get(kind=Link.RELATED).ended_at is not None


def test_another_item_by_whoever_dispatches(members, matter):
    act(client(members, "street_officer"), matter, "item", item="safe.ebike")
    assert now(matter).item == "safe.ebike"
    assert "不能改定事项" in act(client(members, "grid_worker"), matter, "item", 422, item="env.lamp")


def test_followed_and_no_longer(members, matter):
    district = client(members, "district_officer")
    assert "act/follow/" in page(district, f"/desk/matters/{matter.number}/")
    act(district, matter, "follow")
    assert Participation.objects.get().person_id == members["district_officer"].person.pk
    assert "act/unfollow/" in page(district, f"/desk/matters/{matter.number}/")
    act(district, matter, "unfollow")
    assert not Participation.objects.exists()


@pytest.mark.parametrize("key", ["remark", "merge", "supervise", "split", "follow"])
def test_outside_its_places_nothing_can_be_done(members, matter, key):
    at = client(members, "outside_officer")
    assert at.get(f"/desk/matters/{matter.number}/act/{key}/").status_code == 404
    assert at.post(f"/desk/matters/{matter.number}/act/{key}/", {"version": 1}).status_code == 404
    assert at.get(f"/desk/matters/{matter.number}/text/").status_code == 404
    assert client(members, "street_officer").get(f"/desk/matters/{matter.number}/act/x/").status_code == 404


def test_what_is_not_offered_leads_back_in_words(members, matter):
    answer = client(members, "grid_worker").get(f"/desk/matters/{matter.number}/act/supervise/", follow=True)
    assert "现在不能「督办」这件事" in answer.content.decode()


def test_a_page_grown_old_says_what_happened_and_the_step_can_be_sent_again(members, matter):
    worker, secretary = members["grid_worker"].actor, client(members, "community_secretary")
    apply_transition(actor=worker, matter_id=matter.pk, name="accept")
    address = f"/desk/matters/{matter.number}/dispatch/"
    given = {"dispatch-unit_id": unit(members, "department_officer"), "dispatch-note": "请看线路"}
    answer = secretary.post(address, given | {"dispatch-version": 1})
    shown = answer.content.decode()
    assert answer.status_code == 409 and "接办" in shown and "您写的话还在" in shown and "请看线路" in shown
    assert 'name="dispatch-version" value="2"' in shown
    assert secretary.post(address, given | {"dispatch-version": 2}).status_code == 302
    assert now(matter).state == "dispatched"


def test_words_for_a_step_that_is_gone_go_into_the_remark(members, matter):
    apply_transition(actor=members["grid_worker"].actor, matter_id=matter.pk, name="accept")
    answer = client(members, "community_secretary").post(
        f"/desk/matters/{matter.number}/reject/", {"reject-version": 1, "reject-note": "请打供电热线"}
    )
    shown = answer.content.decode()
    assert answer.status_code == 409 and "已放进“留言”里" in shown
    assert "请打供电热线</textarea>" in shown


def test_raised_to_the_desk_above_without_choosing(members, matter):
    worker = client(members, "grid_worker")
    shown = page(worker, f"/desk/matters/{matter.number}/")
    assert "报给：" in shown and 'name="raise-unit_id"' not in shown
    answer = worker.post(
        f"/desk/matters/{matter.number}/raise/", {"raise-version": 1, "raise-internal": "网格里办不了"}
    )
    assert answer.status_code == 302
    assert now(matter).asked_id == unit(members, "street_officer")


def test_text_for_a_chat_group_names_nobody(members, matter):
    secretary = members["community_secretary"].actor
    remark(actor=secretary, matter_id=matter.pk, text="只给工作人员的话", internal=True)
    apply_transition(
        actor=members["grid_worker"].actor, matter_id=matter.pk, name="accept", inputs=Inputs(note="我去看看")
    )
    text = page(client(members, "community_secretary"), f"/desk/matters/{matter.number}/text/")
    assert f"【{matter.number}】" in text and "我去看看" in text and "办理中" in text
    assert "只给工作人员的话" not in text
    assert all(member.person.name not in text for member in members.values())


def test_text_of_a_sealed_matter_says_only_how_it_stands(members):
    said = "邻居家夜里打孩子，哭声很大"
    sealed = reported(members, text=said, item_code="disp.family", address="三单元九号")
    apply_transition(
        actor=members["grid_worker"].actor,
        matter_id=sealed.pk,
        name="accept",
        inputs=Inputs(note="我上门看看"),
    )
    text = page(client(members, "community_secretary"), f"/desk/matters/{sealed.number}/text/")
    assert sealed.number in text and "办理中" in text and "期限：" in text and "内容已密封" in text
    assert not any(words in text for words in (said, sealed.title, "九号", "社区", "网格", "我上门看看"))


def test_a_page_costs_the_same_with_a_long_history(members, matter, django_assert_max_num_queries):
    at = client(members, "community_secretary")
    for number in range(30):
        remark(
            actor=members["grid_worker"].actor,
            matter_id=matter.pk,
            text=f"第{number}句",
            internal=number % 2 == 0,
        )
    with django_assert_max_num_queries(44):
        page(at, f"/desk/matters/{matter.number}/")


def test_a_wrong_place_is_corrected_from_the_page(members):
    matter = reported(members)
    address = f"/desk/matters/{matter.number}/"
    secretary = client(members, "community_secretary")
    assert "act/place" in page(secretary, address)
    assert "act/place" not in page(client(members, "grid_worker"), address)
    shown = page(secretary, f"{address}act/place/")
    assert "实际在哪里" in shown and SECOND_GRID in shown and SISTER not in shown
    assert "实际在哪里" in act(secretary, matter, "place", 422, place_code=SISTER, internal="记错了")
    act(secretary, matter, "place", place_code=SECOND_GRID, internal="在二网格", note="已改到实际地点")
    assert now(matter).place_code == SECOND_GRID and now(matter).state == "reported"
    assert "更正地点" in page(secretary, address)
