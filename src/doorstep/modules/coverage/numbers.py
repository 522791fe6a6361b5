"""The numbers of coverage."""

import datetime as dt

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.numbers import Number, Numbers, declare
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.kept import Kept
from doorstep.modules.coverage.models import RuleValue

MEMBERS, UNITS, REACH, LATE_DAYS = "organisation.members", "joint.units", "joint.metres", "visit.late_days"

declare(
    Numbers(
        "coverage", _("覆盖提升"), RuleValue,
        (
            Number(MEMBERS, _("多少名正式党员起应单独成立党组织"), _("名"), least=1, most=100),
            Number(UNITS, _("一个联合党支部最多几个单位"), _("个"), least=2, most=20),
            Number(REACH, _("建议联合组建的单位最远相距多少"), _("米"), least=50, most=5000),
            Number(LATE_DAYS, _("走访后多少天以内可以登记"), _("天"), least=1, most=366),
        ),
    )
)  # fmt: skip

_USUAL = {MEMBERS: 3, UNITS: 5, REACH: 600, LATE_DAYS: 30}
_values = Kept(
    lambda day: dict(RuleValue.objects.in_force(day).values_list("key", "value")), "coverage_rulevalue"
)


def number_in_force(key: str, on: dt.date | None = None) -> int:
    """The number's value on the day, default today; the one it came with where none is in force."""
    return int(_values(on or clock.today()).get(key) or _USUAL[key])
