"""Who is told when a plan takes effect: workers whose grids change, and who answers for its communities."""

from __future__ import annotations

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.places.services_redraw import Redrawn
from doorstep.kernel.proposals.telling import tell
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.grids.models import GridPlan

SUBJECT = "grids.plan"
YOURS, COMMUNITY = "yours", "community"
ANSWERING = ("community_secretary", "residents_committee_chair")


def tell_applied(actor: Actor, plan: GridPlan, done: Redrawn) -> int:
    """In the transaction that drew the grids. Five statements and those of the notices."""
    workers = {
        one.person_id for one in done.followed if one.kind == "appointment" and one.person_id is not None
    }
    changed = done.redrawing
    codes = {code[:12] for code in (*changed.changed, *changed.begun, *changed.ended)}
    workers |= set(
        Appointment.objects.in_force(changed.effective_on)
        .filter(post="grid_worker", places__code__in=[*changed.changed, *changed.begun])
        .values_list("person_id", flat=True)
    )
    leading = (
        Appointment.objects.in_force(changed.effective_on)
        .filter(within("place_code", codes), post__in=ANSWERING)
        .values_list("person_id", flat=True)
    )
    return tell(actor, plan, SUBJECT, {YOURS: workers, COMMUNITY: set(leading)})
