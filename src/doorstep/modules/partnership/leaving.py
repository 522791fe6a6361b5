"""A unit with an agreement in force is no more only after the agreement is ended."""

from __future__ import annotations

from django.utils.translation import gettext as _

from doorstep.kernel.organisations.leaving import Leaving, declare
from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.modules.partnership.models import Agreement


def _before_unit_ends(unit: Unit) -> RuleViolation | None:
    rows = Agreement.objects.filter(unit=unit, valid_to__gt=clock.today()).order_by("pk")
    documents = list(rows.values_list("document", flat=True)[:5])
    if not documents:
        return None
    return RuleViolation(
        _("这个单位还有共建协议（%(documents)s），请先终止协议，再撤销或合并单位。")
        % {"documents": _("、").join(documents)}
    )


declare(Leaving("partnership", unit=_before_unit_ends))
