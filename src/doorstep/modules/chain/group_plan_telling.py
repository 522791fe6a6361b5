"""Who is told when a plan of building groups takes effect: leaders whose groups change or end, secretaries of the branches and of
the community; and who sent a plan that its day refused or a second person sent back."""

from __future__ import annotations

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.authority.models import Account
from doorstep.kernel.matters.messages import ToldPerson, tell_persons
from doorstep.kernel.organisations.models import Appointment
from doorstep.modules.chain.models import GroupPlan
from doorstep.modules.chain.redrawing import RedrawnGroups
from doorstep.modules.chain.selectors import LEADER

SUBJECT = "chain.group_plan"
YOURS, ENDED, BRANCHES, REFUSED, BACK = "yours", "ended", "branches", "refused", "back"


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
    told = [ToldPerson(person, SUBJECT, plan.pk, YOURS) for person in sorted(leading)]
    told += [ToldPerson(person, SUBJECT, plan.pk, ENDED) for person in sorted(leaving - leading)]
    told += [ToldPerson(person, SUBJECT, plan.pk, BRANCHES) for person in sorted(above - leading - leaving)]
    return len(tell_persons(actor, told)) if told else 0


def tell_refused(actor: Actor, plan: GroupPlan) -> int:
    """Who sent it."""
    return _tell_sender(actor, plan, REFUSED)


def tell_back(actor: Actor, plan: GroupPlan) -> int:
    """Who sent it: a second person sent it back."""
    return _tell_sender(actor, plan, BACK)


def _tell_sender(actor: Actor, plan: GroupPlan, key: str) -> int:
    person = Account.objects.filter(pk=plan.sent_by or 0).values_list("person_id", flat=True).first()
    return len(tell_persons(actor, [ToldPerson(person, SUBJECT, plan.pk, key)])) if person else 0
