"""The numbers of grids."""

from django.utils.translation import gettext_lazy as _

from doorstep.kernel.declarations.numbers import Number, Numbers, declare
from doorstep.modules.grids.models import RuleValue

declare(
    Numbers("grids", _("网格"), RuleValue, (Number("visit.keep_months", _("走访记录的内容保存多久"), _("个月"), least=1, most=120),))
)  # fmt: skip
