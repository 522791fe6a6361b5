"""A step that the law offers to people without office or part in the matter: somebody takes on what was made known."""

from __future__ import annotations

from dataclasses import replace

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor, system_actor
from doorstep.kernel.matters.messages import tell
from doorstep.kernel.matters.models import Matter
from doorstep.kernel.matters.rules import checked_text
from doorstep.kernel.matters.selectors import rulebook_for
from doorstep.kernel.matters.services import check_version, doer_of, locked_cases, save_cases
from doorstep.kernel.matters.steps import Inputs, take_step, wrong_state
from doorstep.kernel.shared.errors import NotAllowed
from doorstep.kernel.shared.kept import steady


@transaction.atomic
@steady()
def take_offered(
    *, actor: Actor, matter_id: int, name: str, inputs: Inputs | None = None, expected_version: int | None = None
) -> Matter:  # fmt: skip
    """Take such a step, in the actor's own name. The calling module has asked whether the matter is there for this person
    and whether they may: the matter itself may not be visible to them before.

    Of two at once the second finds another state. Raises RuleViolation, NotAllowed where the step is offered to nobody.
    """
    (case,) = locked_cases(system_actor("matters.offered"), [matter_id])
    check_version(case.matter, expected_version)
    row = case.law.by_name.get(name)
    if row is None or case.matter.state not in row.sources:
        raise wrong_state(case.matter, row)
    if not row.offered or actor.person_id is None:
        raise NotAllowed(_("您不能「%(step)s」这件事。") % {"step": row.words}, clause=row.clause)
    given = inputs or Inputs()
    given = replace(given, note=checked_text(given.note, "note", 2000))
    take_step(case, name, doer_of(actor, case), rulebook_for(case.matter.kind), given)
    save_cases(actor, [case])
    tell(actor, [(case, row)])
    return case.matter
