"""Telling units and holders of posts that a call-up asks for their people. Codes alone; words: subjects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.access.capabilities import capabilities_of
from doorstep.kernel.matters.messages import ToldPerson, tell_persons
from doorstep.kernel.organisations.kinds import POSTS
from doorstep.kernel.organisations.models import Appointment
from doorstep.kernel.shared.dated import in_force
from doorstep.modules.vanguard.models import Called, Holding
from doorstep.modules.vanguard.policies import ANSWER

SUBJECT = "vanguard.called"
CALLED, CALLED_AGAIN, OVER, CANNOT = "called", "called_again", "over", "cannot"


def answering_for(rows: Iterable[Called]) -> dict[int, list[int]]:
    """By the call, who is told of it and answers: those in office at the unit whose post may answer, or who holds the vanguard
    post. Nobody: [] (a unit without a liaison). Two queries."""
    asked = list(rows)
    posts = [post for post in POSTS if ANSWER in capabilities_of(post)]
    serving = Appointment.objects.in_force().filter(
        post__in=posts, unit__in={row.unit_id for row in asked if row.unit_id is not None}
    )
    of_unit: dict[int | None, list[int]] = defaultdict(list)
    for unit, person in serving.order_by("pk").values_list("unit_id", "person_id"):
        of_unit[unit].append(person)
    holding = Holding.objects.filter(
        in_force(), post__in={row.post_id for row in asked if row.post_id is not None}
    )
    of_post = dict(holding.values_list("post_id", "person_id"))
    return {
        row.pk: list(dict.fromkeys(of_unit[row.unit_id])) if row.unit_id else [of_post[row.post_id]] if row.post_id in of_post else []
        for row in asked
    }  # fmt: skip


def tell_called(actor: Actor, rows: Iterable[Called], key: str) -> int:
    """Tell those who answer for these, in the caller's transaction; gives how many were told."""
    told = [
        ToldPerson(person, SUBJECT, call, key)
        for call, persons in answering_for(rows).items()
        for person in persons
    ]
    return len(tell_persons(actor, told)) if told else 0


def tell_caller(actor: Actor, row: Called) -> int:
    """Tell whoever called up that these do not come, so that others can be asked in time."""
    if row.callup.made_by_id is None:
        return 0
    return len(tell_persons(actor, [ToldPerson(row.callup.made_by_id, SUBJECT, row.pk, CANNOT)]))
