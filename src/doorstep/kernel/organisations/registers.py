"""Registers of units and of appointments; appointments come in from Excel."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, prefetch_related_objects
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.declarations import navigation
from doorstep.kernel.declarations.registers import (
    Column,
    Filter,
    ImportColumn,
    Importer,
    Link,
    Register,
    Search,
    declare,
)
from doorstep.kernel.organisations import selectors
from doorstep.kernel.organisations.importing import import_appointment
from doorstep.kernel.organisations.importing_units import check_credit_code, import_unit, kind_choices
from doorstep.kernel.organisations.kept_kinds import general_kinds, is_general
from doorstep.kernel.organisations.kinds import POSTS, UNIT_KINDS
from doorstep.kernel.organisations.models import Appointment, AppointmentPlace, UnitVersion
from doorstep.kernel.organisations.policies import ADJUST_COMMUNITY, APPOINT_COMMUNITY, adjust_capability
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.place_codes import ancestors_of, within

LEADING_POSTS = ("community_secretary", "residents_committee_chair", "branch_secretary", "group_leader", "merchant_manager", "team_leader")  # fmt: skip


def name_superiors(rows: Sequence[UnitVersion], on: dt.date) -> None:
    above = selectors.versions_of((row.superior_id for row in rows if row.superior_id is not None), on)
    holders = selectors.holders_of((row.unit_id for row in rows), on, LEADING_POSTS)
    for row in rows:
        superior = above.get(row.superior_id or 0)
        led: Any = row
        led.superior_name = superior.name if superior else ""
        led.leader_name = "、".join(holder.name for holder in holders.get(row.unit_id, []))


def name_units(rows: Sequence[Appointment], on: dt.date) -> None:
    """The unit's name on the day, or the one it had when the appointment began or will begin."""
    names = {
        unit_id: version.name
        for unit_id, version in selectors.versions_of((row.unit_id for row in rows), on).items()
    }
    prefetch_related_objects(rows, "places")  # a figure's own rows come without
    rest = [row.unit_id for row in rows if row.unit_id not in names]
    if rest:
        known = UnitVersion.objects.filter(unit_id__in=rest).order_by("valid_from")
        names |= dict(known.values_list("unit_id", "name"))
    for row in rows:
        named: Any = row
        named.unit_name = names.get(row.unit_id, "")
        named.place_codes = "、".join(place.code for place in row.places.all())


def has_leader(value: bool, on: dt.date) -> Q:
    held = Appointment.objects.filter(in_force(on), unit=OuterRef("unit"), post__in=LEADING_POSTS)
    return Q(Exists(held)) if value else ~Q(Exists(held))


def answering_for(code: str, on: dt.date) -> Q:
    """Appointments whose own places lie in `code`, or hold it."""
    above = [*ancestors_of(code), code]
    own = AppointmentPlace.objects.filter(
        within("code", [code]) | Q(code__in=above), appointment=OuterRef("pk")
    )
    return Q(Exists(own))


def appointments_on(actor: Actor, on: dt.date) -> QuerySet[Any]:
    rows = policy_for(Appointment).visible_to(actor).filter(in_force(on))
    return rows.prefetch_related("places")


def unit_links(actor: Actor, row: UnitVersion) -> list[Link]:
    """Appointing and adjusting; of a kind that a module keeps, the unit's office here and the rest on its page."""
    if row.unit.ended_on is not None:
        return []
    offered = [(_("任命"), "desk:appoint", row.unit_id)] if selectors.posts_to_give(actor, row) else []
    if policy_for(UnitVersion).can(actor, "office", row) or (
        is_general(row.kind) and policy_for(UnitVersion).can(actor, "adjust", row)
    ):
        offered.append((_("调整"), "desk:unit_choose", row.unit_id))
    return _links(*offered)


def unit_actions(actor: Actor, place_code: str) -> list[Link]:
    if not any(actor.holds_somewhere(adjust_capability(kind)) for kind in general_kinds()):
        return []
    try:
        return [Link(_("登记新单位"), f"{reverse('desk:unit_found')}?place={place_code}", main=True)]
    except NoReverseMatch:
        return []


def appointment_links(actor: Actor, row: Appointment) -> list[Link]:
    """What may be done to the appointment today."""
    if not policy_for(Appointment).can(actor, "appoint", row) or row.person_id == actor.person_id:
        return []
    today = clock.today()
    if row.valid_from > today:
        return _links((_("撤回任命"), "desk:appointment_withdraw", row.pk))
    if not row.holds_on(today):
        return []
    offered = [(_("离任"), "desk:appointment_end", row.pk)]
    if row.valid_to is not None:
        offered.append((_("延长任职"), "desk:appointment_extend", row.pk))
    if row.substitute_for_id is None:
        offered.append((_("安排代理"), "desk:appointment_substitute", row.pk))
        if POSTS[row.post].carries_places:
            offered.append((_("调整负责范围"), "desk:appointment_places", row.pk))
    return _links(*offered)


def _links(*offered: tuple[Any, str, int]) -> list[Link]:
    """Links to pages by name; none where no surface serves them."""
    try:
        return [Link(name, reverse(page, args=[pk])) for name, page, pk in offered]
    except NoReverseMatch:
        return []


declare(
    Register(
        key="units",
        name=_("单位与组织"),
        noun=_("单位"),
        model=UnitVersion,
        order=("place_code", "id"),
        as_of=True,
        section=navigation.PEOPLE,
        columns=(
            Column("name", width=28),
            Column("kind"),
            Column("place_code", kind="place"),
            Column("superior_name", _("上级"), value=lambda row: row.superior_name, width=28),
            Column("leader_name", _("负责人"), value=lambda row: row.leader_name),
            Column("phone"),
            Column("hours", shown=False),
            Column("address", shown=False),
            Column("founded_on", value="unit__founded_on", kind="date", shown=False),
            Column("credit_code", value="unit__credit_code", shown=False, width=22),
            Column("approved_by", shown=False),
            Column("document", shown=False),
            Column("valid_from", _("现状自"), kind="date", shown=False),
        ),
        filters=(
            Filter("kind", _("类型"), choices=list(UNIT_KINDS.items())),
            Filter(
                "leader", _("负责人"), kind="exists", condition=has_leader, phrase=_("有负责人的"),
                phrase_no=_("没有负责人的"),
            ),
            Filter("since", _("现状始于"), kind="date", field="valid_from", phrase=_("{value} 起有变动的")),
        ),
        search=Search(
            names=("",), starts=("place_code", "unit__credit_code"), contains=("phone",), hint=_("名称、拼音、代码或电话"),
        ),
        prepare=name_superiors,
        panel="organisations/unit_panel.html",
        links=unit_links,
        actions=unit_actions,
        history=lambda row: [row.unit],
        empty=_("区和街道在这里逐个登记单位，或从 Excel 导入。"),
        importer=Importer(
            capability=ADJUST_COMMUNITY,
            keys=("kind", "name", "place"),
            columns=(
                ImportColumn("name", _("名称"), required=True, aliases=("单位名称", "组织名称", "全称"), max_length=120),
                ImportColumn("kind", _("类型"), kind="choice", required=True, choices=kind_choices(),
                             aliases=("单位类型", "类别", "组织类型")),
                ImportColumn("place", _("地方"), kind="place", required=True, default_place=True,
                             aliases=("社区", "所在社区", "街道", "所在地方", "所属地方")),
                ImportColumn("founded_on", _("成立日期"), kind="date", required=True, aliases=("成立时间", "注册日期")),
                ImportColumn("superior", _("上级"), aliases=("上级单位", "主管单位", "隶属"), max_length=120,
                             note=_("上级单位的全称；没有的空着。")),
                ImportColumn("document", _("批准文号"), aliases=("文号", "成立文号"), max_length=80,
                             note=_("党政机关、党组织和居委会必填。")),
                ImportColumn("approved_by", _("批准单位"), max_length=120),
                ImportColumn("credit_code", _("统一社会信用代码"), aliases=("信用代码", "社会信用代码"), max_length=24,
                             check=check_credit_code, note=_("18位，见证照；没有的空着。")),
                ImportColumn("phone", _("办公电话"), aliases=("电话", "联系电话", "值班电话"), max_length=40,
                             note=_("居民看得到；不写个人手机号。")),
                ImportColumn("hours", _("办公时间"), max_length=120),
                ImportColumn("address", _("办公地址"), aliases=("地址", "住所", "经营地址"), max_length=200),
            ),
            examples=(
                {"name": "演示街便民超市", "kind": "商户", "place": "210202005011", "founded_on": "2026-01-05",
                 "phone": "0411-82000000", "hours": "每天 8:00—20:00", "address": "演示街1号"},
            ),
            row_service=import_unit,
            note=_("已登记的单位按类型、名称和地方（或信用代码）对上，只补改电话、时间、地址和信用代码；党支部和党小组在组织链条里办理。"),
        ),
    ),
    Register(
        key="appointments",
        name=_("任职"),
        noun=_("任职"),
        model=Appointment,
        rows=appointments_on,
        order=("place_code", "id"),
        as_of=True,
        section=navigation.PEOPLE,
        columns=(
            Column("person", value="person__name", name=_("姓名")),
            Column("post"),
            Column("unit", _("单位"), value=lambda row: row.unit_name, width=28),
            Column("place_code", kind="place"),
            Column("valid_from", kind="date"),
            Column("valid_to", _("离任日"), kind="date"),
            Column("full_time"),
            Column("has_vote", shown=False),
            Column("places", _("负责范围"), value=lambda row: row.place_codes, shown=False, width=30),
            Column("substitute", _("代理"), value=lambda row: row.substitute_for_id is not None, shown=False),
            Column("document", shown=False),
            Column("end_reason", shown=False),
        ),
        filters=(
            Filter("post", _("职务"), choices=[(post.code, post.name) for post in POSTS.values()]),
            Filter("answers", _("负责范围"), kind="place", condition=answering_for, phrase=_("负责{value}的")),
            Filter("full_time", _("专职"), kind="bool", phrase=_("专职的"), phrase_no=_("兼职的")),
            Filter(
                "substitute", _("代理"), kind="exists", field="substitute_for", phrase=_("临时代理的"),
                phrase_no=_("非代理的"),
            ),
            Filter("since", _("任职始于"), kind="date", field="valid_from", phrase=_("{value} 起到任的")),
        ),
        search=Search(names=("person__",), starts=("place_code",), hint=_("姓名、拼音或代码")),
        prepare=name_units,
        links=appointment_links,
        empty=_("街道和社区在这里登记或从 Excel 导入任职。"),
        importer=Importer(
            capability=APPOINT_COMMUNITY,
            keys=("person", "phone", "unit", "post", "valid_from"),
            columns=(
                ImportColumn("person", _("姓名"), required=True, aliases=("人员", "人员姓名", "任职人"), max_length=120),
                ImportColumn(
                    "phone", _("手机号"), aliases=("联系电话", "电话"), note=_("同名时用来认人；没有登记过的人必填。"),
                ),
                ImportColumn("unit", _("单位"), required=True, aliases=("所在单位", "任职单位", "组织名称"), max_length=120),
                ImportColumn("post", _("职务"), kind="choice", required=True, aliases=("岗位", "任职岗位"),
                             choices=[(post.code, post.name) for post in POSTS.values()]),
                ImportColumn("community", _("地方"), kind="place", default_place=True, aliases=("社区", "所在社区"),
                             note=_("单位所在的街道或社区，同名单位用来区分。")),
                ImportColumn("valid_from", _("起"), kind="date", required=True, aliases=("任职日期", "到任日期", "任职时间")),
                ImportColumn("valid_to", _("离任日"), kind="date", aliases=("离任日期", "止", "截止日期"),
                             note=_("不再任职的第一天；空：新任职为长期，已登记的不变。")),
                ImportColumn("places", _("负责范围"), aliases=("网格", "网格代码", "负责网格"),
                             note=_("网格员、物业项目经理必填：代码，多个用顿号分开。")),
                ImportColumn("full_time", _("专职"), kind="bool", note=_("空为专职。")),
                ImportColumn("has_vote", _("有表决权"), kind="bool", note=_("空为有表决权。")),
                ImportColumn("document", _("任命文号"), aliases=("文号", "批准文号"), max_length=80),
            ),
            examples=(
                {"person": "演示甲一", "phone": "", "unit": "演示社区居民委员会", "post": "专职网格员",
                 "valid_from": "2026-01-05", "places": "210202005011001、210202005011002", "full_time": "是"},
            ),
            row_service=import_appointment,
        ),
    ),
)  # fmt: skip
