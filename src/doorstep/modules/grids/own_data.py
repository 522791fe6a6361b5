"""What grids keep of a person: visits that served the person."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.people.models import Person
from doorstep.kernel.people.own_data import Section, declare
from doorstep.modules.grids.models import Visit


def _visits(person: Person) -> Iterable[dict[str, Any]]:
    rows = Visit.objects.filter(person=person).select_related("building")
    for row in rows.order_by("visited_on", "pk"):
        yield {
            "visited_on": row.visited_on.isoformat(),
            "kind": row.get_kind_display(),
            "building": row.building.name if row.building else "",
            "door": row.door,
            "note": row.note,
        }


declare(
    Section(
        "grid_visits", _("网格走访"),
        {
            "visited_on": _("日期"), "kind": _("走访内容"), "building": _("楼栋"), "door": _("门牌"), "note": _("情况"),
        },
        _visits,
    )
)  # fmt: skip
