"""Who is told when a plan takes effect: workers whose grids change, and who answers for its communities; and who sent a plan
that its day refused."""

from __future__ import annotations

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.authority.models import Account
from doorstep.kernel.matters.messages import ToldPerson, tell_persons
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.places.services_redraw import Redrawn
from doorstep.kernel.shared.place_codes import within
from doorstep.modules.grids.models import GridPlan

SUBJECT = "grids.plan"
YOURS, COMMUNITY, REFUSED, BACK = "yours", "community", "refused", "back"
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
    told = [ToldPerson(person, SUBJECT, plan.pk, YOURS) for person in sorted(workers)]
    told += [ToldPerson(person, SUBJECT, plan.pk, COMMUNITY) for person in sorted(set(leading) - workers)]
    return len(tell_persons(actor, told)) if told else 0


def tell_refused(actor: Actor, plan: GridPlan) -> int:
    """Who sent it."""
    return _tell_account(actor, plan, plan.sent_by, REFUSED)


def tell_back(actor: Actor, plan: GridPlan) -> int:
    """Who sent it: a second person sent it back."""
    return _tell_account(actor, plan, plan.sent_by, BACK)


def _tell_account(actor: Actor, plan: GridPlan, account_id: int | None, key: str) -> int:
    person = Account.objects.filter(pk=account_id or 0).values_list("person_id", flat=True).first()
    return len(tell_persons(actor, [ToldPerson(person, SUBJECT, plan.pk, key)])) if person else 0
