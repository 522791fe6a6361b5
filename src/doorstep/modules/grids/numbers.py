"""The numbers of grids."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.numbers import Number, Numbers, declare
from doorstep.modules.grids.models import RuleValue

_PERCENT = _("％")

declare(
    Numbers("grids", _("网格"), RuleValue, (
        Number("visit.keep_months", _("走访记录的内容保存多久"), _("个月"), least=1, most=120),
        Number("plan.household", _("网格方案：一户普通人家的工作量"), _PERCENT, least=1, most=1000),
        Number("plan.difficulty", _("网格方案：难度系数计入多少"), _PERCENT, least=0, most=300),
        Number("plan.building", _("网格方案：一栋楼本身的工作量，合多少户"), _("户"), least=0, most=100),
        Number("plan.price", _("网格方案：每户变动网格的代价"), _PERCENT, least=0, most=10000),
        Number("plan.seconds", _("网格方案：计算时间"), _("秒"), least=1, most=600),
        Number("plan.versions_kept", _("网格方案：最多保留多少版"), _("版"), least=10, most=1000),
        Number("plan.grids_of_worker", _("网格方案：一名网格员最多几个网格"), _("个"), least=1, most=10),
        Number("staffing.slack", _("网格员方案：为少换人，最重的可以比最好的重多少"), _PERCENT, least=0, most=30),
        Number("staffing.price", _("网格员方案：一个网格换人的代价"), _PERCENT, least=1, most=1000),
        Number("staffing.seconds", _("网格员方案：每个社区最多计算多久"), _("秒"), least=1, most=30),
    ))
)  # fmt: skip
