"""People, for staff over their places: numbers masked."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.policies import policy_for
from doorstep.kernel.declarations.navigation import PEOPLE
from doorstep.kernel.declarations.registers import Column, Filter, Link, Register, Search, declare
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.policies import REGISTER
from doorstep.kernel.people.selectors import masked


def _links(actor: Actor, row: Person) -> Iterable[Link]:
    if row.erased_at is None and policy_for(Person).can(actor, "view", row):
        yield Link(_("查看、更正、同意"), reverse("person", args=[row.pk]), main=True)


def _actions(actor: Actor, place_code: str) -> Iterable[Link]:
    if actor.holds_somewhere(REGISTER):
        yield Link(_("登记一个人"), f"{reverse('person_register')}?place={place_code}", main=True)


declare(
    Register(
        key="people",
        name=_("人员"),
        noun=_("人员"),
        model=Person,
        rows=lambda actor, on: policy_for(Person)
        .visible_to(actor)
        .filter(erased_at__isnull=True)
        .select_related("key"),
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
        search=Search(names=("",), hint=_("姓名、拼音或首字母")),
        section=PEOPLE,
        links=_links,
        actions=_actions,
        empty=_("社区和网格员登记后，这里就有记录。"),
    )
)  # fmt: skip
