"""What stands on a volunteer's papers: passbook, service record, card. Slips and statements: selectors_redemption."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from doorstep.kernel.people.masking import MASKS
from doorstep.kernel.people.selectors import name_of_place
from doorstep.kernel.shared import clock
from doorstep.kernel.web.papers.printing import qr_of
from doorstep.modules.volunteering import rules
from doorstep.modules.volunteering.books import EARN
from doorstep.modules.volunteering.models import Credit, Slip, Volunteer
from doorstep.modules.volunteering.rules_redemption import spaced
from doorstep.modules.volunteering.selectors import (
    record_of,
    rule_values,
    service_names,
    standing_of,
    unit_names,
)
from doorstep.modules.volunteering.selectors_passbook import Entry, passbook

MOST_LINES = 1000


def passbook_paper_data(own: Volunteer, book: str) -> dict[str, Any]:
    """The book of points or minutes, its newest lines in the order they were booked. Name masked. Six queries."""
    entries, further = passbook(own, book, None, most=MOST_LINES)
    goods = _goods(entries)
    came, went = (sum(max(0, sign * entry.line.amount) for entry in entries) for sign in (1, -1))
    points = book == "points"
    columns = (
        [_("日期"), _("事由"), _("存入"), pgettext("passbook", "支出"), _("结余")]
        if points
        else [_("日期"), _("事由"), _("计入"), _("收回"), _("累计")]
    )
    return {
        "title": _("志愿服务积分存折") if points else _("志愿服务时长存折（分钟）"),
        "holder": MASKS["name"](own.person.name), "number": own.number, "columns": columns,
        "lines": [_line(entry, goods) for entry in reversed(entries)],
        "totals": {"label": _("合计") if further is None else _("所列合计"), "in": f"{came:,}", "out": f"{went:,}"} if entries else None,
        "empty": _("还没有记录"), "note": " · ".join(_notes(own, points, further is not None)),
    }  # fmt: skip


def _goods(entries: Sequence[Entry]) -> dict[str, str]:
    """What was exchanged for, by number of the slip."""
    numbers = {_slip_number(entry) for entry in entries} - {""}
    return dict(Slip.objects.filter(number__in=numbers).values_list("number", "item__name"))


def _slip_number(entry: Entry) -> str:
    kind, _sep, number = entry.line.about.partition(":")
    return number if kind == "slip" else ""


def _line(entry: Entry, goods: dict[str, str]) -> dict[str, Any]:
    line, credit, number = entry.line, entry.credit, _slip_number(entry)
    what = credit.session.activity.title if credit else goods.get(number, "")
    notes = [entry.title] if what and line.kind != EARN else []
    if number:
        notes.append(_("小票 %s") % spaced(number))
    if credit:
        notes.append(_served(credit))
    if line.expires_on:
        notes.append(_("%(day)s 到期") % {"day": line.expires_on.isoformat()})
    return {
        "date": clock.day_of(line.at), "what": what or entry.title, "note": " · ".join(notes),
        "in": f"{line.amount:,}" if line.amount > 0 else "", "out": f"{-line.amount:,}" if line.amount < 0 else "",
        "balance": f"{line.after:,}",
    }  # fmt: skip


def _served(credit: Credit) -> str:
    words = {"day": f"{credit.day:%m-%d}", "attended": credit.attended, "minutes": credit.minutes}
    if credit.attended == credit.minutes:
        return _("%(day)s 到场 %(attended)d 分钟") % words
    said = _("%(day)s 到场 %(attended)d 分钟，计入 %(minutes)d 分钟") % words
    return f"{said}（{credit.get_cut_display()}）" if credit.cut else said


def _notes(own: Volunteer, points: bool, cut: bool) -> list[str]:
    """What stands at the foot of every page: when it was printed, what there is, how much of the book this is."""
    standing = standing_of(own)
    hours = rules.hours_text(standing.minutes, 6)  # tenths of an hour, as on the page
    said = [_("%(day)s 打印") % {"day": clock.today().isoformat()}]
    said.append(
        _("现有 %(n)s 分") % {"n": f"{standing.points:,}"}
        if points
        else _("共 %(hours)s 小时") % {"hours": hours}
    )
    return [*said, _("只印最近 %(n)s 笔") % {"n": f"{MOST_LINES:,}"}] if cut else said


def record_shown(own: Volunteer) -> dict[str, Any]:
    """The record of service as its holder sees it: every service with who recorded it, hours, the milestone reached."""
    credits = record_of(own)
    units = unit_names(credits)
    values = rule_values()
    step, kinds = values["record.step"], dict(service_names())
    total = sum(row.minutes for row in credits)
    lines = [
        {
            "credit": row, "unit": units.get(row.session.activity.organiser_id, ""),
            "kind": kinds.get(row.service, row.service), "hours": rules.hours_text(row.minutes, step),
        }
        for row in credits
        if row.minutes
    ]  # fmt: skip
    return {
        "own": own, "lines": lines, "total": rules.hours_text(total, step),
        "reached": rules.reached(total, values["milestones"])[0], "community": name_of_place(own.place_code),
    }  # fmt: skip


def record_paper_data(own: Volunteer) -> dict[str, Any]:
    """The record of service, with its holder's name in full: for who asks the holder for it. A record, no certificate."""
    shown = record_shown(own)
    hours = _("%(total)s 小时") % {"total": shown["total"]}
    if shown["reached"]:
        hours += _("（已满 %(reached)d 小时）") % {"reached": shown["reached"]}
    lines = [
        {
            "day": line["credit"].day, "what": line["credit"].session.activity.title, "kind": line["kind"],
            "unit": line["unit"], "hours": line["hours"],
        }
        for line in shown["lines"]
    ]  # fmt: skip
    return {
        "title": _("志愿服务记录"), "office": shown["community"], "number": own.number,
        "rows": [
            [_("姓名"), own.person.name], [_("志愿者编号"), own.number], [_("所在社区"), shown["community"]],
            [_("服务时长"), hours], [_("打印日期"), clock.today()],
        ],
        "columns": [_("日期"), _("服务"), _("记录单位"), _("小时")], "lines": lines, "empty": _("还没有记录"),
        "total": {"label": _("合计"), "value": shown["total"]},
        "text": _("谁组织、谁记录，记录单位见每一行。这是本平台的服务记录，以全国志愿服务信息系统的记录为准。"),
        "note": _("服务记录，以全国志愿服务信息系统的记录为准"),
    }  # fmt: skip


def card_paper_data(own: Volunteer, code: str, groups: str) -> dict[str, Any]:
    """A printed card: the code to scan and to read out, nobody's name."""
    return {
        "title": _("志愿者卡"), "qr": qr_of(code), "groups": groups,
        "number": _("志愿者编号 %(number)s") % {"number": own.number},
        "hint": _("到场和离开时给组织者扫一下，或者报卡上的号。丢了请到社区挂失。"),
    }  # fmt: skip
