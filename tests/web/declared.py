"""Registers as packages declare them, for tests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Concat

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.declarations.registers import Column, Filter, Link, Register, Search
from doorstep.kernel.organisations.models import UnitVersion
from doorstep.kernel.people.models import Person
from doorstep.kernel.shared.dated import in_force


def groups(actor: Actor, on: dt.date) -> QuerySet[Any]:
    rows = policy_for(UnitVersion).visible_to(actor).filter(in_force(on), kind="building_party_group")
    return rows.annotate(full_name=Concat("name", "place_code"))


def prepare(rows: Sequence[Any], on: dt.date) -> None:
    for row in rows:
        row.age = (on - row.unit.founded_on).days


UNITS = Register(
    key="test_units", name="楼栋党小组", noun="楼栋党小组", model=UnitVersion, rows=groups, prepare=prepare,
    order=("place_code", "id"), as_of=True, section="组织链条", empty="由社区登记第一个党小组。",
    columns=(
        Column("name", width=24), Column("place_code", kind="place"), Column("kind"),
        Column("founded", value="unit__founded_on"), Column("age", "成立天数", value=lambda row: row.age, kind="number"),
        Column("phone", mask=lambda text: "****" + text[-2:]), Column("document", shown=False), Column("full_name", "全称", shown=False),
    ),
    filters=(
        Filter("document", "文号", kind="text", phrase="文号含“{value}”的"),
        Filter("approved", "批准", kind="bool", condition=lambda value, on: Q(approved_by="") ^ Q(pk__isnull=not value), phrase="有批准单位的", phrase_no="没有批准单位的"),
        Filter("superior", "上级", kind="exists", field="superior_id", phrase="有上级的", phrase_no="没有上级的"),
        Filter("since", "成立不早于", kind="date", field="unit__founded_on", phrase="{value} 以后成立的"),
        Filter("area", "所在", kind="place", field="place_code", phrase="在{value}的"),
        Filter("kind", "种类", choices=(("building_party_group", "楼栋党小组"), ("merchant", "商户")), phrase="种类为{value}的"),
    ),
    search=Search(names=("",), contains=("address",), starts=("place_code",)),
    history=lambda row: [row, row.unit],
    links=lambda actor, row: [Link("调整", f"/adjust/{row.pk}/", main=True)],
    actions=lambda actor, place: [Link("成立党小组", "/establish/")],
)  # fmt: skip

PEOPLE = Register(
    key="test_people", name="人员", noun="人员", model=Person, order=("place_code", "id"), export="people.export_test",
    columns=(Column("name"), Column("place_code", kind="place")), search=Search(names=("",)),
)  # fmt: skip
