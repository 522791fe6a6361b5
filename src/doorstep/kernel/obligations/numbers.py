"""The numbers of obligations."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.numbers import Number, Numbers, declare
from doorstep.kernel.obligations.models import RuleValue
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.kept import Kept

QUORUM, RAISE_DAYS = "minutes.quorum", "supervision.raise_days"

declare(
    Numbers(
        "obligations", _("应办事项"), RuleValue,
        (
            Number(QUORUM, _("到会人数须超过应到人数的多少，会议才有效"), kind="share"),
            Number(RAISE_DAYS, _("逾期多少天以内开始督促"), _("天"), least=1, most=366),
        ),
    )
)  # fmt: skip

_values = Kept(
    lambda day: dict(RuleValue.objects.in_force(day).values_list("key", "value")), "obligations_rulevalue"
)


def quorum_on(day: dt.date) -> float:
    """The share in force on the day of a meeting; half where none is."""
    return float(_values(day).get(QUORUM, 0.5))


def raise_days() -> int:
    return int(_values(clock.today()).get(RAISE_DAYS, 31))
