"""What requests keep of a person besides the matters themselves: how they judged outcomes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.people.models import Person
from doorstep.kernel.people.own_data import Section, declare
from doorstep.modules.requests.models import Rating


def _ratings(person: Person) -> Iterable[dict[str, Any]]:
    rows = Rating.objects.filter(request__matter__reporter=person).select_related("request__matter")
    for row in rows.order_by("at", "pk"):
        yield {
            "number": row.request.matter.number,
            "at": row.at.isoformat(),
            "solved": row.solved,
            "satisfaction": row.satisfaction,
            "words": row.words,
        }


declare(
    Section(
        "ratings", _("我的评价"),
        {
            "number": _("编号"), "at": _("评价时间"), "solved": _("已解决"), "satisfaction": _("满意程度"), "words": _("评价"),
        },
        _ratings,
    )
)  # fmt: skip
