"""Who has this number: a look at personal data, kept in the audit as one."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.audit.services import Act, record, record_many
from doorstep.kernel.people import rules
from doorstep.kernel.people.models import Person
from doorstep.kernel.people.policies import VIEW
from doorstep.kernel.people.purposes import reveal_purposes
from doorstep.kernel.people.selectors import persons_for, with_whole_number
from doorstep.kernel.shared import clock
from doorstep.kernel.shared.counting import counted
from doorstep.kernel.shared.errors import NotVisible, RuleViolation

AN_HOUR = 60  # looks of one account: enough for a desk, too few to try numbers out


@transaction.atomic
def look_up(*, actor: Actor, number: str, purpose: str) -> list[Person]:
    """Persons who exist for the actor and have exactly this telephone or identity number.

    That somebody looked, why, from which scope, and whom they found or that they found nobody stays in the audit; the
    number does not. Raises NotVisible for who sees no people, RuleViolation for no whole number, no declared purpose, or
    too many looks in an hour.
    """
    if actor.person_id is None or not actor.holds_somewhere(VIEW):
        raise NotVisible(_("没有找到这条记录。"))
    whole = with_whole_number(number)
    identity = rules.normal_identity(number)
    if whole is None or (len(identity) == 18 and rules.identity_fault(identity, clock.today())):
        raise RuleViolation(_("这不是完整、正确的电话号码或者18位身份证号，请核对。"), field="number")
    if purpose not in reveal_purposes():
        raise RuleViolation(_("按号码找人须先选择用途。"), field="purpose")
    if counted("people.look_up", str(actor.account_id), 3600) > AN_HOUR:
        raise RuleViolation(
            _("一小时内已经按号码找过 %(n)s 次，请过一会儿再找。") % {"n": AN_HOUR}, field="number"
        )
    rows = persons_for(actor).filter(whole, erased_at__isnull=True).select_related("key")
    found = list(rows.order_by("place_code", "pk"))
    if found:
        record_many(
            actor,
            [
                Act("people.look_up", person, person.place_code, purpose=purpose, person_ref=person.pk)
                for person in found
            ],
        )
    else:  # about nobody: it stands by the one who looked
        own = Person.objects.get(pk=actor.person_id)
        record(actor, Act("people.look_up", own, own.place_code, {"found": [None, 0]}, purpose=purpose))
    return found
