"""What matters keep of a person: what they reported and said, their files, what they were told, how they want to hear."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.matters.models import Attachment, Matter, MessageChoice, Notice, Participation, Remark
from doorstep.kernel.matters.notices import lines_of
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.own_data import Section, declare
from doorstep.kernel.shared.clock import DISTRICT_ZONE


def _reported(person: Person) -> Iterable[dict[str, Any]]:
    for matter in Matter.objects.filter(Q(reporter=person) | Q(teller=person)).order_by("-pk"):
        yield {
            "number": matter.number, "title": matter.title, "text": matter.text, "address": matter.address,
            "place_code": matter.place_code, "state": str(matter.state_name), "opened_at": _when(matter.opened_at),
            "closed_at": _when(matter.closed_at),
            "position": "" if matter.longitude is None else f"{matter.longitude:.5f}, {matter.latitude:.5f}",
        }  # fmt: skip


def _said(person: Person) -> Iterable[dict[str, Any]]:
    """Also in office: what somebody wrote is theirs to see."""
    for remark in Remark.objects.filter(person=person).select_related("matter").order_by("-pk"):
        yield {"number": remark.matter.number, "at": _when(remark.at), "what": remark.text}
    files = Attachment.objects.filter(person=person, removed_at__isnull=True)
    for file in files.select_related("matter").order_by("-pk"):
        yield {"number": file.matter.number, "at": _when(file.at), "what": file.name}


def _followed(person: Person) -> Iterable[dict[str, Any]]:
    rows = Participation.objects.filter(person=person).select_related("matter")
    for row in rows.order_by("-pk"):
        yield {"number": row.matter.number, "at": _when(row.at)}


def _told(person: Person) -> Iterable[dict[str, Any]]:
    rows = list(Notice.objects.filter(person=person).select_related("matter").order_by("-pk")[:1000])
    lines = lines_of(rows)
    for notice in rows:
        yield {"at": _when(notice.at), "what": lines[notice.pk], "read_at": _when(notice.read_at)}


def _choices(person: Person) -> Iterable[dict[str, Any]]:
    for choice in MessageChoice.objects.filter(person=person).order_by("channel"):
        yield {
            "channel": str(choice.get_channel_display()),
            "wanted": str(_("已开通") if choice.wanted else _("没有开通")),
            "chosen_at": _when(choice.chosen_at),
        }


def _when(moment: dt.datetime | None) -> str:
    return moment.astimezone(DISTRICT_ZONE).strftime("%Y-%m-%d %H:%M") if moment else ""


declare(
    Section(
        "matters", _("我上报的事"),
        {"number": _("编号"), "title": _("事由"), "text": _("情况"), "address": _("地址"), "position": _("位置"),
         "place_code": _("地方代码"), "state": _("状态"), "opened_at": _("登记时间"), "closed_at": _("办结时间")}, _reported,
    ),
    Section("said", _("我的留言和附件"), {"number": _("编号"), "at": _("时间"), "what": _("内容")}, _said),
    Section("followed", _("我关注的事"), {"number": _("编号"), "at": _("时间")}, _followed),
    Section("told", _("给我的通知"), {"at": _("时间"), "what": _("内容"), "read_at": _("已读")}, _told),
    Section(
        "message_choices", _("通知方式"),
        {"channel": _("方式"), "wanted": _("接收"), "chosen_at": _("选择时间")}, _choices,
    ),
)  # fmt: skip
