"""A party organisation does not end while it covers organisations: who covers them next is said first."""

from __future__ import annotations

from django.utils.translation import gettext as _

from doorstep.kernel.organisations.leaving import Leaving, declare
from doorstep.kernel.organisations.models import Unit
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.modules.coverage.models import Covering


def _still_covering(unit: Unit) -> RuleViolation | None:
    count = Covering.objects.in_force(clock.today()).filter(party=unit).count()
    if not count:
        return None
    return RuleViolation(
        _("这个党组织还覆盖 %(count)d 个单位。请先在覆盖提升里终止覆盖，再撤销。") % {"count": count}
    )


declare(Leaving("coverage", unit=_still_covering))
