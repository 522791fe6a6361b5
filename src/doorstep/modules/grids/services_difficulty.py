"""How hard the work in compounds is: said by who keeps the lists of a community, from a day on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from doorstep.kernel.access.actors import Actor
from doorstep.kernel.places.models import Compound
from doorstep.kernel.shared.errors import RuleViolation
from doorstep.kernel.shared.place_codes import LENGTHS
from doorstep.modules.grids.keeping import Entry, Kept, check_words, end_row, keep_many
from doorstep.modules.grids.models import CompoundDifficulty
from doorstep.modules.grids.policies import KEEP

LEAST, MOST = 0.5, 3.0


@dataclass(frozen=True, kw_only=True)
class NewDifficulty:
    """factor: 0.5 to 3, an ordinary compound has 1."""

    compound_id: int
    factor: float
    reason: str
    valid_from: dt.date


@transaction.atomic
def set_difficulties(
    *, actor: Actor, difficulties: Sequence[NewDifficulty]
) -> list[tuple[CompoundDifficulty, Kept]]:
    """Say how hard the work in compounds is, all or none. Raises RuleViolation naming the field."""
    compounds = Compound.objects.in_bulk([new.compound_id for new in difficulties])
    entries = []
    for new in difficulties:
        compound = compounds.get(new.compound_id)
        if compound is None:
            raise RuleViolation(_("没有找到这个小区楼院。"), field="compound")
        if not LEAST <= new.factor <= MOST:
            raise RuleViolation(_("难度系数应在0.5到3之间，普通小区是1。"), field="factor")
        key = {"place_code": compound.place_code[: LENGTHS["community"]], "compound_id": compound.pk}
        reason = check_words(new.reason, "reason", _("请写明理由，如没有电梯、独居老人多。"), 120)
        values = {"factor": round(float(new.factor), 2), "reason": reason}
        entries.append(Entry(key, values, new.valid_from, ("factor",)))
    return keep_many(actor, CompoundDifficulty, entries, "grids.difficulty_set", KEEP)


def end_difficulty(*, actor: Actor, difficulty_id: int, ended_on: dt.date) -> CompoundDifficulty:
    """From the day on the compound is an ordinary one again."""
    row: CompoundDifficulty = end_row(
        actor, CompoundDifficulty, difficulty_id, ended_on, "grids.difficulty_ended"
    )
    return row
