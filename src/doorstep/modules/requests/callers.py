"""Who called or came, as a person the platform knows: from a name and a number somebody was told."""

from __future__ import annotations

from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.matters.services_reporters import known_by_report
from doorstep.kernel.people.rules import normal_name
from doorstep.kernel.people.selectors import find_persons
from doorstep.kernel.people.services import register_person
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.kernel.shared.place_codes import LENGTHS


def caller_of(
    actor: Actor, *, name: str, phone: str, anonymous: bool, place_code: str, ticket: str = ""
) -> tuple[int | None, str]:
    """(person, name beside the request): whom number and name both point to, else somebody new, known by this alone.
    Without a number the name stands beside the request; anonymous is nobody.

    Families share numbers (ADR 0020): a number by itself would hand one's report to another. A caller who gave no name
    is named after the ticket, so that only who knows it can be taken for them; without a ticket the name is asked for.
    Somebody new is kept as long as the words of what they told (`known_by_report`).
    """
    name, phone = normal_name(name), phone.strip()
    if anonymous:
        return None, ""
    if not phone:
        return None, name
    if not name and not ticket:
        raise RuleViolation(_("留了电话的，请问一下怎么称呼；不愿说的可以按匿名登记。"), field="name")
    name = name or _("来电人 %(number)s") % {"number": ticket}
    known = find_persons(actor, phone).filter(name=name).order_by("pk").first()
    if known is None:
        home = place_code[: LENGTHS["community"]]
        known = register_person(actor=actor, name=name, place_code=home, phone=phone)
        known_by_report(known)
    return known.pk, ""
