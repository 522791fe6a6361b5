"""Registers of who and what serves: teams, members, volunteers, forces, brands, kinds of service. What was served:
registers_records."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.declarations import navigation
from doorstep.kernel.declarations.registers import (
    AS_IT_IS,
    Column,
    Filter,
    ImportColumn,
    Importer,
    Link,
    Register,
    Search,
    declare,
)
from doorstep.kernel.organisations.models import Appointment, UnitVersion
from doorstep.kernel.organisations.policies import ADJUST_COMMUNITY
from doorstep.kernel.organisations.selectors import holders_of, units_as_of, versions_of
from doorstep.kernel.people.masking import MASKS
from doorstep.kernel.people.selectors import with_names_seen
from doorstep.kernel.shared.dated import in_force
from doorstep.modules.volunteering import (
    registers_records,  # noqa: F401  declares what was served
    registers_redemption,  # noqa: F401  declared by being imported
)
from doorstep.modules.volunteering.importing import (
    import_brand,
    import_force,
    import_kind,
    import_team,
    import_volunteer,
    skills_of,
    times_of,
)
from doorstep.modules.volunteering.models import (
    SKILLS,
    TIMES,
    Brand,
    Force,
    Membership,
    ServiceKind,
    Team,
    Volunteer,
)
from doorstep.modules.volunteering.policies import KEEP, SET_RATES, VIEW
from doorstep.modules.volunteering.register_parts import (
    FROM,
    FROM_IN,
    PLACE_IN,
    TO,
    adding,
    ending,
    has_code,
    since,
    words_of,
)
from doorstep.modules.volunteering.services_teams import TEAM


def _teams(actor: Actor, on: dt.date) -> QuerySet[Any]:
    return units_as_of(actor, on=on, kinds=[TEAM])


def _describe_teams(rows: Sequence[Any], on: dt.date) -> None:
    """Leader, profile, brand and members: three queries."""
    ids = [row.unit_id for row in rows]
    leaders = holders_of(ids, on, ("team_leader",))
    teams = {team.unit_id: team for team in Team.objects.filter(unit__in=ids).select_related("brand")}
    counts: dict[int, int] = {}
    for unit in Membership.objects.filter(in_force(on), team__in=ids).values_list("team", flat=True):
        counts[unit] = counts.get(unit, 0) + 1
    words = words_of(SKILLS, "skills")
    for row in rows:
        team = teams.get(row.unit_id)
        row.leader_name = "、".join(holder.name for holder in leaders.get(row.unit_id, []))
        row.brand_name = str(team.brand) if team and team.brand else ""
        row.skill_names = words(team) if team else ""
        row.open_words = str(_("随时可加入") if team is None or team.is_open else _("先联系队长"))
        row.members = counts.get(row.unit_id, 0)


def _has_leader(value: bool, on: dt.date) -> Q:
    held = Appointment.objects.filter(in_force(on), unit=OuterRef("unit"), post="team_leader")
    return Q(Exists(held)) if value else ~Q(Exists(held))


def _team_skill(code: str, on: dt.date) -> Q:
    return Q(Exists(Team.objects.filter(unit=OuterRef("unit"), skills__contains=[code])))


def _team_links(actor: Actor, row: UnitVersion) -> Iterable[Link]:
    yield Link(_("队伍页面"), reverse("volunteering:team", args=[row.unit_id]), main=True)
    if row.unit.ended_on is None and actor.holds(ADJUST_COMMUNITY, row.place_code):
        yield Link(_("更名或调整"), reverse("desk:unit_choose", args=[row.unit_id]))
        yield Link(_("任命队长"), reverse("desk:appoint", args=[row.unit_id]))


_TEAMS = Register(
    key="volunteering.teams", name=_("志愿服务队"), noun=_("志愿服务队"), model=UnitVersion, order=("place_code", "id"),
    as_of=True, section=navigation.VOLUNTEERS, rows=_teams, prepare=_describe_teams, links=_team_links,
    actions=adding("team", _("成立服务队"), ADJUST_COMMUNITY), history=lambda row: [row.unit], export=VIEW,
    columns=(
        Column("name", width=28), Column("place_code", kind="place"),
        Column("leader", _("队长"), value=lambda row: row.leader_name),
        Column("members", _("队员"), kind="number", value=lambda row: row.members, width=8),
        Column("skills", _("专长"), value=lambda row: row.skill_names, width=24),
        Column("brand", _("品牌"), value=lambda row: row.brand_name), Column("phone", width=18),
        Column("joining", _("加入方式"), value=lambda row: row.open_words, shown=False),
        Column("founded_on", value="unit__founded_on", kind="date", shown=False), FROM, TO,
    ),
    filters=(
        Filter("leader", _("队长"), kind="exists", condition=_has_leader, phrase=_("有队长的"), phrase_no=_("没有队长的")),
        Filter("skill", _("专长"), choices=SKILLS, condition=_team_skill, phrase=_("会{value}的")),
    ),
    search=Search(names=("",), starts=("place_code",), contains=("phone",), hint=_("队名、拼音、代码或电话")),
    empty=_("社区登记或从 Excel 导入服务队后，这里就有记录。"),
    importer=Importer(
        capability=ADJUST_COMMUNITY, keys=("name", "place"),
        columns=(
            ImportColumn("name", _("队名"), required=True, aliases=("队伍名称", "名称", "服务队"), max_length=120), PLACE_IN,
            ImportColumn("founded_on", _("成立日期"), kind="date", required=True, aliases=("成立时间",)),
            ImportColumn("federation", _("志愿服务联合会"), aliases=("上级", "主管单位"), max_length=120, note=_("区里只有一个的可以空着。")),
            ImportColumn("phone", _("联系电话"), aliases=("电话", "办公电话"), max_length=40, note=_("居民看得到；不写个人手机号。")),
            ImportColumn("brand", _("品牌"), aliases=("服务品牌",), max_length=40),
            ImportColumn("skills", _("专长"), parse=skills_of, note=_("几项用顿号分开。")),
            ImportColumn("about", _("简介"), max_length=400), ImportColumn("is_open", _("随时可加入"), kind="bool"),
        ),
        examples=(
            {"name": "演示邻里服务队", "place": "210202005011", "founded_on": "2026-01-05", "skills": "理发、家电水电维修",
             "phone": "0411-80000000", "about": "每周六上午为邻里理发、修家电", "is_open": "是"},
        ),
        row_service=import_team,
    ),
)  # fmt: skip


def _volunteers(actor: Actor, on: dt.date) -> QuerySet[Any]:
    return policy_for(Volunteer).visible_to(actor).select_related("person")


def _volunteer_links(actor: Actor, row: Volunteer) -> Iterable[Link]:
    if row.left_on is None and actor.holds(KEEP, row.place_code):
        yield Link(_("修改资料"), reverse("volunteering:profile", args=[row.pk]))
        yield Link(_("发志愿者卡"), reverse("volunteering:card", args=[row.pk]))


def _left(value: bool, on: dt.date) -> Q:
    return Q(left_on__isnull=value)


_VOLUNTEERS = Register(
    key="volunteering.volunteers", undated=AS_IT_IS, name=_("志愿者"), noun=_("志愿者"), model=Volunteer,
    order=("place_code", "id"), section=navigation.VOLUNTEERS, rows=_volunteers, export=VIEW,
    personal=lambda rows, actor: with_names_seen(rows, actor, "person"), links=_volunteer_links,
    actions=adding("volunteer", _("登记志愿者"), KEEP),
    columns=(
        Column("number", width=18), Column("name", _("姓名"), value="seen_name", mask=MASKS["name"]),
        Column("place_code", kind="place"), Column("skills", value=words_of(SKILLS, "skills"), width=28),
        Column("times", value=words_of(TIMES, "times"), width=28), Column("registered_at", kind="datetime", width=18),
        Column("card", _("志愿者卡"), kind="bool", value=lambda row: row.card_index is not None, shown=False),
        Column("left_on", kind="date", shown=False),
    ),
    filters=(
        Filter("here", _("在册"), kind="bool", condition=_left, phrase=_("在册的"), phrase_no=_("已退出的")),
        Filter("skill", _("技能"), choices=SKILLS, condition=has_code("skills"), phrase=_("会{value}的")),
        Filter("time", _("可服务时间"), choices=TIMES, condition=has_code("times"), phrase=_("{value}有空的")),
        Filter("since", _("注册于"), kind="date", condition=lambda day, on: Q(registered_at__date__gte=day), phrase=_("{value} 起注册的")),
        Filter("card", _("志愿者卡"), kind="exists", field="card_index", phrase=_("有卡的"), phrase_no=_("没有卡的")),
    ),
    search=Search(names=("seen_",), starts=("number", "place_code"), hint=_("姓名、拼音、志愿者编号或代码")),
    note=_("不按时长或积分排名。"),
    empty=_("居民在手机上注册，或社区代为登记后，这里就有记录。"),
    importer=Importer(
        capability=KEEP, keys=("name", "place", "phone"),
        columns=(
            ImportColumn("name", _("姓名"), required=True, max_length=120),
            ImportColumn("place", _("社区"), kind="place", level="community", required=True, default_place=True, aliases=("所在社区",)),
            ImportColumn("phone", _("手机号"), aliases=("电话", "联系电话"), max_length=20, personal=True, note=_("重名时靠它区分；加密保存。")),
            ImportColumn("born_in", _("出生年份"), kind="number", aliases=("出生年",), note=_("只填年份。")),
            ImportColumn("skills", _("技能"), parse=skills_of, aliases=("特长",), note=_("几项用顿号分开。")),
            ImportColumn("times", _("可服务时间"), parse=times_of, note=_("几项用顿号分开。")),
        ),
        examples=(
            {"name": "演示志愿者甲", "place": "210202005011", "born_in": "1960", "skills": "理发", "times": "工作日上午、周末上午"},
        ),
        row_service=import_volunteer,
    ),
)  # fmt: skip


def _name_teams(rows: Sequence[Any], on: dt.date) -> None:
    names = versions_of({row.team_id for row in rows}, on)
    for row in rows:
        row.team_name = names[row.team_id].name if row.team_id in names else ""


_MEMBERS = Register(
    key="volunteering.members", name=_("服务队队员"), noun=_("队员"), model=Membership, order=("place_code", "id"), as_of=True,
    section=navigation.VOLUNTEERS, export=VIEW, prepare=_name_teams,
    personal=lambda rows, actor: with_names_seen(rows, actor, "volunteer__person"),
    columns=(
        Column("team", _("服务队"), value=lambda row: row.team_name, width=28), Column("place_code", kind="place"),
        Column("number", _("志愿者编号"), value="volunteer__number", width=18),
        Column("name", _("姓名"), value="seen_name", mask=MASKS["name"]), Column("valid_from", _("加入"), kind="date"), TO,
    ),
    filters=(Filter("since", _("加入于"), kind="date", condition=since("valid_from"), phrase=_("{value} 起加入的")),),
    search=Search(names=("seen_",), starts=("volunteer__number", "place_code"), hint=_("姓名、志愿者编号或代码")),
    empty=_("志愿者加入服务队后，这里就有记录。"),
)  # fmt: skip

_FORCES = Register(
    key="volunteering.forces", name=_("专业力量"), noun=_("专业力量"), model=Force, order=("place_code", "id"), as_of=True,
    section=navigation.VOLUNTEERS, links=ending("force", KEEP), actions=adding("force", _("登记专业力量"), KEEP),
    columns=(
        Column("name", width=28), Column("field", value=words_of(SKILLS, "field")), Column("place_code", kind="place"),
        Column("unit_name", width=28), Column("phone", width=18), FROM, TO,
    ),
    filters=(Filter("field", _("专业"), choices=SKILLS),),
    search=Search(contains=("name", "unit_name"), starts=("place_code",), hint=_("名称、单位或代码")),
    empty=_("联合会登记医院、律所、消防等专业力量后，这里就有记录。"),
    importer=Importer(
        capability=KEEP, keys=("name", "place"),
        columns=(
            ImportColumn("name", _("名称"), required=True, aliases=("专业力量", "队伍名称"), max_length=80), PLACE_IN,
            ImportColumn("field", _("专业"), kind="choice", choices=SKILLS, required=True, aliases=("类别", "领域")),
            ImportColumn("federation", _("志愿服务联合会"), max_length=120, note=_("区里只有一个的可以空着。")),
            ImportColumn("unit_name", _("所在单位"), aliases=("单位",), max_length=80),
            ImportColumn("phone", _("办公电话"), aliases=("电话", "联系电话"), max_length=40), FROM_IN,
        ),
        examples=(
            {"name": "演示医院义诊队", "place": "210202", "field": "医疗护理", "unit_name": "演示医院", "phone": "0411-80000030",
             "valid_from": "2026-01-05"},
        ),
        row_service=import_force,
    ),
)  # fmt: skip

_BRANDS = Register(
    key="volunteering.brands", name=_("志愿服务品牌"), noun=_("品牌"), model=Brand, order=("place_code", "id"), as_of=True,
    section=navigation.VOLUNTEERS, export=VIEW, links=ending("brand", KEEP), actions=adding("brand", _("登记服务品牌"), KEEP),
    rows=lambda actor, on: policy_for(Brand).visible_to(actor).filter(in_force(on)),
    columns=(Column("name", width=24), Column("place_code", kind="place"), Column("story", width=48), FROM, TO),
    search=Search(contains=("name", "story"), starts=("place_code",), hint=_("品牌名称或代码")),
    empty=_("登记服务品牌后，这里就有记录。"),
    importer=Importer(
        capability=KEEP, keys=("name", "place"),
        columns=(
            ImportColumn("name", _("品牌"), required=True, aliases=("名称", "品牌名称"), max_length=40), PLACE_IN,
            ImportColumn("story", _("简介"), max_length=400), FROM_IN,
        ),
        examples=({"name": "演示之声", "place": "210202", "story": "读书会志愿者", "valid_from": "2026-01-05"},),
        row_service=import_brand,
    ),
)  # fmt: skip

_KINDS = Register(
    key="volunteering.kinds", name=_("服务类别和计分标准"), noun=_("服务类别"), model=ServiceKind, order=("place_code", "id"),
    as_of=True, section=navigation.VOLUNTEERS, export=VIEW, links=ending("kind", SET_RATES),
    actions=adding("kind", _("设定服务类别"), SET_RATES),
    rows=lambda actor, on: policy_for(ServiceKind).visible_to(actor).filter(in_force(on)),
    columns=(
        Column("code", width=16), Column("name", width=24), Column("points_per_hour", kind="number", width=12),
        Column("risky", kind="bool", width=12), Column("place_code", kind="place"), Column("clause", width=40), FROM, TO,
    ),
    filters=(Filter("risky", _("须先办保险"), kind="bool", phrase=_("须先办保险的"), phrase_no=_("不须办保险的")),),
    search=Search(contains=("name",), starts=("code",), hint=_("类别名称或代码")),
    note=_("积分只由经过确认和审核的服务时长得来，不与钱挂钩，也没有别的加分或扣分。"),
    empty=_("区里设定服务类别和计分标准后，这里就有记录。"),
    importer=Importer(
        capability=SET_RATES, keys=("place", "code"),
        columns=(
            PLACE_IN, ImportColumn("code", _("代码"), required=True, max_length=40),
            ImportColumn("name", _("服务类别"), required=True, aliases=("名称", "类别"), max_length=40),
            ImportColumn("points_per_hour", _("每小时积分"), kind="number", required=True),
            ImportColumn("risky", _("须先办保险"), kind="bool"), ImportColumn("clause", _("依据"), required=True, max_length=200),
            FROM_IN,
        ),
        examples=(
            {"place": "210202", "code": "demo", "name": "演示服务", "points_per_hour": "10", "risky": "否", "clause": "演办〔2026〕1号",
             "valid_from": "2026-12-31"},
        ),
        row_service=import_kind,
    ),
)  # fmt: skip

declare(_TEAMS, _VOLUNTEERS, _MEMBERS, _FORCES, _BRANDS, _KINDS)
