"""People, for staff over their places: numbers masked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.declarations.navigation import PEOPLE
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
from doorstep.kernel.people.importing import import_person
from doorstep.kernel.people.masking import mask_numbers
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.policies import REGISTER, VIEW
from doorstep.kernel.people.selectors import masked, persons_for, with_whole_number
from doorstep.kernel.shared import clock


def _links(actor: Actor, row: Person) -> Iterable[Link]:
    if row.erased_at is None and policy_for(Person).can(actor, "view", row):
        yield Link(_("查看、更正、同意"), reverse("person", args=[row.pk]), main=True)


def _registered(actor: Actor, on: dt.date) -> QuerySet[Person]:
    """Persons registered by the end of the day. Who was erased since is in no list, whatever its day."""
    end = dt.datetime.combine(on + dt.timedelta(days=1), dt.time(), clock.DISTRICT_ZONE)
    return persons_for(actor).filter(erased_at__isnull=True, created_at__lt=end).select_related("key")


def _by_number(text: str) -> str:
    return "" if with_whole_number(text) is None else reverse("person_look_up")


def _actions(actor: Actor, place_code: str) -> Iterable[Link]:
    if actor.holds_somewhere(VIEW):
        yield Link(_("按号码找人"), reverse("person_look_up"))
    if actor.holds_somewhere(REGISTER):
        yield Link(_("登记一个人"), f"{reverse('person_register')}?place={place_code}", main=True)


IMPORTER = Importer(
    capability=REGISTER,
    keys=("place", "name", "phone", "identity"),
    columns=(
        ImportColumn(
            "place",
            _("社区或网格"),
            kind="place",
            required=True,
            default_place=True,
            aliases=("社区", "网格", "所属社区", "所属网格"),
        ),
        ImportColumn("name", _("姓名"), required=True, aliases=("人员姓名", "居民姓名"), max_length=120),
        ImportColumn(
            "phone",
            _("电话"),
            aliases=("手机", "手机号", "手机号码", "联系电话", "联系方式"),
            max_length=40,
            personal=True,
        ),
        ImportColumn(
            "identity",
            _("身份证号"),
            aliases=("身份证", "身份证号码", "公民身份号码", "证件号码"),
            max_length=40,
            personal=True,
            note=_("请把这一列设成“文本”格式。"),
        ),
    ),
    examples=({"place": "210202005011", "name": "演示甲一", "phone": "13800000000", "identity": ""},),
    row_service=import_person,
    note=_(
        "已登记的人按身份证号，或姓名和电话对上，只补没有登记过的号码。号码加密保存，结果和有问题的行里一律隐去。"
    ),
)

declare(
    Register(
        key="people",
        name=_("人员"),
        noun=_("人员"),
        model=Person,
        rows=_registered,
        as_of=True,
        columns=(
            Column("name", name=_("姓名")),
            Column("phone", name=_("电话"), value=lambda row: masked(row, "phone")),
            Column("identity", name=_("身份证号"), value=lambda row: masked(row, "identity"), shown=False, width=22),
            Column("place_code", kind="place"),
            Column("created_at", name=_("登记时间"), kind="datetime", shown=False),
        ),
        order=("place_code", "id"),
        filters=(
            Filter(
                "phone", name=_("电话"), kind="exists", field="phone_sealed", phrase=_("有电话的"),
                phrase_no=_("没有电话的"),
            ),
        ),
        search=Search(
            names=("",), elsewhere=_by_number, told=mask_numbers, hint=_("姓名、拼音或首字母")
        ),
        section=PEOPLE,
        links=_links,
        actions=_actions,
        importer=IMPORTER,
        empty=_("社区和网格员登记后，这里就有记录。"),
    )
)  # fmt: skip
