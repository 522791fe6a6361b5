"""The numbers of cultural events."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.numbers import Number, Numbers, declare
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.kept import Kept
from doorstep.modules.culture.models import RuleValue

KEEP_MONTHS, OPEN_DAYS, CONFIRM_DAYS = "feedback.keep_months", "feedback.open_days", "event.confirm_days"

declare(
    Numbers(
        "culture", _("文化活动"), RuleValue,
        (
            Number(KEEP_MONTHS, _("活动留言的内容保存多久"), _("个月"), least=1, most=120),
            Number(OPEN_DAYS, _("活动结束后多久可以评价"), _("天"), least=1, most=365),
            Number(CONFIRM_DAYS, _("活动结束后多久须确认到场"), _("天"), least=1, most=60),
        ),
    )
)  # fmt: skip


_values = Kept(
    lambda day: dict(RuleValue.objects.in_force(day).values_list("key", "value")), "culture_rulevalue"
)


def number_in_force(key: str) -> int:
    """The number's value today; 0 where none is in force."""
    return int(_values(clock.today()).get(key) or 0)
