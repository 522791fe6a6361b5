"""The course of a matter: whole for those in office in it, without what is said among staff for its reporter."""

import datetime as dt

import pytest
from django.template.loader import render_to_string

from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.selectors_timeline import timeline_of
from doorstep.kernel.matters.services_attachments import attach
from doorstep.kernel.matters.services_links import merge_into
from doorstep.kernel.matters.services_remarks import (
    close_supervision,
    remark,
    reply_to_supervision,
    supervise,
)
from tests.matters.uploads import pdf, photo, upload
from tests.matters.world import opened, step


@pytest.fixture
def matter(world, settings, tmp_path):
    settings.ATTACHMENTS_FOLDER = tmp_path
    matter = opened(world)
    step(world, "street", matter, "dispatch", unit_id=world.department.pk, internal="请核对职责")
    step(world, "department", matter, "accept", note="明天上门")
    remark(actor=world["resident"], matter_id=matter.pk, text="我下午在家", internal=False)
    remark(actor=world["community"], matter_id=matter.pk, text="住户年纪大", internal=True)
    for width in (60, 80):
        attach(actor=world["resident"], matter_id=matter.pk, upload=upload("灯.jpg", photo((width, 60))))
    attach(actor=world["department"], matter_id=matter.pk, upload=upload("单.pdf", pdf()), internal=True)
    due = dt.datetime(2026, 6, 17, 9, tzinfo=dt.UTC)
    order = supervise(actor=world["street"], matter_id=matter.pk, reason="反映三次", reply_due=due)
    reply_to_supervision(actor=world["department"], order_id=order.pk, reply="配件在途")
    close_supervision(actor=world["street"], order_id=order.pk, closing="知悉")
    return Matter.objects.get(pk=matter.pk)


def page(world, matter, who):
    return render_to_string("matters/timeline.html", {"timeline": timeline_of(world[who], matter)})


def test_those_in_office_read_all_of_it(world, matter):
    text = page(world, matter, "department")
    for words in (
        "请核对职责", "明天上门", "我下午在家", "住户年纪大", "单.pdf", "反映三次", "配件在途", "知悉",
        "演示城管局 · 演示department", "演示居委会 · 演示community", "报告人", "办完后由他人核实", "2026-06-22", "计时中",
    ):  # fmt: skip
        assert words in text, words
    assert "演示resident" not in text


def test_the_reporter_reads_what_is_theirs(world, matter):
    text = page(world, matter, "resident")
    for words in (
        "明天上门",
        "我下午在家",
        "您",
        "演示城管局 · 演示department",
        "办完后由他人核实",
        "2026-06-22",
    ):
        assert words in text, words
    for words in ("请核对职责", "住户年纪大", "单.pdf", "反映三次", "配件在途", "知悉", "督办", "内部"):
        assert words not in text, words
    assert text.count("<img") == 2 and text.count("添加附件") == 1  # added one after the other: one line


def test_the_latest_stands_first(world, matter):
    times = [entry.at for entry in timeline_of(world["street"], matter).entries]
    assert times == sorted(times, reverse=True)


def test_a_duplicate_says_where_it_went(world, matter):
    duplicate = opened(world, by="neighbour", reporter_id=world.people["neighbour"].pk)
    merge_into(actor=world["community"], matter_id=duplicate.pk, main_id=matter.pk)
    text = page(world, Matter.objects.get(pk=duplicate.pk), "neighbour")
    assert "已并入" in text and matter.number in text and "办理中" in text and "明天上门" not in text
    assert "不再计时" in text


def test_mark_up_stays_words(world, matter):
    remark(
        actor=world["resident"], matter_id=matter.pk, text="<script>alert(1)</script>\n第二行", internal=False
    )
    text = page(world, matter, "resident")
    assert "<script>" not in text and "&lt;script&gt;" in text and "<br>第二行" in text


def test_it_costs_no_more_for_a_long_one(world, matter, django_assert_max_num_queries):
    for number in range(20):
        remark(actor=world["resident"], matter_id=matter.pk, text=f"第{number}句", internal=False)
    with django_assert_max_num_queries(8):
        page(world, matter, "resident")
    with django_assert_max_num_queries(8):
        page(world, matter, "department")
