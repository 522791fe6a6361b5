"""Registers as packages declare them, for tests."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Concat

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for, require_place
from doorstep.kernel.audit.services import Act, record
from doorstep.kernel.declarations.registers import (
    Column,
    Filter,
    ImportColumn,
    Importer,
    ImportRow,
    Link,
    Outcome,
    Problem,
    Register,
    Search,
    Written,
)
from doorstep.kernel.organisations.models import Unit, UnitVersion
from doorstep.kernel.people.models import Person
from doorstep.kernel.shared.dated import in_force
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.kernel.shared.names import name_keys


def groups(actor: Actor, on: dt.date) -> QuerySet[Any]:
    return policy_for(UnitVersion).visible_to(actor).filter(in_force(on), kind="building_party_group")


def with_full_name(rows: QuerySet[Any], on: dt.date) -> QuerySet[Any]:
    return rows.annotate(full_name=Concat("name", "place_code"))


def prepare(rows: Sequence[Any], on: dt.date) -> None:
    for row in rows:
        row.age = (on - row.unit.founded_on).days


@transaction.atomic
def import_group(actor: Actor, row: ImportRow) -> Outcome:
    """The service of the importer: a group by its name in its community."""
    require_place(actor, "organisations.adjust_community", row["community"])
    if row["name"] == "坏名字":
        raise RuleViolation("这个名字不能用", field="name")
    known = UnitVersion.objects.filter(place_code=row["community"], name=row["name"]).first()
    if known is not None and known.document == (row["document"] or ""):
        return "unchanged"
    if known is not None:
        known.document = row["document"] or ""
        known.save()
        record(actor, Act("organisations.change", known, place_code=known.place_code))
        return "changed"
    unit = Unit.objects.create(kind="building_party_group", founded_on=row["founded_on"])
    made = UnitVersion.objects.create(
        unit=unit, kind=unit.kind, place_code=row["community"], valid_from=row["founded_on"],
        document=row["document"] or "", **name_keys(row["name"]),
    )  # fmt: skip
    record(actor, Act("organisations.establish", made, place_code=made.place_code))
    return "added"


def import_slowly(actor: Actor, row: ImportRow) -> Outcome:
    time.sleep(0.01)
    return import_group(actor, row)


def import_many(actor: Actor, rows: Sequence[ImportRow]) -> Written:
    """A service for many rows that writes nothing: for the size of files, not for what is in them."""
    return Written(
        {row.number: "added" for row in rows if row["name"] != "坏名字"},
        [Problem(row.number, "这个名字不能用", "name") for row in rows if row["name"] == "坏名字"],
    )


def import_together(actor: Actor, rows: Sequence[ImportRow]) -> Written:
    """A service for many rows that writes."""
    good = [row for row in rows if row["name"] != "坏名字"]
    problems = [Problem(row.number, "这个名字不能用", "name") for row in rows if row not in good]
    return Written({row.number: import_group(actor, row) for row in good}, problems)


IMPORTER = Importer(
    capability="organisations.adjust_community", keys=("community", "name"), row_service=import_group, note="由社区填写。",
    columns=(
        ImportColumn("name", "名称", required=True, aliases=("小组名称",), max_length=40),
        ImportColumn("community", "社区", kind="place", level="community", required=True, default_place=True),
        ImportColumn("founded_on", "成立日期", kind="date", required=True),
        ImportColumn("households", "户数", kind="number"),
        ImportColumn("kind", "种类", kind="choice", choices=(("building_party_group", "楼栋党小组"), ("merchant", "商户"))),
        ImportColumn("active", "在用", kind="bool"),
        ImportColumn("document", "文号", note="如 中委〔2024〕1号"),
    ),
    examples=({"name": "演示党小组", "community": "甲社区", "founded_on": "2024-03-05"},),
)  # fmt: skip

UNITS = Register(
    key="test_units", name="楼栋党小组", noun="楼栋党小组", model=UnitVersion, rows=groups, annotate=with_full_name, prepare=prepare,
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
    importer=IMPORTER,
)  # fmt: skip

PEOPLE = Register(
    key="test_people", name="人员", noun="人员", model=Person, order=("place_code", "id"), export="people.export_test",
    columns=(Column("name"), Column("place_code", kind="place")), search=Search(names=("",)),
)  # fmt: skip

SLOW_UNITS = replace(UNITS, key="slow_units", importer=replace(IMPORTER, row_service=import_slowly))
LARGE_UNITS = replace(
    UNITS, key="large_units", importer=replace(IMPORTER, row_service=None, bulk_service=import_many)
)
BULK_UNITS = replace(
    UNITS, key="bulk_units", importer=replace(IMPORTER, row_service=None, bulk_service=import_together)
)
