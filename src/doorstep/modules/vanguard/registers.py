"""Registers of the vanguard: posts, areas, projects and who holds them; members, what they served, wishes, call-ups, what
employers were told.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.declarations import navigation
from doorstep.kernel.declarations.registers import (
    AS_IT_IS,
    HAPPENED,
    UNDER_WAY,
    Column,
    Filter,
    ImportColumn,
    Importer,
    Link,
    Register,
    Search,
    declare,
)
from doorstep.kernel.people.masking import MASKS
from doorstep.kernel.people.selectors import with_names_seen
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.numerals import is_digits
from doorstep.kernel.shared.place_codes import is_code
from doorstep.modules.vanguard import states
from doorstep.modules.vanguard.importing import import_area, import_post, import_project
from doorstep.modules.vanguard.models import (
    POST_KINDS,
    SKILLS,
    TIMES,
    Area,
    Feedback,
    Holding,
    Member,
    Post,
    Project,
    Served,
    Wish,
)
from doorstep.modules.vanguard.policies import KEEP, RECEIVE, TELL_EMPLOYERS, VIEW
from doorstep.modules.vanguard.selectors import is_held, places_in_words, results_of, times_served, unit_names

FROM, TO = (
    Column("valid_from", _("起"), kind="date", shown=False),
    Column("valid_to", _("止"), kind="date", shown=False),
)
_SINCE = Filter("since", _("起用于"), kind="date", field="valid_from", phrase=_("{value} 起的"))


def _with_holder(what: str) -> Callable[[QuerySet[Any], dt.date], QuerySet[Any]]:
    def annotated(rows: QuerySet[Any], on: dt.date) -> QuerySet[Any]:
        holdings = Holding.objects.filter(in_force(on), **{what: OuterRef("pk")})
        return rows.annotate(holder_id=Subquery(holdings.values("person_id")[:1])).select_related("unit")

    return annotated


def _held(what: str) -> Filter:
    def condition(value: Any, on: dt.date) -> Q:
        held = is_held(what, on)
        return Q(held) if value else ~Q(held)

    return Filter(
        "held", _("有人在岗"), kind="bool", condition=condition, phrase=_("有人在岗的"), phrase_no=_("空缺的")
    )


_HOLDER = Column("holder", _("谁在岗"), value="seen_name", mask=MASKS["name"])


def _name_units(rows: Sequence[Any], on: dt.date) -> None:
    names = unit_names(row.unit_id for row in rows)
    for row in rows:
        row.unit_name = names.get(row.unit_id, "")


_UNIT = Column("unit", _("所属单位"), value=lambda row: getattr(row, "unit_name", ""), width=28)


def _holder_seen(rows: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
    return with_names_seen(rows, actor, "holder")


def _keeping(what: str) -> Callable[[Actor, Any], Iterable[Link]]:
    def links(actor: Actor, row: Any) -> Iterable[Link]:
        if what == "project":
            yield Link(_("项目页面"), reverse("vanguard:project", args=[row.pk]), main=True)
        if row.valid_to is None and actor.holds(KEEP, row.place_code):
            yield Link(_("任命"), reverse("vanguard:give", args=[what, row.pk]), main=what != "project")
            yield Link(_("终止"), reverse("vanguard:end", args=[what, row.pk]))

    return links


def _adding(what: str, name: Any, capability: str) -> Callable[[Actor, str], Iterable[Link]]:
    def actions(actor: Actor, place: str) -> Iterable[Link]:
        if actor.holds_somewhere(capability):
            chosen = f"?place={place}" if place and is_code(place) else ""
            yield Link(name, f"{reverse('vanguard:add', args=[what])}{chosen}", main=True)
        if what == "area" and actor.holds_somewhere(VIEW):
            yield Link(_("看地图"), reverse("vanguard:areas"))

    return actions


# columns that sheets of posts, areas and projects have in common
_PLACE = ImportColumn(
    "place", _("地方"), kind="place", required=True, default_place=True, aliases=("社区", "街道")
)
_WHOSE = ImportColumn("unit", _("所属单位"), required=True, aliases=("单位", "党组织"), max_length=120)
_BEGINS = ImportColumn(
    "valid_from", _("起用日期"), kind="date", required=True, aliases=("起", "设岗日期", "开始日期")
)
_ONE_OF = ("place", "name", "unit")  # the same name may stand twice at a place, of two units

_POSTS = Register(
    key="vanguard.posts", name=_("党员先锋岗"), noun=_("党员先锋岗"), model=Post, order=("place_code", "id"), as_of=True,
    section=navigation.VOLUNTEERS, annotate=_with_holder("post"), personal=_holder_seen, prepare=_name_units,
    links=_keeping("post"), actions=_adding("post", _("设先锋岗"), KEEP),
    columns=(
        Column("name", width=28), Column("place_code", kind="place"),
        Column("kind", value=lambda row: str(row.get_kind_display())), _HOLDER, _UNIT,
        Column("duty", width=40, shown=False), FROM, TO,
    ),
    filters=(_held("post"), Filter("kind", _("岗位类型"), choices=POST_KINDS, phrase=_("{value}的")), _SINCE),
    search=Search(names=("seen_",), contains=("name", "duty"), starts=("place_code",), hint=_("岗名、职责、在岗人或代码")),
    note=_("指标只数当天有人在岗的；空缺的在这里列出。"),
    empty=_("社区或街道设岗，或从 Excel 导入后，这里就有记录。"),
    importer=Importer(
        capability=KEEP, keys=_ONE_OF,
        columns=(
            _PLACE, ImportColumn("name", _("名称"), required=True, aliases=("岗位名称", "先锋岗"), max_length=80),
            ImportColumn("kind", _("岗位类型"), kind="choice", choices=POST_KINDS, required=True, aliases=("类型",)),
            _WHOSE, ImportColumn("duty", _("职责"), max_length=300), _BEGINS,
        ),
        examples=(
            {"place": "210202005011", "name": "演示便民先锋岗", "kind": "便民服务", "unit": "东日社区党组织", "duty": "代办、跑腿",
             "valid_from": "2026-01-05"},
        ),
        row_service=import_post,
    ),
)  # fmt: skip


def _describe_areas(rows: Sequence[Any], on: dt.date) -> None:
    _name_units(rows, on)
    words = places_in_words(rows)
    for row in rows:
        row.places_words = words.get(row.pk, "")


_AREAS = Register(
    key="vanguard.areas", name=_("党员责任区"), noun=_("党员责任区"), model=Area, order=("place_code", "id"), as_of=True,
    section=navigation.VOLUNTEERS, annotate=_with_holder("area"), personal=_holder_seen, prepare=_describe_areas,
    links=_keeping("area"), actions=_adding("area", _("划责任区"), KEEP),
    columns=(
        Column("name", width=28), Column("place_code", kind="place"),
        Column("places", _("有哪些地方"), value=lambda row: getattr(row, "places_words", ""), width=40), _HOLDER, _UNIT,
        Column("duty", width=40, shown=False), FROM, TO,
    ),
    filters=(_held("area"), _SINCE),
    search=Search(names=("seen_",), contains=("name", "duty"), starts=("place_code",), hint=_("名称、责任、负责人或代码")),
    empty=_("社区或街道划责任区，或从 Excel 导入后，这里就有记录。"),
    importer=Importer(
        capability=KEEP, keys=_ONE_OF,
        columns=(
            _PLACE, ImportColumn("name", _("名称"), required=True, aliases=("责任区", "责任区名称"), max_length=80),
            ImportColumn("places", _("有哪些地方"), required=True, aliases=("范围", "包括"), max_length=1000,
                         note=_("网格的名称或代码、小区楼院、楼栋，用顿号隔开")),
            _WHOSE, ImportColumn("duty", _("责任"), max_length=300), _BEGINS,
        ),
        examples=(
            {"place": "210202005011", "name": "演示责任区", "places": "210202005011001、210202005011002", "unit": "东日社区党组织",
             "duty": "每周走一遍", "valid_from": "2026-01-05"},
        ),
        row_service=import_area, note=_("图上画的范围不从表格导入，请在“划责任区”里画。"),
    ),
)  # fmt: skip


def _describe_projects(rows: Sequence[Any], on: dt.date) -> None:
    _name_units(rows, on)
    results = results_of([row.pk for row in rows])
    for row in rows:
        row.result = results[row.pk]


_PROJECTS = Register(
    key="vanguard.projects", name=_("先锋工程项目"), noun=_("先锋工程项目"), model=Project, order=("place_code", "id"), as_of=True,
    section=navigation.VOLUNTEERS, annotate=_with_holder("project"), personal=_holder_seen, prepare=_describe_projects,
    links=_keeping("project"), actions=_adding("project", _("立项"), KEEP),
    columns=(
        Column("name", width=28), Column("place_code", kind="place"), Column("aim", width=40), _HOLDER, _UNIT,
        Column("sessions", _("办了几场"), kind="number", value=lambda row: row.result.sessions if hasattr(row, "result") else None),
        Column("times", _("参加人次"), kind="number", value=lambda row: row.result.times if hasattr(row, "result") else None),
        FROM, TO,
    ),
    filters=(_held("project"), _SINCE),
    search=Search(names=("seen_",), contains=("name", "aim"), starts=("place_code",), hint=_("名称、目标、负责人或代码")),
    note=_("办了几场、多少人次由到场记录得来，不用填报。"),
    empty=_("单位立项，或从 Excel 导入后，这里就有记录。"),
    importer=Importer(
        capability=KEEP, keys=_ONE_OF,
        columns=(
            _PLACE, ImportColumn("name", _("名称"), required=True, aliases=("项目", "项目名称"), max_length=80),
            ImportColumn("aim", _("目标"), required=True, aliases=("内容", "要办成什么"), max_length=300), _WHOSE, _BEGINS,
            ImportColumn("valid_to", _("结束日期"), kind="date", aliases=("止", "完成日期"), note=_("可以不填")),
        ),
        examples=(
            {"place": "210202005011", "name": "演示扶手工程", "aim": "给老楼装扶手", "unit": "东日社区党组织", "valid_from": "2026-01-05",
             "valid_to": "2026-12-31"},
        ),
        row_service=import_project,
    ),
)  # fmt: skip


def _holding_links(actor: Actor, row: Holding) -> Iterable[Link]:
    if row.holds_on() and actor.holds(KEEP, row.place_code):
        yield Link(_("离岗"), reverse("vanguard:let_go", args=[row.pk]))


_HOLDINGS = Register(
    key="vanguard.holdings", name=_("先锋岗位任职"), noun=_("任职"), model=Holding, order=("place_code", "id"), as_of=True,
    section=navigation.VOLUNTEERS, links=_holding_links, export=VIEW,
    annotate=lambda rows, on: rows.select_related("post", "area", "project"),
    personal=lambda rows, actor: with_names_seen(rows, actor, "person"),
    columns=(
        Column("what", _("岗位、责任区或项目"), value=lambda row: str(row.post or row.area or row.project), width=28),
        Column("name", _("姓名"), value="seen_name", mask=MASKS["name"]), Column("place_code", kind="place"),
        Column("document", shown=False), Column("valid_from", _("起"), kind="date"), Column("valid_to", _("止"), kind="date"),
    ),
    filters=(
        Filter("sort", _("哪一种"), choices=[("post", _("先锋岗")), ("area", _("责任区")), ("project", _("项目"))],
               condition=lambda value, on: Q(**{f"{value}__isnull": False}), phrase=_("{value}的")),
        Filter("since", _("任职于"), kind="date", field="valid_from", phrase=_("{value} 起任职的")),
    ),
    search=Search(names=("seen_",), contains=("post__name", "area__name", "project__name"), starts=("place_code",),
                  hint=_("姓名、岗名或代码")),
    empty=_("给先锋岗、责任区或项目安排人后，这里就有记录。"),
)  # fmt: skip


def _words(choices: Sequence[tuple[str, Any]], field: str) -> Callable[[Any], str]:
    names = dict(choices)
    return lambda row: "、".join(str(names[code]) for code in getattr(row, field) if code in names)


def _describe_members(rows: Sequence[Any], on: dt.date) -> None:
    names, times = unit_names(row.employer_id for row in rows), times_served([row.pk for row in rows])
    for row in rows:
        row.employer_words = row.employer_name or names.get(row.employer_id, "")
        row.times_words = times.get(row.pk, 0)


def _member_links(actor: Actor, row: Member) -> Iterable[Link]:
    if row.received_at is None and actor.holds(RECEIVE, row.place_code):
        yield Link(_("收到"), reverse("vanguard:receive", args=[row.pk]), main=True)


def _received(value: Any, on: dt.date) -> Q:
    return Q(received_at__isnull=not value)


_MEMBERS = Register(
    key="vanguard.members", name=_("报到的在职党员"), noun=_("在职党员"), model=Member, order=("place_code", "id"), as_of=True,
    section=navigation.VOLUNTEERS, export=VIEW, prepare=_describe_members, links=_member_links,
    personal=lambda rows, actor: with_names_seen(rows, actor, "person"),
    actions=_adding("member", _("代为登记报到"), RECEIVE),
    columns=(
        Column("name", _("姓名"), value="seen_name", mask=MASKS["name"]), Column("place_code", kind="place"),
        Column("employer", _("工作单位"), value=lambda row: getattr(row, "employer_words", ""), width=28),
        Column("skills", value=_words(SKILLS, "skills"), width=24), Column("times", value=_words(TIMES, "times"), width=24),
        Column("received_at", kind="datetime", width=18),
        Column("served", _("服务人次"), kind="number", value=lambda row: getattr(row, "times_words", None), shown=False),
        Column("slip", shown=False), Column("valid_from", _("报到日期"), kind="date"), TO,
    ),
    filters=(
        Filter("received", _("社区收到"), kind="bool", condition=_received, phrase=_("社区已收到的"), phrase_no=_("等社区收的")),
        Filter("skill", _("技能"), choices=SKILLS, condition=lambda code, on: Q(skills__contains=[code]), phrase=_("会{value}的")),
        Filter("time", _("时间"), choices=TIMES, condition=lambda code, on: Q(times__contains=[code]), phrase=_("{value}有空的")),
        Filter("since", _("报到于"), kind="date", field="valid_from", phrase=_("{value} 起报到的")),
    ),
    search=Search(names=("seen_",), contains=("employer_name",), starts=("place_code",), hint=_("姓名、拼音、单位或代码")),
    note=_("报到不用审批，社区点一下收到；不按服务次数排名。"),
    empty=_("在职党员在手机上报到，或社区代为登记后，这里就有记录。"),
)  # fmt: skip


def _served_what(row: Served) -> str:
    if row.session is not None:
        return row.session.activity.title
    return row.wish.matter.title if row.wish is not None else ""


_SERVED = Register(
    key="vanguard.served", name=_("在职党员服务记录"), noun=_("服务人次"), model=Served, order=("place_code", "day", "id"),
    undated=HAPPENED, section=navigation.VOLUNTEERS, export=VIEW, history=lambda row: [row.member],
    annotate=lambda rows, on: rows.select_related("session__activity", "wish__matter", "member"),
    personal=lambda rows, actor: with_names_seen(rows, actor, "person"),
    columns=(
        Column("day", kind="date"), Column("name", _("姓名"), value="seen_name", mask=MASKS["name"]),
        Column("what", _("服务"), value=_served_what, width=32),
        Column("sort", _("来源"), value=lambda row: str(_("到场")) if row.session_id else str(_("办成的心愿"))),
        Column("place_code", kind="place"),
    ),
    filters=(
        Filter("sort", _("来源"), kind="exists", field="wish_id", phrase=_("办成心愿的"), phrase_no=_("参加班次和服务的")),
        Filter("since", _("日期"), kind="date", field="day", phrase=_("{value} 起的")),
    ),
    search=Search(names=("seen_",), contains=("session__activity__title", "wish__matter__title"), starts=("place_code",),
                  hint=_("姓名、服务或代码")),
    note=_("由到场记录和受助人的确认得来，不用填报；不排名。"),
    empty=_("班次、服务经确认，或心愿由受助人确认后，这里就有记录。"),
)  # fmt: skip


def _wish_links(actor: Actor, row: Wish) -> Iterable[Link]:
    if actor.holds(states.VIEW, row.matter.place_code):
        yield Link(_("心愿页面"), reverse("vanguard:office_wish", args=[row.pk]), main=True)


def _wish_actions(actor: Actor, place: str) -> Iterable[Link]:
    if actor.holds_somewhere(states.COLLECT):
        yield Link(_("收一件心愿"), reverse("vanguard:collect"), main=True)
    if actor.holds_somewhere(states.VIEW):
        yield Link(_("看板"), reverse("vanguard:board"))


_WISHES = Register(
    key="vanguard.wishes", name=_("心愿和实际困难"), noun=_("心愿"), model=Wish, order=("matter__place_code", "matter_id"),
    undated=UNDER_WAY, section=navigation.VOLUNTEERS, place_field="matter__place_code", export=states.VIEW,
    rows=lambda actor, on: policy_for(Wish).visible_to(actor), annotate=lambda rows, on: rows.select_related("matter"),
    history=lambda row: [row.matter, row], links=_wish_links, actions=_wish_actions,
    personal=lambda rows, actor: with_names_seen(rows.select_related("member"), actor, "member__person"),
    columns=(
        Column("number", _("编号"), value=lambda row: row.matter.number), Column("title", _("事由"), value="matter__title", width=32),
        Column("category", _("种类"), value=lambda row: str(dict(states.CATEGORIES).get(row.matter.category, ""))),
        Column("place", _("地方"), value="matter__place_code", kind="place"),
        Column("state", _("状态"), value=lambda row: str(row.matter.state_name)),
        Column("member", _("认领人"), value="seen_name", mask=MASKS["name"]),
        Column("opened", _("收到"), value="matter__opened_at", kind="datetime", width=18),
        Column("closed", _("办成"), value="matter__closed_at", kind="datetime", width=18, shown=False),
        Column("has_phone", value="person_has_phone", kind="bool", shown=False),
    ),
    filters=(
        Filter("kind", _("种类"), choices=states.CATEGORIES, field="matter__category"),
        Filter("state", _("状态"), choices=[(one.code, one.name) for one in states.LAW.states], field="matter__state"),
        Filter("claimed", _("认领"), kind="exists", field="member_id", phrase=_("有人认领的"), phrase_no=_("没人认领的")),
        Filter("since", _("收到于"), kind="date", condition=lambda day, on: Q(matter__opened_at__date__gte=day), phrase=_("{value} 起收到的")),
    ),
    search=Search(names=("seen_",), contains=("matter__title",), starts=("matter__place_code",), hint=_("事由、认领人或代码")),
    empty=_("居民在手机上说，或社区收下心愿后，这里就有记录。"),
)  # fmt: skip


def _feedback_links(actor: Actor, row: Feedback) -> Iterable[Link]:
    yield Link(_("看反馈"), reverse("vanguard:feedback", args=[row.pk]), main=True)


_FEEDBACK = Register(
    key="vanguard.feedback", name=_("向单位的反馈"), noun=_("反馈"), model=Feedback, order=("place_code", "id"), undated=AS_IT_IS,
    section=navigation.VOLUNTEERS, export=TELL_EMPLOYERS, links=_feedback_links,
    personal=lambda rows, actor: with_names_seen(rows.select_related("member"), actor, "member__person"),
    columns=(
        Column("year", kind="number", width=8), Column("name", _("姓名"), value="seen_name", mask=MASKS["name"]),
        Column("employer_name", width=28), Column("place_code", kind="place"), Column("times", kind="number"),
        Column("wishes", kind="number", shown=False), Column("difficulties", kind="number", shown=False),
        Column("sent_at", kind="datetime", width=18),
    ),
    filters=(Filter("year", _("年度"), kind="text", condition=lambda value, on: Q(year=int(value)) if is_digits(value) and len(value) == 4 else Q(pk__in=[]), phrase=_("{value} 年的")),),
    search=Search(names=("seen_",), contains=("employer_name",), starts=("place_code",), hint=_("姓名、单位或代码")),
    note=_("发出时经本人同意；本人撤回后，单位看不到，也不再打印。"),
    empty=_("经本人同意向单位反馈后，这里就有记录。"),
)  # fmt: skip

declare(_POSTS, _AREAS, _PROJECTS, _HOLDINGS, _MEMBERS, _SERVED, _WISHES, _FEEDBACK)
