"""Registers of grids: forces, the supervision line, what grid work is, visits. Legal professionals: registers_roster."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.declarations import navigation
from doorstep.kernel.declarations.registers import (
    HAPPENED,
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
from doorstep.kernel.shared.dated import in_force
from doorstep.modules.grids import registers_plans, registers_roster  # noqa: F401  declare their registers
from doorstep.modules.grids.importing import import_force, import_line, import_work
from doorstep.modules.grids.models import DUTIES, FORCE_KINDS, GridForce, GridWork, SupervisionLine, Visit
from doorstep.modules.grids.policies import KEEP, LIST_WORK, SET_LINES, VIEW, VISIT
from doorstep.modules.grids.register_parts import FROM, FROM_IN, TO, adding, choice_of, ending

_FORCES = Register(
    key="grids.forces", name=_("下沉力量"), noun=_("下沉力量"), model=GridForce, order=("place_code", "id"), as_of=True,
    section=navigation.PLACES, links=ending("force", KEEP), actions=adding("force", _("登记下沉力量"), KEEP),
    columns=(
        Column("place_code", kind="place"), Column("kind", value=choice_of(FORCE_KINDS, "kind")), Column("unit", width=28),
        Column("name"), Column("post"), Column("phone", width=18), Column("name_public", kind="bool", shown=False), FROM, TO,
    ),
    filters=(Filter("kind", _("力量"), choices=FORCE_KINDS),),
    search=Search(contains=("unit", "name"), starts=("place_code",), hint=_("单位、姓名或网格代码")),
    empty=_("社区登记进网格的公安、消防、城管、物业等力量后，这里就有记录。"),
    importer=Importer(
        capability=KEEP, keys=("place", "kind", "unit", "name"),
        columns=(
            ImportColumn("place", _("网格"), kind="place", level="grid", required=True, aliases=("所在网格", "网格代码")),
            ImportColumn("kind", _("力量"), kind="choice", choices=FORCE_KINDS, required=True, aliases=("类别", "力量类型")),
            ImportColumn("unit", _("单位"), required=True, aliases=("所属单位", "单位名称"), max_length=80),
            ImportColumn("name", _("姓名"), max_length=40), ImportColumn("post", _("职务"), max_length=40),
            ImportColumn("phone", _("办公电话"), aliases=("电话", "联系电话"), max_length=40, note=_("填办公电话，不填个人手机。")),
            FROM_IN, ImportColumn("name_public", _("姓名公开"), kind="bool", note=_("本单位已公开姓名的填“是”。")),
        ),
        examples=(
            {"place": "210202005011001", "kind": "公安", "unit": "演示派出所", "name": "演示警甲", "post": "社区民警",
             "phone": "0411-80000020", "valid_from": "2026-01-05"},
        ),
        row_service=import_force,
    ),
)  # fmt: skip

_LINES = Register(
    key="grids.lines", name=_("监督电话"), noun=_("监督电话"), model=SupervisionLine, order=("place_code", "id"), as_of=True,
    section=navigation.PLACES, links=ending("line", SET_LINES), actions=adding("line", _("设定监督电话"), SET_LINES),
    columns=(Column("place_code", kind="place"), Column("name", width=28), Column("phone", width=18), Column("hours"), FROM, TO),
    search=Search(contains=("name", "phone"), starts=("place_code",), hint=_("受理单位、电话或代码")),
    empty=_("区或街道设定监督电话后，这里就有记录。"),
    importer=Importer(
        capability=SET_LINES, keys=("place",),
        columns=(
            ImportColumn("place", _("地方"), kind="place", required=True, aliases=("街道", "社区")),
            ImportColumn("name", _("受理单位"), required=True, aliases=("单位",), max_length=80),
            ImportColumn("phone", _("监督电话"), required=True, aliases=("电话",), max_length=40),
            ImportColumn("hours", _("受理时间"), max_length=80), FROM_IN,
        ),
        examples=(
            {"place": "210202005", "name": "演示街道网格办", "phone": "0411-80000010", "hours": "工作日", "valid_from": "2026-01-05"},
        ),
        row_service=import_line,
    ),
)  # fmt: skip

_WORKS = Register(
    key="grids.works", name=_("网格工作清单"), noun=_("网格工作"), model=GridWork, order=("place_code", "id"), as_of=True,
    section=navigation.PLACES, export=VIEW, links=ending("work", LIST_WORK),
    actions=adding("work", _("登记网格工作清单"), LIST_WORK),
    rows=lambda actor, on: policy_for(GridWork).visible_to(actor).filter(in_force(on)),
    columns=(
        Column("code", width=18), Column("name", width=40), Column("is_grid_work", kind="bool", width=10),
        Column("elsewhere", width=28), Column("clause", width=40), Column("place_code", kind="place", shown=False), FROM, TO,
    ),
    filters=(
        Filter("grid", _("属网格工作"), kind="bool", field="is_grid_work", phrase=_("属网格工作的"), phrase_no=_("不属网格工作的")),
    ),
    search=Search(contains=("name",), starts=("code",), hint=_("事项名称或代码")),
    empty=_("区里公布网格工作清单后，这里就有记录。"),
    importer=Importer(
        capability=LIST_WORK, keys=("place", "code"),
        columns=(
            ImportColumn("place", _("地方"), kind="place", required=True, default_place=True, aliases=("适用地方",)),
            ImportColumn("code", _("代码"), required=True, max_length=40),
            ImportColumn("name", _("事项"), required=True, aliases=("事项名称",), max_length=80),
            ImportColumn("is_grid_work", _("属网格工作"), kind="bool", required=True),
            ImportColumn("elsewhere", _("由谁办"), max_length=120),
            ImportColumn("clause", _("依据"), required=True, max_length=200), FROM_IN,
        ),
        examples=(
            {"place": "210202", "code": "is.demo", "name": "演示事项", "is_grid_work": "是", "clause": "演办〔2026〕1号",
             "valid_from": "2026-07-01"},
        ),
        row_service=import_work,
    ),
)  # fmt: skip


def _visits(actor: Actor, on: dt.date) -> QuerySet[Any]:
    return policy_for(Visit).visible_to(actor).select_related("worker", "person", "building")


def _since(path: str) -> Callable[[Any, dt.date], Q]:
    return lambda day, on: Q(**{f"{path}__gte": day})


def _visit_links(actor: Actor, row: Any) -> Iterable[Link]:
    if row.worker_id is not None and row.worker_id == actor.person_id and actor.holds(VISIT, row.place_code):
        yield Link(_("更正"), reverse("grids:correct_visit", args=[row.pk]))


def _visit_actions(actor: Actor, place: str) -> Iterable[Link]:
    if actor.holds_somewhere(VISIT):
        yield Link(_("记一次走访"), reverse("grids:visit"), main=True)


_VISITS = Register(
    key="grids.visits", undated=HAPPENED, name=_("走访"), noun=_("走访"), model=Visit, order=("-visited_on", "-id"), section=navigation.WORK,
    rows=_visits, links=_visit_links, actions=_visit_actions,
    columns=(
        Column("visited_on", kind="date"), Column("place_code", kind="place"),
        Column("kind", value=choice_of(DUTIES, "kind")), Column("building", _("楼栋"), value="building__name", width=24),
        Column("note", width=40), Column("worker", _("走访人"), value="worker__name"),
        Column("person", _("服务对象"), value="person__name", shown=False, mask=MASKS["name"]), Column("door", shown=False),
        Column("written_at", kind="datetime", shown=False, width=18),
    ),
    filters=(
        Filter("kind", _("走访内容"), choices=DUTIES),
        Filter("since", _("走访于"), kind="date", condition=_since("visited_on"), phrase=_("{value} 起的")),
    ),
    search=Search(contains=("note", "building__name"), starts=("place_code",), hint=_("情况、楼栋或代码")),
    note=_("走访是做了什么的记录，不是考核：不排名、不计时、不定位。"),
    empty=_("网格员登记走访后，这里就有记录。"),
)  # fmt: skip

declare(_FORCES, _LINES, _WORKS, _VISITS)
