"""What the chain keeps of a person: the designations of the household."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.people.models import Person
from doorstep.kernel.people.own_data import Section, declare
from doorstep.modules.chain.models import MemberHousehold


def _households(person: Person) -> Iterable[dict[str, Any]]:
    rows = MemberHousehold.objects.filter(person=person).select_related("building")
    for row in rows.order_by("valid_from", "pk"):
        yield {
            "building": row.building.name,
            "door": row.door,
            "valid_from": row.valid_from.isoformat(),
            "valid_to": row.valid_to.isoformat() if row.valid_to else "",
        }


declare(
    Section(
        "households", _("党员中心户"),
        {"building": _("楼栋"), "door": _("门牌"), "valid_from": _("起"), "valid_to": _("止")}, _households,
    )
)  # fmt: skip
