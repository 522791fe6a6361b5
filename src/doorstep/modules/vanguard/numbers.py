"""The numbers of the vanguard: how much one takes on at a time, when a vacancy is worth a word."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.numbers import Number, Numbers, declare
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.kept import Kept
from doorstep.modules.vanguard.models import RuleValue

declare(
    Numbers("vanguard", _("党员先锋"), RuleValue, (
        Number("claims.most", _("一位党员手上最多同时认领几件心愿"), _("件"), least=1, most=20),
        Number("vacant.days", _("先锋岗空缺多少天起提示"), _("天"), least=1, most=365),
    ))
)  # fmt: skip


_values = Kept(
    lambda day: dict(RuleValue.objects.in_force(day).values_list("key", "value")), "vanguard_rulevalue"
)


def most_claims() -> int:
    """Wishes one member has in hand at most."""
    return int(_values(clock.today()).get("claims.most", 3))


def vacant_days(on: dt.date) -> int:
    """Days a post may be vacant before that is a break."""
    return int(_values(on).get("vacant.days", 30))
