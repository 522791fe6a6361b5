"""Who is told of a plan of workers: those whose grids change, who answers for their communities, and who sent a plan that came
back or that its day refused."""

from __future__ import annotations

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.authority.models import Account
from doorstep.kernel.matters.messages import ToldPerson, tell_persons
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.organisations.services_rearranging import Rearranged
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.grids.models import StaffPlan
from doorstep.modules.grids.plan_telling import ANSWERING, BACK, COMMUNITY, REFUSED, YOURS

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
    told = [ToldPerson(person, SUBJECT, plan.pk, YOURS) for person in sorted(workers)]
    told += [ToldPerson(person, SUBJECT, plan.pk, COMMUNITY) for person in sorted(leading - workers)]
    return len(tell_persons(actor, told)) if told else 0


def tell_refused(actor: Actor, plan: StaffPlan) -> int:
    """Who sent it."""
    return _tell_sender(actor, plan, REFUSED)


def tell_back(actor: Actor, plan: StaffPlan) -> int:
    """Who sent it: a second person sent it back."""
    return _tell_sender(actor, plan, BACK)


def _tell_sender(actor: Actor, plan: StaffPlan, key: str) -> int:
    person = Account.objects.filter(pk=plan.sent_by or 0).values_list("person_id", flat=True).first()
    return len(tell_persons(actor, [ToldPerson(person, SUBJECT, plan.pk, key)])) if person else 0
