"""The numbers of redemption, for the package's `numbers.py`, and reading them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.numbers import Number
from doorstep.kernel.shared import clock
from doorstep.modules.volunteering.models import RuleValue

NUMBERS = (
    Number("redemption.offer_minutes", _("商户确认后等本人确认多久"), _("分钟"), least=1, most=120),
    Number("redemption.low_stock", _("库存少于多少件时提醒补货"), _("件"), least=1, most=1000),
)
KEYS = tuple(number.key for number in NUMBERS)


def redemption_numbers() -> dict[str, int]:
    """The values in force today, by key without its first part. One query. Raises KeyError where one is missing."""
    rows = RuleValue.objects.in_force(clock.today()).filter(key__in=KEYS).values_list("key", "value")
    found = {key.partition(".")[2]: int(value) for key, value in rows}
    for key in KEYS:
        found[key.partition(".")[2]]
    return found
