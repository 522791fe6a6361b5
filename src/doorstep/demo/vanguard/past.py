"""The vanguard of the demo district, stage by stage; each stage is whole or not there, and passes over what is in."""

from __future__ import annotations

from doorstep.demo.requests.past import LOADING, demo_day
from doorstep.kernel.access.actors import system_actor
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.shared import clock
from doorstep.modules.vanguard.selectors_feedback import agreeing
from doorstep.modules.vanguard.services_feedback import tell_employers
from doorstep.modules.vanguard.services_past import bring_callups, bring_days, bring_kept, bring_wishes
from doorstep.modules.vanguard.states import KIND

from . import cast_life, people, services, standing, wishes
from .ground import Ground


def is_missing() -> bool:
    """Is anything still to come? What the cast does comes last, after all that was told to employers."""
    wanted = wishes.SOLVED + wishes.GRANTED + wishes.WAITING + wishes.IN_HAND
    rows = Matter.objects.filter(kind=KIND)
    return rows[:wanted].count() < wanted or not cast_life.is_played()


def load() -> int:
    """Bring all of it in, from where it stopped; gives how many wishes are new. Called again it changes nothing."""
    actor, today = system_actor(LOADING), demo_day()
    with clock.fixed(today):
        ground = Ground.read(today)
        bring_kept(actor=actor, cases=standing.kept(ground, today))
        people.report_in(actor, ground, today)
        people.agree(actor)
        bring_days(
            actor=actor,
            cases=list(services.days_of(ground, today)),
            projects=services.projects_of(ground, today),
        )
        bring_callups(actor=actor, callups=list(services.callups_of(ground, today)))
        brought = bring_wishes(actor=actor, wishes=list(wishes.wishes_of(ground, today)))
        if brought.problems:
            raise RuntimeError(f"wishes of the demo district are not whole: {brought.problems[:3]}")
        told = list(agreeing(actor).values_list("pk", flat=True))
        tell_employers(actor=actor, member_ids=told, year=today.year - 1)
    cast_life.play(today)
    return brought.added
