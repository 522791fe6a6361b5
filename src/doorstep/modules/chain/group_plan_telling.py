"""Who is told when a plan of building groups takes effect: leaders whose groups change or end, secretaries of the branches and of
the community."""

from __future__ import annotations

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.proposals.telling import tell
from doorstep.modules.chain.models import GroupPlan
from doorstep.modules.chain.redrawing import RedrawnGroups
from doorstep.modules.chain.selectors import LEADER

SUBJECT = "chain.group_plan"
YOURS, ENDED, BRANCHES = "yours", "ended", "branches"


def tell_applied(actor: Actor, plan: GroupPlan, done: RedrawnGroups) -> int:
    """In the transaction that drew the groups. Three statements and those of the notices."""
    rows = Appointment.objects.in_force(done.effective_on)
    leaving = set(Appointment.objects.filter(pk__in=done.leaving).values_list("person_id", flat=True))
    leading = set(rows.filter(unit__in=done.changed, post="group_leader").values_list("person_id", flat=True))
    above = set(
        rows.filter(unit__in=plan.branches, post=LEADER["grid_party_branch"]).values_list(
            "person_id", flat=True
        )
    ) | set(
        rows.filter(place_code=plan.place_code, post=LEADER["community_party_organisation"]).values_list(
            "person_id", flat=True
        )
    )
    return tell(actor, plan, SUBJECT, {YOURS: leading, ENDED: leaving, BRANCHES: above})
