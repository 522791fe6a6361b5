"""The numbers of building together with partner units."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.numbers import Number, Numbers, declare
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.kept import Kept
from doorstep.modules.partnership.models import RuleValue

WARN_DAYS, SEATS, TOPIC_DAYS, PUBLIC_DAYS, MAJORITY = (
    "agreement.warn_days", "commissioners.most", "topics.days_ahead", "publicity.days", "resolutions.majority",
)  # fmt: skip

declare(
    Numbers(
        "partnership", _("融合共建"), RuleValue,
        (
            Number(WARN_DAYS, _("共建协议到期前多少天开始提醒"), _("天"), least=1, most=366),
            Number(SEATS, _("一个社区党组织最多几名兼职委员"), _("名"), least=1, most=30),
            Number(TOPIC_DAYS, _("议题在协商议事会前多少天征集完"), _("天"), least=1, most=60),
            Number(PUBLIC_DAYS, _("兼职委员任职公示多少天"), _("天"), least=1, most=60),
            Number(MAJORITY, _("决议须有超过应到有表决权委员多少的赞成票"), kind="share"),
        ),
    )
)  # fmt: skip

values = Kept(
    lambda day: dict(RuleValue.objects.in_force(day).values_list("key", "value")), "partnership_rulevalue"
)
_WITHOUT = {WARN_DAYS: 30, SEATS: 9, TOPIC_DAYS: 15, PUBLIC_DAYS: 7}


def number_on(key: str, day: dt.date | None = None) -> int:
    """The number in force on a day (default today); the first one seeded where none is."""
    return int(values(day or clock.today()).get(key, _WITHOUT[key]))


def majority_on(day: dt.date) -> float:
    """The share of those entitled that must be exceeded by votes for a resolution, on the day of the meeting; half where none is."""
    return float(values(day).get(MAJORITY, 0.5))
