"""Who is told of a plan of workers: those whose grids change, and who answers for their communities."""

from __future__ import annotations

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.organisations.services_rearranging import Rearranged
from doorstep.kernel.proposals.telling import tell
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.grids.models import StaffPlan
from doorstep.modules.grids.plan_telling import ANSWERING, COMMUNITY, YOURS

SUBJECT = "grids.staffing"


def tell_applied(actor: Actor, plan: StaffPlan, done: Rearranged) -> int:
    """In the transaction that changed the appointments. One statement and those of the notices."""
    workers = {row.person_id for row in done.renewed.values()}
    codes = {row.place_code[:12] for row in done.renewed.values()}
    leading = set(
        Appointment.objects.in_force(plan.effective_on)
        .filter(within("place_code", codes), post__in=ANSWERING)
        .values_list("person_id", flat=True)
    )
    return tell(actor, plan, SUBJECT, {YOURS: workers, COMMUNITY: leading})
