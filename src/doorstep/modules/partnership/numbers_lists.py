"""The numbers of the four lists, and the district's classes of shared resources."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.numbers import Number, Numbers, declare
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.kept import Kept
from doorstep.modules.partnership.models import RuleValue
from doorstep.modules.partnership.models_lists import ResourceClass
from doorstep.modules.partnership.numbers import values

FARTHEST, SHOWN, OPEN_DAYS, MOST_SLIPS, LEAST = (
    "match.farthest", "match.shown", "rating.open_days", "rating.most_slips", "rating.least",
)  # fmt: skip

declare(
    Numbers(
        "lists", _("四个清单"), RuleValue,
        (
            Number(FARTHEST, _("推荐的资源离需求最远多少米"), _("米"), least=100, most=50_000),
            Number(SHOWN, _("一件需求推荐多少项资源"), _("项"), least=1, most=100),
            Number(OPEN_DAYS, _("项目确认后多少天内可以评价"), _("天"), least=1, most=366),
            Number(MOST_SLIPS, _("一个项目最多发多少张评价条"), _("张"), least=1, most=1000),
            Number(LEAST, _("不足多少份的评价不公布分布"), _("份"), least=2, most=50),
        ),
    )
)  # fmt: skip

_WITHOUT = {FARTHEST: 3000, SHOWN: 12, OPEN_DAYS: 60, MOST_SLIPS: 200, LEAST: 5}
_classes = Kept(
    lambda day: tuple(
        ResourceClass.objects.in_force(day)
        .order_by("place_code", "pk")
        .values_list("place_code", "code", "name", "about")
    ),
    "partnership_resourceclass",
)


def list_number(key: str) -> int:
    """The number in force today; the first one seeded where none is."""
    return int(values(clock.today()).get(key, _WITHOUT[key]))


def classes_of(place_code: str, on: dt.date | None = None) -> dict[str, str]:
    """Code → name of the classes of the district that a place lies in, on a day (default today)."""
    rows = _classes(on or clock.today())
    return {code: name for place, code, name, _about in rows if place == place_code[:6]}


def class_names() -> dict[str, str]:
    """The same of every district: what a code is called in lists."""
    return {code: name for _place, code, name, _about in _classes(clock.today())}


def class_hints(place_code: str) -> list[tuple[str, str, str]]:
    """(code, name, what it includes), for forms."""
    return [
        (code, name, about) for place, code, name, about in _classes(clock.today()) if place == place_code[:6]
    ]
